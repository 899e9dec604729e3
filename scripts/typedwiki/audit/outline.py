"""The outline of a page: one scan of its text that finds the place of everything that rules check."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..model import RawFile, Span
from ..regex import regex
from ..schema import Schema, key
from ..text.front_matter import read_front_matter, without_front_matter
from ..text.lines import line_starts, lines_with, span_at
from ..text.links import Scan, scan
from ..text.markdown import blank_out, plain
from ..text.metadata import DATE_KEYS, SOURCE_KEYS
from ..text.parse import is_wiki
from ..text.sections import METADATA, OVERVIEW, SOURCES, Section, markdown_heading, underlined_headings, wiki_heading
from ..text.verbatim import Verbatim, inside_any
from .markup import find_active_markup

_HIDDEN = "\ue000"
_STRESS = r"(?:\*\*|'''|__)"
_FIELD = regex(
    rf"""[ \t]*(?P<lead>[-+*][ \t]+|[|!][ \t]*)?(?P<bold>{_STRESS})?
        (?P<name>[^\W\d_][\w -]{{1,30}}?){_STRESS}?[ \t]*
        (?P<sign>[:：]{_STRESS}?|=|\|\|?|$)[ \t]*(?P<value>.*)""",
    re.VERBOSE,
)
_FRONT_FIELD = regex(r"(?P<name>[^\W\d_][\w -]*?)[ \t]*:(?:[ \t]+|$)(?P<value>.*)")
_FRONT_OVERVIEW = regex(r"^(?:overview|description|summary)[ \t]*:\s*(?:[|>][-+\d]*\s+)?", re.IGNORECASE | re.MULTILINE)
_ADDRESS = regex(
    r"""\]\([ ]*<(?P<angle>[^<>\n]*)>
      | \]\([ ]*(?P<link>[^()<>\n]*(?:\([^()\n]*\)[^()\n]*)*)\)
      | \b(?P<bare>(?:[A-Za-z][A-Za-z\d+.-]{1,20}://|https?:/(?!/)|https?//)[^\s<>|\]"\ue000]*)""",
    re.VERBOSE,
)
_FRONT_URL = regex(r"[\s{,-]url:[ \t]+(?P<url>[^\s#{},\[\]][^#{},\n]*)")
_LINK_TITLE = regex(r"""\s{1,9}(?:"[^"]*"|'[^']*')\s*$""")
_GOOD_SCHEME = regex(r"(?:https?|ftp)://")
_SCHEME = regex(r"([A-Za-z][A-Za-z\d+.-]*):")
_OTHER_SCHEME = regex(r"(?:javascript|vbscript|data|file):\S|[A-Za-z][A-Za-z\d+.-]+://\S|https?:/\S", re.IGNORECASE)
_BARE_HOST = regex(r"(?:www\.[\w-]+\.|(?:[\w-]+\.)+(?:ai|co|com|dev|edu|gov|io|net|org)(?:/|$))\S*")
_TAG = regex(r"<(?<!\\<)(?P<tag>syntaxhighlight|source|pre|nowiki|math)\b(?P<attrs>[^<>]*)(?<!/)>", re.IGNORECASE)
_ELEMENT = regex(r"<(?<!\\<)(?P<end>/?)(?P<tag>details|div|ref|table)\b(?P<attrs>[^<>]*)(?<!/)>", re.IGNORECASE)
_DIV = regex(r"[ ]{0,3}:{3,}[ \t]*(?:(?P<opens>\{[^{}]*\}|[\w-]+(?:[ \t]+[^\s:].*)?)[ \t:]*)?")
_BRACES = regex(r"\{\{\s*(?P<name>[A-Za-z][\w ]*?(?=\s*\|)|#mermaid(?=:))|\}\}")
_DOLLARS = regex(r"(?:\A|\n)(?P<sign>\$\$)(?=\n|\Z)")
_SINGLE = regex(
    r"\[(?<!\[\[)(?<![\\!]\[)(?:(?P<edge>[A-Za-z_]{1,40})::)?(?P<type>[A-Z]\w{1,40}):(?P<name>[^\[\]\n|]{1,200})\]"
    r"(?![\]\[(:{])"
)
_BARE = regex(
    r"[ ]{0,3}(?:[-+*][ \t]+)?"
    r"(?P<link>(?P<edge>[A-Za-z_]{1,40})::(?P<type>[A-Z]\w{1,40}):(?P<name>[^\[\]\n|:]{1,200}))$",
    re.MULTILINE,
)
_FENCE = regex(r"`+|~+")


class LocatedText(NamedTuple):
    """A text on a page, and its place."""

    value: str
    span: Span


class SingleBrackets(NamedTuple):
    """A typed link in single brackets, or an edge with a typed name in none, which is not a link."""

    text: str
    edge: str
    page_type: str
    name: str
    span: Span

    def page_id(self, schema: Schema) -> str:
        """Return the id of the page that is meant; empty if there is no such type."""
        page_type, name = schema.page_type(self.page_type), self.name.strip().replace(" ", "_")
        return f"{page_type.name}/{name[:1].upper()}{name[1:]}" if page_type else ""


class Outline(NamedTuple):
    """The data that rules need about a page's text. The text is scanned once for all of them."""

    title: Span | None
    overview: Span | None
    front: int
    """The last line of the front matter; 0 if there is none."""
    fields: tuple[LocatedText, ...]
    """Names of fields in front matter and Metadata sections."""
    dates: tuple[LocatedText, ...]
    addresses: tuple[LocatedText, ...]
    """Addresses of sources."""
    unclosed: tuple[LocatedText, ...]
    skips: tuple[tuple[int, int, Span], ...]
    """Levels of two consecutive headings, the second too deep, and the place of the second."""
    single: tuple[SingleBrackets, ...]
    active_markup: tuple[tuple[str, str, Span], ...]
    """Code, text and place of markup that does not do what it seems to (see ``markup``)."""


class Heading(NamedTuple):
    """A heading outside code; ``line`` counts from 0."""

    level: int
    title: str
    line: int


@lru_cache(maxsize=8)  # several rules ask for the same page in turn
def outline(file: RawFile, schema: Schema) -> Outline:
    """Return the outline of a page. ``schema`` knows the names of sections and fields."""
    names = schema.sections
    head = file.text[: read_front_matter(file.text).end]
    text = without_front_matter(file.text)
    wiki = is_wiki(file.path, text)
    references = scan(text, wiki)
    hidden = blank_out(
        text, ((p.start, p.end, " " if p.kind == "comment" else _HIDDEN) for p in references.verbatim_parts)
    )
    starts = line_starts(text)
    lines = hidden.split("\n")
    headings = list(_headings(lines, wiki, hidden))
    body = _Body(lines, starts, headings, names)
    fields = [*_front_fields(head, names), *_fields(body)]
    source_lines = [part for name, parts in fields if name in SOURCE_KEYS for part in parts]
    source_lines += body.sections(SOURCES)
    without_annotations = blank_out(hidden, ((a.span.start, a.span.end, _HIDDEN) for a in references.annotations))

    def locate(places: Iterable[tuple[str, int]]) -> tuple[LocatedText, ...]:
        unique_places = sorted({(start, value) for value, start in places})
        return tuple(LocatedText(value, span_at(starts, start, start + len(value))) for start, value in unique_places)

    tables = _open_tables(hidden, lines, starts, {heading.line for heading in headings})
    addresses = [*_annotated_addresses(text, references), *_addresses(source_lines, without_annotations, len(head))]
    unclosed = [
        *_open_fences(text, references.verbatim_parts),
        *_open_signs(hidden),
        *_open_elements(hidden),
        *(() if wiki else _open_divs(lines, starts)),
        *tables,
        *_open_templates(hidden),
    ]
    title = starts[headings[0].line] if headings and headings[0].level == 1 else -1
    overview = _overview(file.text, head, body)
    return Outline(
        span_at(starts, title, title) if title >= 0 else None,
        span_at(starts, overview, overview) if overview >= 0 else None,
        head.count("\n"),
        locate(_field_names(head, body.sections(METADATA))),
        locate([*_annotated_dates(text, references), *_dates(fields)]),
        locate(addresses),
        locate(unclosed),
        tuple(
            (upper.level, lower.level, span_at(starts, starts[lower.line], starts[lower.line]))
            for upper, lower in pairwise(headings)
            if lower.level > upper.level + 1
        ),
        tuple(_single_brackets(text, references, starts, schema)),
        tuple(
            (markup.code, markup.detail, span_at(starts, markup.start, markup.end))
            for markup in find_active_markup(file, references, text, hidden, wiki)
        ),
    )


def _single_brackets(text: str, references: Scan, starts: list[int], schema: Schema) -> Iterator[SingleBrackets]:
    matches = [match for match in _SINGLE.finditer(text) if schema.page_type(match["type"])] if ":" in text else []
    is_code = inside_any(references.verbatim_parts)
    for match in matches:
        if not is_code(match.start()):
            span = span_at(starts, match.start(), match.end())
            yield SingleBrackets(match[0], match["edge"] or "", match["type"], match["name"], span)
    for number in lines_with(text, "::"):
        bare = _BARE.match(text, starts[number])
        if not bare or is_code(bare.start("link")):
            continue
        if schema.page_type(bare["type"]) and schema.orientations(bare["edge"]):
            span = span_at(starts, bare.start("link"), bare.end("link"))
            yield SingleBrackets(bare["link"].rstrip(), bare["edge"], bare["type"], bare["name"], span)


def _headings(lines: Sequence[str], wiki: bool, text: str) -> Iterator[Heading]:
    """Yield the headings of either dialect, in order."""
    first_line = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    result = [] if wiki else [Heading(h.level, h.title, h.first) for h in underlined_headings(text)]
    read_heading = wiki_heading if wiki else markdown_heading
    for number in lines_with(f"\n{text}", "\n=", "\n#"):
        line = lines[number]
        heading = read_heading(line)
        in_text = number > 0 and bool(lines[number - 1].strip()) and not read_heading(lines[number - 1])
        if not heading and wiki and not in_text:
            heading = _markdown_heading(line, lines[number + 1] if number + 1 < len(lines) else "", first_line < number)
        if heading:
            result.append(Heading(*heading, number))
    yield from sorted(result, key=lambda heading: heading.line)


def _markdown_heading(line: str, next_line: str, text_before: bool) -> tuple[int, str] | None:
    """Return a Markdown heading on a MediaWiki page, where `#` usually begins a numbered item."""
    heading = markdown_heading(line)
    return heading if heading and (heading[0] > 1 or not text_before) and not next_line.startswith(("#", "*")) else None


class _Body(NamedTuple):
    """The text of a page without its front matter, by lines."""

    lines: Sequence[str]
    starts: Sequence[int]
    """Offset of each line."""
    headings: Sequence[Heading]
    names: Mapping[str, str]
    """Canonical names of sections and fields."""

    def sections(self, wanted: frozenset[str]) -> Iterator[tuple[str, int]]:
        """Yield the lines of the sections with these names, subsections included, with their offsets."""
        top = max(2, min((heading.level for heading in self.headings), default=1))
        level = 0
        ends = [*(heading.line for heading in self.headings[1:]), len(self.lines)]
        for heading, end in zip(self.headings, ends, strict=False):
            if not level or heading.level <= level:
                section = Section(heading.level, heading.title, [], self.names)
                level = heading.level if heading.level <= top and section.name in wanted else 0
            if level:
                yield from zip(self.lines[heading.line + 1 : end], self.starts[heading.line + 1 : end], strict=True)


def _overview(text: str, head: str, body: _Body) -> int:
    """Return the offset of the overview; -1 if the page has none."""
    lines, starts, headings, names = body
    if front := _FRONT_OVERVIEW.search(head):
        return front.end()
    section = next(body.sections(OVERVIEW), None)
    has_title = bool(headings) and headings[0].level == 1 and headings[0].line == 0
    section_start = section[1] if section else [*starts, len(text)][int(has_title)]
    section_end = next((starts[h.line] for h in headings if starts[h.line] >= section_start), len(text) + 1)
    depth = 0
    for line, start in zip(lines, starts, strict=True):
        if not section_start <= start < section_end:
            continue
        stripped = line.strip()
        depth += stripped.startswith(("{|", "{{")) - (depth > 0 and stripped.endswith(("|}", "}}")))
        no_prose = depth or not stripped or stripped.startswith(("|", "!", "}}", "[[Category:"))
        field = not section and _FIELD.match(line)
        if not no_prose and not (
            field and field["bold"] and _field_name(field["name"], names) in SOURCE_KEYS | DATE_KEYS
        ):
            return start + len(line) - len(line.lstrip())
    return -1


Field = tuple[str, list[tuple[str, int]]]
"""The name of a field, folded, and the lines of its value with their offsets."""


def _field_name(name: str, names: Mapping[str, str]) -> str:
    """Return the folded name of a field, translated to the usual one."""
    return names.get(key(name), key(name))


def _front_fields(head: str, names: Mapping[str, str]) -> Iterator[Field]:
    """Yield the fields of the front matter, with lists and mappings as lines."""
    current: list[tuple[str, int]] = []
    for start, line in zip(line_starts(head), head.split("\n"), strict=True):
        match = _FRONT_FIELD.match(line)
        if match:
            current = [(match["value"], start + match.start("value"))]
            yield _field_name(match["name"], names), current
        elif line.startswith((" ", "\t", "- ")):
            current.append((line, start))


def _field_names(head: str, metadata: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the names of fields, as they are written."""
    for start, line in zip(line_starts(head), head.split("\n"), strict=True) if head else ():
        if match := _FRONT_FIELD.match(line):
            yield match["name"], start
    for line, start in metadata:
        match = _FIELD.fullmatch(line)
        if match and match["sign"].startswith(":") and (match["bold"] or match["lead"]):
            yield match["name"], start + match.start("name")


def _fields(body: _Body) -> Iterator[Field]:
    """Yield date and source fields before the first section and in Metadata sections."""
    headings = body.headings
    end = next((h.line for h in headings if h is not headings[0] or h.level > 1), len(body.lines))
    yield from _read_fields(list(zip(body.lines[:end], body.starts[:end], strict=True)), body.names, stressed=True)
    yield from _read_fields(list(body.sections(METADATA)), body.names, stressed=False)


def _read_fields(lines: Sequence[tuple[str, int]], names: Mapping[str, str], stressed: bool) -> Iterator[Field]:
    """Yield date and source fields in bullets, table rows and templates. ``stressed``: names in plain lines must be
    bold."""
    number = 0
    while number < len(lines):
        line, start = lines[number]
        number += 1
        match = _FIELD.fullmatch(line)
        name = _field_name(match["name"], names) if match else ""
        if not match or name not in SOURCE_KEYS | DATE_KEYS:
            continue
        sign, in_table = match["sign"][:1].replace("：", ":"), (match["lead"] or " ")[0] in "|!"
        following = lines[number][0] if number < len(lines) else ""
        head = bool(following) and set(following) <= set("|-: ")
        if (in_table and sign != ":" and not head) or (
            not in_table and sign == ":" and (match["bold"] or not stressed)
        ):
            end = number
            while end < len(lines) and sign != "|" and _continues_value(lines[end][0], in_table, sign):
                end += 1
            value = match["value"].rstrip("| \t") if sign == "|" else match["value"]
            yield name, [(value, start + match.start("value")), *lines[number:end]]
            number = end


def _continues_value(line: str, in_table: bool, sign: str) -> bool:
    """Return whether a line belongs to the value of the field above it."""
    if in_table:
        return not line.lstrip().startswith(("|-", "|}", "!", "}}", "|" if sign == "=" else "!"))
    return line.startswith((" ", "\t", "**"))


def _dates(fields: Iterable[Field]) -> Iterator[tuple[str, int]]:
    """Yield the dates in fields. Annotations are read elsewhere."""
    for name, parts in fields:
        if name not in DATE_KEYS:
            continue
        for value, start in parts:
            date_text = re.sub(r"(?<!\s)\s+#.*", "", value).strip(" \t*,;·|-'\"{}")
            if "[[" in value:
                break
            if date_text and _HIDDEN not in date_text:
                yield plain(date_text), start + value.index(date_text)
                break


def _annotated_dates(text: str, references: Scan) -> Iterator[tuple[str, int]]:
    for note in references.annotations:
        if note.name == "last_updated" and note.values[0]:
            yield note.values[0], text.index(note.values[0], note.span.start)


def _annotated_addresses(text: str, references: Scan) -> Iterator[tuple[str, int]]:
    """Yield the address in each `[[source::Type|title|address]]`, or what was intended as one."""
    for note in references.annotations:
        if note.name == "source":
            address = next(filter(_GOOD_SCHEME.match, note.values), "") or next(
                filter(_OTHER_SCHEME.match, note.values), ""
            )
            last_value = note.values[-1]
            if not address and len(note.values) > 2 and (_BARE_HOST.fullmatch(last_value) or _SCHEME.match(last_value)):
                address = "" if re.match(r"\w+:\s", last_value) else last_value
            if address:
                start = text.rfind(address, note.span.start, note.span.end)
                yield address, start if start >= 0 else note.span.start  # it is not there if it is on two lines


def _addresses(lines: Iterable[tuple[str, int]], without_annotations: str, front: int) -> Iterator[tuple[str, int]]:
    """Yield the addresses in lines about sources, in links or bare."""
    for line, start in lines:
        text = line if start < front else without_annotations[start : start + len(line)]
        for match in _ADDRESS.finditer(text):
            kind = match.lastgroup or ""
            address = _LINK_TITLE.sub("", match[kind]).strip() if kind != "bare" else _trim_punctuation(match[kind])
            if kind == "bare" or _SCHEME.match(address) or _BARE_HOST.fullmatch(address):
                yield address, start + match.start(kind)
        if start < front and (url := _FRONT_URL.search(f" {line}")):
            address = url["url"].strip(" \t'\"")
            yield address, start + line.index(address)


def _trim_punctuation(address: str) -> str:
    """Remove the punctuation of the sentence from a bare address."""
    short = address.rstrip(".,;:!?*'`}")
    while short.endswith(")") and short.count(")") > short.count("("):
        short = short[:-1].rstrip(".,;:!?*'`}")
    return short


def _open_fences(text: str, parts: Iterable[Verbatim]) -> Iterator[tuple[str, int]]:
    for part in parts:
        fence = _FENCE.match(text, part.start) if part.kind in ("block", "display") else None
        if fence:
            last_line = text[fence.end() : part.end].rpartition("\n")[2].strip(" \t>")
            if not last_line.startswith(fence[0]) or last_line.strip(fence[0][0]):
                yield fence[0], part.start


def _open_signs(hidden: str) -> Iterator[tuple[str, int]]:
    """Yield comments, formulas and tags that are never closed."""
    if (comment := hidden.find("<!--")) >= 0:
        yield "<!--", comment
    if "$$" in hidden and (formula := _DOLLARS.search(hidden)):
        yield "$$", formula.start("sign")
    for match in _TAG.finditer(hidden):
        # `<source>` is also an element of HTML that has no end, and a word for "put yours here".
        if match["tag"].lower() != "source" or "lang" in match["attrs"]:
            yield match[0], match.start()


def _open_elements(hidden: str) -> Iterator[tuple[str, int]]:
    """Yield elements that are never closed and hold what follows them."""
    open_elements: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for match in _ELEMENT.finditer(hidden):
        elements = open_elements[match["tag"].lower()]
        if not match["end"]:
            elements.append((match[0], match.start()))
        elif elements:
            elements.pop()
    for elements in open_elements.values():
        yield from elements


def _open_divs(lines: Sequence[str], starts: Sequence[int]) -> Iterator[tuple[str, int]]:
    """Yield divs of pandoc's that are never closed."""
    open_divs: list[int] = []
    for line, start in zip(lines, starts, strict=True):
        div = _DIV.fullmatch(line) if ":::" in line else None
        if div and div["opens"]:
            open_divs.append(start)
        elif div and open_divs:
            open_divs.pop()
    yield from ((":::", start) for start in open_divs)


def _open_tables(
    hidden: str, lines: Sequence[str], starts: Sequence[int], headings: set[int]
) -> Iterator[tuple[str, int]]:
    """Yield wikitables that end at a heading or at the end of the page instead of `|}`."""
    open_tables: list[int] = []
    marked_lines = set(lines_with(hidden, "{|", "|}"))
    for number in sorted(marked_lines | headings if marked_lines else ()):
        line = lines[number]
        if number in headings:
            yield from (("{|", place) for place in open_tables)
            open_tables = []
        elif line.lstrip().startswith("{|"):
            open_tables.append(starts[number] + line.index("{|"))
        elif open_tables and line.lstrip().startswith("|}") and not line.lstrip().startswith("|}}"):
            open_tables.pop()
    yield from (("{|", place) for place in open_tables)


def _open_templates(hidden: str) -> Iterator[tuple[str, int]]:
    """Yield templates without closing braces."""
    open_templates: list[tuple[str, int]] = []
    if "{{" not in hidden:
        return
    for match in _BRACES.finditer(hidden):
        if match["name"]:
            open_templates.append(("{{" + match["name"], match.start()))
        elif open_templates:
            open_templates.pop()
    yield from open_templates
