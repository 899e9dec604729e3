"""Python and pandoc find the same links, images and heading anchors in a page.

Edges, audit and rename use what Python finds; readers see what pandoc finds.
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

FOLDER = Path(__file__).parent
ROOT = FOLDER.parent
CORPUS = os.environ.get("TYPEDWIKI_CORPUS", "")
OUTSIDE = re.compile(r"[A-Za-z][\w+.-]*:|//|www\.")


def page_files(folder: Path) -> list[Path]:
    paths = sorted(p for p in folder.rglob("*") if p.suffix in (".md", ".mediawiki") and not p.name.startswith("_"))
    return [path for path in paths if "notes" not in path.relative_to(folder).parts]


def parse_by_pandoc(texts: Sequence[str], scratch: Path) -> list[dict[str, list[str]]]:
    """What pandoc finds in each text, by kind."""
    names = []
    for number, text in enumerate(texts):
        path = scratch / f"{number}.md"
        path.write_text(text, encoding="utf-8")
        names.append(str(path))
    command = [pypandoc.get_pandoc_path(), "lua", str(FOLDER / "agreement.lua"), READER]
    run = subprocess.run(command, input="\n".join(names) + "\n", capture_output=True, text=True, check=True)
    return [json.loads(line) for line in run.stdout.splitlines()]


def find_differences(name: str, text: str, wiki: bool, by_pandoc: dict[str, list[str]], markdown: str) -> Iterator[str]:
    """What only one of the two finds; ``wiki`` tells that the page is MediaWiki's."""
    scanned_source = scan(text, wiki)
    scanned_markdown = scan(markdown)
    known_links = {link_key(link.written) for link in scanned_source.links if not link.is_path}
    known_links |= {
        link_key(a.written.partition("|")[0].rstrip("\\"))
        for s in (scanned_source, scanned_markdown)
        for a in s.annotations
    }
    pandoc_links = {link_key(target.rstrip("\\")) for target in by_pandoc["wiki"]}
    for key in pandoc_links - known_links:
        yield f"{name}: pandoc alone finds [[{key}]]"
    for link in scanned_source.links:
        if (
            not link.is_path
            and link.written
            and not link.written.startswith("#")
            and link_key(link.written) not in pandoc_links
        ):
            yield f"{name}:{link.span.line}: Python alone finds [[{link.written}]]"
    files = {unquote(target) for target in by_pandoc["files"] if not OUTSIDE.match(target)}
    python_links = {link.written for link in scanned_source.links if link.is_path or link.written.startswith("#")}
    for target in sorted(files ^ python_links):
        if link_key(target) not in pandoc_links:
            yield f"{name}: {'pandoc' if target in files else 'Python'} alone finds ({target})"
    images = {unquote(src) for src in by_pandoc["images"] if not OUTSIDE.match(src)}
    for src in sorted(images ^ {unquote(i.address) for i in scanned_markdown.images if not OUTSIDE.match(i.address)}):
        yield f"{name}: {'pandoc' if src in images else 'Python'} alone finds the image {src}"


def find_all_differences(pages: Sequence[tuple[str, str, bool]], scratch: Path) -> list[str]:
    texts = [prepared_text(text, wiki).markdown for _, text, wiki in pages]
    parsed = parse_by_pandoc([switch_off(text) for text in texts], scratch)
    result: list[str] = []
    for (name, text, wiki), markdown, by_pandoc in zip(pages, texts, parsed, strict=True):
        result += find_differences(name, text, wiki, by_pandoc, markdown)
        python_anchors = [heading.anchor for heading in headings(markdown)]
        seen = dict.fromkeys(NOTE_ANCHORS, 0)
        pandoc_anchors = [free_anchor(anchor, seen) for anchor in by_pandoc["headings"]]
        if python_anchors != pandoc_anchors:
            result.append(f"{name}: headings {python_anchors} in Python, {pandoc_anchors} in pandoc")
    return result


def read_pages(folder: Path) -> list[tuple[str, str, bool]]:
    pages = []
    for path in page_files(folder):
        text = without_front_matter(path.read_text(encoding="utf-8-sig", errors="replace"))
        pages.append((str(path.relative_to(folder)), text, is_wiki(path.name, text)))
    return pages


@pytest.mark.parametrize("folder", ["data/wikis", "tests/golden"])
def test_python_and_pandoc_agree(folder: str, tmp_path: Path) -> None:
    assert find_all_differences(read_pages(ROOT / folder), tmp_path) == []


@pytest.mark.skipif(not CORPUS, reason="TYPEDWIKI_CORPUS names no folder")
def test_python_and_pandoc_agree_on_a_real_wiki(tmp_path: Path) -> None:
    assert find_all_differences(read_pages(Path(CORPUS)), tmp_path) == []


def mutate(text: str, rng: random.Random) -> str:
    """Delete, duplicate or quote a few lines, and insert some links and headings; fences stay intact."""
    lines = text.split("\n")
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(lines))
        if (
            lines[at].startswith("|")
            or "```" in "\n".join(lines[at : at + 3])
            or sum("```" in line for line in lines[:at]) % 2
        ):
            continue
        match rng.randrange(5):
            case 0:
                del lines[at : at + rng.randint(1, 3)]
            case 1:
                other = lines[rng.randrange(len(lines))]
                lines.insert(at, "" if "```" in other else other)
            case 2:
                lines[at] = f"> {lines[at]}"
            case 3:
                lines[at] += rng.choice(
                    [" [a](b.md)", " [[Principle:X|y]]", " `[[c]]`", " ![p](q.png)", " [d](<e f.md>)"]
                )
            case 4:
                lines.insert(at, rng.choice(["", "## Heading", "- item", "    code", "Title\n====="]))
    return "\n".join(lines)


def test_python_and_pandoc_agree_on_mutated_pages(tmp_path: Path) -> None:
    rng = random.Random(7)
    texts = [row for row in read_pages(ROOT / "data/wikis") if not row[2]]
    pages = [(f"{name} #{n}", mutate(text, rng), False) for n in range(3) for name, text, _ in texts]
    assert find_all_differences(pages, tmp_path) == []
