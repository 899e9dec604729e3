"""Hints for unknown names: the setting by which Typedwiki would understand them."""

from __future__ import annotations

from functools import lru_cache

from ..author.new import section_prompts as usual
from ..model import WikiPage
from ..regex import regex
from ..schema import key
from ..text.markdown import plain
from ..text.metadata import parse_date, parse_source
from ..text.sections import Section, first_paragraph, split, with_code_state
from ..words import names_setting
from .context import Context

_FIELD = regex(r"-   \*\*(?P<name>[^*\n]{2,40})\*\*: (?P<value>\S.*)")
_ITEM = regex(r"(?:[-*+]|\d{1,3}[.)])[ \t]+(?P<text>\S.*)")
_SHORTEST_DATE = 8
"""Characters. A number alone is not a date."""
FEWEST_PAGES = 2
"""So many pages without an overview must begin with sections of the same name."""


def overview_hint(page: WikiPage, context: Context) -> str:
    """Return a hint for a page without an overview, if it begins with the same section as other such pages."""
    title = _first_title(page)
    other_pages = (other_page for other_page in context.graph.pages.values() if title and not other_page.overview)
    same_start = sum(key(_first_title(other_page)) == key(title) for other_page in other_pages)
    return (
        f"if `{title}` is the overview, say so with {names_setting('Overview', title)}"
        if same_start >= FEWEST_PAGES
        else ""
    )


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


@lru_cache(maxsize=1 << 12)
def _first_title(page: WikiPage) -> str:
    """Return the heading of a page's first section, if it begins with prose and is not usual for the type."""
    parts = split(page.content)
    section = next((part for part in parts if part.level), None)
    if section is None or any(not part.empty for part in parts[: parts.index(section)]):
        return ""
    title = plain(section.title)
    paragraph = first_paragraph(Section(section.level, section.title, [*section.body]))
    return title if paragraph and key(title) not in map(key, usual(page.page_type)) else ""
