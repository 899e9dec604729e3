"""Pages are data: whatever they hold, nothing runs, nothing is read, and the page is still there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from conftest import ROOT, project

CANARY = "c4n4ry"
_QUARTOS = re.compile(r"quarto|window\.scrollTo|classList")
"""What Quarto's own event handlers do."""
ATTACKS = {
    "script": "<script>document.title='x'</script> <img src=x onerror=alert(1)> <b onclick='x()'>bold</b>",
    "backticks": "a ``b `{{< env TW_SECRET >}}` c `<img src=x onerror=alert(1)>` d``",
    "backslashes": "\\\\<img src=x onerror=alert(1)> \\\\\\\\<script>x</script>",
    "math": "<math>a$ <img src=x onerror=alert(1)> $b</math> $x$<img src=x onerror=y>",
    "addresses": "[a](javascript:alert(1)) [b](&#106;avascript:x) <javascript:x> javascript:alert(2) [c]\n\n"
    "[c]: javascript:alert(3)\n\n> [d]: javascript:alert(4)\n>\n> [d]",
    "attributes": '[x]{onclick="a()"} `b`{=html} <https://x.org>{onclick="x"} ![i](i.png){onerror=x}',
    "raw": "```{=html}\n<script>x</script>\n```\n\n`<script>x</script>`{=html}",
    "cells": "```{python}\nopen('/tmp/tw','w')\n```\n\n```{r}\n1\n```\n\n```{ojs}\n1\n```\n\n`r 1+1` `{python} 1+1`",
    "shortcodes": "{{< env TW_SECRET >}} `{{< env TW_SECRET >}}` [l]({{< env TW_SECRET >}})"
    "\n\n{{< include ../../../secret.md >}}\n\n```\n{{< include ../../../secret.md >}}\n```\n\n"
    "https://x.org/{{< env TW_SECRET >}}",
    "details": '{| class="infobox"\n! Note\n| <script>x</script> {{< env TW_SECRET >}} [x](https://x.org){onclick="1"}\n|}',
    "mermaid": "```mermaid\n%% | file: ../../../secret.md\ngraph TD\n  A-->B\n```",
    "divisions": "::: {.content-visible when-format='html'}\nx\n:::\n\n::: {.callout-note}\nopen",
    "tables": "{|\n| rowspan=2 | - <script>x</script>\n| ::: {.x}\n|-\n| <img src=x onerror=y>\n|}",
    "images": "![x](https://evil.example/x.html) ![y](../../../secret.md) ![z](/etc/hostname)",
    "captions": '| a |\n|---|\n| b |\n\n: c {onclick="x"}',
    "footnote": "x[^1]\n\n[^1]: <script>x</script> {{< env TW_SECRET >}}",
    "entities": "&lt;script&gt;x&lt;/script&gt; \ue000c0\ue001 \x00 \u202e",
}
FRONT = {
    "yaml": "title: 'T {{< env TW_SECRET >}} <script>x</script>'\n"
    "domains: ['<img src=x onerror=a>', '{{< env TW_SECRET >}}']\n"
    "description: 'D {{< env TW_SECRET >}} <b onclick=x>'\nfilters: [evil.lua]\ninclude-in-header: ../../secret.md\n"
    "format: {html: {include-in-header: x}}\nsources: ['<script>x</script> [a](javascript:b) {{< env TW_SECRET >}}']",
    "bomb": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
    "tag": "title: !!python/object/apply:os.system ['touch /tmp/tw']",
}


@pytest.fixture(scope="module")
def wiki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "Principle").mkdir()
    for name, text in ATTACKS.items():
        page = (
            f"# {name.capitalize()}\n\n## Overview\n{text.splitlines()[0]}\n\n## Text\n\n{text}\n\nThe end of {name}.\n"
        )
        (folder / "Principle" / f"{name}.md").write_text(page, encoding="utf-8")
    for name, text in FRONT.items():
        page = f"---\n{text}\n---\n\n## Overview\nText.\n\n## Text\n\nThe end of {name}.\n"
        (folder / "Principle" / f"{name}.md").write_text(page, encoding="utf-8")
    return folder


def assert_harmless(site: Path) -> None:
    pages = sorted(site.glob("notes/principle/*.html"))
    assert len(pages) == len(ATTACKS) + len(FRONT)
    for page in [*pages, site / "index.html"]:
        text = page.read_text(encoding="utf-8")
        assert CANARY not in text, page.name
        whole = BeautifulSoup(text, "html.parser")
        assert whole.select("[onerror], [onload], img[src=x], [src=i]") == [], page.name
        content = whole.select_one("#quarto-document-content")
        assert content, page.name
        own = [tag for tag in content.find_all(["script", "iframe", "embed", "object"]) if "quarto" not in str(tag)]
        assert [str(tag) for tag in own if tag.get("type") != "application/json"] == [], page.name
        for tag in content.find_all(True):
            events = [str(value) for name, value in tag.attrs.items() if name.startswith("on")]
            assert [code for code in events if not _QUARTOS.search(code)] == [], f"{page.name}: {tag}"
            for name in ("href", "src"):
                address = str(tag.get(name, ""))
                assert not address.startswith(("javascript:", "data:")), f"{page.name}: {address}"
                assert name == "href" or not address.startswith(("http", "//")), f"{page.name}: {address}"
        if page.stem in (*ATTACKS, *FRONT):
            assert f"The end of {page.stem}." in content.get_text(), page.name
    assert not Path("/tmp/tw").exists()  # noqa: S108 - what the attacks would write


def test_the_draft_is_harmless(wiki: Path, tmp_path: Path) -> None:
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={wiki}", f"--site={tmp_path / 's'}"]
    environment = {**os.environ, "TW_SECRET": CANARY}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True)
    assert_harmless(tmp_path / "s")


@pytest.mark.quarto
def test_the_quarto_site_is_harmless(wiki: Path, quarto: str, tmp_path: Path) -> None:
    here = project(tmp_path / "here", wiki)
    (tmp_path / "secret.md").write_text(CANARY, encoding="utf-8")
    (here / "secret.md").write_text(CANARY, encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable, "TW_SECRET": CANARY}
    done = subprocess.run(
        [quarto, "render"], cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert_harmless(here / "_site")
    assert CANARY not in (here / "_site/search.json").read_text(encoding="utf-8")
