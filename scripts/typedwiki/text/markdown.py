"""Write Pandoc Markdown that displays exactly the given text, and does nothing else.

Generated text is also guarded against Quarto. Text of a page (``page_…`` and ``math``) is not: the filters do that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..regex import regex
from .characters import decode_entities
from .names import display_name

_PUNCTUATION = regex(r"[\\`*_{}\[\]<>|$@^~#&]")
_SMART = regex(r"[\"']|-(?=-)|\.(?=\.)")
_AWKWARD = regex(r"[`{\n]")
"""Characters that need care in inline code."""
_LOOKALIKES = str.maketrans({"\\": "∖", "<": "‹", ">": "›"})


def escape(text: str) -> str:
    """Return plain text."""
    return _PUNCTUATION.sub(lambda m: f"\\{m[0]}", text)  # a template would be expanded more slowly


def with_code(text: str) -> str:
    """Return plain text in which only code between backticks is markup, as a page writes it."""
    parts = re.split(r"(`[^`]+`)", text)
    return "".join(part if number % 2 else escape(part) for number, part in enumerate(parts))


def escape_smart(text: str) -> str:
    """Return plain text for metadata, which Quarto reads with a reader of its own.

    That reader curls quotes, joins dashes and expands shortcodes, even escaped ones, so an invisible word joiner
    separates the braces.
    """
    escaped = _SMART.sub(r"\\\g<0>", escape(text))
    return escaped.replace("\\{\\{", "\\{\u2060\\{").replace("\\}\\}", "\\}\u2060\\}")


def attribute(text: str) -> str:
    """Return plain text for metadata that Quarto puts into an attribute, which a straight quotation mark would end."""
    return escape_smart(re.sub(r'"([^"]*)"', r"“\1”", text).replace('"', "”"))


def category(text: str) -> str:
    """Return a category.

    Quarto cannot read a backslash in one, expands shortcodes, and inserts the text as HTML into the home page's margin,
    so such characters are replaced by similar ones.
    """
    return text.translate(_LOOKALIKES).replace("{{", "{\u2060{").replace("}}", "}\u2060}")


def guarded_code(text: str) -> str:
    """Return code that Quarto displays as ``text``.

    Quarto removes one brace from anything that looks like an escaped shortcode, and would run an unescaped one,
    includes even where attributes forbid it.
    """
    if "```" in text and "{" in text:  # Quarto runs a cell even inside a longer fence
        text = re.sub(r"(?m)^([^\S\n]*`{3,}\s*)(\{+[^{}\n]*\}+)", r"\1{\2}", text)
    if "{{" not in text:
        return text
    return re.sub(r"(?<=>)(\}\}+)", r"\1}", re.sub(r"(?<!\{)(\{\{+)(?=<)", r"\1{", text))


def fence(body: str, language: str = "") -> str:
    """Return a code block that displays ``body`` byte for byte."""
    runs = re.findall(r"^[^\S\n]*(`{3,})", body, re.MULTILINE) if "```" in body else ()
    longest = max(map(len, runs), default=2)
    ticks = "`" * (longest + 1)
    return f"{ticks}{language}\n{guarded_code(body)}\n{ticks}"


def code_span(body: str) -> str:
    """Return inline code."""
    if not _AWKWARD.search(body):
        return f"`{body}`" if body.strip() else ""
    text = guarded_code(one_line(body))
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    # Quarto would run `{python} x`, and reads `{{x}}` at the beginning of a span as its escaped form.
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
"""A line in a formula that pandoc would read as the start of another block, which ends the formula."""
_RUNS = regex("`+")
_LINE_END = regex(r"(?<!\s)\s*\n\s*")


def page_text(text: str) -> str:
    """Return plain text on one line. Nothing in it is markup, wherever it is inserted."""
    return guard(_ALL_PUNCTUATION.sub(r"\\\g<0>", one_line(text)))


def one_line(text: str) -> str:
    """Return a text with its lines joined by spaces."""
    return _LINE_END.sub(" ", text) if "\n" in text else text


def guard(markdown: str) -> str:
    """Return a line of a paragraph that begins no other block."""
    match = _LINE_START.match(markdown)
    if not match:
        return markdown
    position = max(match.start("delimiter"), match.start("colon"), 0)
    return f"{markdown[:position]}\\{markdown[position:]}"


def page_code(body: str) -> str:
    """Return inline code; empty if it holds only spaces."""
    text = one_line(body).strip()
    longest = max(map(len, _RUNS.findall(text)), default=0) if "`" in text else 0
    ticks = "`" * (longest + 1)
    space = " " if longest and (text[0] == "`" or text[-1] == "`") else ""
    return f"{ticks}{space}{text}{space}{ticks}" if text else ""


def page_fence(body: str, language: str = "") -> str:
    """Return a code block, byte for byte."""
    ticks = "`" * max(3, *(len(run) + 1 for run in _RUNS.findall(body))) if "```" in body else "```"
    return f"{ticks}{language}\n{body}\n{ticks}"


def math(body: str, display: bool) -> str:
    """Return a formula that cannot end early: dollars in it are escaped, blank lines removed."""
    text = re.sub(r"\n\s*\n", "\n", body.strip())
    text = re.sub(r"\\.|\$", lambda m: "\\$" if m[0] == "$" else m[0], text)
    if not display or _BLOCK.search(text):
        before, end, last = text.rpartition("\n")
        text = re.sub(r"(?<!\\)%[^\n]*", "", before) + end + last  # a comment would hide the text after it
        text = one_line(text)
    if not text:
        return ""
    return f"$${text}$$" if display else f"${text}$"


ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "a abbr b bdi big blockquote br caption center cite code col colgroup dd del details dfn div dl dt em"
        " figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q s samp small span strike"
        " strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
"""Elements whose meaning a note keeps, or that stand for their content. All lose their attributes except the size of
images, the spans of cells, and addresses (see ``html.lua``).
"""


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
_TEX = r"[^$\\]*(?:\\.[^$\\]*)*"
_FORMULA = regex(rf"(`[^`]*`)|(?<![\\\w$])(?:\$\$({_TEX})\$\$|\$(?![\s$])({_TEX})(?<!\s)\$)(?![\w$])", re.DOTALL)
"""A formula, also of several lines; or code."""
_TAG = regex(r"(?<!\\)</?([a-zA-Z][\w-]*)(?:\s[^<>]*)?/?>")
_COMMENT = regex(r"<!--(?:.*?-->|(?P<open>.*))", re.DOTALL)
"""Unclosed comments are matched too. Otherwise each opener in them would start another search for an end."""
_CONTAINERS = frozenset({"div", "p", "section", "article", "main", "header", "footer", "nav", "aside"})
ESCAPED = regex(r"\\([!-/:-@\[-`{-~])")
"""A sign behind a backslash."""
_STASHED = regex("(\ue002\\d+\ue003)")


def plain(markdown: str) -> str:
    """Return the words of a piece of Markdown as a reader sees them. Links become their labels or names."""
    if not _MARKUP.search(markdown):
        return " ".join(markdown.split())
    stashed: list[str] = []

    def stash(text: str) -> str:
        stashed.append(text)
        return f"\ue002{len(stashed) - 1}\ue003"

    text = markdown
    if "`" in text:
        text = _CODE.sub(lambda m: stash(m[2]), text)
    if "$" in text:
        text = _MATH.sub(lambda m: stash(m[2]), text)
    if "\\" in text:
        text = ESCAPED.sub(lambda m: stash(m[1]), text)
    if "[" in text:
        text = _FOOTNOTE.sub("", text)
        text = _WIKI_LINK.sub(lambda m: _words(m[1], m[2]), text)
        text = _REFERENCE.sub(r"\1", _LINK.sub(r"\1", _LINK.sub(r"\1", text)))
    if "<" in text:
        text = without_comments(text)
        text = _ADDRESS.sub(lambda m: stash(m[1]), text)
        text = _TAG.sub(lambda m: m[0] if m[1].lower() not in ALLOWED_TAGS | _CONTAINERS else "", text)
    if "*" in text:
        text = _STARS.sub("", text)
    if "_" in text:
        text = _UNDERSCORES.sub("", text)
    if any(sign in text for sign in "~^="):
        text = _PAIRS.sub(lambda m: m[1] or m[2] or m[4], text)
    if stashed and "&" in text:  # the decoder takes private characters away, whoever has put them there
        text = "".join(part if part[:1] == "\ue002" else decode_entities(part) for part in _STASHED.split(text))
    else:
        text = decode_entities(text)
    while "\ue002" in text:
        text = _STASHED.sub(lambda m: stashed[int(m[0][1:-1])], text)
    return " ".join(text.split())


def without_formulas(markdown: str) -> str:
    """Return a text in which an ellipsis stands for formulas in TeX that is not readable as it is written."""
    if "$" not in markdown:
        return markdown
    return _FORMULA.sub(lambda m: m[1] or ("…" if "\\" in m[0] else f"${' '.join((m[2] or m[3]).split())}$"), markdown)


def without_comments(text: str) -> str:
    """Return a text without its comments. An unclosed comment is kept as text."""
    return _COMMENT.sub(lambda m: "" if m["open"] is None else m[0], text)


def _words(target: str, label: str | None) -> str:
    """Return the text that a wiki link shows: its label, otherwise the name of its target."""
    if label and label.strip():
        return label.rpartition("|")[2] if target.partition("::")[0].strip() in ("source",) else label
    name = target.rpartition("::")[2]
    page_type, colon, rest = name.partition(":")
    name = rest if colon and rest.strip() and page_type.strip().isalpha() else name
    return display_name(name.partition("#")[0].strip() or name.strip("# "), "")


def plain_lines(markdown: str) -> str:
    """Apply ``plain`` to each line, without list markers."""
    return "\n".join(plain(line.lstrip("*- ")) for line in markdown.splitlines())


def with_edits(text: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """Return a text with spans replaced by other texts. Of overlapping spans, only the first counts."""
    out: list[str] = []
    position = 0
    for start, end, replacement in sorted(edits):
        if start >= position:
            out += (text[position:start], replacement)
            position = end
    return "".join([*out, text[position:]])


def blank_out(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """Blank out spans of a text. Offsets and lines stay the same."""
    parts: list[str] = []
    position = 0
    for start, end, mark in spans:
        if start >= position:
            span_text = text[start:end]
            lines = span_text.split("\n") if "\n" in span_text else [span_text]
            parts += (text[position:start], "\n".join([mark * len(line) for line in lines]))
            position = end
    return "".join([*parts, text[position:]])
