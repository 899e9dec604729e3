"""What Quarto acts on line by line, before a filter can see a document: switched off in the text of a page.

A mark, ``OFF``, parts the signs that Quarto looks for. The filters take it out again when nothing reads the
text any more (``sanitize.lua`` and ``after.lua``), so a reader sees the text as it was written. Each row of
``_ROWS`` has a test in test_quarto_syntax.py that fails without it.
"""

from __future__ import annotations

import re

from ..regex import regex
from .diagrams import is_drawn
from .sections import pieces

OFF = "\ue000"
"""A private-use character, which no page may hold (see ``characters``)."""
_ROWS: tuple[tuple[re.Pattern[str], str], ...] = (
    # `{{< include x >}}` is replaced by a file even in code; `{{% … %}}` is its older form.
    (regex(r"\{\{(?=[<%])"), "{{" + OFF),
    # A fence with a language in braces begins a cell, wherever it stands; `{python} x` in code is evaluated.
    (regex(r"(`|~~~)(?=[ \t]*\{+[ \t]*[A-Za-z])"), r"\1" + OFF),
)
_OPEN = r"(?P<open>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})[ \t]*)"
_CELL = regex(_OPEN + r"\{+[ \t]*(?P<language>[A-Za-z][\w+-]*)[^{}\n]*\}+[ \t]*")
_MERMAID = regex(_OPEN + r"(?:mermaid|\{+\.?mermaid\}+)[ \t]*")
_OPTION = regex(r"^[ \t>]*%%[ \t]*\|.*\n?", re.MULTILINE)
_NOTE_HEAD = regex(r"\[\^[^\]\s]{1,200}\]:")
_INNER_RULE = regex(r"^(?P<lead>[ \t>]+)---[ \t]*$", re.MULTILINE)
_RULE = regex(r"^---[ \t]*$", re.MULTILINE)


def switch_off(text: str, trusted: bool = False) -> str:
    """A page's text in which Quarto finds nothing to run, include or configure.

    Diagrams that may be drawn are code of the language ``mermaid``, all others of none. Python cells of a page that
    is ``trusted`` stay cells.
    """
    if "{" not in text and "---" not in text and "mermaid" not in text:
        return text
    return "".join(_code(part, trusted) if is_code else _prose(part) for part, is_code in pieces(text))


def _prose(text: str) -> str:
    # Both pandoc and Quarto read metadata between two such lines, wherever they stand.
    return _switched(_without_rules(_RULE.sub("* * *", text)) if "---" in text else text)


def _without_rules(text: str) -> str:
    """The same in quotes and items of lists, where pandoc alone reads metadata: not below words, which are a
    heading."""
    if not _INNER_RULE.search(text):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        rule = _INNER_RULE.fullmatch(line)
        above = lines[number - 1].strip(" \t>") if rule and number else ""
        if rule and (not above or _NOTE_HEAD.fullmatch(above)):
            code = rule["lead"].isspace() and len(rule["lead"].expandtabs(4)) >= 4  # or an item of a list
            lines[number] = f"{rule['lead']}{OFF}---" if code else f"{rule['lead']}* * *"
    return "\n".join(lines)


def _code(block: str, trusted: bool) -> str:
    first, newline, rest = block.partition("\n")
    if diagram := _MERMAID.fullmatch(first):
        body, end = _split_last_line(rest)
        body = _OPTION.sub("", body)  # `%%| file:` would draw another file
        if is_drawn(re.sub(r"(?m)^[ \t>]+", "", body) if ">" in diagram["open"] else body):
            return f"{diagram['open']}mermaid{newline}{_RULE.sub(OFF + '---', _switched(body))}{end}"
        return f"{diagram['open']}default{newline}{_RULE.sub(OFF + '---', _switched(body))}{end}"
    if cell := _CELL.fullmatch(first):
        if trusted and cell["language"] == "python":
            return block
        first = f"{cell['open']}{cell['language']}"
    block = f"{first}{newline}{rest}"
    return _RULE.sub(f"{OFF}---", _switched(block)) if "---" in block else _switched(block)


def _split_last_line(text: str) -> tuple[str, str]:
    """The lines of a block, and its closing fence."""
    body = text.rstrip("\n")
    at = body.rfind("\n") + 1
    return text[:at], text[at:]


def _switched(text: str) -> str:
    if "{" in text:
        for pattern, replacement in _ROWS:
            text = pattern.sub(replacement, text)
    return text


def mermaid_diagrams(text: str) -> tuple[str, ...]:
    """The diagrams of a text that ``switch_off`` has left to be drawn, as the filter will find them."""
    return tuple(
        _split_last_line(block.partition("\n")[2])[0].strip("\n")
        for block, is_code in pieces(text)
        if is_code and _MERMAID.fullmatch(block.partition("\n")[0])
    )
