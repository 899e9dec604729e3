"""Texts that would cost pandoc minutes, or become pages of many megabytes.

Pandoc's reader tries again at each bracket, element and level of nesting that may close further on; some
of that is exponential, most is quadratic. ``suspicious`` counts what it tries, far above what pages hold
and far below what takes seconds; ``too_costly`` lets pandoc itself decide, within bounds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple

from ..regex import regex

READER = (
    "markdown-citations-smart-example_lists-raw_tex-latex_macros-blank_before_header-blank_before_blockquote"
    "+wikilinks_title_after_pipe+autolink_bare_uris+lists_without_preceding_blankline+mark"
)
LONGEST = 60_000
"""Characters. A longer text is suspicious whatever is in it."""
DEEPEST_FORMULA = 4
"""Sub- and superscripts in one another; pandoc's writer of MathML takes twice as long for each more."""
SMALLEST = 10_000
"""Bytes. A smaller text may become as large as this one might: a formula of three characters is a hundred."""
MEMORY = 2048
"""Megabytes that pandoc may take to find out."""

_MARKS = {
    "\n": (4000, 0), "[": (800, 0), "<": (200, 4e5), "&": (700, 1.5e6), "`": (3000, 3e6), "*": (4000, 1.5e6),
    "_": (6000, 2e7), "^": (500, 1e6), "~": (500, 1e6), "$": (700, 1e6), "{": (1000, 1e6), "}": (1000, 1e6),
    "|": (4000, 2e6), "=": (3000, 1e7), "@": (500, 1e6), "!": (1500, 1e7), '"': (2500, 2e6), "'": (2500, 2e6),
    "\\": (1500, 1e7), "+": (1500, 1e6), ">": (1500, 1e6), ":": (3000, 1e7), "(": (3000, 2e7), "#": (800, 1e8),
    "-": (5000, 1e8), "\xa0": (5000, 1e8), "]": (1500, 1e7), ")": (4000, 1e8),
}  # fmt: skip
"""For each mark how many of them in a page, and what square of how many in a paragraph, cost about a second."""
_SECONDS = 1.5
SECONDS_OF_A_TRIAL = 5.0
_LINE_OF_CODE = 90
"""Bytes of a page that an empty line of code becomes."""
_SHORT = 700
"""Characters of a paragraph that need no further look: what is in it is bounded by what is in the page."""
_SQUARES = [(mark, square) for mark, (_, square) in _MARKS.items() if 0 < square < 1e8]
_RARE, _COMMON = b"[<&^~$@{}", b"\n`*_|=!\"'\\+>:(#-])\xa0"
_ALONE = {
    "<s": {"<span": 4, "<script": 20, "<style": 20}, "<!": {"<![": 3, "<!--": 40}, "<?": {"<?": 40},
    "<t": {"<textarea": 20}, "```": {"```": 400}, ":::": {":::": 300}, "[^": {"[^": 60}, "+-": {"+-": 300},
    "<pre": {"<pre": 100},
    "\n---": {"\n---\n": 100},
}  # fmt: skip
"""How many of these a page may have, closed or not, by what they begin with."""
_BLANK = regex(r"\n[ \t]*\n")
_BRACKET = regex(r"\]\(|\]\{|[\[\])}]")
_BRACKETS = 6000
"""The most that brackets may weigh, each three to the power of its depth."""
_MARKER = r"[-+*:~.)][ \t]+(?:\(?\w{1,3}(?=[.)]))?"
_DEEP_LINE = regex(rf"[>+*:~.)-](?:(?<=>)[ \t]*|(?<!>)[ \t]+(?:\(?\w{{1,3}}(?=[.)]))?)(?:>[ \t]*|{_MARKER}){{4}}")
"""Five marks of quotes, lists and definitions in a row. A set in front makes the search fast."""
_INDENTED = regex(r"\n(?=[ \t])([ \t]+)")
_DEEPEST_INDENT = 100
_LONG_LINE = 3000
_MARKED = regex(r"==+|~~+")
_INTERLEAVED = 10
"""How many marks of marked or struck text a paragraph may have beside as many of emphasis: pandoc tries all pairs."""
_NESTED_SCRIPT = regex(r"[_^][ \t\n]*\{|[{}]")
_DEFINITION = regex(r"\n[ \t>]*\[[^\]\n]+\]:[^\n]{300}")
_ANCHOR = regex(r"\n[ \t-]*(?:\w[\w -]*:)?[ \t]*&\w")
_WIDEST = 200


class Suspicion(NamedTuple):
    """Why a text might be costly, as a clause of a sentence, and where that begins."""

    reason: str
    offset: int


def suspicious(text: str) -> Suspicion | None:
    """Whether a text of Markdown might cost pandoc seconds. Linear, and cheap for texts that do not."""
    if len(text) > LONGEST:
        return Suspicion(f"has {len(text):,} characters", 0)
    for begins, names in _ALONE.items():
        if begins in text:
            for name, most in names.items():
                if text.count(name) > most:
                    return Suspicion(f"has more than {most} times `{name}`", text.find(name))
    text = f"\n{text}"  # a literal in front lets a pattern be searched for much faster than the start of a line
    found = _suspicious_count(text) or _suspicious_line(text) or _suspicious_paragraph(text)
    return found and Suspicion(found.reason, max(0, found.offset - 1))


def _suspicious_count(text: str) -> Suspicion | None:
    lines = text.count("\n")
    if lines * _LINE_OF_CODE > 20 * max(len(text), SMALLEST):
        return Suspicion(f"has {lines:,} lines", _densest(text, "\n"))
    data = text.encode("utf-8", "replace")
    rare = len(data) - len(data.translate(None, _RARE))
    common = len(data) - len(data.translate(None, _COMMON))
    if rare / 200 + common / 1500 <= 2 * _SECONDS:
        return None
    counts = {mark: text.count(mark) for mark in _MARKS}
    weights = {mark: counts[mark] / most for mark, (most, _) in _MARKS.items()}
    if sum(weights.values()) <= 2 * _SECONDS:
        return None
    mark = max(weights, key=lambda sign: weights[sign])
    name = "lines" if mark == "\n" else f"times `{mark}`"
    return Suspicion(f"has {counts[mark]:,} {name}", _densest(text, mark))


def _suspicious_line(text: str) -> Suspicion | None:
    if deep := _DEEP_LINE.search(text):
        return Suspicion("has blocks deep in one another", deep.start())
    if " " * 40 in text or "\t\t\t\t\t" in text or "\t " in text:
        for indent in _INDENTED.finditer(text):
            if len(indent[1].expandtabs(4)) > _DEEPEST_INDENT:
                return Suspicion("has blocks deep in one another", indent.end())
    if "]:" in text and (long := _DEFINITION.search(text)) and text.count("[") > 40:
        return Suspicion("uses long definitions many times", long.start() + 1)
    if " &" in text and len(anchors := list(_ANCHOR.finditer(text))) > 2:
        return Suspicion("has YAML with anchors", anchors[0].start() + 1)
    return None


def _suspicious_paragraph(text: str) -> Suspicion | None:
    scripts = "_{" in text or "^{" in text or "_ {" in text or "^ {" in text
    bracketed = text.count("[") > 4
    marked = text.count("==") + text.count("~~") >= _INTERLEAVED
    seconds, brackets, cells = 0.0, 0, 0
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start)
        end = blank.end() if blank else len(text)
        if bracketed and (opened := text.count("[", start, end)):
            brackets += 13 * opened if opened < 4 else _bracket_weight(text[start:end], _BRACKETS)
            if brackets > _BRACKETS:
                return Suspicion("has brackets deep in one another, or not closed", start)
        if marked and text.count("==", start, end) + text.count("~~", start, end) >= _INTERLEAVED:
            others = sum(text.count(mark, start, end) for mark in "*_^")
            if min(others, len(_MARKED.findall(text, start, end))) >= _INTERLEAVED:
                return Suspicion("has marks of many kinds among one another", start)
        if end - start > _SHORT:
            paragraph = text[start:end]
            seconds += sum(paragraph.count(mark) ** 2 / square for mark, square in _SQUARES)
            if seconds > _SECONDS:
                return Suspicion("has a paragraph dense in marks", start)
            if reason := _suspicious_lines(paragraph):
                return Suspicion(reason, start)
            cells += _cells(paragraph)
            if cells > max(len(text), SMALLEST):
                return Suspicion("has tables with rows of very different lengths", start)
        if scripts and formula_depth(text[start:end]) > DEEPEST_FORMULA:
            return Suspicion("has subscripts deep in one another", start)
        start = end
    return None


def _suspicious_lines(paragraph: str) -> str:
    bars = paragraph.count("|")
    if bars <= _WIDEST and len(paragraph) <= _LONG_LINE:
        return ""
    lines = paragraph.split("\n")
    if max(map(len, lines)) > _LONG_LINE:
        return f"has a line of more than {_LONG_LINE:,} characters"
    widest = max(line.count("|") for line in lines)
    return f"has a table of more than {_WIDEST} columns" if widest > _WIDEST else ""


def _cells(paragraph: str) -> int:
    """Cells of a table that the text does not hold: all rows become as long as the longest."""
    bars = paragraph.count("|")
    if bars < 50:
        return 0
    lines = paragraph.split("\n")
    return max(0, max(line.count("|") for line in lines) * len(lines) - 2 * bars)


def _densest(text: str, mark: str) -> int:
    """Where of twenty parts of a text the one with most of a mark begins."""
    size = len(text) // 20 + 1
    return max(range(0, len(text), size), key=lambda start: text.count(mark, start, start + size))


def _bracket_weight(paragraph: str, most: int) -> int:
    weight, depth = 0, 0
    ends: list[str] = []
    for token in _BRACKET.findall(paragraph):
        if token == "[":  # noqa: S105
            depth += 1
            weight += 3 ** min(depth, 9)
            if weight > most:
                break
        elif len(token) == 2:  # the address or the attributes of a link
            ends.append(")" if token == "](" else "}")  # noqa: S105
        elif token != "]":  # noqa: S105
            if ends and ends[-1] == token:
                ends.pop()
                depth = max(0, depth - 1)
        else:
            depth = max(0, depth - 1)
    return weight


def formula_depth(tex: str) -> int:
    r"""How deep sub- and superscripts stand in one another, whether or not they are closed.

    Going through the formula, ``_{`` and ``^{`` (with spaces between) open a level, ``{`` opens a group
    that is none, ``}`` closes the last of either. ``\{`` and ``\}`` count as braces: that errs on no side
    that matters.
    """
    depth = deepest = 0
    opened: list[bool] = []
    for token in _NESTED_SCRIPT.findall(tex):
        if token == "}":  # noqa: S105
            if opened:
                depth -= opened.pop()
        else:
            opened.append(token != "{")  # noqa: S105
            depth += opened[-1]
            deepest = max(deepest, depth)
    return deepest


@cache
def find_pandoc() -> Path | None:
    """The pandoc that our requirements bring, else one on the path or Quarto's own; None without any."""
    with contextlib.suppress(ImportError, OSError):
        import pypandoc

        return Path(pypandoc.get_pandoc_path())
    if found := shutil.which("pandoc"):
        return Path(found)
    if quarto := shutil.which(os.environ.get("QUARTO_PATH") or "quarto"):
        for tools in (Path(quarto).resolve().parent / "tools").glob("**/pandoc*"):
            if tools.is_file() and tools.stem == "pandoc":
                return tools
    return None


def too_costly(text: str, pandoc: Path, seconds: float = SECONDS_OF_A_TRIAL, factor: int = 20) -> str:
    """What a text costs too much of, as a clause of a sentence; empty if it does not.

    Pandoc makes a page of it, for as long as ``seconds`` of processor time (where a system counts that; else
    on the clock). The page may be ``factor`` times as large as the text.
    """
    data = text.encode("utf-8", "replace")
    largest = factor * max(len(data), SMALLEST)
    command = [str(pandoc), "+RTS", f"-M{MEMORY}m", "-RTS", f"--from={READER}", "--to=html", "--mathml"]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as made:
        given.write(data)
        given.seek(0)
        bound = _Bound(seconds, largest) if sys.platform != "win32" else None
        clock = seconds * 3 if bound else seconds  # others may use the processor too
        try:
            done = subprocess.run(
                command,
                stdin=given,
                stdout=made,
                stderr=subprocess.DEVNULL,
                timeout=clock,
                check=False,
                preexec_fn=bound,
            )
        except subprocess.TimeoutExpired:
            return f"takes more than {seconds:g} seconds"
        except OSError:
            return ""
        made.seek(0, os.SEEK_END)
        if made.tell() >= largest:
            return f"becomes more than {factor} times as large"
        if done.returncode == 251 or done.returncode == 137:  # a heap that is full
            return f"takes more than {MEMORY:,} MB"
        return f"takes more than {seconds:g} seconds" if done.returncode < 0 else ""


class _Bound:
    """Limits that a child process sets for itself before it becomes pandoc."""

    def __init__(self, seconds: float, largest: int) -> None:
        self.seconds, self.largest = seconds, largest

    def __call__(self) -> None:
        import resource

        whole = max(1, int(self.seconds + 0.999))
        resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest, self.largest))
