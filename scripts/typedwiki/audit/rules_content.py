"""Rules about a page's own content: overview, sources, dates, headings, names."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from functools import lru_cache
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from rapidfuzz.distance import OSA

from ..author.page_files import RESERVED
from ..model import Source, Span, WikiPage
from ..problems import Problem
from ..regex import regex
from ..resolve import normalise
from ..schema import SECTIONS, key
from ..text.anchors import headings
from ..text.front_matter import read_front_matter
from ..text.links import scan
from ..text.metadata import DATE_KEYS, DOMAIN_KEYS, SOURCE_KEYS, parse_date, title_of
from ..text.parse import HELD_BACK
from ..text.plain import plain
from . import hints
from .context import Context

_SCHEME = regex(r"([A-Za-z][A-Za-z\d+.-]*):")
_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})
_FILLER = frozenset(re.findall(r"\w+", "a about an and describes for in is it of on page that the this to what"))
_FIRST_YEAR = 1900
"""An earlier date is a mistake."""
_TWO_WAYS = regex(r"(\d{1,2})[./-](\d{1,2})[./-]\d{4}\b")
_MONTHS = re.findall(r"\w+", "January February March April May June July August September October November December")
_SECTIONS = ("Overview", "Metadata", "Connections", "Related Pages", "Sources", "References")
_MAIN = frozenset(map(key, _SECTIONS))
_LONG = 8
"""Characters. A shorter foreign word is similar to too many others."""
_CLOSE_HEADING = regex(r"^(?P<signs>#{1,6})(?P<words>[^\W\d_][^\n]{0,200})", re.MULTILINE)
_FIELDS = ("title", "overview", "description", "aliases", "domains", "sources", "last_updated", "draft", "publish",
           "private")  # fmt: skip
_KNOWN = DOMAIN_KEYS | SOURCE_KEYS | DATE_KEYS | HELD_BACK.keys() | {
    "title", "titles", "overview", "description", "summary", "aliases", "alias", "redirect_from", "type", "page_type",
}  # fmt: skip
WORDS = frozenset({"title", "overview", "description", "summary"})
LISTS = frozenset({"aliases", "alias", "redirect_from"})
_YES_OR_NO = frozenset({"true", "false", "yes", "no", "on", "off", "1", "0"})
_FORBIDDEN = regex(r'[<>:"|?*\\\x00-\x1f]')


def no_overview(context: Context) -> Iterator[Problem]:
    """C001: a page without an overview."""
    for page in context.pages():
        if not page.overview:
            yield _problem_at_title(context, page, "C001", "has no overview", hints.overview_hint(page, context))


def long_overview(context: Context) -> Iterator[Problem]:
    """C002: an overview beyond the site's limit."""
    limit = context.settings.overview_limit
    for page in context.pages():
        if len(page.overview) > limit:
            message = f"the overview has {len(page.overview)} characters; {limit} are enough"
            yield context.problem_at(page, "C002", context.outline(page).overview, message)


def empty_overview(context: Context) -> Iterator[Problem]:
    """C003: an overview that only repeats the title."""
    for page in context.pages():
        if len(page.overview) > 2 * len(page.page_title) + 100:
            continue
        overview_words, title_words = _words(page.overview), _words(page.page_title)
        nothing_new = set(overview_words) <= {*title_words, *_FILLER, page.page_type.casefold()}
        if page.overview and (nothing_new or "".join(overview_words) == "".join(title_words)):
            span = context.outline(page).overview
            yield context.problem_at(page, "C003", span, "the overview only repeats the title")


def _is_custom(context: Context, has: Callable[[WikiPage], bool]) -> bool:
    """Whether most pages have something; where there are ranks, all are to have it."""
    pages = context.graph.pages.values()
    return context.schema.ranked or 2 * sum(map(has, pages)) > len(pages)


def no_sources(context: Context) -> Iterator[Problem]:
    """C004: a page that names no source, if that is what pages of this wiki do."""
    if not _is_custom(context, lambda page: bool(page.sources or page.sources_text)):
        return
    for page in context.pages():
        describes = page.knowledge is not None and page.knowledge.resource
        if not page.sources and not page.sources_text and not describes:
            yield _problem_at_title(context, page, "C004", "names no sources", hints.sources_hint(page))


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
        yield from _unusual_spellings(context, uses, "address", lambda source: source.url, lambda url: url)
        yield from _unusual_spellings(context, uses, "title", _own_title, lambda title: " ".join(_words(title)))


def no_date(context: Context) -> Iterator[Problem]:
    """C007: a page without the date of its last update, if that is what pages of this wiki have."""
    if not _is_custom(context, lambda page: page.last_updated is not None):
        return
    for page in context.pages():
        if not page.last_updated and not context.outline(page).dates:
            yield _problem_at_title(context, page, "C007", "has no date", hints.date_hint(page))


def unreadable_date(context: Context) -> Iterator[Problem]:
    """C008: a date that cannot be read."""
    for page in context.pages():
        for written, span in context.outline(page).dates:
            if not parse_date(written):
                yield context.problem_at(page, "C008", span, f"`{written}` is not a date; write it like 2026-01-31")


def stale(context: Context) -> Iterator[Problem]:
    """C009: a page that has not been updated for long. Off by default."""
    if context.settings.severities.get("C009", "off") == "off":
        return
    months = context.settings.stale_months
    today = datetime.now(timezone.utc).date()
    for page in context.pages():
        if (day := page.last_updated) and (today.year - day.year) * 12 + today.month - day.month > months:
            dates = context.outline(page).dates
            span = next((span for written, span in dates if parse_date(written) == day), None)
            yield context.problem_at(page, "C009", span, f"last updated on {day}, more than {months} months ago")


def doubtful_date(context: Context) -> Iterator[Problem]:
    """C016: an ambiguous date, or one in the future."""
    today = datetime.now(timezone.utc).date()
    for page in context.pages():
        for written, span in context.outline(page).dates:
            day = parse_date(written)
            match = _TWO_WAYS.match(written.strip()) if day else None
            if match and match[1] != match[2] and int(match[1]) <= 12 and int(match[2]) <= 12:
                message = f"`{written}` was read as {day.day} {_MONTHS[day.month - 1]} {day.year}" if day else ""
                yield context.problem_at(page, "C016", span, message, f"write it like {day}")
            elif day and day > today + timedelta(days=1):  # a day's tolerance for time zones
                yield context.problem_at(page, "C016", span, f"`{written}` lies in the future")
            elif day and day.year < _FIRST_YEAR:
                yield context.problem_at(
                    page, "C016", span, f"`{written}` was read as the year {day.year}", "write all of the year"
                )


def misspelt_section(context: Context) -> Iterator[Problem]:
    """C017: a heading that is a misspelling of a known section, on a page that lacks that section."""
    site_names, foreign = context.schema.sections, context.schema.foreign
    candidates = (
        name
        for name, intended in site_names.items()
        if intended in _MAIN and (name not in foreign or len(name) >= _LONG)
    )
    names = (*_SECTIONS, *(name.replace("_", " ").capitalize() for name in candidates))
    understood = {*map(key, (*_SECTIONS, *SECTIONS)), *site_names}
    for page in context.pages():
        titles = {plain(title) for title, _ in headings(page.content)}
        for title in titles:
            intended = _intended_section(title, names)
            if (
                not intended
                or key(title) in understood
                or any(key(intended) == key(other_title) for other_title in titles)
            ):
                continue
            text = context.files[page.id].text
            start = max(0, text.find(title))
            span = context.span(page, start, start + len(title))
            yield context.problem_at(
                page, "C017", span, f"`{title}` is no section that is understood", f"did you mean {intended}?"
            )


@lru_cache(maxsize=1 << 12)  # wikis repeat their headings
def _intended_section(title: str, names: tuple[str, ...]) -> str:
    """Return the first name of which a title may be a misspelling; empty if there is none."""
    return next((name for name in names if _is_misspelt(title, name)), "")


def heading_without_space(context: Context) -> Iterator[Problem]:
    """C017: number signs without a space after them, so they begin no heading. A single one may begin a tag, except
    at the start of a page."""
    for page in context.pages():
        text = context.files[page.id].text
        if page.dialect == "mediawiki" or "#" not in text:
            continue
        start = read_front_matter(text).end
        page_start = start + len(text[start:]) - len(text[start:].lstrip())
        matches = [m for m in _CLOSE_HEADING.finditer(text, start) if m["signs"] != "#" or m.start() == page_start]
        covered = [(part.start, part.end) for part in scan(text).verbatim_parts] if matches else []
        for match in matches:
            if not any(begin <= match.start() < end for begin, end in covered):
                written = f"{match['signs']}{match['words']}"
                span = context.span(page, match.start(), match.start() + len(written))
                message = f"`{written}` is no heading: a space is missing"
                yield context.problem_at(page, "C017", span, message, f"write {match['signs']} {match['words']}")


def misspelt_field(context: Context) -> Iterator[Problem]:
    """C018: a field of front matter or Metadata whose name is a misspelling, or whose value is of the wrong kind."""
    for page in context.pages():
        page_outline = context.outline(page)
        present = {key(name) for name, _ in page_outline.fields}
        line_of: dict[str, int] = {}
        for name, span in page_outline.fields:
            intended = next((field for field in _FIELDS if _is_misspelt_field(key(name), field)), "")
            understood = key(name) in _KNOWN or key(name) in context.schema.sections
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
    """Report values of front matter that are of the wrong kind for their field."""
    text = context.files[page.id].text
    for name, value in read_front_matter(text).fields.items():
        field = key(str(name))
        page_type = (
            context.schema.page_type(value) if field in ("type", "page_type") and isinstance(value, str) else None
        )
        wrong = hint = ""
        if field in WORDS and not isinstance(value, str):
            wrong, hint = f"`{name}` is {_kind(value)}, where text is expected", "put the value in quotes"
        elif field in LISTS and isinstance(value, dict):
            wrong, hint = f"`{name}` is {_kind(value)}, where names are expected", f"write {name}: [One, Another]"
        elif field in HELD_BACK and not (isinstance(value, str) and value.lower() in _YES_OR_NO):
            wrong, hint = f"`{name}` is neither true nor false: it does nothing", "write true or false"
        elif page_type and page_type.name != page.page_type:
            wrong = f"`{name}` says {page_type.name}, and the folder {page.page_type}: the folder counts"
            hint = f"move the file into a folder of that type, or delete `{name}`"
        elif folded := next((entry for entry in _items(value) if _is_folded(entry, text)), ""):
            wrong = f"`- {folded.partition(' - ')[2]}` is read as part of `{folded.partition(' - ')[0]}`"
            hint = "indent it like the item above it"
        if wrong:
            yield context.problem_at(page, "C018", places.get(field), wrong, hint)


def _items(value: object) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _is_folded(item: str, text: str) -> bool:
    """Whether YAML has read the next item of a list as part of this one, because it is indented more."""
    return " - " in item and item not in text


def _kind(value: object) -> str:
    return "a list" if isinstance(value, list) else "a mapping" if isinstance(value, dict) else "empty"


def _is_misspelt_field(written: str, name: str) -> bool:
    """Whether a field name is misspelt. For short names only missing, doubled or swapped letters count."""
    if not _is_misspelt(written, name) or written.rstrip("s") == name.rstrip("s"):
        return False
    return len(name) > 5 or (
        OSA.distance(written, name) == 1 and (len(written) != len(name) or sorted(written) == sorted(name))
    )


def _is_misspelt(written: str, name: str) -> bool:
    """Whether two names differ by one or two typing errors."""
    left, right = written.casefold(), name.casefold()
    return left[:1] == right[:1] and left != right and OSA.distance(left, right, score_cutoff=2) <= 2


def unclosed(context: Context) -> Iterator[Problem]:
    """C010: a fence, tag, table or template without its end."""
    for page in context.pages():
        for opener, span in context.outline(page).unclosed:
            yield context.problem_at(
                page, "C010", span, f"the {_name_of_opener(opener)} that begins here is never closed"
            )


def _name_of_opener(opener: str) -> str:
    """Return the name of what an opener begins."""
    if opener.startswith(("`", "~")):
        return "code block"
    if opener in ("<!--", "$$"):
        return "comment" if opener == "<!--" else "formula"
    return "table" if opener == "{|" else f"template `{opener}`" if opener.startswith("{{") else f"`{opener}`"


def skipped_level(context: Context) -> Iterator[Problem]:
    """C011: a heading more than one level below the one before it."""
    for page in context.pages():
        for upper_level, level, span in context.outline(page).skips:
            yield context.problem_at(
                page, "C011", span, f"a heading of level {level} follows one of level {upper_level}"
            )


def same_title(context: Context) -> Iterator[Problem]:
    """C012: a second page of a type and namespace with the same title. If the names are equal, too, S001 reports
    that."""
    page_by_title: dict[tuple[str, str, str], WikiPage] = {}
    for page in context.pages():
        title = re.sub(r"\s+", " ", page.page_title).strip().casefold()
        earlier = page_by_title.setdefault((page.page_type, page.namespace, title), page)
        if earlier.stem != page.stem:
            message = f"{earlier.path} is titled `{earlier.page_title}` too"
            yield _problem_at_title(context, page, "C012", message, "give one of them another title")


def taken_alias(context: Context) -> Iterator[Problem]:
    """C012: an alias that is the name, the title or an earlier alias of another page of the type."""
    names: dict[tuple[str, str, str], WikiPage] = {}
    pages = list(context.pages())
    for page in pages:
        for name in (page.stem, page.page_title):
            names.setdefault((page.root, page.page_type, normalise(name)), page)
    for page in pages:
        for alias in page.other_names:
            owner = names.setdefault((page.root, page.page_type, normalise(alias)), page)
            if owner.id != page.id:
                message = f"the alias `{alias}` is a name of {owner.path}"
                yield _problem_at_title(context, page, "C012", message, "delete the alias")


def same_but_case(context: Context) -> Iterator[Problem]:
    """C013: a second file in a folder whose name differs only in case."""
    page_by_name: dict[str, WikiPage] = {}
    for page in sorted(context.pages(), key=lambda p: p.path):
        folder, _, name = page.path.rpartition("/")
        earlier = page_by_name.setdefault(f"{folder}/{name.casefold()}", page)
        if earlier is not page:
            message = f"`{name}` and `{earlier.path.rpartition('/')[2]}` differ in case only"
            yield _problem_at_title(context, page, "C013", message, "rename one of them")


def reserved_name(context: Context) -> Iterator[Problem]:
    """C014: a file or folder name that Windows does not allow."""
    for page in context.pages():
        path = PurePosixPath(page.path)
        parts = path.relative_to(page.root).parts if path.is_absolute() else path.parts
        for part in parts:
            if RESERVED.match(part) or _FORBIDDEN.search(part) or part.endswith((".", " ")):
                yield _problem_at_title(context, page, "C014", f"`{part}` cannot be a name on Windows", "rename it")


def skipped_name(context: Context) -> Iterator[Problem]:
    """C015: a file name for which Quarto makes no page."""
    for page in context.pages():
        if page.stem.lower() == "readme":
            yield _problem_at_title(context, page, "C015", f"Quarto skips files named {page.stem}")


def _problem_at_title(context: Context, page: WikiPage, code: str, message: str, hint: str = "") -> Problem:
    return context.problem_at(page, code, context.outline(page).title, message, hint)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.casefold())


# Sources


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
    named = all(host.removesuffix(".").split(".")) and parts.netloc not in ("http:", "https:")
    return "" if named else "has no host"


def _address_key(address: str) -> tuple[str, ...]:
    """Return an address without the parts that people spell differently."""
    parts = urlsplit(address)
    return (
        parts.netloc.lower().removeprefix("www."),
        parts.path.rstrip("/").removesuffix(".git"),
        parts.query,
        parts.fragment,
    )


def _own_title(source: Source) -> str:
    """Return the title that the page gives a source; empty if it was derived from the address."""
    return "" if source.title == title_of(source.url) else source.title


def _unusual_spellings(
    context: Context,
    uses: Sequence[tuple[WikiPage, Source]],
    attribute: str,
    spelling: Callable[[Source], str],
    fold: Callable[[str], str],
) -> Iterator[Problem]:
    """Yield a problem for each page that spells a source's ``attribute`` unlike most pages."""
    written = [(page, source, spelled) for page, source in uses if (spelled := spelling(source))]
    counts = Counter(fold(spelled) for _, _, spelled in written)
    if len(counts) < 2:
        return
    usual = min(
        counts, key=lambda spelled: (-counts[spelled], not spelled.startswith("https://"), len(spelled), spelled)
    )
    model, _, example = next(use for use in written if fold(use[2]) == usual)
    for page, source, spelled in written:
        if fold(spelled) != usual:
            message = f"{model.path} gives this source's {attribute} as `{example}`, not `{spelled}`"
            yield context.problem_at(page, "C006", _source_span(context, page, source, spelled), message)


def _source_span(context: Context, page: WikiPage, source: Source, spelled: str) -> Span | None:
    """Return where a page names a source: the place of ``spelled`` beside the address, or else the address."""
    page_outline = context.outline(page)
    address = next((span for written, span in page_outline.addresses if written == source.url), None)
    if not address or spelled == source.url:
        return address or page_outline.title
    file = context.files[page.id]
    line, end = address.start - address.column + 1, file.text.find("\n", address.start)
    position = file.text.find(spelled, line, end if end >= 0 else len(file.text))
    return Span(position, position + len(spelled), address.line, position - line + 1) if position >= 0 else address


PAGE_RULES = (
    empty_overview,
    long_overview,
    no_sources,
    bad_address,
    unreadable_date,
    misspelt_section,
    heading_without_space,
    misspelt_field,
    unclosed,
    skipped_level,
    reserved_name,
    skipped_name,
)
"""Rules that need only one page's file."""
RULES = (no_overview, no_date, doubtful_date, stale, spelled_differently, same_title, taken_alias, same_but_case)
"""Rules that need more: other pages, dates from git, or today's date."""
