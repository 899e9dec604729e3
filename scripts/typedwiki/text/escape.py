"""Text, code and formulas as Pandoc Markdown that shows exactly what it is given."""

from __future__ import annotations

import re

from ..regex import regex

_PUNCTUATION = regex(r"[\\`*_{}\[\]<>$@^~=%!|&]|(?<=[A-Za-z]):(?=\S)")
_LINE_START = regex(
    r"""\(?(?:[A-Za-z]|\d{1,9}|[ivxlcdmIVXLCDM]{1,20})(?P<delimiter>[.)])(?=\s|\Z)  # numbered, or with letters
      | (?P<caption>[Tt]able)(?P<colon>:)
      | [-+*](?=\s|\Z) | -(?=-) | \+(?=-) | [>|\#:] | %(?=\s) | [!?=](?=[!?=]) | \([@\w]{1,20}\)(?=\s)""",
    re.VERBOSE,
)
_BLOCK = regex(r"\n[ \t]*(?:[-+*>#|=:<`~]|\d+[.)])")
"""A line in a formula with which pandoc would begin another block, and end the formula."""
_RUNS = regex("`+")
_LINE_END = regex(r"(?<!\s)\s*\n\s*")


def escape(text: str) -> str:
    """Plain text on one line: nothing in it is markup, wherever it stands."""
    return guard(_PUNCTUATION.sub(r"\\\g<0>", one_line(text)))


def one_line(text: str) -> str:
    """A text with its lines joined by spaces."""
    return _LINE_END.sub(" ", text) if "\n" in text else text


def guard(markdown: str) -> str:
    """A line of a paragraph that begins no other block."""
    found = _LINE_START.match(markdown)
    if not found:
        return markdown
    at = max(found.start("delimiter"), found.start("colon"), 0)
    return f"{markdown[:at]}\\{markdown[at:]}"


def code_span(body: str) -> str:
    """Inline code; nothing if it holds only spaces."""
    text = one_line(body).strip()
    longest = max(map(len, _RUNS.findall(text)), default=0) if "`" in text else 0
    ticks = "`" * (longest + 1)
    space = " " if longest and (text[0] == "`" or text[-1] == "`") else ""
    return f"{ticks}{space}{text}{space}{ticks}" if text else ""


def fence(body: str, language: str = "") -> str:
    """A code block, byte for byte."""
    ticks = "`" * max(3, *(len(run) + 1 for run in _RUNS.findall(body) or [""]))
    return f"{ticks}{language}\n{body}\n{ticks}"


def math(body: str, display: bool) -> str:
    """A formula, which cannot end before its end: a dollar in it is escaped, blank lines go."""
    text = re.sub(r"\n\s*\n", "\n", body.strip())
    text = re.sub(r"\\.|\$", lambda m: "\\$" if m[0] == "$" else m[0], text)
    if not display or _BLOCK.search(text):
        before, end, last = text.rpartition("\n")
        text = re.sub(r"(?<!\\)%[^\n]*", "", before) + end + last  # a comment would take what follows into it
        text = one_line(text)
    if not text:
        return ""
    return f"$${text}$$" if display else f"${text}$"
