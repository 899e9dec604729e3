"""Parse one raw file into a WikiPage, in either dialect. Nothing but the file is read."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import PurePosixPath
from typing import Any

from msgspec.structs import replace

from ..model import Link, RawFile, Source, WikiPage
from ..problems import Problem, problem
from ..regex import regex
from ..schema import Schema, key
from . import sections
from .dialect import dialect
from .flavour_inlines import chemistry
from .flavours import to_pandoc
from .front_matter import FrontMatter, front_links, read_front_matter, without_front_matter
from .inline_fields import FieldLines, extract_field_lines, set_properties
from .links import Annotation, Scan, scan
from .markdown import escape, plain, with_code, with_edits, without_formulas
from .metadata import SOURCE_TYPES, Metadata, front_matter_value, title_of
from .metadata_sections import (
    extract_connections,
    extract_sources,
    metadata_of,
    overview_below,
    read_sections,
    remember_title,
)
from .names import display_name
from .namespaces import REDIRECT
from .okf_page import OkfMetadata, add_citations, day_of, read_okf_metadata, sources_of
from .sections import HEADING_ATTRIBUTES, Section, reading_time, with_number_signs
from .verbatim import verbatim_parts
from .wikitext import Converted, convert

HELD_BACK = {"draft": True, "private": True, "publish": False, "published": False}
"""Front matter keys, and the values with which they keep a page from being published."""
_REDIRECT = regex(rf"\s*{REDIRECT}\s*:?\s*\[\[", re.IGNORECASE)
_BLOCK = regex(r"[-+*>|] |\d+[.)] |```|<(?:table|ul|ol|dl)\b")
_WORDS = regex(r"[^\W_]{3,}")
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def parse(raw: RawFile, schema: Schema, namespace: str = "") -> tuple[WikiPage, list[Problem]]:
    """Parse a page. Its id is type and stem; the caller makes ids unique."""
    meta = Metadata(names=schema.sections)
    front = read_front_matter(raw.text)
    has_type = bool(front.fields.get("type"))
    front_matter = front_links(raw.text)
    okf = read_okf_metadata(raw.text, front.fields, front_matter.consumed)
    held_back = _read_front_matter(okf.fields, meta, front_matter.consumed)
    _add_okf_metadata(okf, meta)
    original = without_front_matter(raw.text)
    wiki = is_wiki(raw.path, original)
    original_scan = scan(original, wiki)
    body = _front_matter_as_code(raw.text, front.end) if front.error else raw.text[front.end :]
    body, remarks = add_citations(body, okf.knowledge, wiki)
    field_lines = FieldLines(body, [], "") if wiki else extract_field_lines(body)
    names_of_page = _add_names(field_lines.head, meta)
    for name, value in field_lines.rows:
        if name.lower() in names_of_page and (name.lower(), value) in field_lines.head:
            continue
        if not meta.add_field(name, value):
            meta.other_fields.append((name, value))
    text = prepared_text(field_lines.text, wiki, display_name(raw.stem, namespace))
    prepared_scan = scan(text.markdown)
    shown_targets = {link.written for link in prepared_scan.links}
    infobox_values = (value for _, value in text.fields)
    for other_text in (field_lines.values, *infobox_values, *(remark for _, remark in remarks)):
        if "[" in other_text or "<" in other_text:
            shown_targets |= {link.written for link in scan(other_text).links}
    if wiki:  # a note does not show the values that are set, but they are links
        shown_targets |= {row.value.partition("#")[0].strip() for row in set_properties(original)}
    for annotation in original_scan.annotations:
        add_annotation(annotation.name, annotation.values, meta)
    for name, value in text.fields:
        if not meta.add_field(name, value):
            meta.other_fields.append((plain(name), value))
    parts = sections.split(text.markdown, schema.sections)
    sections.close_divs_above_placed(parts)
    topics = _read_metadata_sections(parts, meta)
    meta.title = meta.title or plain(text.title)
    first_is_highest = len(parts) > 1 and parts[1].level == 1
    if not meta.title and first_is_highest and not schema.ranked and _is_section(parts, raw.stem):
        meta.title = display_name(raw.stem, namespace)
    title = _title(parts, raw, schema, namespace, meta)
    if meta.title and (has_type or (first_is_highest and parts[1].title)):
        _lower_headings(parts)
    front_overview = meta.overview
    paragraph_below = _first_words_below(parts, meta)
    first_paragraph = read_sections(parts, meta)
    lead = first_paragraph or (with_code(front_overview) if has_type else escape(front_overview))
    sources_text = extract_sources(parts, meta)
    connections_text = extract_connections(parts)
    if meta.repository:
        meta.add_source(Source("Repo", meta.repository.removeprefix("https://github.com/"), meta.repository))
    content = _body(parts, meta)
    page = WikiPage(
        id=f"{raw.page_type}/{raw.stem}",
        page_title=title,
        page_type=raw.page_type,
        overview=_overview(meta.overview, first_paragraph, paragraph_below),
        content=content,
        lead=lead,
        domains=tuple(meta.domains),
        sources=tuple(meta.sources),
        sources_text=sources_text,
        last_updated=meta.last_updated,
        # Some brackets that look like links are not shown as links: in comments, in templates, to other wikis.
        outgoing_links=(
            *sorted((*okf.links, *front_matter.links), key=lambda link: link.span.start),
            *(
                link
                for link in original_scan.links
                if link.written in shown_targets and not _is_topic(link, topics) and link.edge not in names_of_page
            ),
        ),
        namespace=namespace,
        path=raw.path,
        stem=raw.stem,
        root=raw.root,
        aliases=tuple(meta.aliases),
        commit=meta.commit,
        images=_images(prepared_scan),
        annotations=_annotations(original_scan, prepared_scan),
        connections_text=connections_text,
        dialect="mediawiki" if wiki else "markdown",
        held_back=held_back,
        redirect=text.redirect,
        written=tuple(sorted(meta.own_titles.items())),
        minutes=reading_time(lead, content),
        knowledge=okf.knowledge,
        remarks=remarks,
    )
    return page, _front_matter_problems(raw, front)


def _add_names(fields: Collection[tuple[str, str]], meta: Metadata) -> set[str]:
    """Take the title and the aliases among the fields above a page's text. Return the names of those fields."""
    used = set()
    for name, value in fields:
        if name == "title" and not meta.title:
            meta.title = plain(value)
        elif name in ("alias", "aliases"):
            meta.aliases += [alias for part in value.split(",") if (alias := part.strip().strip("[]"))]
        else:
            continue
        used.add(name)
    return used


def _overview(*texts: str) -> str:
    """Return the words of the first text that is more than formulas."""
    shown = ((text, plain(without_formulas(text))) for text in texts)
    return next((words for text, words in shown if words and (words.strip("… .,;:") or "$" not in text)), "")


def _front_matter_problems(raw: RawFile, front: FrontMatter) -> list[Problem]:
    if not front.error:
        return []
    line, column, reason = front.error
    return [problem("R003", raw.path, line, column, f"front matter is not YAML: {reason}")]


def _add_okf_metadata(okf: OkfMetadata, meta: Metadata) -> None:
    meta.other_fields += okf.details
    meta.last_updated = meta.last_updated or day_of(okf.knowledge)
    for source in sources_of(okf.knowledge):
        meta.add_source(source)


def is_wiki(path: str, text: str) -> bool:
    """Return whether a page, its front matter blanked out, is in the MediaWiki dialect."""
    return dialect(path, text).name == "mediawiki" or bool(_REDIRECT.match(text))


def prepared_text(text: str, wiki: bool, name: str = "") -> Converted:
    """Return a page's text, without front matter, as pandoc will read it. ``name`` is the name of the page."""
    if not wiki:
        return Converted(with_number_signs(to_pandoc(text)))
    converted = convert(text, name)
    return (
        replace(converted, markdown=_with_chemistry(converted.markdown))
        if "\\ce{" in text or "<c" in text
        else converted
    )


def _with_chemistry(markdown: str) -> str:
    formulas = [p for p in verbatim_parts(markdown) if p.kind in ("math", "display") and "\\ce{" in p.body]
    return with_edits(markdown, [(p.start, p.end, chemistry(markdown[p.start : p.end])) for p in formulas])


def _front_matter_as_code(text: str, end: int) -> str:
    """Return a page with its broken front matter as a code block, so that nothing is lost."""
    block = text[:end].strip().removeprefix("---").removesuffix("---").strip("\n")
    return f"```\n{block}\n```\n\n{text[end:]}"


def _read_front_matter(front: dict[str, Any], meta: Metadata, consumed: Collection[str] = ()) -> str:
    """Take the metadata in front matter, except keys that contain only links.

    Return the key that holds the page back, or "".
    """
    held_back = ""
    for name, value in sorted(front.items(), key=lambda item: meta.field_key(str(item[0])) == "date"):
        folded = meta.field_key(str(name))
        text = front_matter_value(value).strip()
        if str(name) in consumed:
            continue
        if folded == "title":
            meta.title = re.sub(r"\s+", " ", text)
        elif folded in ("overview", "description", "summary"):
            meta.overview = re.sub(r"\s+", " ", text)
        elif folded in ("aliases", "alias"):
            meta.aliases += [line for line in text.splitlines() if line.strip()]
        elif folded == "redirect_from":
            meta.aliases += [f"/{line.strip('/')}/" for line in text.splitlines() if line.strip("/ ")]
        elif folded in HELD_BACK and text.lower() in _TRUE | _FALSE:
            if HELD_BACK[folded] == (text.lower() in _TRUE):
                held_back = held_back or str(name)
        elif folded in ("type", "page_type", "id", "permalink", "slug") or isinstance(value, dict):
            continue
        elif not meta.add_field(str(name), text):
            meta.other_fields.append((str(name), escape(text.replace("\n", ", "))))
    return held_back


def add_annotation(name: str, values: tuple[str, ...], meta: Metadata) -> None:
    """Take the metadata in ``[[domain::X]]``, ``[[source::Type|title|url]]`` and similar annotations."""
    if name in ("domain", "category"):
        meta.add_domains(list(values[:1]))
    elif name == "last_updated":
        if not meta.add_field("last_updated", values[0]):
            meta.other_fields.append(("Last Updated", escape(values[0])))
    elif name == "source":
        url = next((v for v in values if re.match(r"(?:https?|ftp)://", v)), "")
        words = [v for v in values if v and v != url]
        if len(words) == 1 and url and key(words[0]) in SOURCE_TYPES:
            meta.add_source(Source(words[0], title_of(url), url))
        elif len(words) > 1:
            meta.add_source(Source(words[0], " | ".join(words[1:]), url))
        elif words or url:
            meta.add_field("source", f"[{words[0]}]({url})" if words and url else url or words[0])


def _read_metadata_sections(parts: list[Section], meta: Metadata) -> frozenset[str]:
    """Take the metadata in sections such as Knowledge Sources and Domains. Return the links that are domains."""
    metadata = metadata_of([(part.level, part.title, part.body) for part in parts], meta.names)
    if not metadata.remaining:
        return frozenset()
    meta.add_domains(list(metadata.domains))
    for source in metadata.sources:
        meta.add_source(source)
    meta.last_updated = meta.last_updated or metadata.last_updated
    removed_text = "\n".join("\n".join(parts[number].body) for number in metadata.consumed)
    for number, lines in metadata.remaining.items():
        remember_title(parts[number], meta)
        parts[number].body = list(lines)
    parts[:] = [part for number, part in enumerate(parts) if number not in metadata.consumed]
    remaining_text = "\n".join("\n".join(part.body) for part in parts)
    return frozenset(
        name for name in re.findall(r"\[\[([^\[\]|\n]+)", removed_text) if f"[[{name}" not in remaining_text
    )


def _is_topic(link: Link, topics: frozenset[str]) -> bool:
    """Return whether a link only names a domain, in a section that lists domains."""
    return link.edge is None and link.type is None and link.written in topics


def _first_words_below(parts: list[Section], meta: Metadata) -> str:
    """Return the first paragraph below an overview that holds only subsections."""
    overview = overview_below([(part.level, part.title, part.body) for part in parts], meta.names)
    return overview[1] if overview else ""


def _images(prepared: Scan) -> tuple[str, ...]:
    embedded = [annotation.values[0] for annotation in prepared.annotations if annotation.name == "image"]
    return tuple(dict.fromkeys([*(image.address for image in prepared.images), *embedded]))


def _annotations(original: Scan, converted: Scan) -> tuple[tuple[str, str, str], ...]:
    """Return brackets that are not links: their content, the displayed words and an address."""
    rows = {}
    for annotation in (*original.annotations, *converted.annotations):
        if annotation.name != "image":
            rows[annotation.written] = (annotation.written, *_words(annotation))
    return tuple(rows.values())


def _words(annotation: Annotation) -> tuple[str, str]:
    """Return the words that an annotation shows, and the address that they link to."""
    first, *rest = annotation.values
    if annotation.name == "address":
        return (rest[0] if rest and rest[0] else first), first
    if annotation.name == "category":
        return "", ""
    if annotation.name == "source":
        url = next((value for value in rest if re.match(r"(?:https?|ftp)://", value)), "")
        words = [value for value in rest if value != url]
        return " | ".join(words) or url or first, url
    return first.replace("_", " "), ""


_CONVENTIONAL = frozenset({"schema", "examples", "computation", "citations"})
"""Sections of the Open Knowledge Format, which are headings of the first level."""


def _is_section(parts: list[Section], stem: str) -> bool:
    """Return whether the first heading is that of a section, not the title: there are others of its level, or it is a
    conventional one. Words that it shares with the file's name make it the title.
    """
    titles = [plain(_without_attributes(part.title)) for part in parts if part.level == 1]
    shared = set(_WORDS.findall(key(titles[0]))) & set(_WORDS.findall(key(stem)))
    return not shared and (len(titles) > 1 or key(titles[0]) in _CONVENTIONAL)


def _title(parts: list[Section], raw: RawFile, schema: Schema, namespace: str, meta: Metadata) -> str:
    heading = parts[1] if len(parts) > 1 and parts[1].level == 1 else None
    heading_title = plain(_without_attributes(heading.title)) if heading else ""
    prefix, colon, rest = heading_title.partition(":")
    page_type = schema.page_type(prefix) if colon and rest.strip() else None
    if page_type and page_type.name == raw.page_type:
        heading_title = rest.strip()
    title = meta.title or heading_title
    if heading:  # its text becomes the title, so the page begins after it
        is_same_title = not meta.title or key(meta.title) == key(heading_title)
        heading.level, heading.title = (0, "") if is_same_title else (2, heading.title)
    is_name = " " not in title and "_" in title and key(title) == key(raw.stem)
    if title and not is_name:
        return title
    folder = PurePosixPath(raw.path).parent.name  # of which `index.md` is the page
    return display_name(folder if raw.stem.lower() == "index" and folder else raw.stem, namespace)


def _without_attributes(heading: str) -> str:
    attributes = HEADING_ATTRIBUTES.search(heading)
    is_span = attributes and heading[: attributes.start()].endswith("]")  # `[words]{#id}`, which only has words
    return heading[: attributes.start()] if attributes and not is_span else heading


def _lower_headings(parts: list[Section]) -> None:
    """Lower all headings by a level if any is of level 1: the title of a concept is in its front matter.

    Sections that the note has in a place of their own stay what they are.
    """
    title_section = parts[1] if len(parts) > 1 and parts[1].level == 2 else None
    if any(part.level == 1 for part in parts):
        for part in parts:
            is_placed = part.level == 2 and part.name in sections.PLACED
            if part.level and part is not title_section and not is_placed:
                part.level = min(6, part.level + 1)


def _body(parts: list[Section], meta: Metadata) -> str:
    rest = [_detail(name, value) for name, value in meta.other_fields if name or value.strip()]
    if rest:
        parts.append(Section(2, "Details", ["", *rest]))
    return sections.join(section for section in parts if not (section.level == 0 and section.empty))


def _detail(name: str, value: str) -> str:
    head = f"**{escape(name)}**:" + ("\n\n    " if _BLOCK.match(value) else " ") if name else ""
    text = value.replace("\n", "\n    ").replace("\n    \n", "\n\n")
    return f"-   {head}{text}"
