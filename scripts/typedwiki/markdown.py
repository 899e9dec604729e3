"""Pandoc Markdown that shows exactly what it is given, and does nothing else."""

from __future__ import annotations

import re

_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>|$@^~#&])")


def escape(text: str) -> str:
    """Plain text."""
    return _PUNCTUATION.sub(r"\\\1", text)


def escape_smart(text: str) -> str:
    """Plain text for metadata, which Quarto reads with its own reader: that one curls quotes, joins
    dashes and expands shortcodes, even escaped ones, so an invisible word joiner parts the braces."""
    shown = re.sub(r"[\"']|-(?=-)|\.(?=\.)", r"\\\g<0>", escape(text))
    return shown.replace("\\{\\{", "\\{\u2060\\{")


def fence(body: str, language: str = "") -> str:
    """A code block, byte for byte.

    Quarto expands shortcodes in code too, unless the block says no; without a class before it, that
    attribute would name a language to execute.
    """
    longest = max((len(run) for run in re.findall(r"^\s*(`{3,})", body, re.MULTILINE)), default=2)
    ticks = "`" * (longest + 1)
    if "{{<" in body and language != "{mermaid}":
        language = f'{{.{language or "text"} shortcodes="false"}}'
    return f"{ticks}{language}\n{body}\n{ticks}"


def code_span(body: str) -> str:
    """Inline code."""
    text = re.sub(r"\s*\n\s*", " ", body)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    guard = '{shortcodes="false"}' if "{{<" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}{guard}" if text.strip() else ""


def math(body: str, display: bool) -> str:
    """A formula, which cannot end before its end: a dollar in it is escaped, blank lines go."""
    text = re.sub(r"(?<!\\)\$", r"\\$", re.sub(r"\n\s*\n", "\n", body.strip()))
    text = text.replace("{{<", "{ {<").rstrip("\\")
    if display:
        return f"$${text}$$"
    line = re.sub(r"\s*\n\s*", " ", text)
    return f"${line}$"
