"""What Python finds in a page is what pandoc finds in it: links, images and the anchors of headings.

Edges, audit and rename work with the first, readers with the second.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import unquote

import pypandoc
import pytest

from typedwiki.notes.link_table import READER, link_key
from typedwiki.text.anchors import NOTE_ANCHORS, free_anchor, headings
from typedwiki.text.front_matter import without_front_matter
from typedwiki.text.links import scan
from typedwiki.text.parse import is_wiki, prepared_text
from typedwiki.text.quarto_syntax import switch_off

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent
ROOT = HERE.parent
CORPUS = os.environ.get("TYPEDWIKI_CORPUS", "")
OUTSIDE = re.compile(r"[A-Za-z][\w+.-]*:|//|www\.")


def pages(folder: Path) -> list[Path]:
    found = sorted(p for p in folder.rglob("*") if p.suffix in (".md", ".mediawiki") and not p.name.startswith("_"))
    return [path for path in found if "notes" not in path.relative_to(folder).parts]


def pandoc_finds(texts: Sequence[str], scratch: Path) -> list[dict[str, list[str]]]:
    names = []
    for number, text in enumerate(texts):
        path = scratch / f"{number}.md"
        path.write_text(text, encoding="utf-8")
        names.append(str(path))
    command = [pypandoc.get_pandoc_path(), "lua", str(HERE / "agreement.lua"), READER]
    run = subprocess.run(command, input="\n".join(names) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def differences(name: str, text: str, wiki: bool, found: dict[str, list[str]], markdown: str) -> Iterator[str]:
    """What one of the two finds and the other does not; ``wiki`` says that the page is MediaWiki's."""
    written = scan(text, wiki)
    prepared = scan(markdown)
    known = {link_key(link.written) for link in written.links if not link.is_path}
    known |= {link_key(a.written.partition("|")[0].rstrip("\\")) for s in (written, prepared) for a in s.annotations}
    theirs = {link_key(target.rstrip("\\")) for target in found["wiki"]}
    for key in theirs - known:
        yield f"{name}: pandoc alone finds [[{key}]]"
    for link in written.links:
        if (
            not link.is_path
            and link.written
            and not link.written.startswith("#")
            and link_key(link.written) not in theirs
        ):
            yield f"{name}:{link.span.line}: Python alone finds [[{link.written}]]"
    files = {unquote(target) for target in found["files"] if not OUTSIDE.match(target)}
    ours = {link.written for link in written.links if link.is_path or link.written.startswith("#")}
    for target in sorted(files ^ ours):
        if link_key(target) not in theirs:
            yield f"{name}: {'pandoc' if target in files else 'Python'} alone finds ({target})"
    images = {unquote(src) for src in found["images"] if not OUTSIDE.match(src)}
    for src in sorted(images ^ {unquote(i.address) for i in prepared.images if not OUTSIDE.match(i.address)}):
        yield f"{name}: {'pandoc' if src in images else 'Python'} alone finds the image {src}"


def all_differences(named: Sequence[tuple[str, str, bool]], scratch: Path) -> list[str]:
    texts = [prepared_text(text, wiki).markdown for _, text, wiki in named]
    tree = pandoc_finds([switch_off(text) for text in texts], scratch)
    result: list[str] = []
    for (name, text, wiki), markdown, found in zip(named, texts, tree, strict=True):
        result += differences(name, text, wiki, found, markdown)
        ours = [heading.anchor for heading in headings(markdown)]
        seen = dict.fromkeys(NOTE_ANCHORS, 0)
        theirs = [free_anchor(anchor, seen) for anchor in found["headings"]]
        if ours != theirs:
            result.append(f"{name}: headings {ours} in Python, {theirs} in pandoc")
    return result


def read(folder: Path) -> list[tuple[str, str, bool]]:
    named = []
    for path in pages(folder):
        text = without_front_matter(path.read_text(encoding="utf-8-sig", errors="replace"))
        named.append((str(path.relative_to(folder)), text, is_wiki(path.name, text)))
    return named


@pytest.mark.parametrize("folder", ["data/wikis", "tests/golden"])
def test_both_find_the_same(folder: str, tmp_path: Path) -> None:
    assert all_differences(read(ROOT / folder), tmp_path) == []


@pytest.mark.skipif(not CORPUS, reason="TYPEDWIKI_CORPUS names no folder")
def test_both_find_the_same_in_a_wiki_that_nobody_here_wrote(tmp_path: Path) -> None:
    assert all_differences(read(Path(CORPUS)), tmp_path) == []


def mutated(text: str, dice: random.Random) -> str:
    """A text with a few lines taken out, doubled or moved, and some brackets and headings put in; its fences stay."""
    lines = text.split("\n")
    for _ in range(dice.randint(1, 6)):
        at = dice.randrange(len(lines))
        if (
            lines[at].startswith("|")
            or "```" in "\n".join(lines[at : at + 3])
            or sum("```" in line for line in lines[:at]) % 2
        ):
            continue
        match dice.randrange(5):
            case 0:
                del lines[at : at + dice.randint(1, 3)]
            case 1:
                other = lines[dice.randrange(len(lines))]
                lines.insert(at, "" if "```" in other else other)
            case 2:
                lines[at] = f"> {lines[at]}"
            case 3:
                lines[at] += dice.choice(
                    [" [a](b.md)", " [[Principle:X|y]]", " `[[c]]`", " ![p](q.png)", " [d](<e f.md>)"]
                )
            case 4:
                lines.insert(at, dice.choice(["", "## Heading", "- item", "    code", "Title\n====="]))
    return "\n".join(lines)


def test_both_find_the_same_in_mutated_pages(tmp_path: Path) -> None:
    dice = random.Random(7)
    texts = [row for row in read(ROOT / "data/wikis") if not row[2]]
    named = [(f"{name} #{n}", mutated(text, dice), False) for n in range(3) for name, text, _ in texts]
    assert all_differences(named, tmp_path) == []
