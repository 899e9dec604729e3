"""What the audit needs of a page's text: one scan, with the place of everything that rules judge."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from ..model import RawFile, Span
from ..regex import regex
from ..schema import Schema, key
from ..text.front_matter import read_front_matter
from ..text.headings import parse_heading
from ..text.links import Scan, line_starts, scan, span_at
from ..text.metadata import DATE_KEYS, SOURCE_KEYS
from ..text.parse import is_wiki
from ..text.plain import plain
from ..text.sections import METADATA, OVERVIEW, SOURCES, Section
from ..text.setext import underlined_headings
from ..text.verbatim import Verbatim
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
_NO_PAGE = regex(r"(?:javascript|vbscript|data|file):\S|[A-Za-z][A-Za-z\d+.-]+://\S|https?:/\S", re.IGNORECASE)
_BARE_HOST = regex(r"(?:www\.[\w-]+\.|(?:[\w-]+\.)+(?:ai|co|com|dev|edu|gov|io|net|org)(?:/|$))\S*")
_TAG = regex(r"<(?<!\\<)(?P<tag>syntaxhighlight|source|pre|nowiki|math)\b(?P<attrs>[^<>]*)(?<!/)>", re.IGNORECASE)
_BRACES = regex(r"\{\{\s*(?P<name>[A-Za-z][\w ]*?(?=\s*\|)|#mermaid(?=:))|\}\}")
_DOLLARS = regex(r"(?:\A|\n)(?P<sign>\$\$)(?=\n|\Z)")
_SINGLE = regex(
    r"\[(?<!\[\[)(?<![\\!]\[)(?:(?P<edge>[A-Za-z_]{1,40})::)?(?P<type>[A-Z]\w{1,40}):(?P<name>[^\[\]\n|]{1,200})\]"
    r"(?![\]\[(:{])"
)
_FENCE = regex(r"`+|~+")


class Written(NamedTuple):
    """Something that a page says, and where."""

    value: str
    span: Span


class SingleBrackets(NamedTuple):
    """A typed link in single brackets, which is none."""

    written: str
    edge: str
    page_type: str
    name: str
    span: Span


class Outline(NamedTuple):
    """What the rules need of a page's text, so that it is scanned once for all of them."""

    title: Span | None
    overview: Span | None
    front: int
    """The last line of the front matter; 0 if there is none."""
    fields: tuple[Written, ...]
    """The names of the fields of front matter and Metadata sections."""
    dates: tuple[Written, ...]
    addresses: tuple[Written, ...]
    """Of sources."""
    unclosed: tuple[Written, ...]
    skips: tuple[tuple[int, int, Span], ...]
    """Levels of two headings, the second too deep, and its place."""
    single: tuple[SingleBrackets, ...]
    odd: tuple[tuple[str, str, Span], ...]
    """Code, text and place of what does not do what it seems to (see ``markup``)."""


class Heading(NamedTuple):
    """A heading outside code; ``line`` counts from 0."""

    level: int
    title: str
    line: int


@lru_cache(maxsize=8)  # rules ask for that of one page after the other
def outline(file: RawFile, schema: Schema) -> Outline:
    """Scan a page's text, once for all rules. ``schema`` knows the names of sections and fields."""
    names = schema.sections
    head = file.text[: read_front_matter(file.text).end]
    text = re.sub(r"[^\n]", " ", head) + file.text[len(head) :]
    wiki = is_wiki(file.path, text)
    found = scan(text, wiki)
    hidden = hide(text, ((p.start, p.end, " " if p.kind == "comment" else _HIDDEN) for p in found.verbatim_parts))
    starts = line_starts(text)
    lines = hidden.split("\n")
    headings = list(_headings(lines, wiki, hidden))
    fields = [*_front_fields(head, names), *_fields(lines, starts, headings, names)]
    listed = [part for name, parts in fields if name in SOURCE_KEYS for part in parts]
    listed += _sections_of(lines, starts, headings, SOURCES, names)
    aside = hide(hidden, ((a.span.start, a.span.end, _HIDDEN) for a in found.annotations))

    def at(places: Iterable[tuple[str, int]]) -> tuple[Written, ...]:
        each = sorted({(start, value) for value, start in places})
        return tuple(Written(value, span_at(starts, start, start + len(value))) for start, value in each)

    tables = _open_tables(lines, starts, {heading.line for heading in headings})
    addresses = at([*_noted_addresses(text, found), *_addresses(listed, aside, len(head))])
    title = starts[headings[0].line] if headings and headings[0].level == 1 else -1
    overview = _overview(file.text, head, lines, starts, headings, names)
    return Outline(
        span_at(starts, title, title) if title >= 0 else None,
        span_at(starts, overview, overview) if overview >= 0 else None,
        head.count("\n"),
        at(_field_names(head, _sections_of(lines, starts, headings, METADATA, names))),
        at([*_noted(text, found, "last_updated"), *_dates(fields)]),
        addresses,
        at([*_open_fences(text, found.verbatim_parts), *_open_signs(hidden), *tables, *_open_templates(hidden)]),
        tuple(
            (before.level, after.level, span_at(starts, starts[after.line], starts[after.line]))
            for before, after in pairwise(headings)
            if after.level > before.level + 1
        ),
        tuple(_single_brackets(text, found, starts, schema)),
        tuple(
            (odd.code, odd.said, span_at(starts, odd.start, odd.end))
            for odd in find_active_markup(file, found, text, hidden, wiki)
        ),
    )


def _single_brackets(text: str, found: Scan, starts: list[int], schema: Schema) -> Iterator[SingleBrackets]:
    matches = [match for match in _SINGLE.finditer(text) if schema.page_type(match["type"])] if ":" in text else []
    covered = [(part.start, part.end) for part in found.verbatim_parts] if matches else []
    for match in matches:
        if not any(start <= match.start() < end for start, end in covered):
            span = span_at(starts, match.start(), match.end())
            yield SingleBrackets(match[0], match["edge"] or "", match["type"], match["name"], span)


def hide(text: str, stretches: Iterable[tuple[int, int, str]]) -> str:
    """The text with stretches blotted out, so that offsets and lines stay true."""
    out: list[str] = []
    position = 0
    for start, end, blot in stretches:
        if start >= position:
            hidden = text[start:end]
            lines = hidden.split("\n") if "\n" in hidden else [hidden]
            out += (text[position:start], "\n".join([blot * len(line) for line in lines]))
            position = end
    return "".join([*out, text[position:]])


def _headings(lines: Sequence[str], wiki: bool, text: str) -> Iterator[Heading]:
    """Headings of either dialect, in order."""
    first = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    found = [] if wiki else [Heading(h.level, h.title, h.first) for h in underlined_headings(text)]
    for number in [number for number, line in enumerate(lines) if line.startswith(("=", "#"))]:
        line = lines[number]
        heading = parse_heading(line, wiki)
        in_text = number > 0 and bool(lines[number - 1].strip()) and not parse_heading(lines[number - 1], wiki)
        if not heading and wiki and not in_text:
            heading = _odd_heading(line, lines[number + 1] if number + 1 < len(lines) else "", first < number)
        if heading:
            found.append(Heading(*heading, number))
    yield from sorted(found, key=lambda heading: heading.line)


def _odd_heading(line: str, after: str, begun: bool) -> tuple[int, str] | None:
    """A Markdown heading on a MediaWiki page, where `#` otherwise numbers an item."""
    found = parse_heading(line, False) if line.startswith("#") else None
    return found if found and (found[0] > 1 or not begun) and not after.startswith(("#", "*")) else None


def _sections_of(
    lines: Sequence[str],
    starts: Sequence[int],
    headings: Sequence[Heading],
    wanted: frozenset[str],
    names: Mapping[str, str],
) -> Iterator[tuple[str, int]]:
    """The lines of the sections of these names, subsections included, with their offsets."""
    top = max(2, min((heading.level for heading in headings), default=1))
    level = 0
    ends = [heading.line for heading in headings[1:]]
    for heading, end in zip(headings, [*ends, len(lines)], strict=False):
        if not level or heading.level <= level:
            named = heading.level <= top and Section(heading.level, heading.title, [], names).name in wanted
            level = heading.level if named else 0
        if level:
            yield from zip(lines[heading.line + 1 : end], starts[heading.line + 1 : end], strict=True)


def _overview(
    text: str,
    head: str,
    lines: Sequence[str],
    starts: Sequence[int],
    headings: Sequence[Heading],
    names: Mapping[str, str],
) -> int:
    """Offset of the overview, where the page has one; -1 if it has none."""
    if front := _FRONT_OVERVIEW.search(head):
        return front.end()
    section = next(_sections_of(lines, starts, headings, OVERVIEW, names), None)
    first = section[1] if section else [*starts, len(text)][_after_title(headings)]
    last = next((starts[h.line] for h in headings if starts[h.line] >= first), len(text) + 1)
    depth = 0
    for line, start in zip(lines, starts, strict=True):
        if not first <= start < last:
            continue
        stripped = line.strip()
        depth += stripped.startswith(("{|", "{{")) - (depth > 0 and stripped.endswith(("|}", "}}")))
        apart = depth or not stripped or stripped.startswith(("|", "!", "}}", "[[Category:"))
        field = not section and _FIELD.match(line)
        if not apart and not (field and field["bold"] and _meant(field["name"], names) in SOURCE_KEYS | DATE_KEYS):
            return start + len(line) - len(line.lstrip())
    return -1


def _after_title(headings: Sequence[Heading]) -> int:
    return headings[0].line + 1 if headings and headings[0].level == 1 and headings[0].line == 0 else 0


Field = tuple[str, list[tuple[str, int]]]
"""The name of a field, folded, and the lines of its value with their offsets."""


def _meant(written: str, names: Mapping[str, str]) -> str:
    """The name of a field, folded."""
    return names.get(key(written), key(written))


def _front_fields(head: str, names: Mapping[str, str]) -> Iterator[Field]:
    """The fields of the front matter, lists and mappings as lines."""
    current: list[tuple[str, int]] = []
    for start, line in zip(line_starts(head), head.split("\n"), strict=True):
        found = _FRONT_FIELD.match(line)
        if found:
            current = [(found["value"], start + found.start("value"))]
            yield _meant(found["name"], names), current
        elif line.startswith((" ", "\t", "- ")):
            current.append((line, start))


def _field_names(head: str, metadata: Iterable[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """The names of fields, as they are written."""
    for start, line in zip(line_starts(head), head.split("\n"), strict=True) if head else ():
        if found := _FRONT_FIELD.match(line):
            yield found["name"], start
    for line, start in metadata:
        found = _FIELD.fullmatch(line)
        if found and found["sign"].startswith(":") and (found["bold"] or found["lead"]):
            yield found["name"], start + found.start("name")


def _fields(
    lines: Sequence[str], starts: Sequence[int], headings: Sequence[Heading], names: Mapping[str, str]
) -> Iterator[Field]:
    """The dates and sources among the fields before the first section and in Metadata sections."""
    first = next((h.line for h in headings if h is not headings[0] or h.level > 1), len(lines))
    preamble = list(zip(lines[:first], starts[:first], strict=True))
    yield from _fields_of(preamble, names, stressed=True)
    yield from _fields_of(list(_sections_of(lines, starts, headings, METADATA, names)), names, stressed=False)


def _fields_of(lines: Sequence[tuple[str, int]], names: Mapping[str, str], stressed: bool) -> Iterator[Field]:
    """Fields in bullets, table rows and templates; ``stressed`` asks for bold names in plain lines."""
    number = 0
    while number < len(lines):
        line, start = lines[number]
        number += 1
        found = _FIELD.fullmatch(line)
        name = _meant(found["name"], names) if found else ""
        if not found or name not in SOURCE_KEYS | DATE_KEYS:
            continue
        sign, in_table = found["sign"][:1].replace("：", ":"), (found["lead"] or " ")[0] in "|!"
        following = lines[number][0] if number < len(lines) else ""
        head = bool(following) and set(following) <= set("|-: ")
        if (in_table and sign != ":" and not head) or (
            not in_table and sign == ":" and (found["bold"] or not stressed)
        ):
            end = number
            while end < len(lines) and sign != "|" and _goes_on(lines[end][0], in_table, sign):
                end += 1
            value = found["value"].rstrip("| \t") if sign == "|" else found["value"]
            yield name, [(value, start + found.start("value")), *lines[number:end]]
            number = end


def _goes_on(line: str, in_table: bool, sign: str) -> bool:
    """Whether a line belongs to the value of the field above it."""
    if in_table:
        return not line.lstrip().startswith(("|-", "|}", "!", "}}", "|" if sign == "=" else "!"))
    return line.startswith((" ", "\t", "**"))


def _dates(fields: Iterable[Field]) -> Iterator[tuple[str, int]]:
    """Dates in fields. Those in annotations are found by themselves."""
    for name, parts in fields:
        if name not in DATE_KEYS:
            continue
        for value, start in parts:
            shown = re.sub(r"(?<!\s)\s+#.*", "", value).strip(" \t*,;·|-'\"{}")
            if "[[" in value:
                break
            if shown and _HIDDEN not in shown:
                yield plain(shown), start + value.index(shown)
                break


def _noted(text: str, found: Scan, name: str) -> Iterator[tuple[str, int]]:
    for note in found.annotations:
        if note.name == name and note.values[0]:
            yield note.values[0], text.index(note.values[0], note.span.start)


def _noted_addresses(text: str, found: Scan) -> Iterator[tuple[str, int]]:
    """The address in each `[[source::Type|title|address]]`, or what was meant as one."""
    for note in found.annotations:
        if note.name == "source":
            address = next(filter(_GOOD_SCHEME.match, note.values), "") or next(filter(_NO_PAGE.match, note.values), "")
            last = note.values[-1]
            if not address and len(note.values) > 2 and (_BARE_HOST.fullmatch(last) or _SCHEME.match(last)):
                address = "" if re.match(r"\w+:\s", last) else last
            if address:
                yield address, text.rindex(address, note.span.start, note.span.end)


def _addresses(lines: Iterable[tuple[str, int]], aside: str, front: int) -> Iterator[tuple[str, int]]:
    """The addresses that lines about sources hold, as links or bare."""
    for line, start in lines:
        text = line if start < front else aside[start : start + len(line)]
        for match in _ADDRESS.finditer(text):
            kind = match.lastgroup or ""
            address = _LINK_TITLE.sub("", match[kind]).strip() if kind != "bare" else _trimmed(match[kind])
            if kind == "bare" or _SCHEME.match(address) or _BARE_HOST.fullmatch(address):
                yield address, start + match.start(kind)
        if start < front and (url := _FRONT_URL.search(f" {line}")):
            address = url["url"].strip(" \t'\"")
            yield address, start + line.index(address)


def _trimmed(address: str) -> str:
    """A bare address without the punctuation of its sentence."""
    short = address.rstrip(".,;:!?*'`}")
    while short.endswith(")") and short.count(")") > short.count("("):
        short = short[:-1].rstrip(".,;:!?*'`}")
    return short


def _open_fences(text: str, parts: Iterable[Verbatim]) -> Iterator[tuple[str, int]]:
    for part in parts:
        fence = _FENCE.match(text, part.start) if part.kind in ("block", "display") else None
        if fence:
            last = text[fence.end() : part.end].rpartition("\n")[2].strip(" \t>")
            if not last.startswith(fence[0]) or last.strip(fence[0][0]):
                yield fence[0], part.start


def _open_signs(hidden: str) -> Iterator[tuple[str, int]]:
    """Comments, formulas and tags that nothing closes."""
    if (comment := hidden.find("<!--")) >= 0:
        yield "<!--", comment
    if "$$" in hidden and (formula := _DOLLARS.search(hidden)):
        yield "$$", formula.start("sign")
    for match in _TAG.finditer(hidden):
        # `<source>` is also an element of HTML that has no end, and a word for "put yours here".
        if match["tag"].lower() != "source" or "lang" in match["attrs"]:
            yield match[0], match.start()


def _open_tables(lines: Sequence[str], starts: Sequence[int], headings: set[int]) -> Iterator[tuple[str, int]]:
    """Wikitables that a heading or the end of the page closes instead of `|}`."""
    opened: list[int] = []
    edges = {number for number, line in enumerate(lines) if "{|" in line or "|}" in line}
    for number in sorted(edges | headings if edges else ()):
        line = lines[number]
        if number in headings:
            yield from (("{|", place) for place in opened)
            opened = []
        elif line.lstrip().startswith("{|"):
            opened.append(starts[number] + line.index("{|"))
        elif opened and line.lstrip().startswith("|}") and not line.lstrip().startswith("|}}"):
            opened.pop()
    yield from (("{|", place) for place in opened)


def _open_templates(hidden: str) -> Iterator[tuple[str, int]]:
    """Templates for which no braces are left to close them."""
    opened: list[tuple[str, int]] = []
    if "{{" not in hidden:
        return
    for match in _BRACES.finditer(hidden):
        if match["name"]:
            opened.append(("{{" + match["name"], match.start()))
        elif opened:
            opened.pop()
    yield from opened
