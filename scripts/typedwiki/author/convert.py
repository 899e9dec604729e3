"""A page in the other dialect: what both can say is kept, and what one cannot say is reported."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from ..model import Link, RawFile, WikiPage
from ..schema import Schema, key
from ..text import wikitext
from ..text.flavours import to_pandoc
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.links import Annotation, scan
from ..text.markdown import escape
from ..text.metadata import Metadata
from ..text.parse import is_wiki, parse
from ..text.plain import plain
from ..text.sections import CONNECTIONS, METADATA, Section, join, outside_code, split, take_metadata
from ..text.setext import with_number_signs
from .converted_tree import difference
from .metadata_forms import bullets, facts, infobox
from .to_mediawiki import Block, mediawiki

_FACTS = ("page_title", "overview", "domains", "sources", "last_updated", "aliases", "commit", "images", "held_back")
_TEXTS = ("content", "lead", "sources_text", "connections_text")
_SIGN = re.compile("[\U000f0000-\U000ffffd]")
"""Stands for what is set aside: a character that no rule touches and that the page does not hold."""
_ALONE = re.compile("(?m)^(?:[ \t]*[\U000f0000-\U000ffffd])+[ \t]*\n")
_LINK = re.compile(r"(?P<open>!?\[\[)(?P<target>[^|]*?)(?:\\?\|(?P<label>.*))?\]\]", re.DOTALL)
_ITEM = re.compile(r"(?m)^(?:( *)(-|1\.) +)?(?=\S)")
_DEFINITION = re.compile(r"(?m)^ {0,3}\[(?P<name>[^\[\]\n]+)\]:")
_HIDDEN = "\ufffd"
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
    """The page in a dialect; unchanged if it is written in that one.

    Raises:
        DraftError: pandoc is not installed.
    """
    front = read_front_matter(raw.text)
    head, body = raw.text[: front.end], raw.text[front.end :]
    wiki = is_wiki(raw.path, without_front_matter(raw.text))
    if wiki == (dialect == "mediawiki"):
        return Converted(raw.text, ())
    if front.error:
        return _unchanged(raw, "front matter that is not YAML: mend it first")
    page, _ = parse(raw, schema, namespace)
    if page.redirect:
        return _unchanged(raw, "a redirect")
    path = raw.path if dialect == "mediawiki" else str(PurePosixPath(raw.path).with_suffix(".md"))
    titled = "title" in map(key, front.fields)
    names, remarks = schema.sections, list[Remark]()
    if wiki:
        text = _to_markdown(body, page, titled, names)
    else:
        text, remarks = _to_mediawiki(raw.text, front.end, names)
    new = replace(raw, path=path, text=f"{head}{text.strip()}\n")
    if is_wiki(path, without_front_matter(new.text)) == wiki:
        return _unchanged(raw, "which dialect it is in, without a heading")
    found = {*remarks, *(_attributes(raw.text) if wiki else ()), *_unkept(raw.text, new.text, wiki)}
    found.update(_differences(raw, page, parse(new, schema, namespace)[0], any(one.lost for one in found)))
    return Converted(new.text, tuple(sorted(found)))


def _unchanged(raw: RawFile, why: str) -> Converted:
    return Converted(raw.text, (Remark(1, why, True),))


# MediaWiki to Markdown


def _to_markdown(body: str, page: WikiPage, titled: bool, names: Mapping[str, str]) -> str:
    """The page in Markdown; ``titled`` says that its front matter has a title."""
    notes = [note for note in scan(body, wiki=True).annotations if note.name == "category"]
    made, kept = _with_comments(_bare(_set_aside(body, [(note.span.start, note.span.end) for note in notes])[0]))
    left = [comment for sign, comment in kept.items() if sign not in made.markdown]
    fields = [(_SIGN.sub("", name), _SIGN.sub("", value)) for name, value in made.fields]
    lines = list(bullets(facts(fields, (note.values[0] for note in notes))))
    parts = split(made.markdown, names)
    heading = parts[1] if len(parts) > 1 and parts[1].level == 1 else None
    if heading and made.title:
        same = key(plain(made.title)) == key(plain(heading.title))
        heading.level, heading.title = (1, escape(made.title)) if same else (2, heading.title)
    if not (heading and heading.level == 1) and not titled:
        parts[0] = Section(1, escape(made.title or page.page_title), ["", *parts[0].body])
    if lines or left:
        lines = ["", *lines, *left]
        own = next((part for part in parts if 0 < part.level <= 2 and part.name in METADATA), None)
        at = next((n for n, part in enumerate(parts) if part.level == 2 and part.name in CONNECTIONS), len(parts))
        if own:
            own.body = [*lines, *own.body]
        else:
            parts.insert(at, Section(2, "Metadata", lines))
    return _SIGN.sub(lambda m: kept.get(m[0], m[0]), _tidied(join(parts)))


def _with_comments(body: str) -> tuple[wikitext.Converted, dict[str, str]]:
    """The page converted, with a sign for each comment where it changes nothing else, and what signs stand for."""
    bare = wikitext.convert(body)
    spans = [(part.start, part.end) for part in scan(body, wiki=True).verbatim_parts if part.kind == "comment"]
    kept = dict(zip(_signs(body), (body[start:end] for start, end in spans), strict=False))
    edits: list[tuple[int, int, str]] = []
    for sign, (start, end) in zip(kept, spans, strict=True):
        above = len(body[:start].rstrip())
        places = ((start, end, sign), (above, above, sign))
        edits += [one for one in places if _same(wikitext.convert(_replaced(body, [one])), bare)][:1]
    made = wikitext.convert(_replaced(body, edits))
    return (made if _same(made, bare) else bare), kept


def _same(made: wikitext.Converted, bare: wikitext.Converted) -> bool:
    """Whether a page differs from another only in signs and the lines on which they are alone."""
    texts = ((one.markdown, *(part for field in one.fields for part in field)) for one in (made, bare))
    first, second = ([re.sub(r"\n\s*\n", "\n\n", _bare(f"{text}\n")).strip() for text in each] for each in texts)
    return first == second


def _tidied(markdown: str) -> str:
    """The converter's Markdown with lists as people write them: one space after a mark, numbers that count."""
    counts: dict[int, int] = {}

    def item(match: re.Match[str]) -> str:
        if match[2] is None:
            counts.clear()
            return ""
        depth = len(match[1])
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        counts[depth] = counts.get(depth, 0) + 1 if match[2] != "-" else 0
        return f"{match[1]}{counts[depth]}. " if counts[depth] else f"{match[1]}- "

    return outside_code(markdown, lambda text: _ITEM.sub(item, text))


# Markdown to MediaWiki


def _to_mediawiki(written: str, start: int, names: Mapping[str, str]) -> tuple[str, list[Remark]]:
    """The page in MediaWiki's markup, what MediaWiki cannot say in Markdown."""
    markdown = with_number_signs(to_pandoc(written[start:]))
    text, kept = _set_aside(markdown, [(p.start, p.end) for p in scan(markdown).verbatim_parts if p.kind == "comment"])
    parts = split(text, names)
    top = min((part.level for part in parts if part.level), default=1)
    fields: list[tuple[str, str]] = []
    for part in parts:
        if 0 < part.level <= max(2, top) and part.name in METADATA:
            meta = _Fields()
            take_metadata(part, meta)
            fields += meta.rest
            part.level = part.level if part.body and not part.empty else 0
    left = [kept[sign] for field in fields for value in field for sign in _SIGN.findall(value)]
    done: list[Block] = []

    def said(value: str) -> str:
        found = _blocks(value)
        done.extend(found)
        return "\n\n".join(block.text for block in found)

    box = infobox(facts((_SIGN.sub("", name), _SIGN.sub("", value)) for name, value in fields), said)
    main = _blocks(join(part for part in parts if part.level or not part.empty))
    texts = [block.text for block in main]
    texts.insert(1 if main and main[0].source.startswith("# ") else 0, "\n".join(filter(None, [box, *left])))
    done = [*main, *done]
    lines = _lines((block.source for block in done), written, start)
    remarks = [Remark(line, block.note, block.lost) for block, line in zip(done, lines, strict=True) if block.note]
    return _SIGN.sub(lambda m: kept.get(m[0], m[0]), "\n\n".join(filter(None, texts))), remarks


class _Fields(Metadata):
    """Collects the fields of a section and understands none of them."""

    def take(self, name: str, value: str) -> bool:
        return False


def _blocks(markdown: str) -> list[Block]:
    """The blocks in MediaWiki's markup, with links in double brackets as they are, but for their labels."""
    found = scan(markdown)
    items: list[Link | Annotation] = [*found.links, *found.annotations]
    spans = sorted({(one.span.start, one.span.end) for one in items})
    spans = [(start, end) for start, end in spans if markdown.startswith(("[[", "![["), start)]
    text, kept = _set_aside(markdown, spans)
    links = {sign: m for sign, one in kept.items() if (m := _LINK.fullmatch(one))}
    marked = {m["label"] for m in links.values() if m["label"] and re.search(r"[`*_$<\\&^~=]", m["label"])}
    labels = {label: " ".join(block.text for block in mediawiki(label)) for label in sorted(marked)}
    images = {note.span.start for note in found.annotations if note.name == "image"}
    embedded = {sign for sign, (start, _) in zip(kept, spans, strict=True) if start in images}

    def native(match: re.Match[str]) -> str:
        link = links.get(match[0])
        if not link:
            return kept.get(match[0], match[0])
        label = link["label"]
        opening = "[[File:" if match[0] in embedded and link["open"] == "![[" else link["open"]
        return f"{opening}{link['target']}{'' if label is None else f'|{labels.get(label, label)}'}]]"

    return [block._replace(text=_SIGN.sub(native, block.text)) for block in mediawiki(text)]


# What both ways need


def _signs(text: str) -> Iterator[str]:
    return (sign for number in range(0xF0000, 0xFFFFE) if (sign := chr(number)) not in text)


def _set_aside(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, dict[str, str]]:
    """The text with a sign in the place of each span, and what the signs stand for."""
    kept = dict(zip(_signs(text), (text[start:end] for start, end in spans), strict=False))
    return _replaced(text, [(*span, sign) for span, sign in zip(spans, kept, strict=True)]), kept


def _replaced(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _bare(text: str) -> str:
    """The text without signs, and without the lines on which they are alone."""
    return _SIGN.sub("", _ALONE.sub("", text))


def _differences(raw: RawFile, page: WikiPage, new: WikiPage, known: bool) -> list[Remark]:
    """What a page no longer says once it is in the other dialect; of its texts only if the cause is not ``known``."""
    found = []
    for name in _FACTS:
        old, now = getattr(page, name), getattr(new, name)
        if old != now:
            found.append(Remark(1, f"{name.replace('_', ' ')}: {old!r} would be {now!r}", True))
    if known:
        return found
    links, left = ({_link(link): link for link in one.outgoing_links} for one in (page, new))
    found += [Remark(links[one].span.line, f"the link `{links[one].written}`", True) for one in links.keys() - left]
    found += [Remark(1, f"text that would be a link, `{left[one].written}`", True) for one in left.keys() - links]
    edges = [[_link(link) for link in one.outgoing_links if link.edge] for one in (page, new)]
    if not found and edges[0] != edges[1]:
        found.append(Remark(1, "the order of its links", True))
    old, now = ("\n\n* * *\n\n".join(getattr(one, name) for name in _TEXTS) for one in (page, new))
    if (first := difference(old, now)) is not None:
        shown = " ".join(_SIGN.sub(" ", first).split())[:80]
        line = next(_lines([first], raw.text))
        found.append(Remark(line, f"this without a difference: {shown or 'what follows the end'}", True))
    return found


def _link(link: Link) -> tuple[object, ...]:
    return link.edge, link.type, link.target, link.fragment, link.is_path, link.embed


def _attributes(text: str) -> Iterator[Remark]:
    """What MediaWiki's element for code says beside the language, for which Markdown has no form."""
    for match in re.finditer(r"<(?:syntaxhighlight|source)\b([^<>]*)>", text):
        if rest := re.sub(r"""\blang\s*=\s*["']?[\w+#-]+["']?""", "", match[1]).strip():
            yield Remark(_line_at(match.start(), text), f"`{rest}` on a block of code", True)


def _unkept(old: str, new: str, wiki: bool) -> Iterator[Remark]:
    """Comments that are gone, and characters that the decoder hides and whose lines are not as they were."""
    for part in scan(old, wiki).verbatim_parts:
        if part.kind == "comment" and old[part.start : part.end] not in new:
            yield Remark(_line_at(part.start, old), "a comment", True)
    for match in _DEFINITION.finditer(old) if not wiki else ():
        if old.casefold().count(f"[{match['name']}]".casefold()) < 2:
            yield Remark(_line_at(match.start(), old), "a definition that nothing refers to", True)
    lines = new.split("\n")
    for number, line in enumerate(old.split("\n"), 1) if _HIDDEN in old else ():
        if _HIDDEN in line and line not in lines:
            yield Remark(number, "a character that nobody sees", True)


def _lines(made: Iterable[str], text: str, at: int = 0) -> Iterator[int]:
    """The line of the page that each block comes from, as near as its words tell."""
    for block in made:
        known = re.findall(r"[^\W_]+", _SIGN.sub(" ", block))[:6]
        words = (r"\b" + r"[\W_]+".join(known[:count]) for count in range(len(known), 0, -1))
        patterns = (re.escape(block.strip()), *words, r"(?=\S)")  # at last what follows the block before
        found = next((m for one in patterns if (m := re.compile(one).search(text, at, at + _NEAR))), None)
        yield _line_at(found.start() if found else at, text)
        at = found.end() if found else at


def _line_at(offset: int, text: str) -> int:
    return text.count("\n", 0, offset) + 1
