"""The attacks of tests/hostile as a project, and what shows that one of them has worked.

Each file of the folder says in its first lines what would happen. An attack can be seen to work: in
the browser it sets ``__canary`` or asks ``canary.example``, while the site is built it makes the file
that ``TW_CANARY_FILE`` names or one called ``pwned``, and what it may steal holds ``SECRET``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, project

ATTACKS = ROOT / "tests/hostile"
SECRET = "S3CR3T-MARKER"  # noqa: S105 - none of ours
OWN_PAGE = frozenset({"front-matter", "titles", "characters", "ids"})
"""Kinds of attack that need a page to themselves, also where others share one."""
PAGE_RULES = frozenset(
    {
        *("unclosed-elements", "closing-elements", "unbalanced", "backticks", "comments", "title-block", "infobox"),
        *("left-open", "closed-too-often", "left-open-in-quotes", "comment-left-open", "metadata-blocks"),
        *("metadata-of-widgets", "blocks-of-html", "of-other-languages", "that-hide", "raw-in-places"),
        *("attributes-of-wikitables", "tags-of-extensions", "markup-of-markdown", "tags-and-selectors"),
    }
)
"""Single attacks that would hide others on the same page."""
_PAGES = ("*.md", "*.mediawiki")
_END = re.compile(r"^The end of ([\w-]+)\.$", re.MULTILINE)


def pages(folder: Path = ATTACKS) -> list[Path]:
    """The files of a folder that are pages."""
    return sorted(p for pattern in _PAGES for p in folder.rglob(pattern) if not p.name.startswith("_"))


def ends(page: Path) -> list[str]:
    """The names of the attacks on a page: the text after each says that it ends there."""
    return _END.findall(page.read_bytes().decode("utf-16" if page.stem == "wide" else "utf-8", "replace"))


def shared(wiki: Path) -> None:
    """Put the attacks of a folder that cannot hide one another on one page: Quarto takes a second for each."""
    for kind in sorted(folder for folder in wiki.rglob("*") if folder.is_dir() and folder.name not in OWN_PAGE):
        for suffix, heading in ((".md", "## {}"), (".mediawiki", "== {} ==")):
            files = [p for p in pages(kind) if p.parent == kind and p.suffix == suffix and p.stem not in PAGE_RULES]
            files = [p for p in files if not p.read_text(encoding="utf-8").startswith("---")]
            if len(files) < 2:
                continue
            parts = []
            for file in files:
                text = file.read_text(encoding="utf-8")
                start = text.index(heading.format("Text"))
                parts.append(f"{heading.format(file.stem)}\n{text[start:].partition(chr(10))[2]}")
                file.unlink()
            name = f"shared-{kind.name}"
            (kind / f"{name}{suffix}").write_text(
                f"{heading.format('Overview')}\nAttacks that do nothing.\n\n" + "\n".join(parts), encoding="utf-8"
            )


def prepared(folder: Path, wiki: Path = ATTACKS) -> Path:
    """A project with a wiki, among secrets that none of its pages may read."""
    here = project(folder / "here", wiki)
    for place in (folder, here, here / "data"):
        for suffix in ("md", "json", "yml", "css", "png", "ipynb", "html"):
            (place / f"secret.{suffix}").write_text(SECRET, encoding="utf-8")
        (place / "secret.lua").write_text('io.open(os.getenv("TW_CANARY_FILE"), "w")', encoding="utf-8")
    return here


def run(here: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Build a prepared project, and see that no attack has worked."""
    before = _files(here.parent)
    environment = {
        **os.environ,
        "QUARTO_PYTHON": sys.executable,
        "TW_SECRET": SECRET,
        "TW_CANARY_FILE": str(here.parent / "pwned-by-a-cell"),
    }
    done = subprocess.run(
        command, cwd=here, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    assert done.returncode == 0, done.stderr[-5000:]
    assert {p for p in _files(here.parent) - before if not _own(p)} == set()
    assert leaks(here / "_site") == []
    return done


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _own(path: str) -> bool:
    """Whether the build may make this file: an alias of a page may be a page of the site."""
    return ("pwned" not in path or path.startswith("here/_site/")) and bool(
        re.match(r"here/(?:_site/|notes/|\.typedwiki|\.quarto/|_freeze/|\.gitignore$)|.*__pycache__/", path)
    )


def leaks(site: Path) -> list[str]:
    """Files of a site that hold what only files and variables outside the wiki hold."""
    outside = (SECRET.encode(), b"root:x:0:0", b"root:*:0:0")
    files = (path for path in site.rglob("*") if path.is_file())
    return [str(path) for path in files if any(text in path.read_bytes() for text in outside)]
