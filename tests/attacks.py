"""Builds the attacks of tests/hostile as a project, and detects those that work.

Each file of the folder says in its first lines what would happen. An attack that works is visible: in
the browser it sets ``__canary`` or requests ``canary.example``, during a build it creates the file
that ``TW_CANARY_FILE`` names or one called ``pwned``, and what it may steal contains ``SECRET``.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import ROOT, copy_project

ATTACKS = ROOT / "tests/hostile"
SECRET = "S3CR3T-MARKER"  # noqa: S105 - not a real secret
SEPARATE_KINDS = frozenset({"front-matter", "titles", "characters", "ids"})
"""Kinds of attack that need a page each, even where others share one."""
SEPARATE_ATTACKS = frozenset(
    {
        *("unclosed-elements", "closing-elements", "unbalanced", "backticks", "comments", "title-block", "infobox"),
        *("left-open", "closed-too-often", "left-open-in-quotes", "comment-left-open", "metadata-blocks"),
        *("metadata-of-widgets", "blocks-of-html", "of-other-languages", "that-hide", "raw-in-places"),
        *("attributes-of-wikitables", "tags-of-extensions", "markup-of-markdown", "tags-and-selectors"),
    }
)
"""Attacks that would hide others on the same page."""
_PAGES = ("*.md", "*.mediawiki")
_END = re.compile(r"^The end of ([\w-]+)\.$", re.MULTILINE)


def attack_pages(folder: Path = ATTACKS) -> list[Path]:
    """The files of a folder that are pages."""
    return sorted(p for pattern in _PAGES for p in folder.rglob(pattern) if not p.name.startswith("_"))


def attack_names(page: Path) -> list[str]:
    """The names of the attacks on a page, from the sentence that ends each."""
    return _END.findall(page.read_bytes().decode("utf-16" if page.stem == "wide" else "utf-8", "replace"))


def merge_attacks(wiki: Path) -> None:
    """Merge attacks that cannot hide one another onto one page each kind: Quarto takes a second for a page."""
    for kind in sorted(folder for folder in wiki.rglob("*") if folder.is_dir() and folder.name not in SEPARATE_KINDS):
        for suffix, heading in ((".md", "## {}"), (".mediawiki", "== {} ==")):
            files = [
                p
                for p in attack_pages(kind)
                if p.parent == kind and p.suffix == suffix and p.stem not in SEPARATE_ATTACKS
            ]
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


def prepare_project(folder: Path, wiki: Path = ATTACKS) -> Path:
    """Create a project with a wiki, among secrets that none of its pages may read."""
    project = copy_project(folder / "project", wiki)
    for parent in (folder, project, project / "data"):
        for suffix in ("md", "json", "yml", "css", "png", "ipynb", "html"):
            (parent / f"secret.{suffix}").write_text(SECRET, encoding="utf-8")
        (parent / "secret.lua").write_text('io.open(os.getenv("TW_CANARY_FILE"), "w")', encoding="utf-8")
    return project


def build_and_check(project: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Build a prepared project, and check that no attack has worked."""
    before = _files(project.parent)
    environment = {
        **os.environ,
        "QUARTO_PYTHON": sys.executable,
        "TW_SECRET": SECRET,
        "TW_CANARY_FILE": str(project.parent / "pwned-by-a-cell"),
    }
    result = subprocess.run(
        command, cwd=project, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False
    )
    assert result.returncode == 0, result.stderr[-5000:]
    assert {p for p in _files(project.parent) - before if not _may_be_written(p)} == set()
    assert leaking_files(project / "_site") == []
    return result


def _files(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def _may_be_written(path: str) -> bool:
    """Whether the build may write this file. Aliases may create pages of the site."""
    return ("pwned" not in path or path.startswith("project/_site/")) and bool(
        re.match(r"project/(?:_site/|notes/|\.typedwiki|\.quarto/|_freeze/|\.gitignore$)|.*__pycache__/", path)
    )


def leaking_files(site: Path) -> list[str]:
    """Files of a site that contain secrets from outside the wiki."""
    secrets = (SECRET.encode(), b"root:x:0:0", b"root:*:0:0")
    files = (path for path in site.rglob("*") if path.is_file())
    return [str(path) for path in files if any(secret in path.read_bytes() for secret in secrets)]
