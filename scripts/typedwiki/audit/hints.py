"""What the audit makes of names that it does not know: the setting by which they would be understood."""

from __future__ import annotations

from functools import lru_cache

from ..author.new import sections as usual
from ..model import WikiPage
from ..regex import regex
from ..schema import key
from ..text.metadata import parse_date, parse_source
from ..text.plain import plain
from ..text.sections import Section, first_paragraph, split, with_code_state
from ..wording import naming
from .context import Context

_FIELD = regex(r"-   \*\*(?P<name>[^*\n]{2,40})\*\*: (?P<value>\S.*)")
_ITEM = regex(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
_SHORTEST_DATE = 8
"""Characters; a number alone is no date."""
FEWEST_PAGES = 2
"""Pages without an overview that begin with sections of the same name."""


def overview(page: WikiPage, context: Context) -> str:
    """For a page without one: the section that it begins with, if other pages without one begin so as well."""
    title = _first_title(page)
    others = (other for other in context.graph.pages.values() if title and not other.overview)
    alike = sum(key(_first_title(other)) == key(title) for other in others)
    return f"if `{title}` is the overview, say so with {naming('Overview', title)}" if alike >= FEWEST_PAGES else ""


def sources(page: WikiPage) -> str:
    """For a page without sources: a section or a field that lists some under another name."""
    for section in split(page.content):
        lines = [line for line, is_code in with_code_state(section.body) if line.strip() and not is_code]
        items = [found for line in lines if (found := _ITEM.match(line))]
        outside = sum(bool((source := parse_source(item["text"])) and source.url) for item in items)
        if 0 < section.level <= 2 and outside and outside == len(items) and 2 * outside >= len(lines):
            title = plain(section.title)
            return f"if `{title}` names the sources, say so with {naming('Sources', title)}"
    for name, value in _fields(page):
        if (source := parse_source(value)) and source.url:
            return f"if `{name}` names the sources, say so with {naming('Sources', name)}"
    return ""


def last_updated(page: WikiPage) -> str:
    """For a page without a date: a field that holds one under another name."""
    for name, value in _fields(page):
        if len(value) >= _SHORTEST_DATE and parse_date(plain(value)):
            return f"if `{name}` is the date, say so with {naming('Last Updated', name)}"
    return ""


def _fields(page: WikiPage) -> list[tuple[str, str]]:
    """The fields of a page that mean nothing here, which its note shows as Details."""
    found = map(_FIELD.fullmatch, page.content.split("\n"))
    return [(plain(match["name"]), match["value"].strip()) for match in found if match]


@lru_cache(maxsize=1 << 12)
def _first_title(page: WikiPage) -> str:
    """The heading of the section that a page begins with, if it is text, and not what pages of its type have anyway."""
    parts = split(page.content)
    first = next((part for part in parts if part.level), None)
    if first is None or any(not part.empty for part in parts[: parts.index(first)]):
        return ""
    title = plain(first.title)
    told = first_paragraph(Section(first.level, first.title, [*first.body]))
    return title if told and key(title) not in map(key, usual(page.page_type)) else ""
