"""Counts what a page holds, once in its source and once in its note; the difference is what conversion lost.

The source is counted by regular expressions that share no code with the converter, the note by pandoc.
"""

from __future__ import annotations

import html
import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pypandoc

from typedwiki.notes.link_table import READER
from typedwiki.text.quarto_syntax import OFF

_CODE = re.compile(
    r"<(?P<tag>syntaxhighlight|pre)(?P<attrs>[^>]*)>(?P<body>.*?)</(?P=tag)>"
    r"|^(?P<indent>[ \t]*)(?P<fence>`{3,})[^\n`]*\n(?P<fenced>.*?)^[ \t]*(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
_WORD = re.compile(r"[^\W_]+")
_TABLE = re.compile(r"^\{\|.*?^\|\}", re.DOTALL | re.MULTILINE)
_ANNOTATION = re.compile(r"\[\[(?:source|domain|last_updated)::[^\]]*\]\]")
_UPDATED = re.compile(r"(last updated\W+\d{4})-\d\d-\d\d", re.IGNORECASE)
"""A note writes the month of this date as a word."""
_LINK = re.compile(r"\[\[[^\[\]]*\]\]")
_FILE = re.compile(r"\]\((?!https?:)[^()\s]*\)")
_ITEM = re.compile(r"^[ \t]*(?:[*#]+(?!\S*\*\*)|[-+]|\d+[.)])[ \t]+\S", re.MULTILINE)
_LABELS = frozenset(
    re.findall(
        r"\w+",
        "attribute connections domain domains key knowledge last metadata overview pages property related"
        " sources updated value",
    )
)
"""Words of headings and labels that a note expresses in another way."""


@dataclass
class Contents:
    """What a text contains, by kind."""

    code: list[str] = field(default_factory=list)
    inline: Counter[str] = field(default_factory=Counter)
    items: int = 0
    cells: Counter[str] = field(default_factory=Counter)
    math: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)


def count_source(text: str, wiki: bool) -> Contents:
    """Count a page's source, without its metadata and lines that are only links."""
    contents = Contents()

    def code(match: re.Match[str]) -> str:
        if match["tag"]:
            body = match["body"]
            if match["tag"] == "pre":
                body = html.unescape(body)
            contents.code.append(body.removeprefix("\n").removesuffix("\n"))
        else:
            indent = len(match["indent"])
            lines = match["fenced"].removesuffix("\n").split("\n")
            contents.code.append("\n".join(re.sub(rf"^[ \t]{{0,{indent}}}", "", line) for line in lines))
        return "\n"

    text = _CODE.sub(code, text)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    diagram = re.compile(r"\{\{#mermaid:(.*?)\}\}", re.DOTALL)
    contents.code += [body.strip("\n") for body in diagram.findall(text)]
    text = diagram.sub("", text)

    def table(match: re.Match[str]) -> str:
        if _ANNOTATION.search(match[0]):
            return ""
        rows = match[0].split("\n")[1:-1]
        for row in rows:
            if row.startswith(("!", "|")) and not row.startswith(("|-", "|+")):
                for cell in re.split(r"\|\||!!", row.lstrip("!|")):
                    cell = re.sub(r'^\s*(?:\w+="[^"]*"\s*)+\|', "", cell)
                    if not _LINK.search(cell):  # its title is not in the source
                        contents.cells[_normalized(cell)] += 1
        return "\n".join(re.sub(r'^\|\s*(?:\w+="[^"]*"\s*)+\|', "|", row) for row in rows)

    for ticks, tagged in re.findall(r"(?<!`)`([^`\n]+)`(?!`)|<code>(.*?)</code>", text):
        contents.inline[(ticks.replace("\\|", "|") or html.unescape(tagged)).strip()] += 1
    for formula in re.findall(r"<math[^>]*>(.*?)</math>|\$\$(.+?)\$\$", text, re.DOTALL):
        contents.math["".join(formula).strip()] += 1
    text = re.sub(r"</?(?:code|math|br)\b[^>]*>", " ", text)
    text = _TABLE.sub(table, text)
    text = _UPDATED.sub(r"\1", _ANNOTATION.sub("", text))
    text_without_headings = re.sub(r"(?sm)^## Metadata\n.*?(?=^## |\Z)", "", text)
    text_without_headings = (
        text_without_headings if wiki else re.sub(r"^#+ .*$", "", text_without_headings, flags=re.MULTILINE)
    )
    text_without_headings = "\n".join(line for line in text_without_headings.split("\n") if not _only_links(line))
    contents.items = len(_ITEM.findall(text_without_headings))
    contents.words = Counter(w.casefold() for w in _WORD.findall(_FILE.sub("]", _LINK.sub("", html.unescape(text)))))
    return contents


def _only_links(line: str) -> bool:
    return bool(_LINK.search(line)) and not _WORD.search(_LINK.sub("", line))


def count_note(markdown: str) -> Contents:
    """Count a note as pandoc reads it."""
    contents = Contents()
    markdown = markdown.replace(OFF, "")  # as the filters do
    blocks = pypandoc.convert_text(markdown.replace("```{mermaid}", "```mermaid"), "json", READER, ["--preserve-tabs"])
    _count_node(json.loads(blocks)["blocks"], contents)
    _count_html_cells(json.loads(blocks)["blocks"], contents)
    text = re.sub(r"```\{=html\}.*?```", "", markdown, flags=re.DOTALL)
    contents.words = Counter(w.casefold() for w in _WORD.findall(html.unescape(text)))
    return contents


def _count_html_cells(blocks: list[Any], contents: Contents) -> None:
    """Count the cells of tables that are written as HTML, with blocks between their tags."""
    cell: list[Any] | None = None
    for node in blocks:
        tag = node["c"][1] if node["t"] == "RawBlock" else ""
        if tag.startswith(("<td", "<th")) and not tag.startswith("<thead"):
            cell = []
        elif cell is not None and tag.startswith(("</td", "</th")):
            contents.cells[_normalized(_text(cell))] += 1
            cell = None
        elif cell is not None:
            cell.append(node)


def _count_node(node: Any, contents: Contents) -> None:
    if isinstance(node, list):
        for child in node:
            _count_node(child, contents)
    elif isinstance(node, dict):
        kind, content = node.get("t"), node.get("c", [])
        if kind == "CodeBlock":
            contents.code.append(content[1])
        elif kind == "Code":
            contents.inline[content[1].strip()] += 1
        elif kind == "Math":
            contents.math[content[1].strip()] += 1
        elif kind in ("BulletList", "OrderedList"):
            contents.items += len(content if kind == "BulletList" else content[1])
            _count_node(content, contents)
        elif kind == "Table":
            for _, rows in _table_rows(content):
                for row in rows:
                    for cell in row[1]:
                        contents.cells[_normalized(_text(cell[4]))] += 1
            _count_node(content, contents)
        else:
            _count_node(content, contents)


def _table_rows(table: list[Any]) -> list[tuple[Any, list[Any]]]:
    head, bodies, foot = table[3], table[4], table[5]
    return [(None, head[1]), *((None, body[2] + body[3]) for body in bodies), (None, foot[1])]


def _text(node: Any) -> str:
    if isinstance(node, list):
        return "".join(_text(child) for child in node)
    if not isinstance(node, dict):
        return ""
    kind, content = node.get("t"), node.get("c", [])
    if kind == "Str":
        return str(content)
    if kind in ("Code", "Math", "RawInline"):
        return str(content[1])
    if kind in ("Space", "SoftBreak", "LineBreak"):
        return " "
    if kind in ("Link", "Span", "Image"):
        return _text(content[1])
    return _text(content)


def _normalized(text: str) -> str:
    return "".join(
        _WORD.findall(html.unescape(re.sub(r"\[(?:https?://\S+) ([^\]]+)\]|\[\[.*?\]\]", r"\1", text)))
    ).casefold()


def missing_contents(source: Contents, note: Contents) -> dict[str, list[str]]:
    """What the source contains and the note does not, by kind."""
    missing = {
        "code": list((Counter(source.code) - Counter(note.code)).elements()),
        "inline": list((source.inline - note.inline).elements()),
        "cells": [c for c in (source.cells - note.cells).elements() if c],
        "math": list((source.math - note.math).elements()),
        "words": [w for w in (source.words - note.words).elements() if w not in _LABELS],
        "items": ["?"] * max(0, source.items - note.items),
    }
    return {kind: items for kind, items in missing.items() if items}
