"""Convert a page to the other dialect, and report what that dialect cannot express."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from msgspec.structs import replace

from ..model import Link, RawFile, WikiPage
from ..schema import Schema, key
from ..text import wikitext
from ..text.flavours import to_pandoc
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.inline_fields import as_typed_links
from ..text.links import Annotation, scan
from ..text.markdown import escape, plain, with_edits
from ..text.metadata import Metadata
from ..text.parse import is_wiki, parse
from ..text.sections import (
    CONNECTIONS,
    METADATA,
    Section,
    extract_metadata,
    join,
    outside_code,
    split,
    with_number_signs,
)
from .metadata_formats import collect_facts, infobox, metadata_lines
from .pandoc_blocks import difference
from .to_mediawiki import Block, to_mediawiki

_FACTS = ("page_title", "overview", "domains", "sources", "last_updated", "aliases", "commit", "images", "held_back")
_TEXTS = ("content", "lead", "sources_text", "connections_text")
_PLACEHOLDER = re.compile("[\U000f0000-\U000ffffd]")
"""Placeholder characters for text that is set aside. The page does not contain them, and no rule changes them."""
_PLACEHOLDER_LINE = re.compile("(?m)^(?:[ \t]*[\U000f0000-\U000ffffd])+[ \t]*\n")
_LINK = re.compile(r"(?P<open>!?\[\[)(?P<target>[^|]*?)(?:\\?\|(?P<label>.*))?\]\]", re.DOTALL)
_ITEM = re.compile(r"(?m)^(?:( *)(-|1\.) +)?(?=\S)")
_DEFINITION = re.compile(r"(?m)^ {0,3}\[(?P<name>[^\[\]\n]+)\]:")
_HIDDEN = "\ufffd"
_NEAR = 20_000
"""Characters to search for a block, from the end of the block before it."""


class Remark(NamedTuple):
    """Something that the other dialect cannot express, or that it expresses differently."""

    line: int
    text: str
    lost: bool


class ConvertedPage(NamedTuple):
    """A page's text in the other dialect."""

    text: str
    remarks: tuple[Remark, ...]


def convert_page(raw: RawFile, dialect: str, schema: Schema, namespace: str = "") -> ConvertedPage:
    """Convert a page to a dialect. A page that is already written in it is returned unchanged.

    Raises:
        DraftError: pandoc is not installed.
    """
    front = read_front_matter(raw.text)
    head, body = raw.text[: front.end], raw.text[front.end :]
    wiki = is_wiki(raw.path, without_front_matter(raw.text))
    if wiki == (dialect == "mediawiki"):
        return ConvertedPage(raw.text, ())
    if front.error:
        return _refuse(raw, "front matter that is not YAML: mend it first")
    original = raw
    if not wiki:  # what a line states in Markdown alone, links state in both dialects
        raw = replace(raw, text=f"{head}{as_typed_links(body)}")
    page, _ = parse(raw, schema, namespace)
    if page.redirect:
        return _refuse(original, "a redirect")
    path = raw.path if dialect == "mediawiki" else str(PurePosixPath(raw.path).with_suffix(".md"))
    has_title = "title" in map(key, front.fields)
    names, remarks = schema.sections, list[Remark]()
    if wiki:
        text = _to_markdown(body, page, has_title, names)
    else:
        text, remarks = _to_mediawiki(raw.text, front.end, names)
    new_file = replace(raw, path=path, text=f"{head}{text.strip()}\n")
    if is_wiki(path, without_front_matter(new_file.text)) == wiki:
        return _refuse(original, "which dialect it is in, without a heading")
    all_remarks = {
        *remarks,
        *(_lost_code_attributes(raw.text) if wiki else ()),
        *_lost_text(raw.text, new_file.text, wiki),
    }
    all_remarks.update(
        _differences(raw, page, parse(new_file, schema, namespace)[0], any(remark.lost for remark in all_remarks))
    )
    return ConvertedPage(new_file.text, tuple(sorted(all_remarks)))


def _refuse(raw: RawFile, why: str) -> ConvertedPage:
    return ConvertedPage(raw.text, (Remark(1, why, True),))


# MediaWiki to Markdown


def _to_markdown(body: str, page: WikiPage, has_title: bool, names: Mapping[str, str]) -> str:
    """Convert a body to Markdown. With ``has_title``, the front matter has a title, so no heading is needed."""
    notes = [note for note in scan(body, wiki=True).annotations if note.name == "category"]
    result, comments = _with_comments(
        _without_placeholders(_replace_with_placeholders(body, [(note.span.start, note.span.end) for note in notes])[0])
    )
    homeless_comments = [comment for placeholder, comment in comments.items() if placeholder not in result.markdown]
    fields = [(_PLACEHOLDER.sub("", name), _PLACEHOLDER.sub("", value)) for name, value in result.fields]
    lines = list(metadata_lines(collect_facts(fields, (note.values[0] for note in notes))))
    parts = split(result.markdown, names)
    heading = parts[1] if len(parts) > 1 and parts[1].level == 1 else None
    if heading and result.title:
        same_title = key(plain(result.title)) == key(plain(heading.title))
        heading.level, heading.title = (1, escape(result.title)) if same_title else (2, heading.title)
    if not (heading and heading.level == 1) and not has_title:
        parts[0] = Section(1, escape(result.title or page.page_title), ["", *parts[0].body])
    if lines or homeless_comments:
        lines = ["", *lines, *homeless_comments]
        metadata_section = next((part for part in parts if 0 < part.level <= 2 and part.name in METADATA), None)
        position = next((n for n, part in enumerate(parts) if part.level == 2 and part.name in CONNECTIONS), len(parts))
        if metadata_section:
            metadata_section.body = [*lines, *metadata_section.body]
        else:
            parts.insert(position, Section(2, "Metadata", lines))
    return _PLACEHOLDER.sub(lambda m: comments.get(m[0], m[0]), _tidy_lists(join(parts)))


def _with_comments(body: str) -> tuple[wikitext.Converted, dict[str, str]]:
    """Convert a body, with a placeholder for each comment, and return the comments by placeholder.

    A comment gets a placeholder only where that does not change how the rest is converted.
    """
    plain_result = wikitext.convert(body)
    spans = [(part.start, part.end) for part in scan(body, wiki=True).verbatim_parts if part.kind == "comment"]
    comments = dict(zip(_free_placeholders(body), (body[start:end] for start, end in spans), strict=False))
    edits: list[tuple[int, int, str]] = []
    for placeholder, (start, end) in zip(comments, spans, strict=True):
        end_of_text = len(body[:start].rstrip())
        places = ((start, end, placeholder), (end_of_text, end_of_text, placeholder))
        for place in places:
            if _differ_in_placeholders_only(wikitext.convert(with_edits(body, [place])), plain_result):
                edits.append(place)
                break
    result = wikitext.convert(with_edits(body, edits))
    return (result if _differ_in_placeholders_only(result, plain_result) else plain_result), comments


def _differ_in_placeholders_only(left: wikitext.Converted, right: wikitext.Converted) -> bool:
    """Return whether two pages differ only in placeholders and in lines that contain nothing else."""

    def visible(page: wikitext.Converted) -> list[str]:
        texts = (page.markdown, *(part for field in page.fields for part in field))
        return [re.sub(r"\n\s*\n", "\n\n", _without_placeholders(f"{text}\n")).strip() for text in texts]

    return visible(left) == visible(right)


def _tidy_lists(markdown: str) -> str:
    """Write lists as people do: one space after a bullet, and numbers that count."""
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


def _to_mediawiki(source: str, start: int, names: Mapping[str, str]) -> tuple[str, list[Remark]]:
    """Convert the text from ``start`` on to wikitext. Blocks that wikitext cannot express stay in Markdown."""
    markdown = with_number_signs(to_pandoc(source[start:]))
    text, comments = _replace_with_placeholders(
        markdown, [(p.start, p.end) for p in scan(markdown).verbatim_parts if p.kind == "comment"]
    )
    parts = split(text, names)
    top = min((part.level for part in parts if part.level), default=1)
    fields: list[tuple[str, str]] = []
    for part in parts:
        if 0 < part.level <= max(2, top) and part.name in METADATA:
            meta = _Fields()
            extract_metadata(part, meta)
            fields += meta.other_fields
            part.level = part.level if part.body and not part.empty else 0
    field_comments = [
        comments[placeholder] for field in fields for value in field for placeholder in _PLACEHOLDER.findall(value)
    ]
    blocks: list[Block] = []

    def value_to_mediawiki(value: str) -> str:
        value_blocks = _blocks(value)
        blocks.extend(value_blocks)
        return "\n\n".join(block.text for block in value_blocks)

    box = infobox(
        collect_facts((_PLACEHOLDER.sub("", name), _PLACEHOLDER.sub("", value)) for name, value in fields),
        value_to_mediawiki,
    )
    main = _blocks(join(part for part in parts if part.level or not part.empty))
    texts = [block.text for block in main]
    texts.insert(1 if main and main[0].source.startswith("# ") else 0, "\n".join(filter(None, [box, *field_comments])))
    blocks = [*main, *blocks]
    lines = _block_lines((block.source for block in blocks), source, start)
    remarks = [Remark(line, block.note, block.lost) for block, line in zip(blocks, lines, strict=True) if block.note]
    return _PLACEHOLDER.sub(lambda m: comments.get(m[0], m[0]), "\n\n".join(filter(None, texts))), remarks


class _Fields(Metadata):
    """Collects all fields of a section as unknown ones."""

    def add_field(self, name: str, value: str) -> bool:
        return False


def _blocks(markdown: str) -> list[Block]:
    """Convert Markdown to blocks of wikitext. Of links in double brackets, only the labels are converted."""
    references = scan(markdown)
    items: list[Link | Annotation] = [*references.links, *references.annotations]
    spans = sorted({(item.span.start, item.span.end) for item in items})
    spans = [(start, end) for start, end in spans if markdown.startswith(("[[", "![["), start)]
    text, originals = _replace_with_placeholders(markdown, spans)
    links = {placeholder: m for placeholder, item in originals.items() if (m := _LINK.fullmatch(item))}
    marked_labels = {m["label"] for m in links.values() if m["label"] and re.search(r"[`*_$<\\&^~=]", m["label"])}
    labels = {label: " ".join(block.text for block in to_mediawiki(label)) for label in sorted(marked_labels)}
    images = {note.span.start for note in references.annotations if note.name == "image"}
    embedded = {placeholder for placeholder, (start, _) in zip(originals, spans, strict=True) if start in images}

    def to_wikitext(match: re.Match[str]) -> str:
        link = links.get(match[0])
        if not link:
            return originals.get(match[0], match[0])
        label = link["label"]
        opening = "[[File:" if match[0] in embedded and link["open"] == "![[" else link["open"]
        return f"{opening}{link['target']}{'' if label is None else f'|{labels.get(label, label)}'}]]"

    return [block._replace(text=_PLACEHOLDER.sub(to_wikitext, block.text)) for block in to_mediawiki(text)]


# Shared by both directions


def _free_placeholders(text: str) -> Iterator[str]:
    return (placeholder for number in range(0xF0000, 0xFFFFE) if (placeholder := chr(number)) not in text)


def _replace_with_placeholders(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, dict[str, str]]:
    """Replace each span with a placeholder, and return the original text of each placeholder."""
    originals = dict(zip(_free_placeholders(text), (text[start:end] for start, end in spans), strict=False))
    edits = [(*span, placeholder) for span, placeholder in zip(spans, originals, strict=True)]
    return with_edits(text, edits), originals


def _without_placeholders(text: str) -> str:
    """Remove placeholders, and lines that contain nothing else."""
    return _PLACEHOLDER.sub("", _PLACEHOLDER_LINE.sub("", text))


def _differences(raw: RawFile, page: WikiPage, new_page: WikiPage, losses_known: bool) -> list[Remark]:
    """Report how the converted page differs from the original; if ``losses_known``, only fields are compared."""
    remarks = []
    for name in _FACTS:
        old_value, new_value = getattr(page, name), getattr(new_page, name)
        if old_value != new_value:
            remarks.append(Remark(1, f"{name.replace('_', ' ')}: {old_value!r} would be {new_value!r}", True))
    if losses_known:
        return remarks
    links, new_links = ({_link(link): link for link in item.outgoing_links} for item in (page, new_page))
    remarks += [
        Remark(links[item].span.line, f"the link `{links[item].written}`", True) for item in links.keys() - new_links
    ]
    remarks += [
        Remark(1, f"text that would be a link, `{new_links[item].written}`", True) for item in new_links.keys() - links
    ]
    edges = [[_link(link) for link in item.outgoing_links if link.edge] for item in (page, new_page)]
    if not remarks and edges[0] != edges[1]:
        remarks.append(Remark(1, "the order of its links", True))
    old_value, new_value = ("\n\n* * *\n\n".join(getattr(item, name) for name in _TEXTS) for item in (page, new_page))
    if (different := difference(old_value, new_value)) is not None:
        excerpt = " ".join(_PLACEHOLDER.sub(" ", different).split())[:80]
        line = next(_block_lines([different], raw.text))
        remarks.append(Remark(line, f"this without a difference: {excerpt or 'what follows the end'}", True))
    return remarks


def _link(link: Link) -> tuple[object, ...]:
    return link.edge, link.type, link.target, link.fragment, link.is_path, link.embed


def _lost_code_attributes(text: str) -> Iterator[Remark]:
    """Report attributes of code elements, other than the language: Markdown has no form for them."""
    for match in re.finditer(r"<(?:syntaxhighlight|source)\b([^<>]*)>", text):
        if attributes := re.sub(r"""\blang\s*=\s*["']?[\w+#-]+["']?""", "", match[1]).strip():
            yield Remark(_line_number(match.start(), text), f"`{attributes}` on a block of code", True)


def _lost_text(old_text: str, new_text: str, wiki: bool) -> Iterator[Remark]:
    """Report comments that are lost, unused definitions, and hidden characters on lines that have changed."""
    for part in scan(old_text, wiki).verbatim_parts:
        if part.kind == "comment" and old_text[part.start : part.end] not in new_text:
            yield Remark(_line_number(part.start, old_text), "a comment", True)
    for match in _DEFINITION.finditer(old_text) if not wiki else ():
        if old_text.casefold().count(f"[{match['name']}]".casefold()) < 2:
            yield Remark(_line_number(match.start(), old_text), "a definition that nothing refers to", True)
    lines = new_text.split("\n")
    for number, line in enumerate(old_text.split("\n"), 1) if _HIDDEN in old_text else ():
        if _HIDDEN in line and line not in lines:
            yield Remark(number, "a character that nobody sees", True)


def _block_lines(blocks: Iterable[str], text: str, start: int = 0) -> Iterator[int]:
    """Return the line of the page that each block comes from, found by its first words."""
    for block in blocks:
        first_words = re.findall(r"[^\W_]+", _PLACEHOLDER.sub(" ", block))[:6]
        words = (r"\b" + r"[\W_]+".join(first_words[:count]) for count in range(len(first_words), 0, -1))
        patterns = (re.escape(block.strip()), *words, r"(?=\S)")  # as a last resort, the next line with text
        match = next((m for pattern in patterns if (m := re.compile(pattern).search(text, start, start + _NEAR))), None)
        yield _line_number(match.start() if match else start, text)
        start = match.end() if match else start


def _line_number(offset: int, text: str) -> int:
    return text.count("\n", 0, offset) + 1
