"""Lines that take over what another page asks for."""

from __future__ import annotations

import re
from typing import Literal

from ..regex import regex
from .facts import label_of
from .found import Found, Line
from .headings import Context
from .meaning import meaning_of
from .model import Inheritance

_INHERITED = regex(
    r"(?P<what>all(?: of)?(?: the)?(?: (?:python |core |base |required |same )?(?:packages?"
    r"|dependenc(?:y|ies)|librar(?:y|ies)|requirements?|modules?))?"
    r"|everything|(?:(?P<fact>[A-Za-z][\w ]{0,24}?) )?(?:requirements?|packages?|dependenc(?:y|ies))"
    r"|same(?: (?:packages?|requirements?|dependenc(?:y|ies)|stack|environment))?"
    r"|(?:includes?|inherits?|extends?|as in|see|identical to|plus))\s*(?:(?:listed |required "
    r"|specified |named )?(?:from|in|of|as(?: in| for)?|by)\s+|:\s*)?"
    r"(?:the )?(?P<target>`[^`]{1,200}`|[A-Z][\w .-]{1,100}?)(?P<rest>(?: (?:environment|page"
    r"|above))?\s*(?:$|[,;.(+&–—]|plus\b|and\b|with\b|-\s).*)",
    re.I,
)
_MUST_LINK = regex(r"\b(?:from|of|as|in|by|includes?|inherits?|extends?|identical to)\s+(?:the )?(?:`|[A-Z])", re.I)


def inherit(line: Line, context: Context, found: Found, label: str = "") -> bool:
    """Whether a line takes over what another page asks for; if so it is added to ``found``."""
    match = _INHERITED.match(line.targets.strip())
    if not match:
        return False
    target = match["target"].strip()
    code = target.startswith("`")
    phrase = line.targets[: match.end("target")]
    if not _MUST_LINK.search(phrase):
        return False
    if re.match(r"(?:above|below|before|previous|this|upstream|requirements\.txt|pyproject)", target.strip("`"), re.I):
        return False
    fact = label or (label_of(match["fact"]) if match["fact"] else "")
    scope: Literal["all", "packages", "facts"]
    scope = "facts" if fact or context.system else "packages" if context.ecosystem else "all"
    if re.match(r"all\b.*\brequirements|same requirements", match["what"], re.I):
        scope = "all" if not fact else scope
    meaning = meaning_of(line.targets[match.end("target") :], context)
    found.inherited.append(
        Inheritance(
            target.strip("` "),
            scope,
            fact,
            code,
            code and line.linked,
            context.optional or meaning.optional,
            meaning.condition or context.condition,
            line.origin,
        )
    )
    return True
