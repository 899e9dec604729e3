"""Understand phrases: conditions, platforms and notes behind a package, and lines that inherit from another page."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ..regex import regex
from .facts import label_of
from .headings import Context
from .lines import strip_code
from .model import Collected, Inheritance, Line

NEGATIVE = regex(
    r"\W*(?:(?:is|are|was|were|need|needs) )?(?:not (?:needed|required|supported|used|installed|an?\b"
    r"|available|recommended|compatible"
    r"|necessary|be\b)|no longer|never|removed|deprecated|unsupported|obsolete|replaced by|must not"
    r"|do not|don't|conflicts)",
    re.I,
)
_NEEDED = regex(r"\b(?:as|if|when|where) (?:needed|required|necessary|wanted|available)\b", re.I)
_WHEN = regex(
    r"\W*(?:(?:is |are )?(?:only )?(?:required|needed|necessary|used|useful"
    r"|recommended) )?(?P<condition>(?:only )?(?:if|when|where)\b.*"
    r"|only (?:for|with|on|in)\b.*|(?:only )?(?:required|needed) only (?:for|with|on|in)\b.*|for .{1,60} only\b.*)",
    re.I,
)
_RECOMMENDED = regex(r"\W*(?:strongly |highly )?(?:recommended|suggested)\b", re.I)
_FOR = regex(r"\s*\(?(?P<condition>for\b[^()]*)\)?\W*$", re.I)
_PLATFORMS = {"linux": "linux", "macos": "darwin", "mac": "darwin", "os x": "darwin", "windows": "win32"}
_ON_SYSTEM = regex(
    r"\W*(?:(?P<not>not |except |other than )|only )?(?:(?:required|needed|used|only) )*(?:on |for "
    r"|under )?(?P<system>linux|mac ?os|mac|os x|windows)(?: systems?)?(?P<only> only)?\W*$",
    re.I,
)
_ON_PYTHON = regex(
    r"\W*(?:only )?(?:(?:required|needed|used) )?(?:only )?(?:on|for|with)? ?python\s*(?P<clause>(?:<|>"
    r"|<=|>=|==|!=)\s*3(?:\.\d{1,2})?)(?: only)?\W*$",
    re.I,
)
OPTIONAL = regex(r"(?<!not )(?<!non-)\boptional(?:ly)?\b", re.I)


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the text behind packages says about them."""

    optional: bool = False
    condition: str = ""
    marker: str = ""
    note: str = ""
    negative: bool = False


def meaning_of(markdown: str, context: Context) -> Meaning:
    """Return what the text behind packages says about them."""
    text = strip_code(markdown).strip()
    if not text:
        return Meaning()
    if NEGATIVE.match(text):
        return Meaning(negative=True)
    note = _trim(text)
    if marker := marker_of(text):
        return Meaning(marker=marker, note=note)
    described = bool(re.match(r"(?:[-–—:]\s)", text))
    required = bool(
        re.match(r"\W*(?:required|mandatory|needed)\b(?! (?:only )?(?:if|when|where)\b| only\b)", text, re.I)
    )
    if needed := _NEEDED.search(text):
        return Meaning(True, needed[0] if note == needed[0] else note)
    if OPTIONAL.search(text):
        condition = re.sub(r"^optional(?:ly)?\W*", "", note, flags=re.I)
        return Meaning(True, condition)
    if re.fullmatch(r"\W*[\w /.-]{1,40} only\W*", text, re.I):
        return Meaning(True, note)
    if when := _WHEN.match(text):
        return Meaning(True, _trim(when["condition"]))
    if _RECOMMENDED.match(text):
        return Meaning(True, note)
    if not described and not required and not context.required and (purpose := _FOR.match(markdown)):
        return Meaning(True, _trim(strip_code(purpose["condition"])))
    if context.optional and (described or note.lower().startswith("for ")):
        return Meaning(True, note)
    return Meaning(note=note)


def marker_of(text: str) -> str:
    """Return the environment marker for words such as "only on Linux"; empty if there is none."""
    text = text.replace("`", "").strip()
    if system := _ON_SYSTEM.match(text):
        if not (system["only"] or re.search(r"\b(?:on|only|under|not|except)\b", text, re.I)):
            return ""
        platform = _PLATFORMS[re.sub(r"mac ?os", "macos", system["system"].lower())]
        return f'sys_platform {"!=" if system["not"] else "=="} "{platform}"'
    if python := _ON_PYTHON.match(text):
        operator, version = re.findall(r"[<>=!]+|[\d.]+", python["clause"])
        return f'python_version {operator} "{version}"'
    return ""


def _trim(text: str) -> str:
    text = text.strip().lstrip("-–—:;,. ").strip()
    if re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1].strip()
    return text.rstrip(" .;")


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


def read_inheritance(line: Line, context: Context, collected: Collected, label: str = "") -> bool:
    """Add a line that inherits from another page to ``collected``. Return whether the line does so."""
    match = _INHERITED.match(line.targets.strip())
    if not match:
        return False
    target = match["target"].strip()
    is_code = target.startswith("`")
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
    collected.inherited.append(
        Inheritance(
            target.strip("` "),
            scope,
            fact,
            is_code,
            is_code and line.linked,
            context.optional or meaning.optional,
            meaning.condition or context.condition,
            line.origin,
        )
    )
    return True
