"""A page in the other dialect: what both can say is kept, and what one cannot say is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from ..model import RawFile, WikiPage
from ..schema import Schema
from ..text.links import MARK
from ..text.markdown import escape
from ..text.metadata import Metadata
from ..text.parse import FRONT_MATTER, is_wiki, parse
from ..text.sections import CONNECTIONS, METADATA, Section, join, split, take_metadata
from .convert_metadata import facts, infobox, section
from .convert_native import restored
from .convert_parts import STAND_IN, Parts, markdown_of, take_apart
from .convert_proof import differences
from .to_mediawiki import Block, blocks, mediawiki, normal, tidied
from .to_mediawiki_inline import inline

_TOKEN = re.compile(STAND_IN)
_NEAR = 20_000
"""Characters within which a block is looked for below the one before it."""


class Remark(NamedTuple):
    """What could not be said in the other dialect, or how it is kept."""

    line: int
    text: str
    lost: bool


class Converted(NamedTuple):
    """A page's text in the other dialect."""

    text: str
    remarks: tuple[Remark, ...]


def converted(raw: RawFile, dialect: str, schema: Schema, namespace: str = "") -> Converted:
    """The page in a dialect; unchanged if it is written in that one."""
    front = FRONT_MATTER.match(raw.text)
    head = front[0] if front else ""
    blank = re.sub(r"[^\n]", " ", head) + raw.text[len(head) :]
    wiki = is_wiki(raw, blank)
    if wiki == (dialect == "mediawiki"):
        return Converted(raw.text, ())
    page, problems = parse(raw, schema, namespace)
    if any(problem.code == "R003" for problem in problems):
        return Converted(raw.text, (Remark(1, "front matter that is not YAML: mend it first", True),))
    parts = take_apart(blank, wiki)
    made, remarks = _to_mediawiki(parts) if not wiki else _to_markdown(parts, page, head)
    text = f"{head}{made.strip()}\n"
    if any(token in text for token in parts.tokens) or re.search("[\ue000-\ue003]", made):
        return Converted(raw.text, (*remarks, Remark(1, "markup too tangled to take apart", True)))
    if is_wiki(raw, text) == wiki:
        return Converted(raw.text, (Remark(1, "which dialect it is in, without a heading", True),))
    new, _ = parse(replace(raw, text=text), schema, namespace)
    for said, block in differences(page, new):
        remarks.append(Remark(next(_lines([block], parts, len(raw.text))), re.sub("[\ue000-\ue003]", "", said), True))
    return Converted(text, tuple(sorted(set(remarks))))


def _to_markdown(parts: Parts, page: WikiPage, front: str) -> tuple[str, list[Remark]]:
    comments: list[str] = []
    fields = [(_without_comments(n, parts, comments), _without_comments(v, parts, comments)) for n, v in parts.fields]
    said = facts(parts.annotations, fields)
    made = split(parts.markdown)
    titled = len(made) > 1 and made[1].level == 1 and made[0].empty
    if not titled and not re.search(r"(?mi)^title[ \t]*:", front):
        made.insert(0, Section(1, escape(page.page_title)))
    if said.sources or said.domains or said.dates or said.others or comments:
        bullets = ["", *section(said, comments)]
        if own := next((part for part in made if 0 < part.level <= 2 and part.name in METADATA), None):
            own.body = [*bullets, *own.body]
        else:
            at = next((n for n, part in enumerate(made) if part.level == 2 and part.name in CONNECTIONS), len(made))
            made.insert(at, Section(2, "Metadata", bullets))
    text = join(made)
    all_blocks = list(blocks(parts.markdown))
    remarks = [
        Remark(line, "a block that reads differently", True)
        for block, line in zip(all_blocks, _lines(all_blocks, parts), strict=True)
        if not block.startswith(":::") and normal(markdown_of(block, False)) != normal(block)
    ]
    remarks += [
        Remark(_line_at(part.start, parts), "a table with more than a line in a cell, left as a wikitable", False)
        for part in parts.tokens.values()
        if part.language == "wikitable"
    ]
    remarks += list(_attributes(parts))
    return restored(tidied(text), parts, False), remarks


def _to_mediawiki(parts: Parts) -> tuple[str, list[Remark]]:
    made = split(parts.markdown)
    top = min((part.level for part in made if part.level), default=1)
    fields = list(parts.fields)
    kept: list[Section] = []
    for part in made:
        if 0 < part.level <= max(2, top) and part.name in METADATA:
            meta = _Fields()
            take_metadata(part, meta)
            fields += meta.rest
            if part.empty:
                continue
        kept.append(part)
    comments: list[str] = []
    fields = [(_without_comments(n, parts, comments), _without_comments(v, parts, comments)) for n, v in fields]
    said = facts(parts.annotations, fields)
    others: list[tuple[str, str]] = []
    infos: list[Block] = []
    for name, value in said.others:
        pieces = [mediawiki(block) for block in blocks(value.strip("\n"))]
        infos += pieces
        text = "\n\n".join(piece.text for piece in pieces)
        others.append((inline(name), f"\n{text}" if "\n" in text or value.startswith("\n") else text))
    box = "\n".join(filter(None, [infobox(said, others), *comments]))
    body = [mediawiki(block) for block in blocks(join(kept))]
    done = [*body, *infos]
    titled = bool(body) and body[0].source.startswith("# ")
    texts = [block.text for block in body]
    texts.insert(1 if titled else 0, box)
    lines = _lines((block.source for block in done), parts)
    remarks = [Remark(line, block.note, block.lost) for block, line in zip(done, lines, strict=True) if block.note]
    return restored("\n\n".join(filter(None, texts)), parts, True), [*remarks, *_attributes(parts)]


class _Fields(Metadata):
    """Collects the fields of a section and understands none of them."""

    def take(self, name: str, value: str) -> bool:
        return False


def _without_comments(text: str, parts: Parts, comments: list[str]) -> str:
    """A field without its comments, which go below the metadata."""

    def take(match: re.Match[str]) -> str:
        part = parts.tokens.get(match[0])
        if part and part.kind == "comment":
            comments.append(match[0])
            return ""
        return match[0]

    return _TOKEN.sub(take, text)


def _attributes(parts: Parts) -> Iterator[Remark]:
    """What stands beside the language of code: neither dialect's form for it exists in the other."""
    for part in parts.tokens.values():
        if part.kind == "block" and part.language not in ("", "wikitable"):
            opening = parts.text[part.start :].partition("\n")[0]
            language = rf"(?:lang\s*=\s*)?[\"'{{.]*{re.escape(part.language)}[\"'}}]*"
            rest = re.sub(rf"^(?:[`~]+|<\w+)\s*{language}", "", opening.partition(">")[0]).strip()
            if rest:
                yield Remark(_line_at(part.start, parts), f"`{rest}` on a block of code", True)


def _lines(made: Iterable[str], parts: Parts, near: int = _NEAR) -> Iterator[int]:
    """The line of the page that each block comes from, as near as its words tell."""
    at = 0
    for block in made:
        bare = _TOKEN.sub(" ", MARK.sub(" ", block))
        words = re.findall(r"[^\W_]+", bare)[:6]
        found = None
        while words and not found:
            found = re.compile(r"\b" + r"[\W_]+".join(words)).search(parts.text, at, at + near)
            words.pop()
        token = next((token for token in _TOKEN.findall(block) if token in parts.tokens), None)
        if found:
            yield _line_at(found.start(), parts)
            at = found.end()
        elif token:
            yield _line_at(parts.tokens[token].start, parts)
            at = max(at, parts.tokens[token].end)
        else:  # what follows the block before
            rest = re.compile(r"\n\s*(?=\S)").search(parts.text, at, at + near)
            yield _line_at(rest.end() if rest else at, parts)


def _line_at(offset: int, parts: Parts) -> int:
    return parts.text.count("\n", 0, offset) + 1
