"""Pandoc Markdown that shows exactly what it is given, and does nothing else."""

from __future__ import annotations

import re

from ..regex import regex
from .escape import one_line

_PUNCTUATION = regex(r"[\\`*_{}\[\]<>|$@^~#&]")
_SMART = regex(r"[\"']|-(?=-)|\.(?=\.)")
_AWKWARD = regex(r"[`{\n]")
"""What needs care in inline code."""
_DEEPEST_FORMULA = 50
"""Groups within one another; a formula with more is shown as code. Pandoc's time doubles with each."""
_BLOCK = regex(r"\n[ \t]*(?:[-+*>#|=:<`~]|\d+[.)])")
"""A line in a formula with which pandoc would begin another block, and end the formula."""
_LOOKALIKES = str.maketrans({"\\": "∖", "<": "‹", ">": "›"})


def escape(text: str) -> str:
    """Plain text."""
    return _PUNCTUATION.sub(_escaped, text)


def with_code(text: str) -> str:
    """Plain text of which only code between backticks is markup, as a page writes it."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if number % 2 else escape(part) for number, part in enumerate(parts))


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


def verbatim(text: str) -> str:
    """Plain text among markup of a page: it begins no block, and makes no image of a link behind it."""
    return re.sub(r"(?m)^([ \t]*\d*)([-+=:.)])", r"\1\\\2", escape(text).replace("!", "\\!"))


def escape_smart(text: str) -> str:
    """Plain text for metadata, which Quarto reads with its own reader: that one curls quotes, joins
    dashes and expands shortcodes, even escaped ones, so an invisible word joiner parts the braces."""
    shown = _SMART.sub(_escaped, escape(text))
    return shown.replace("\\{\\{", "\\{\u2060\\{").replace("\\}\\}", "\\}\u2060\\}")


def attribute(text: str) -> str:
    """Plain text for metadata that Quarto puts into an attribute, which a straight quotation mark would end."""
    return escape_smart(re.sub(r'"([^"]*)"', r"“\1”", text).replace('"', "”"))


def category(text: str) -> str:
    """A category. Quarto cannot read a backslash in one, expands shortcodes, and puts the text into the
    home page's margin as HTML: so what could be either looks only like it."""
    return text.translate(_LOOKALIKES).replace("{{", "{\u2060{").replace("}}", "}\u2060}")


def guarded_code(text: str) -> str:
    """Code that Quarto shows as ``text``: it takes one brace away from what looks like an escaped
    shortcode, anywhere, and would run an unescaped one, includes even where attributes forbid it."""
    if "```" in text and "{" in text:  # a cell within a longer fence is a cell to Quarto all the same
        text = re.sub(r"(?m)^([^\S\n]*`{3,}\s*)(\{+[^{}\n]*\}+)", r"\1{\2}", text)
    if "{{" not in text:
        return text
    return re.sub(r"(?<=>)(\}\}+)", r"\1}", re.sub(r"(?<!\{)(\{\{+)(?=<)", r"\1{", text))


def shown_code(text: str) -> str:
    """What ``guarded_code`` and ``code_span`` were given. bodies.lua does the same for the draft."""
    if "{{" not in text:
        return text
    text = re.sub(r"(?m)^([^\S\n]*`{3,}\s*)\{(\{+[^{}\n]*\}+)\}", r"\1\2", text)
    text = re.sub(r"^\{\{([A-Za-z][\w.-]*)\}\}(?=\s)", r"{\1}", text)
    text = re.sub(r"^(\{\{+)\{(?![{<])(.*?)(\}\}+)\}", r"\1\2\3", text)
    return re.sub(r"(?<=>)(\}\}+)\}", r"\1", re.sub(r"(?<!\{)(\{\{+)\{(?=<)", r"\1", text))


def fence(body: str, language: str = "") -> str:
    """A code block that shows ``body`` byte for byte."""
    runs = re.findall(r"^[^\S\n]*(`{3,})", body, re.MULTILINE) if "```" in body else ()
    longest = max(map(len, runs), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{guarded_code(body)}\n{ticks}"


def cell(body: str) -> str:
    """A cell that Quarto runs."""
    longest = max(map(len, re.findall(r"^[^\S\n]*(`{3,})", body, re.MULTILINE)), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{{python}}\n{body}\n{ticks}"


def code_span(body: str) -> str:
    """Inline code."""
    if not _AWKWARD.search(body):
        return f"`{body}`" if body.strip() else ""
    text = guarded_code(one_line(body))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    # Quarto would run `{python} x`, and takes `{{x}}` at the beginning of a span for its escaped form.
    text = re.sub(r"^\{([A-Za-z][\w.-]*)\}(?=\s)", r"{{\1}}", text) if not text.startswith("{{") else text
    if body.lstrip().startswith("{{"):
        text = re.sub(r"^(\{\{+)(?![{<])(.*?)(\}\}+)", r"\1{\2\3}", text)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{space}{text}{space}{ticks}" if text.strip() else ""


def _depth(formula: str) -> int:
    """How many braces are open at once."""
    deepest = depth = 0
    for brace in re.finditer(r"\\.|([{}])", formula):
        depth += {"{": 1, "}": -1}.get(brace[1], 0)
        deepest = max(deepest, depth)
    return deepest


def math(body: str, display: bool) -> str:
    """A formula, which cannot end before its end: a dollar in it is escaped, blank lines go."""
    text = re.sub(r"(?<!\\)\$", r"\\$", re.sub(r"\n\s*\n", "\n", body.strip()))
    if _depth(text) > _DEEPEST_FORMULA:
        return fence(body.strip()) if display and "\n" in body.strip() else code_span(body)
    text = text.replace("{{<", "{ {<").rstrip("\\")
    before, end, last = text.rpartition("\n")
    text = before + end + re.sub(r"(?<!\\)%", r"\\%", last)  # on the last line nobody means a comment
    if display and not _BLOCK.search(text):
        return f"$${text}$$"
    text = re.sub(r"(?<!\\)%", r"\\%", text)  # a comment would take the rest of the one line into it
    line = one_line(text).strip()
    if not line:  # two dollars would begin another formula
        return code_span(body.strip())
    return f"$${line}$$" if display else f"${line}$"
