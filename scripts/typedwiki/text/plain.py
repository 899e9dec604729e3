"""Markdown as plain text on one line: for titles, descriptions, listings and search."""

from __future__ import annotations

import re

from ..regex import regex
from .characters import unescaped
from .names import display_name

ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em"
        " figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike"
        " strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
"""Elements whose meaning a note keeps, or that stand for their content. All lose their attributes but for the
size of images, the spans of cells, and addresses (see ``html.lua``)."""


_MARKUP = regex(r"[`*<\[\\&^~_=$!]")
_CODE = regex(r"(?<![`\\])(`+)(?!`)[ ]?(.+?)[ ]?(?<!`)\1(?!`)", re.DOTALL)
_WIKI_LINK = regex(r"!?\[\[(?!\[)([^\[\]|\n]*)(?:\\?\|((?:[^\[\]\n]|\[(?!\[)|\](?!\]))*))?\]\]")
_FOOTNOTE = regex(r"\[\^[^\[\]\s]+\]|\^\[[^\[\]]*\]")
_LINK = regex(r"!?\[((?:[^\[\]\\]|\\.)*)\](?:\((?:<[^<>]*>|[^()]*(?:\([^()]*\)[^()]*)*)\)|\{[^{}]*\}|\[[^\[\]]*\])+")
_REFERENCE = regex(r"!\[((?:[^\[\]\\]|\\.)*)\]")
_ADDRESS = regex(r"<((?:https?|ftp)://[^<>\s]*)>")
_STARS = regex(r"(?<![\\\w])\*+(?=\S)|(?<=\S)(?<!\\)\*+(?!\w)|(?<=\w)\*\*(?=\w)")
_UNDERSCORES = regex(r"(?<![\\\w])_+(?=[^\s_])|(?<=[^\s_\\])_+(?!\w)")
_PAIRS = regex(r"(?<!\\)~~(?=\S)(.+?)(?<=\S)~~|(?<!\\)==(?=\S)(.+?)(?<=\S)==|(?<![\\\[])([\^~])([^\s^~\[\]]+)\3")
_MATH = regex(r"(?<![\\\w$])(\$\$?)(?=\S)([^$\n]+?)(?<=\S)\1(?![\w$])")
_TAG = regex(r"(?<!\\)</?([a-zA-Z][\w-]*)(?:\s[^<>]*)?/?>")
_COMMENT = regex(r"<!--(?:.*?-->|(?P<open>.*))", re.DOTALL)
"""What nothing closes is matched too: else an end would be looked for again from each opening mark in it."""
_CONTAINERS = frozenset({"div", "p", "section", "article", "main", "header", "footer", "nav", "aside"})
_ESCAPED = regex(r"\\([!-/:-@\[-`{-~])")


def plain(markdown: str) -> str:
    """The words of a stretch of Markdown, as a reader sees them; links by their labels or names."""
    if not _MARKUP.search(markdown):
        return " ".join(markdown.split())
    kept: list[str] = []

    def keep(text: str) -> str:
        kept.append(text)
        return f"\ue002{len(kept) - 1}\ue003"

    text = markdown
    if "`" in text:
        text = _CODE.sub(lambda m: keep(m[2]), text)
    if "$" in text:
        text = _MATH.sub(lambda m: keep(m[2]), text)
    if "\\" in text:
        text = _ESCAPED.sub(lambda m: keep(m[1]), text)
    if "[" in text:
        text = _FOOTNOTE.sub("", text)
        text = _WIKI_LINK.sub(lambda m: _words(m[1], m[2]), text)
        text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _LINK.sub(r"\1", text)))
    if "<" in text:
        text = without_comments(text)
        text = _ADDRESS.sub(lambda m: keep(m[1]), text)
        text = _TAG.sub(lambda m: m[0] if m[1].lower() not in ALLOWED_TAGS | _CONTAINERS else "", text)
    if "*" in text:
        text = _STARS.sub("", text)
    if "_" in text:
        text = _UNDERSCORES.sub("", text)
    if any(sign in text for sign in "~^="):
        text = _PAIRS.sub(lambda m: m[1] or m[2] or m[4], text)
    text = unescaped(text)
    while "\ue002" in text:
        text = re.sub("\ue002(\\d+)\ue003", lambda m: kept[int(m[1])], text)
    return " ".join(text.split())


def without_comments(text: str) -> str:
    """A text without its comments; what is not closed is none."""
    return _COMMENT.sub(lambda m: "" if m["open"] is None else m[0], text)


def _words(target: str, label: str | None) -> str:
    """What a wiki link shows: its label, else the name that it leads to."""
    if label and label.strip():
        return label.rpartition("|")[2] if target.partition("::")[0].strip() in ("source",) else label
    name = target.rpartition("::")[2]
    page_type, colon, rest = name.partition(":")
    name = rest if colon and rest.strip() and page_type.strip().isalpha() else name
    return display_name(name.partition("#")[0].strip() or name.strip("# "), "")


def plain_lines(markdown: str) -> str:
    """``plain``, line by line, without the marks of lists."""
    return "\n".join(plain(line.lstrip("*- ")) for line in markdown.splitlines())
