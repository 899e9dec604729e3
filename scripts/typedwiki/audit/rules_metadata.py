"""Rules about a page's metadata: front matter, fields, sources and dates."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from urllib.parse import urlsplit

from rapidfuzz.distance import OSA

from ..model import RawFile, Source, Span, WikiPage
from ..problems import Problem, problem
from ..regex import regex
from ..schema import key
from ..text.front_matter import FRONT_MATTER, read_front_matter
from ..text.markdown import plain
from ..text.metadata import DATE_KEYS, DOMAIN_KEYS, SOURCE_KEYS, parse_date, parse_source, title_of
from ..text.parse import HELD_BACK
from ..text.sections import split, with_code_state
from ..words import names_setting
from .context import Context

_OPENING = regex(r"---[ \t]*\n(?:[ \t]*\n)*[A-Za-z][\w -]*[ \t]*:(?:[ \t]|\n)")
_FIELD = regex(r"-   \*\*(?P<name>[^*\n]{2,40})\*\*: (?P<value>\S.*)")
_ITEM = regex(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
_SHORTEST_DATE = 8
"""Characters. A number alone is not a date."""
_SCHEME = regex(r"([A-Za-z][A-Za-z\d+.-]*):")
_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})
_FIRST_YEAR = 1900
"""An earlier date is a mistake."""
_TWO_WAYS = regex(r"(\d{1,2})[./-](\d{1,2})[./-]\d{4}\b")
_MONTHS = re.findall(r"\w+", "January February March April May June July August September October November December")
_FIELDS = ("title", "overview", "description", "aliases", "domains", "sources", "last_updated", "draft", "publish",
           "private")  # fmt: skip
_KNOWN_FIELDS = DOMAIN_KEYS | SOURCE_KEYS | DATE_KEYS | HELD_BACK.keys() | {
    "title", "titles", "overview", "description", "summary", "aliases", "alias", "redirect_from", "type", "page_type",
}  # fmt: skip
WORDS = frozenset({"title", "overview", "description", "summary"})
LISTS = frozenset({"aliases", "alias", "redirect_from"})
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0"})


def sources_hint(page: WikiPage) -> str:
    """Return a hint for a page without sources, if a section or a field seems to list some."""
    for section in split(page.content):
        lines = [line for line, is_code in with_code_state(section.body) if line.strip() and not is_code]
        items = [item_match for line in lines if (item_match := _ITEM.match(line))]
        web_sources = sum(bool((source := parse_source(item["text"])) and source.url) for item in items)
        if 0 < section.level <= 2 and web_sources and web_sources == len(items) and 2 * web_sources >= len(lines):
            title = plain(section.title)
            return f"if `{title}` names the sources, say so with {names_setting('Sources', title)}"
    for name, value in _unknown_fields(page):
        if (source := parse_source(value)) and source.url:
            return f"if `{name}` names the sources, say so with {names_setting('Sources', name)}"
    return ""


def date_hint(page: WikiPage) -> str:
    """Return a hint for a page without a date, if some field holds one."""
    for name, value in _unknown_fields(page):
        if len(value) >= _SHORTEST_DATE and parse_date(plain(value)):
            return f"if `{name}` is the date, say so with {names_setting('Last Updated', name)}"
    return ""


def _unknown_fields(page: WikiPage) -> list[tuple[str, str]]:
    """Return the unknown fields of a page, which its note shows as Details."""
    matches = map(_FIELD.fullmatch, page.content.split("\n"))
    return [(plain(match["name"]), match["value"].strip()) for match in matches if match]


def is_usual(context: Context, predicate: Callable[[WikiPage], bool]) -> bool:
    """Return whether most pages have something. In a wiki with ranks it is always expected."""
    pages = context.graph.pages.values()
    return context.schema.ranked or 2 * sum(map(predicate, pages)) > len(pages)


def no_sources(context: Context) -> Iterator[Problem]:
    """C004: a page that names no source, in a wiki whose pages usually do."""
    if not is_usual(context, lambda page: bool(page.sources or page.sources_text)):
        return
    for page in context.pages():
        describes = page.knowledge is not None and page.knowledge.resource
        if not page.sources and not page.sources_text and not describes:
            yield context.problem_at_title(page, "C004", "names no sources", sources_hint(page))


def bad_address(context: Context) -> Iterator[Problem]:
    """C005: a source whose address leads nowhere or is never linked."""
    for page in context.pages():
        for address, span in context.outline(page).addresses:
            if wrong := _address_fault(address):
                yield context.problem_at(page, "C005", span, f"the source's address `{address}` {wrong}")


def spelled_differently(context: Context) -> Iterator[Problem]:
    """C006: a source that most pages give another title or address."""
    cited: dict[tuple[str, ...], list[tuple[WikiPage, Source]]] = defaultdict(list)
    for page in context.pages():
        for source in page.sources:
            if source.url and not _address_fault(source.url):
                cited[_address_key(source.url)].append((page, source))
    for uses in cited.values():
        if len({(source.url, source.title) for _, source in uses}) == 1:
            continue
        addresses = [(page, source, source.url) for page, source in uses]
        yield from _unusual_spellings(context, addresses, "address", lambda url: url)
        # A title that was derived from the address is none of the page's own.
        titles = [(page, source, source.title) for page, source in uses if source.title != title_of(source.url)]
        yield from _unusual_spellings(context, titles, "title", lambda title: " ".join(words_of(title)))


def no_date(context: Context) -> Iterator[Problem]:
    """C007: a page without the date of its last update, in a wiki whose pages usually have one."""
    if not is_usual(context, lambda page: page.last_updated is not None):
        return
    for page in context.pages():
        if not page.last_updated and not context.outline(page).dates:
            yield context.problem_at_title(page, "C007", "has no date", date_hint(page))


def unreadable_date(context: Context) -> Iterator[Problem]:
    """C008: a date that cannot be read."""
    for page in context.pages():
        for date_text, span in context.outline(page).dates:
            if not parse_date(date_text):
                yield context.problem_at(page, "C008", span, f"`{date_text}` is not a date; write it like 2026-01-31")


def stale(context: Context) -> Iterator[Problem]:
    """C009: a page that has not been updated for long. Off by default."""
    if context.settings.severities.get("C009", "off") == "off":
        return
    months = context.settings.stale_months
    today = datetime.now(timezone.utc).date()
    for page in context.pages():
        if (day := page.last_updated) and (today.year - day.year) * 12 + today.month - day.month > months:
            dates = context.outline(page).dates
            span = next((span for date_text, span in dates if parse_date(date_text) == day), None)
            yield context.problem_at(page, "C009", span, f"last updated on {day}, more than {months} months ago")


def doubtful_date(context: Context) -> Iterator[Problem]:
    """C016: an ambiguous date, or one in the future."""
    today = datetime.now(timezone.utc).date()
    for page in context.pages():
        for date_text, span in context.outline(page).dates:
            day = parse_date(date_text)
            match = _TWO_WAYS.match(date_text.strip()) if day else None
            if match and match[1] != match[2] and int(match[1]) <= 12 and int(match[2]) <= 12:
                message = f"`{date_text}` was read as {day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""
                yield context.problem_at(page, "C016", span, message, f"write it like {day}")
            elif day and day > today + timedelta(days=1):  # a day's tolerance for time zones
                yield context.problem_at(page, "C016", span, f"`{date_text}` lies in the future")
            elif day and day.year < _FIRST_YEAR:
                yield context.problem_at(
                    page, "C016", span, f"`{date_text}` was read as the year {day.year}", "write all of the year"
                )


def misspelt_field(context: Context) -> Iterator[Problem]:
    """C018: a field of front matter or Metadata whose name is a misspelling, or whose value is of the wrong kind."""
    for page in context.pages():
        page_outline = context.outline(page)
        present = {key(name) for name, _ in page_outline.fields}
        line_of: dict[str, int] = {}
        for name, span in page_outline.fields:
            intended = next((field for field in _FIELDS if _is_misspelt_field(key(name), field)), "")
            understood = key(name) in _KNOWN_FIELDS or key(name) in context.schema.sections
            if intended and not understood and intended not in present:
                suggestion = intended if span.line <= page_outline.front else intended.replace("_", " ").title()
                yield context.problem_at(
                    page, "C018", span, f"`{name}` is no field that is understood", f"did you mean {suggestion}?"
                )
            if span.line <= page_outline.front:
                if name in line_of:
                    message = f"`{name}` stands on line {line_of[name]} too; the last one counts"
                    yield context.problem_at(page, "C018", span, message, "delete one of them")
                line_of[name] = span.line
        if page_outline.front:
            yield from _wrong_values(context, page, {key(name): span for name, span in page_outline.fields})


def _wrong_values(context: Context, page: WikiPage, places: Mapping[str, Span]) -> Iterator[Problem]:
    """Yield values of front matter that are of the wrong kind for their field."""
    text = context.files[page.id].text
    for name, value in read_front_matter(text).fields.items():
        field = key(str(name))
        page_type = (
            context.schema.page_type(value) if field in ("type", "page_type") and isinstance(value, str) else None
        )
        wrong = hint = ""
        if field in WORDS | {"type", "page_type"} and not isinstance(value, str):
            wrong, hint = f"`{name}` is {_kind(value)}, where text is expected", "put the value in quotes"
        elif field in LISTS and isinstance(value, dict):
            wrong, hint = f"`{name}` is {_kind(value)}, where names are expected", f"write {name}: [One, Another]"
        elif field in HELD_BACK and not (isinstance(value, str) and (value.lower() in _YES_OR_NO or parse_date(value))):
            wrong, hint = f"`{name}` is neither true nor false: it does nothing", "write true or false"
        elif page_type and page_type.name != page.page_type:
            wrong = f"`{name}` says {page_type.name}, and the folder {page.page_type}: the folder counts"
            hint = f"move the file into a folder of that type, or delete `{name}`"
        # YAML reads the next item of a list as part of this one, if it is indented more.
        elif folded := next((entry for entry in _items(value) if " - " in entry and entry not in text), ""):
            wrong = f"`- {folded.partition(' - ')[2]}` is read as part of `{folded.partition(' - ')[0]}`"
            hint = "indent it like the item above it"
        if wrong:
            yield context.problem_at(page, "C018", places.get(field), wrong, hint)


def _items(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "empty"


def _is_misspelt_field(field: str, name: str) -> bool:
    """Return whether a field name is misspelt. For short names only missing, doubled or swapped letters count."""
    if not is_misspelt(field, name) or field.rstrip("s") == name.rstrip("s"):
        return False
    return len(name) > 5 or (
        OSA.distance(field, name) == 1 and (len(field) != len(name) or sorted(field) == sorted(name))
    )


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case."""
    return re.findall(r"[^\W_]+", text.casefold())


def is_misspelt(word: str, name: str) -> bool:
    """Return whether two names differ by one or two typing errors."""
    left, right = word.casefold(), name.casefold()
    return left[:1] == right[:1] and left != right and OSA.distance(left, right, score_cutoff=2) <= 2


def _address_fault(address: str) -> str:
    """Return what is wrong with an address; empty if nothing is."""
    if re.search(r"\s", address):
        return "holds a space"
    scheme = _SCHEME.match(address)
    if not scheme:
        return "has no scheme such as https://"
    if scheme[1].lower() not in _SCHEMES:
        return f"has the scheme `{scheme[1]}`, which is not linked"
    if scheme[1].lower() == "mailto":
        return ""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return "is malformed"
    has_host = all(host.removesuffix(".").split(".")) and parts.netloc not in ("http:", "https:")
    return "" if has_host else "has no host"


def _address_key(address: str) -> tuple[str, ...]:
    """Return an address without the parts that people spell differently."""
    parts = urlsplit(address)
    return (
        parts.netloc.lower().removeprefix("www."),
        parts.path.rstrip("/").removesuffix(".git"),
        parts.query,
        parts.fragment,
    )


def _unusual_spellings(
    context: Context, uses: Sequence[tuple[WikiPage, Source, str]], attribute: str, fold: Callable[[str], str]
) -> Iterator[Problem]:
    """Yield a problem for each page whose spelling of a source's ``attribute`` is not that of most pages."""
    spellings = [use for use in uses if use[2]]
    counts = Counter(fold(text) for _, _, text in spellings)
    if len(counts) < 2:
        return
    usual = min(counts, key=lambda text: (-counts[text], not text.startswith("https://"), len(text), text))
    model, _, example = next(use for use in spellings if fold(use[2]) == usual)
    for page, source, text in spellings:
        if fold(text) != usual:
            message = f"{model.path} gives this source's {attribute} as `{example}`, not `{text}`"
            yield context.problem_at(page, "C006", _source_span(context, page, source, text), message)


def _source_span(context: Context, page: WikiPage, source: Source, spelling: str) -> Span | None:
    """Return where a page names a source: the place of ``spelling`` beside the address, or else the address."""
    page_outline = context.outline(page)
    address = next((span for address_text, span in page_outline.addresses if address_text == source.url), None)
    if not address or spelling == source.url:
        return address or page_outline.title
    file = context.files[page.id]
    line, end = address.start - address.column + 1, file.text.find("\n", address.start)
    position = file.text.find(spelling, line, end if end >= 0 else len(file.text))
    return Span(position, position + len(spelling), address.line, position - line + 1) if position >= 0 else address


def unclosed_front_matter(context: Context) -> Iterator[Problem]:
    """R003: front matter without an end, or not on the first line. Parsing finds its other errors."""
    for page in context.pages():
        file = context.files[page.id]
        if _OPENING.match(file.text) and not FRONT_MATTER.match(file.text):
            yield without_end(file)
        elif file.text[:1] in " \t\n" and read_front_matter(stripped := file.text.lstrip()).fields:
            line = file.text.count("\n", 0, len(file.text) - len(stripped)) + 1
            message = "front matter must begin on the first line; here it is not read"
            yield problem("R003", file.path, line, 1, message, "delete the blank lines above it")


def without_end(file: RawFile) -> Problem:
    """Return the problem of front matter that has no end."""
    return problem(
        "R003", file.path, 1, 1, "the front matter that begins here has no end", "close it with a line `---`"
    )


PAGE_RULES = (unclosed_front_matter, no_sources, bad_address, unreadable_date, misspelt_field)
"""Rules that need only one page's file."""
RULES = (no_date, doubtful_date, stale, spelled_differently)
"""Rules that need more: other pages, dates from git, or today's date."""
