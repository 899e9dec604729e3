"""Read MediaWiki's variables, templates that show nothing, and infoboxes."""

from __future__ import annotations

import re

from ..regex import regex

_INFOBOX = regex(
    r"(?:.*\b)?infobox\b.*|workflow|principle|implementation|environment|heuristic|page metadata|metadata",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = frozenset({"PAGENAME", "FULLPAGENAME", "BASEPAGENAME", "SUBPAGENAME", "ROOTPAGENAME"})
_NOTHING = regex(
    r"(?:DEFAULTSORT|DEFAULTSORTKEY|DEFAULTCATEGORYSORT|DISPLAYTITLE|NOEXTERNALLANGLINKS)(?::.*)?|#set:.*"
    r"|(?i:reflist|notelist|short description|authority control|italic title|lowercase(?: title)?|pp(?:-[\w-]+)?"
    r"|use [\w ]+ (?:dates|english|spelling)|clear(?: left| right)?|clr|-|toc[ _]?(?:left|right|limit)?"
    r"|(?:collapse|hidden) (?:bottom|end))(?:\|.*)?",
    re.DOTALL,
)
_TITLE = regex(r"\s*DISPLAYTITLE\s*:(?P<title>[^|]*)(?:\|.*)?", re.DOTALL)
_CHARACTERS = {"!": "|", "=": "=", "!!": "||", "!-": "|-", "(": "{", ")": "}"}


def character(content: str) -> str | None:
    """Return the character that ``{{!}}`` and similar templates stand for, or None."""
    return _CHARACTERS.get(content.strip())


def is_page_name(content: str) -> bool:
    """Return whether a template stands for the page's name."""
    return content.strip().removesuffix("E") in _NAMES or content.strip() in _NAMES


def title(content: str) -> str | None:
    """Return the wikitext of the title that ``{{DISPLAYTITLE:…}}`` gives the page, or None."""
    match = _TITLE.fullmatch(content)
    return match["title"].strip() if match else None


def shows_nothing(content: str) -> bool:
    """Return whether a template only controls MediaWiki, or is a place for notes, which always come last."""
    return bool(_NOTHING.fullmatch(content.strip().replace("_", " ")))


def fields(content: str) -> list[tuple[str, str]] | None:
    """Return names and values of an infobox; None if the template is not one, or has values without a name."""
    name, *parts = content.split("|")
    if not _INFOBOX.fullmatch(spaced(name)):
        return None
    rows = [part.partition("=") for part in parts if part.strip()]
    if not rows or not all(name.strip() and equals for name, equals, _ in rows):
        return None
    return [(name.strip(), value.strip()) for name, _, value in rows if value.strip()]


def spaced(name: str) -> str:
    """Return the name of a template with single spaces."""
    return " ".join(name.replace("_", " ").split())
