"""Pages are data: whatever they contain, nothing runs, nothing is read, and the page is still shown.

The attacks are in tests/hostile; tests/browser/test_hostile.py opens the sites that are built here.
``TYPEDWIKI_TESTS=all python -m pytest tests/test_hostile.py tests/browser/test_hostile.py`` gives each of
them a page of its own with Quarto too, and opens every page under the policy.
"""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import wiki as command
from attacks import ATTACKS, attack_names, attack_pages, build_and_check, leaking_files, prepare_project
from conftest import ROOT
from typedwiki.render.policy import policy
from typedwiki.text.cost import too_costly
from typedwiki.text.quarto_syntax import is_drawn
from typedwiki.text.svg import is_inert

pytestmark = pytest.mark.slow

_QUARTO_HANDLER = re.compile(r"quarto|window\.scrollTo|classList|event\.preventDefault\(\);$")
"""Code of Quarto's own event handlers."""
_REDIRECT = re.compile(r'content="0; url=(?!/)[\w./-]+\.html"|var redirects = \{"":"(?!/)[\w./ -]+\.html"\};')
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
CPU_SECONDS = 60
"""Processor time for one page; text that pandoc cannot limit takes hours."""


@pytest.fixture(params=["draft", "quarto"])
def site(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(f"hostile_{request.param}")) / "_site"


def build_one_page(folder: Path, text: str | bytes, name: str = "x.md") -> subprocess.CompletedProcess[str]:
    """Build the draft of a wiki with this page and another one."""
    wiki = folder / "wiki/Principle"
    wiki.mkdir(parents=True)
    (wiki / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (wiki / "Other.md").write_text("# Other\n\n## Overview\nAnother page.\n", encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", "--no-search"]
    command += [f"--source={folder / 'wiki'}", f"--site={folder / 'site'}"]

    def limit_processor_time() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))

    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        preexec_fn=limit_processor_time,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_every_attack_has_a_description_and_a_name() -> None:
    files = attack_pages()
    assert len(files) >= 190
    assert len({page.stem for page in files}) == len(files), "two attacks have the same name"
    for page in files:
        head = page.read_text(encoding="utf-8", errors="replace").splitlines()[:2]
        assert re.match(r"<!-- [A-Z].+\. -->$", head[0]) or re.match(r"# [A-Z].+\.$", head[1]), page
        assert attack_names(page), page


def test_no_page_contains_active_markup(site: Path) -> None:
    for page in sorted(site.rglob("*.html")):
        document = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        if page.name != "index.html" and document.title and document.title.get_text() in ("Moved", "Redirect"):
            assert _REDIRECT.search(str(document)), page.name  # a redirect from an alias
            assert document.select("iframe, form, object, embed, base, img, svg, style") == [], page.name
            continue
        assert document.select("base, meta[http-equiv], body [srcdoc], svg script, main form:not(#tw-controls)") == []
        content = document.select_one("#quarto-document-content")
        assert content, page.name
        embedded = content.select("iframe, embed, object, applet, frame, portal, style, link")
        assert [tag for tag in embedded if "quarto" not in str(tag)] == [], page.name
        for tag in content.find_all(True):
            events = [str(value) for name, value in tag.attrs.items() if name.startswith("on")]
            assert [code for code in events if not _QUARTO_HANDLER.search(code)] == [], f"{page.name}: {tag}"
            for name in ("href", "src", "data", "action", "formaction", "srcset", "poster", "xlink:href"):
                address = str(tag.get(name, "")).strip()
                assert not re.match(r"(?:javascript|vbscript|data|file|blob):", address, re.IGNORECASE), tag
                assert name == "href" or not address.startswith(("http", "//")), f"{page.name}: {address}"


def test_notes_contain_no_executable_cells(hostile_draft: Path) -> None:
    for note in (hostile_draft / "notes").glob("*/*.qmd"):
        text = note.read_text(encoding="utf-8")
        cells = re.findall(r"^[ \t>]*(?:`{3,}|~{3,})[ \t]*(\{+[ \t]*(?!mermaid\})[A-Za-z].*)", text, re.MULTILINE)
        assert cells == [], note.name


def test_every_attack_is_shown_as_text(site: Path) -> None:
    text = "\n".join(
        content.get_text()
        for page in site.glob("notes/*/*.html")
        if (content := BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser").select_one("main"))
    )
    missing = [
        attack for page in attack_pages() for attack in attack_names(page) if f"The end of {attack}." not in text
    ]
    assert missing == ["visibility"]  # a draft page, which is not published


def test_executable_files_are_not_published(site: Path) -> None:
    published = {path.suffix for path in (site / "notes/assets/files").iterdir()}
    assert published <= {".svg", ".json", ".txt", ".png"}
    for drawing in (site / "notes/assets/files").glob("*.svg"):
        assert "canary" not in drawing.read_text(encoding="utf-8"), drawing.name
    assert leaking_files(site) == []


def test_attacks_are_reported(hostile_draft: Path) -> None:
    command = [sys.executable, "scripts/wiki.py", "check", "--all"]
    result = subprocess.run(command, cwd=hostile_draft, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 1
    assert result.stderr == ""
    actual = {
        (Path(path).stem, code) for path, code in re.findall(r"^(.+?):\d+:\d+: \w+ ([A-Z]\d+)", result.stdout, re.M)
    }
    assert actual >= {
        ("script-element", "H001"), ("python", "H001"), ("include", "H001"), ("raw-blocks", "H001"),
        ("event-handlers-on-allowed", "H001"), ("script-scheme", "H002"), ("references", "H002"),
        ("security-level", "H003"), ("labels-of-diagrams", "H003"), ("wiki-function", "H003"),
        ("svg-with-script", "L009"), ("traversal", "L009"), ("documents", "L009"), ("bomb", "R003"),
        ("bomb-in-keys", "R003"), ("not-unicode", "R002"), ("direction", "R005"),
        ("controls", "R005"), ("hidden-in-title", "R005"), ("_PrincipleIndex", "R005"),
    }  # fmt: skip
    assert _CONTROL.findall(result.stdout) == [], "a terminal would interpret these"
    *lines, _ = filter(None, result.stdout.split("\n"))
    assert [line for line in lines if not re.match(r"[^:]+:\d+:\d+: \w+ [A-Z]\d{3} ", line)] == [], "one line each"


def test_draft_needs_no_inline_scripts(hostile_draft: Path) -> None:
    assert "sha256" not in policy(hostile_draft / "_site")


@pytest.mark.quarto
def test_policy_allows_only_inline_scripts_of_quarto(hostile_quarto: Path) -> None:
    assert policy(hostile_quarto / "_site").count("'sha256-") == 7  # three scripts, four handlers


HARMLESS = "\n\n".join(
    [
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "line<br>break H<sub>2</sub>O x<sup>2</sup> <kbd>Ctrl</kbd> <mark>m</mark> <abbr>ab</abbr>",
        "<details><summary>more</summary>inside</details>",
        '::: {.callout-note title="Mind"}\nthe gap\n:::',
        "![A dot](dot.svg){width=50%}",
        "<https://example.org> me@example.org [x](mailto:a@b.c) https://example.org/{a}",
        '```mermaid\ngraph TD\n  A["one<br>two"] --> B\n  B -.->|x < y| C((z))\n```',
    ]
)


def test_harmless_markup_is_kept(tmp_path: Path) -> None:
    (tmp_path / "wiki/Principle").mkdir(parents=True)
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><style>a{fill:url(#b)}</style></svg>'
    (tmp_path / "wiki/Principle/dot.svg").write_text(drawing, encoding="utf-8")
    project = prepare_project(tmp_path / "p", tmp_path / "wiki")
    (project / "data/wikis/Principle/x.md").write_text(f"## Overview\nx\n\n## Text\n\n{HARMLESS}\n", encoding="utf-8")
    build_and_check(project, [sys.executable, "scripts/wiki.py", "draft", "--no-search"])
    note = (project / "notes/principle/x.qmd").read_text(encoding="utf-8")
    assert "```mermaid" in note
    content = BeautifulSoup((project / "_site/notes/principle/x.html").read_text(encoding="utf-8"), "html.parser")
    for selector in (
        "table td",
        "br",
        "sub",
        "sup",
        "kbd",
        "mark",
        "details summary",
        ".callout-note",
        "img[style*=width]",
    ):
        assert content.select(f"main {selector}"), selector
    assert {"https://example.org", "mailto:a@b.c"} <= {a["href"] for a in content.select("main p a")}


DRAWINGS = {
    '<svg xmlns="http://www.w3.org/2000/svg"><a href="https://example.org"><rect/></a></svg>': True,
    '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd"><svg/>': True,
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="data:image/png;base64,AA=="/></svg>': True,
    '<svg xmlns="http://www.w3.org/2000/svg"><style>a{fill:\\75rl(//x)}</style></svg>': False,
    "<svg": False,
    "": False,
}


@pytest.mark.parametrize("drawing", DRAWINGS)
def test_inert_drawings_are_recognized(drawing: str) -> None:
    assert is_inert(drawing.encode()) == DRAWINGS[drawing]


def test_drawings_and_diagrams_of_attacks_are_recognized() -> None:
    for path in (ATTACKS / "Principle/files").glob("svg-*.svg"):
        assert not is_inert(path.read_bytes()), path.name
    assert is_drawn("classDiagram\n  class A {\n    +image: Tensor\n  }\n  A <|-- B : x = y")
    assert not is_drawn('graph TD\n  A["<img src=x>"]')


UNUSUAL_NAMES = (
    'quote"s\'.md', "<b>x<b>.md", "a#b?c%41.md", "%2e%2e%2fpwned.md", "-rf.md", "--to=x.md", "$(touch pwned).md",
    "`touch pwned`.md", "; touch pwned;.md", "[[x]].md", "{{< env TW_SECRET >}}.md", "CON.md", "nul.md", " .md",
    "index.md", "Case.md", "case.md", "constructor.md", "=cmd()|x.md", f"{'n' * 240}.md", "café ☕.md",
    "![x](y).md", "a\\b.md", "a:b.md", "a*b|c.md",
)  # fmt: skip
CONTROL_NAMES = ("new\nline.md", "esc\x1b[31m.md", "back\u202ewards.md", "mark\ue000l0\ue001.md", b"bytes\xff.md")


@pytest.mark.skipif(sys.platform != "linux", reason="other systems forbid such names")
def test_unusual_file_names(tmp_path: Path) -> None:
    folder = tmp_path / "wiki/Principle"
    folder.mkdir(parents=True)
    names: list[str | bytes] = [*UNUSUAL_NAMES, *CONTROL_NAMES]
    for number, name in enumerate(names):
        path = os.path.join(os.fsencode(folder), os.fsencode(name))  # noqa: PTH118 - the name is not text
        with open(path, "w", encoding="utf-8") as page:  # noqa: PTH123
            page.write(f"## Overview\nPage {number} of names.\n\nNumber {number} is here.\n")
    os.mkfifo(folder / "pipe.md")
    (folder / "link.md").symlink_to("/etc/passwd")
    (folder / "loop.md").symlink_to("loop.md")
    command = [sys.executable, "scripts/wiki.py", "draft", f"--source={tmp_path / 'wiki'}", f"--site={tmp_path / 's'}"]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8", check=False)
    assert result.returncode == 0, result.stderr
    assert _CONTROL.findall(result.stderr) == []
    notes = "\n".join(page.read_text(encoding="utf-8") for page in (tmp_path / "s/notes/principle").glob("*.html"))
    missing = [name for number, name in enumerate(UNUSUAL_NAMES) if f"Number {number} is here." not in notes]
    assert missing == []
    assert (
        f" R006 has a name with characters that are not shown; not read: {len(CONTROL_NAMES)} places" in result.stderr
    )
    assert result.stderr.count(": error R004 ") == 1
    assert leaking_files(tmp_path / "s") == []
    assert {path.name for path in tmp_path.iterdir()} == {"wiki", "s"}


DEEP = {
    "brackets": "[" * 10_000 + "x" + "]" * 10_000,
    "brackets apart": "[ " * 10_000,
    "brackets on lines": "[ x\n" * 10_000,
    "links": "[" * 10_000 + "x" + "](y)" * 10_000,
    "quotes": ">" * 10_000 + " x",
    "markers": "- " * 10_000 + "x",
    "lists": "\n".join("  " * depth + "- x" for depth in range(900)),
    "divisions": "::: {.callout-note}\n" * 10_000 + ":::\n" * 10_000,
    "emphasis": "*a **b " * 10_000,
    "elements": "<details><sub>" * 10_000 + "x" + "</sub></details>" * 10_000,
    "tables": "{|\n| " * 10_000,
    "templates": "{{a|b=" * 10_000 + "}}" * 10_000,
    "formulas": "$" + "x^{" * 5_000 + "}" * 5_000 + "$",
    "footnotes": "^[" * 10_000 + "x" + "]" * 10_000,
    "comments": "<!--" * 10_000,
    "pipes": "|" * 10_000 + "\n|" + "-|" * 10_000,
}


TRIAL_SECONDS = 1.0
"""Seconds that pandoc gets for a page that looks costly: few, because here are many such pages."""


def test_deep_nesting_takes_limited_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wiki = tmp_path / "wiki/Principle"
    wiki.mkdir(parents=True)
    for name, text in DEEP.items():
        page = f"## Overview\nDeep.\n\n## Text\n\n{text}\n\nThe end of {name}.\n"
        (wiki / f"{name.replace(' ', '_')}.md").write_text(page, encoding="utf-8")
    front = f"---\na: {'[' * 100_000}{']' * 100_000}\n---\n\nThe end of front matter.\n"
    result = build_one_page(tmp_path / "front", front)
    assert result.returncode == 0, result.stderr
    assert "x.md:2:" in result.stderr
    assert " R003 " in result.stderr
    monkeypatch.setattr(too_costly, "__defaults__", (TRIAL_SECONDS,))
    before = sum(os.times()[:4])
    assert (
        command.main(
            ["draft", "--no-search", f"--source={tmp_path / 'wiki'}", f"--site={tmp_path / 's'}"], project=ROOT
        )
        == 0
    )
    assert sum(os.times()[:4]) - before < len(DEEP) * (TRIAL_SECONDS + 2)
    for name in DEEP:
        path = tmp_path / f"s/notes/principle/{name.replace(' ', '_')}.html"
        assert f"The end of {name}." in path.read_text(encoding="utf-8"), name


@pytest.mark.parametrize("name", ["x.md", "x.mediawiki"])
def test_page_of_fifty_megabytes_is_skipped(tmp_path: Path, name: str) -> None:
    result = build_one_page(tmp_path, b"'''text''' **and** [[links]]\n" * 1_800_000, name)
    assert result.returncode == 0, result.stderr
    assert f"Principle/{name}:1:1: error R006 has 52,200,000 bytes" in result.stderr
    assert (tmp_path / "site/notes/principle/Other.html").is_file()
    assert not (tmp_path / "site/notes/principle/x.html").exists()


def test_fix_keeps_control_characters(tmp_path: Path) -> None:
    (tmp_path / "wiki/Principle").mkdir(parents=True)
    project = prepare_project(tmp_path / "p", tmp_path / "wiki")
    (project / "data/wikis/Principle/Gradient_Descent.md").write_text("## Overview\nx\n", encoding="utf-8")
    page = project / "data/wikis/Principle/x.md"
    for text in (
        "[[related::Principle:Gradient_Decent]] \x1b[31m \u202e\n",
        "[[related::Principle:Gradient_Decent]]\n",
    ):
        page.write_text(text, encoding="utf-8")
        command = [sys.executable, "scripts/wiki.py", "check", "--fix"]
        subprocess.run(command, cwd=project, capture_output=True, check=False)
        actual = page.read_text(encoding="utf-8")
        assert actual == text if "\x1b" in text else "Gradient_Descent" in actual
