"""Pandoc Markdown that shows exactly what it is given, and does nothing else.

Generated text is guarded against Quarto as well. Text of a page (``page_…`` and ``math``) is not: the filters do that.
"""

from __future__ import annotations

import re

from ..regex import regex

_PUNCTUATION = regex(r"[\\`*_{}\[\]<>|$@^~#&]")
_SMART = regex(r"[\"']|-(?=-)|\.(?=\.)")
_AWKWARD = regex(r"[`{\n]")
"""What needs care in inline code."""
_LOOKALIKES = str.maketrans({"\\": "∖", "<": "‹", ">": "›"})


def escape(text: str) -> str:
    """Plain text."""
    return _PUNCTUATION.sub(_escaped, text)


def _escaped(sign: re.Match[str]) -> str:
    return f"\\{sign[0]}"


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


def fence(body: str, language: str = "") -> str:
    """A code block that shows ``body`` byte for byte."""
    runs = re.findall(r"^[^\S\n]*(`{3,})", body, re.MULTILINE) if "```" in body else ()
    longest = max(map(len, runs), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{guarded_code(body)}\n{ticks}"


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


_ALL_PUNCTUATION = regex(r"[\\`*_{}\[\]<>$@^~=%!|&]|(?<=[A-Za-z]):(?=\S)")
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


def page_text(text: str) -> str:
    """Plain text on one line: nothing in it is markup, wherever it stands."""
    return guard(_ALL_PUNCTUATION.sub(r"\\\g<0>", one_line(text)))


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


def page_code(body: str) -> str:
    """Inline code; nothing if it holds only spaces."""
    text = one_line(body).strip()
    longest = max(map(len, _RUNS.findall(text)), default=0) if "`" in text else 0
    ticks = "`" * (longest + 1)
    space = " " if longest and (text[0] == "`" or text[-1] == "`") else ""
    return f"{ticks}{space}{text}{space}{ticks}" if text else ""


def page_fence(body: str, language: str = "") -> str:
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
