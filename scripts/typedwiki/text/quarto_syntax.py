"""Disable, in the text of a page, the syntax that Quarto processes line by line before a filter can see a document.

A mark, ``OFF``, separates the characters that Quarto looks for. The filters remove it when nothing reads the text any
more (``sanitize.lua`` and ``after.lua``), so a reader sees the text as it was written. Each row of ``_ROWS`` has a test
in test_quarto_syntax.py that fails without it.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from ..regex import regex
from .sections import pieces

_FLOW = frozenset({"click"})
_NOTHING: frozenset[str] = frozenset()
_KINDS = {
    "graph": _FLOW,
    "flowchart": _FLOW,
    "classDiagram": frozenset({"click", "link", "callback"}),
    "classDiagram-v2": frozenset({"click", "link", "callback"}),
    "stateDiagram": _FLOW,
    "stateDiagram-v2": _FLOW,
    "sequenceDiagram": frozenset({"link", "links", "properties", "details"}),
    "gantt": frozenset({"click", "todaymarker"}),
    **dict.fromkeys(
        (
            *("erDiagram", "pie", "journey", "mindmap", "timeline", "gitGraph", "quadrantChart", "xychart-beta"),
            *("xychart", "sankey-beta", "sankey", "block-beta", "block", "packet-beta", "packet", "radar-beta"),
            *("requirementDiagram", "requirement", "kanban", "treemap-beta", "treemap", "architecture-beta"),
        ),
        _NOTHING,
    ),
}
"""Kinds that are drawn, each with the first words of statements that link, run or style freely. C4 is not among them,
because its shapes take pictures and links by position.
"""
_FREE_TEXT = frozenset({"sequenceDiagram", "gantt", "pie", "journey", "mindmap", "timeline", "gitGraph", "kanban"})
"""Kinds without style statements, in which a line may begin with any word."""
_TITLE = regex(r"---[ \t]*\n(?:title:[ \t]*([^\n]*)\n)?---[ \t]*\n")
_PLAIN_SCALAR = regex(r"[\w(][^\n\\#:{}\[\]&*!|<>\"'%@`]*|\"[^\"\\\n]*\"|'[^'\\\n]*'|")
_KIND = regex(r"[A-Za-z][\w-]*")
_COMMENT = regex(r"^[ \t]*%%[^\n]*\n?", re.MULTILINE)
_OPTION = regex(r"[ \t]*%%\s*\|(?![ \t]*fig-(?:width|height|align|responsive):[ \t]*[\w.%]+[ \t]*$)")
_STATEMENT = regex(r"\s*([A-Za-z]+)(?:\s+(.*))?")
_DECLARATION = (
    r"[ \t]*(?:fill|stroke|color|stroke-width|stroke-dasharray|stroke-opacity|fill-opacity|opacity"
    r"|font-size|font-weight|font-style|rx|ry)[ \t]*:[ \t]*[#.%\w-][#.%\w \t-]*(?:\\,[\d. ]*)*"
)
_STYLE = regex(rf"[\w,-]+(?:[ \t]+interpolate[ \t]+\w+)?[ \t](?:{_DECLARATION},)*{_DECLARATION}")
_COLOUR = regex(r"(?:rgba?\([\d., %]+\)|#?\w+)?(?:[ \t]|$)")
_OBJECT = regex(r"\s*(?:(?:shape|label)[ \t]*:[ \t]*(?:\"[^\"\\\n]*\"|[A-Za-z][\w-]*)[ \t]*(?:[,\n]\s*|\Z))*")
_ELEMENT = regex(r"<(?=[A-Za-z/!?])/?([A-Za-z]*)(\s*/?>)?")
_ELEMENTS = frozenset(re.findall(r"\S+", "br b strong i em u s sub sup code small p"))
_STEREOTYPE = regex(r"^([^\"'`:\[\]|<\n]*)<<[ \t]*\w[\w -]*>>", re.MULTILINE)
"""For example ``<<interface>>``, where no label has begun."""
_ACTIVE = regex(
    r"%%\{"  # directives
    r"|\{\{[<%]"  # Quarto's shortcodes
    r"|\$\$"  # formulas, which have links and classes
    r"|!\["
    r"|\burl\s*\("
    r"|@import"
    r"|\bicon\s*\((?![\w -]*\))"
    r"|\bC4(?:Context|Container|Component|Dynamic|Deployment)"  # Mermaid recognises this kind anywhere in the text
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]",  # line ends to some of its parsers
    re.IGNORECASE,
)
_MARK = regex(r"#(\d+|\w+);")
LONGEST = 50_000
"""Characters. Mermaid does not draw longer diagrams."""


def is_drawn(diagram: str) -> bool:
    """Return whether a Mermaid diagram can be drawn: it contains nothing that could load, run, link or change how
    diagrams are drawn.
    """
    if len(diagram) > LONGEST or _ACTIVE.search(diagram):
        return False
    text = f"{diagram.strip()}\n"
    if title := _TITLE.match(text):
        if not _PLAIN_SCALAR.fullmatch((title[1] or "").strip()):
            return False
        text = text[title.end() :]
    if any(_OPTION.match(line) for line in text.split("\n")):
        return False
    body = _COMMENT.sub("", text).lstrip()
    kind = _KIND.match(body)
    if not kind or kind[0] not in _KINDS:
        return False
    return _has_known_statements(kind[0], body) and _has_known_objects(body) and _has_known_elements(kind[0], text)


def _has_known_statements(kind: str, body: str) -> bool:
    for line in body.split("\n"):
        if len(line) > 2 and not line.strip(" \t-"):
            return False  # front matter with anything but a title
        for statement in line.split(";"):
            match = _STATEMENT.match(statement)
            if not match:
                continue
            word, rest = match[1].lower(), match[2] or ""
            if word in _KINDS[kind] and (rest or word == "click"):
                return False
            if kind == "sequenceDiagram" and word in ("rect", "box") and not _COLOUR.match(rest):
                return False
            is_style = word in ("style", "classdef", "linkstyle") and rest
            if is_style and kind not in _FREE_TEXT and not _STYLE.fullmatch(rest.rstrip(" \t,")):
                return False
    return True


def _has_known_objects(body: str) -> bool:
    """Return whether all ``@{…}`` give only the shape and the label of a node."""
    start = body.find("@{")
    while start >= 0:
        end = body.find("}", start)
        if end < 0 or not _OBJECT.fullmatch(body[start + 2 : end]):
            return False
        start = body.find("@{", end)
    return True


def _has_known_elements(kind: str, text: str) -> bool:
    """Return whether all elements, also those written with entities, are plain ones without attributes."""
    if kind.startswith(("class", "state")):
        text = _STEREOTYPE.sub(r"\1 ", text)
    for _ in range(4):
        for element in _ELEMENT.finditer(text):
            if element[1].lower() not in _ELEMENTS or not element[2]:
                return False
        plain = html.unescape(_MARK.sub(lambda m: f"&#{m[1]};" if m[1].isdigit() else f"&{m[1]};", text))
        if plain == text:
            return True
        text = plain
    return False


OFF = "\ue000"
"""A private-use character, which no page may contain (see ``characters``)."""
_ROWS: tuple[tuple[re.Pattern[str], str], ...] = (
    # Quarto replaces `{{< include x >}}` by a file even in code; `{{% … %}}` is its older form.
    (regex(r"\{\{(?=[<%])"), "{{" + OFF),
    # A fence with a language in braces begins a cell anywhere; `{python} x` in code is evaluated.
    (regex(r"(`|~~~)(?=[ \t]*\{+[ \t]*[A-Za-z])"), r"\1" + OFF),
)
_OPEN = r"(?P<open>[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:`{3,}|~{3,})[ \t]*)"
_CELL = regex(_OPEN + r"\{+[ \t]*(?P<language>[A-Za-z][\w+-]*)[^{}\n]*\}+[ \t]*")
_MERMAID = regex(_OPEN + r"(?:mermaid|\{+\.?mermaid\}+)[ \t]*")
_DIAGRAM_OPTION = regex(r"^[ \t>]*%%[ \t]*\|.*\n?", re.MULTILINE)
_NOTE_HEAD = regex(r"\[\^[^\]\s]{1,200}\]:")
_INNER_RULE = regex(r"^(?P<lead>[ \t>]+)---[ \t]*$", re.MULTILINE)
_RULE = regex(r"^---[ \t]*$", re.MULTILINE)
_ITEM = regex(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]{1,4}(?=\S)")
_FARTHEST_ITEM = 50
"""Lines above a rule in which the list item that holds it may begin."""


def switch_off(text: str, trusted: bool = False) -> str:
    """Return a page's text in which Quarto finds nothing to run, include or configure.

    Diagrams that may be drawn become code of the language ``mermaid``, all others code without a language. Python cells
    of a ``trusted`` page stay cells.
    """
    if "{" not in text and "---" not in text and "mermaid" not in text:
        return text
    return "".join(_code(part, trusted) if is_code else _prose(part) for part, is_code in pieces(text))


def _prose(text: str) -> str:
    # Both pandoc and Quarto read metadata between two such lines anywhere.
    return _disable(_without_rules(_RULE.sub("* * *", text)) if "---" in text else text)


def _without_rules(text: str) -> str:
    """Do the same in quotes and list items, where only pandoc reads metadata. A rule below text is left, because it
    marks a heading.
    """
    if not _INNER_RULE.search(text):
        return text
    lines = text.split("\n")
    for number, line in enumerate(lines):
        rule = _INNER_RULE.fullmatch(line)
        text_above = lines[number - 1].strip(" \t>") if rule and number else ""
        if rule and (not text_above or _NOTE_HEAD.fullmatch(text_above)):
            width = len(rule["lead"].expandtabs(4)) if rule["lead"].isspace() else 0
            code = width >= 4 and not _is_in_item(lines, number, width)
            lines[number] = f"{rule['lead']}{OFF}---" if code else f"{rule['lead']}* * *"
    return "\n".join(lines)


def _is_in_item(lines: Sequence[str], number: int, width: int) -> bool:
    """Return whether a line indented by ``width`` belongs to a list item, where it is no code."""
    indent = width
    for line in reversed(lines[max(0, number - _FARTHEST_ITEM) : number]):
        if not line.strip():
            continue
        item = _ITEM.match(line)
        column = len(item[0].expandtabs(4)) if item else width + 1
        if column <= indent and width - column < 4:
            return True
        indent = min(indent, len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip(" ")))
        if not indent:
            return False
    return False


def _code(block: str, trusted: bool) -> str:
    opener, newline, content = block.partition("\n")
    if diagram := _MERMAID.fullmatch(opener):
        body, end = _split_last_line(content)
        body = _DIAGRAM_OPTION.sub("", body)  # `%%| file:` would draw another file
        if is_drawn(re.sub(r"(?m)^[ \t>]+", "", body) if ">" in diagram["open"] else body):
            return f"{diagram['open']}mermaid{newline}{_RULE.sub(OFF + '---', _disable(body))}{end}"
        return f"{diagram['open']}default{newline}{_RULE.sub(OFF + '---', _disable(body))}{end}"
    if cell := _CELL.fullmatch(opener):
        if trusted and cell["language"] == "python":
            return block
        opener = f"{cell['open']}{cell['language']}"
    block = f"{opener}{newline}{content}"
    return _RULE.sub(f"{OFF}---", _disable(block)) if "---" in block else _disable(block)


def _split_last_line(text: str) -> tuple[str, str]:
    """Return the lines of a block, and its closing fence."""
    body = text.rstrip("\n")
    position = body.rfind("\n") + 1
    return text[:position], text[position:]


def _disable(text: str) -> str:
    if "{" in text:
        for pattern, replacement in _ROWS:
            text = pattern.sub(replacement, text)
    return text


def mermaid_diagrams(text: str) -> tuple[str, ...]:
    """Return the diagrams that ``switch_off`` has left to be drawn, as the filter will find them."""
    return tuple(
        _split_last_line(block.partition("\n")[2])[0].strip("\n")
        for block, is_code in pieces(text)
        if is_code and _MERMAID.fullmatch(block.partition("\n")[0])
    )
