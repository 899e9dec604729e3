"""What ``{{…}}`` says on a page that has no templates: magic words, metadata, or only itself."""

from __future__ import annotations

import re

from ..regex import regex

_INFOBOX = regex(
    r"(?:.*\b)?infobox\b.*|workflow|principle|implementation|environment|heuristic|page metadata|metadata",
    re.IGNORECASE | re.DOTALL,
)
_NAMES = frozenset({"PAGENAME", "FULLPAGENAME", "BASEPAGENAME", "SUBPAGENAME", "ROOTPAGENAME"})
_NOTHING = regex(
    r"(?:DEFAULTSORT|DEFAULTSORTKEY|DEFAULTCATEGORYSORT|DISPLAYTITLE|NOEXTERNALLANGLINKS)(?::.*)?|(?i:reflist|notelist)(?:\|.*)?|#set:.*",
    re.DOTALL,
)
_TITLE = regex(r"\s*DISPLAYTITLE\s*:(?P<title>[^|]*)(?:\|.*)?", re.DOTALL)
SWITCH = regex(
    r"__(?:(?i:NOTOC|FORCETOC|TOC|NOEDITSECTION|NOGALLERY)|NEWSECTIONLINK|NONEWSECTIONLINK|HIDDENCAT|INDEX|NOINDEX"
    r"|EXPECTUNUSEDCATEGORY|EXPECTUNUSEDTEMPLATE|NOCONTENTCONVERT|NOCC|NOTITLECONVERT|NOTC|START|END|STATICREDIRECT"
    r"|NOGLOBAL|DISAMBIG|EXPECTWITHOUTSCANS|ARCHIVEDTALK|NOTALK)__"
)
"""Magic words between underscores, which show nothing."""
_CHARACTERS = {"!": "|", "=": "=", "!!": "||", "!-": "|-", "(": "{", ")": "}"}


def character(content: str) -> str | None:
    """The character for which ``{{!}}`` and its like stand, or None."""
    return _CHARACTERS.get(content.strip())


def is_page_name(content: str) -> bool:
    """Whether it stands for the page's name."""
    return content.strip().removesuffix("E") in _NAMES or content.strip() in _NAMES


def title(content: str) -> str | None:
    """The wikitext of the title that ``{{DISPLAYTITLE:…}}`` gives the page, or None."""
    found = _TITLE.fullmatch(content)
    return found["title"].strip() if found else None


def shows_nothing(content: str) -> bool:
    """Whether it only tells MediaWiki something, or is a place for notes, which come last anyway."""
    return bool(_NOTHING.fullmatch(content.strip()))


def fields(content: str) -> list[tuple[str, str]] | None:
    """Names and values of an infobox; None if the template is another, or has values without a name."""
    name, *parts = content.split("|")
    if not _INFOBOX.fullmatch(" ".join(re.sub(r"[_\s]+", " ", name).split())):
        return None
    found = [part.partition("=") for part in parts if part.strip()]
    if not found or not all(name.strip() and equals for name, equals, _ in found):
        return None
    return [(name.strip(), value.strip()) for name, _, value in found if value.strip()]


def is_known(content: str) -> bool:
    """Whether a page shows something else, or nothing, in the place of the template."""
    known = character(content) is not None or is_page_name(content) or title(content) is not None
    return known or shows_nothing(content) or fields(content) is not None
