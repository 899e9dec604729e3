"""What the rest of an item says of the packages at its head: a condition, a platform, a note."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..regex import regex
from .headings import Context
from .inline import plain

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
    """What the rest of an item says of the packages at its head."""

    optional: bool = False
    condition: str = ""
    marker: str = ""
    note: str = ""
    negative: bool = False


def meaning_of(rest: str, context: Context) -> Meaning:
    text = plain(rest).strip()
    if not text:
        return Meaning()
    if NEGATIVE.match(text):
        return Meaning(negative=True)
    note = _bare(text)
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
        return Meaning(True, _bare(when["condition"]))
    if _RECOMMENDED.match(text):
        return Meaning(True, note)
    if not described and not required and not context.required and (purpose := _FOR.match(rest)):
        return Meaning(True, _bare(plain(purpose["condition"])))
    if context.optional and (described or note.lower().startswith("for ")):
        return Meaning(True, note)
    return Meaning(note=note)


def marker_of(text: str) -> str:
    """The environment marker that words such as "only on Linux" mean; empty if they mean none."""
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


def _bare(text: str) -> str:
    text = text.strip().lstrip("-–—:;,. ").strip()
    if re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1].strip()
    return text.rstrip(" .;")
