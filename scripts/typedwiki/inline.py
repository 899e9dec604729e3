"""Inline rules: one line of wiki text, code and links already masked, to Pandoc Markdown.

Pages are data: whatever pandoc, Quarto or a browser would act on, and is not on the short list of
harmless markup, is escaped here and so shown as written.
"""

from __future__ import annotations

import html
import re

from .links import MARK

ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "abbr b big br cite dd del details dfn div dl dt em i ins kbd li mark ol p q samp small span"
        " strong sub summary sup tt u ul var wbr",
    )
)
_INLINE_TAGS = frozenset({"br", "wbr"})
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<attrs>[^<>]*)>")
_EXTERNAL = re.compile(
    r"(?<!\[)\[(?P<url>(?:https?|ftp)://[^\s\]<>\ue000]+|mailto:[^\s\]]+)(?:\s+(?P<label>[^\]\n]+))?\](?!\()"
)
_QUOTES = re.compile(r"('{5}|'{3})(?=\S)(.+?)(?<=\S)\1(?!')")
_STARS = {"'''": "**", "'''''": "***"}
_PADDED_BOLD = re.compile(r"'{3}([ \t]*)([^'\n]+?)([ \t]*)'{3}")
_ITALIC = re.compile(r"(?<!')''(?=[^\s'])([^'\n]+?)(?<=[^\s'])''(?!')")
_IMAGE_SIZE = re.compile(r"\{(?:\s*(?:width|height)=\"?[\d.]+(?:%|px|em)?\"?)+\s*\}")
_ATTRIBUTES = re.compile(r"(?<=[\]\)\ue001`])\{")


def inline(text: str, wiki: bool, tags: frozenset[str] = ALLOWED_TAGS) -> str:
    """Convert the inline markup of one line.

    ``wiki`` says that the page is in the MediaWiki dialect, where a backslash, an underscore and a
    dollar stand for themselves. ``tags`` are the HTML elements that this page may keep: those of
    ``ALLOWED_TAGS`` that it also closes.
    """
    if wiki:
        text = re.sub(r"\\(?=[!-/:-@\[-`{-~])", r"\\\\", text)
        text = re.sub(r"(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)", lambda m: "\\_" * len(m[0]), text)
    text = _EXTERNAL.sub(_external, text)
    text = _QUOTES.sub(lambda m: f"{_STARS[m[1]]}{m[2]}{_STARS[m[1]]}", text)
    if "'''" in text:
        text = _PADDED_BOLD.sub(r"\1**\2**\3", text)
    if wiki and "''" in text:
        text = _ITALIC.sub(r"*\1*", text)
    if "<" in text:
        text = _escape_html(text, tags)
    if "{" in text:
        text = _neutralise_braces(text)
    if "[[" in text:
        text = text.replace("[[", "\\[\\[")
    return re.sub(r"(?<!\\)\$", r"\\$", text)


def _external(match: re.Match[str]) -> str:
    url = match["url"]
    return f"[{match['label'].strip()}](<{url}>)" if match["label"] else f"<{url}>"


def _escape_html(text: str, tags: frozenset[str]) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if name not in tags:
            return match[0]
        # The attributes go: none that a page needs, many that run script.
        tag = f"<{match['close']}{name}>" if name not in _INLINE_TAGS else f"<{name}>"
        kept.append(tag)
        return f"\ue002{len(kept) - 1}\ue003"

    text = _TAG.sub(keep, text)
    text = re.sub(r"(?<!\\)<(?!(?:https?|ftp|mailto):)", r"\\<", text)
    return re.sub("\ue002(\\d+)\ue003", lambda m: kept[int(m[1])], text)


def _neutralise_braces(text: str) -> str:
    """Attributes may only size an image; shortcodes are text."""
    sizes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        sizes.append(match[0])
        return f"\ue002{len(sizes) - 1}\ue003"

    text = _IMAGE_SIZE.sub(keep, text) if "](" in text or "\ue000" in text else text
    text = _ATTRIBUTES.sub(r"\\{", text)
    text = re.sub(r"\{\{(?=[\\<%#])", r"{\\{", text)
    return re.sub("\ue002(\\d+)\ue003", lambda m: sizes[int(m[1])], text)


def balanced_tags(text: str) -> frozenset[str]:
    """The allowed elements that a text closes as often as it opens them: one left open would
    swallow, hide or restyle the rest of the page."""
    opened: dict[str, int] = {}
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        opened[name] = opened.get(name, 0) + (-1 if match["close"] else 1)
    return _INLINE_TAGS | {n for n in ALLOWED_TAGS if opened.get(n, 0) == 0}


def plain(markdown: str) -> str:
    """Markdown as plain text on one line: for descriptions, listings and search."""
    text = re.sub(r"`+\s?(.+?)\s?`+", r"\1", markdown)
    text = re.sub(r"!?\[([^\[\]]*)\]\([^()]*\)", r"\1", text)
    text = re.sub(r"(?<!\\)\*+(?=\S)|(?<=\S)(?<!\\)\*+", "", text)
    text = re.sub(r"</?[a-z]+>", "", text)
    text = MARK.sub("", text)
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", html.unescape(text))
    return re.sub(r"\s+", " ", text).strip()
