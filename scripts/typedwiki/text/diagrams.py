"""Mermaid diagrams: which of them can be drawn without asking another host and without settings of their own.

A diagram is drawn only if all that could act in it is known: its kind, its styles, its elements, its
objects. Everything else is text, and Mermaid shows it as such.
"""

from __future__ import annotations

import html
import re

from ..regex import regex

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
"""Kinds that are drawn, each with the first words of statements that link, run or style freely. C4 is none
of them: its shapes take pictures and links by position."""
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
"""Such as ``<<interface>>``, where no label has begun."""
_ACTIVE = regex(
    r"%%\{"  # directives
    r"|\{\{[<%]"  # Quarto's shortcodes
    r"|\$\$"  # formulas, which have links and classes
    r"|!\["
    r"|\burl\s*\("
    r"|@import"
    r"|\bicon\s*\((?![\w -]*\))"
    r"|\bC4(?:Context|Container|Component|Dynamic|Deployment)"  # wherever it stands, Mermaid takes it for the kind
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]",  # what some of its parsers take for line ends
    re.IGNORECASE,
)
_MARK = regex(r"#(\d+|\w+);")
LONGEST = 50_000
"""Mermaid draws no longer one."""


def is_drawn(diagram: str) -> bool:
    """Whether a Mermaid diagram is one that can be drawn: its text holds nothing that could fetch, run, link or
    change how diagrams are drawn."""
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
            return False  # the front matter of which only a title is known
        for statement in line.split(";"):
            found = _STATEMENT.match(statement)
            if not found:
                continue
            word, rest = found[1].lower(), found[2] or ""
            if word in _KINDS[kind] and (rest or word == "click"):
                return False
            if kind == "sequenceDiagram" and word in ("rect", "box") and not _COLOUR.match(rest):
                return False
            is_style = word in ("style", "classdef", "linkstyle") and rest
            if is_style and kind not in _FREE_TEXT and not _STYLE.fullmatch(rest.rstrip(" \t,")):
                return False
    return True


def _has_known_objects(body: str) -> bool:
    """Whether all ``@{…}`` say no more of a node than its shape and its label."""
    start = body.find("@{")
    while start >= 0:
        end = body.find("}", start)
        if end < 0 or not _OBJECT.fullmatch(body[start + 2 : end]):
            return False
        start = body.find("@{", end)
    return True


def _has_known_elements(kind: str, text: str) -> bool:
    """Whether all elements, also those that entities make, are plain ones without attributes."""
    if kind.startswith(("class", "state")):
        text = _STEREOTYPE.sub(r"\1 ", text)
    for _ in range(4):
        for found in _ELEMENT.finditer(text):
            if found[1].lower() not in _ELEMENTS or not found[2]:
                return False
        plain = html.unescape(_MARK.sub(lambda m: f"&#{m[1]};" if m[1].isdigit() else f"&{m[1]};", text))
        if plain == text:
            return True
        text = plain
    return False
