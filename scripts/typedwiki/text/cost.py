"""Find texts that would cost pandoc minutes, or become pages of many megabytes.

Pandoc's reader backtracks at each bracket, element and level of nesting that may close later. Some of that takes
exponential time, most of it quadratic. ``suspicious`` counts such openers; its limits are far above those of real pages
and far below those that take seconds. ``too_costly`` lets pandoc itself decide, within limits of time and memory.
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
"""Characters. A longer text is suspicious whatever it contains."""
DEEPEST_FORMULA = 4
"""Levels of nested sub- and superscripts. Each more doubles the time of pandoc's MathML writer."""
SMALLEST = 10_000
"""Bytes. A shorter text may become as large as one of this size: a formula of three characters becomes a hundred."""
MEMORY = 2048
"""Megabytes of memory for pandoc's trial run."""

_MARKS = {
    "\n": (4000, 0), "[": (800, 0), "<": (200, 4e5), "&": (700, 1.5e6), "`": (3000, 3e6), "*": (4000, 1.5e6),
    "_": (6000, 2e7), "^": (500, 1e6), "~": (500, 1e6), "$": (700, 1e6), "{": (1000, 1e6), "}": (1000, 1e6),
    "|": (4000, 2e6), "=": (3000, 1e7), "@": (500, 1e6), "!": (1500, 1e7), '"': (2500, 2e6), "'": (2500, 2e6),
    "\\": (1500, 1e7), "+": (1500, 1e6), ">": (1500, 1e6), ":": (3000, 1e7), "(": (3000, 2e7), "#": (800, 1e8),
    "-": (5000, 1e8), "\xa0": (5000, 1e8), "]": (1500, 1e7), ")": (4000, 1e8),
}  # fmt: skip
"""For each mark, its number in a page, and the square of its number in a paragraph, that cost about a second."""
_SECONDS = 1.5
SECONDS_OF_A_TRIAL = 5.0
_GROWTH = 20
"""Size of the largest HTML that a text may become, in sizes of the text."""
_LINE_OF_CODE = 90
"""Bytes of HTML for an empty line of code."""
_SHORT = 700
"""Characters. Shorter paragraphs are not examined, because the limits of the page bound their content."""
_SQUARES = [(mark, square) for mark, (_, square) in _MARKS.items() if 0 < square < 1e8]
_RARE, _COMMON = b"[<&^~$@{}", b"\n`*_|=!\"'\\+>:(#-])\xa0"
_LIMITS_OF_OPENERS = {
    "<s": {"<span": 4, "<script": 20, "<style": 20}, "<!": {"<![": 3, "<!--": 40}, "<?": {"<?": 40},
    "<t": {"<textarea": 20}, "```": {"```": 400}, ":::": {":::": 300}, "[^": {"[^": 60}, "+-": {"+-": 300},
    "<pre": {"<pre": 100},
    "\n---": {"\n---\n": 100},
}  # fmt: skip
"""The limits for these openers in a page, closed or not, by their prefix."""
_BLANK = regex(r"\n[ \t]*\n")
_BRACKET = regex(r"\]\(|\]\{|[\[\])}]")
_BRACKETS = 6000
"""The largest total weight of brackets. Each weighs three to the power of its depth."""
_MARKER = r"[-+*:~.)][ \t]+(?:\(?\w{1,3}(?=[.)]))?"
_DEEP_LINE = regex(rf"[>+*:~.)-](?:(?<=>)[ \t]*|(?<!>)[ \t]+(?:\(?\w{{1,3}}(?=[.)]))?)(?:>[ \t]*|{_MARKER}){{4}}")
"""Five marks of quotes, lists and definitions in a row. A set in front makes the search fast."""
_INDENTED = regex(r"\n(?=[ \t])([ \t]+)")
_DEEPEST_INDENT = 100
_LONG_LINE = 3000
_HIGHLIGHT_MARKS = regex(r"==+|~~+")
_INTERLEAVED = 10
"""Number of marks of highlighted or struck text in a paragraph beside as many of emphasis. Pandoc tries all pairs."""
_NESTED_SCRIPT = regex(r"[_^][ \t\n]*\{|[{}]")
_DEFINITION = regex(r"\n[ \t>]*\[[^\]\n]+\]:[^\n]{300}")
_ANCHOR = regex(r"\n[ \t-]*(?:\w[\w -]*:)?[ \t]*&\w")
_WIDEST = 200


class Suspicion(NamedTuple):
    """Why a text might be costly, as a clause of a sentence, and the offset at which that begins."""

    reason: str
    offset: int


def suspicious(text: str) -> Suspicion | None:
    """Return why a Markdown text might cost pandoc seconds, or None. Linear, and fast for ordinary texts."""
    if len(text) > LONGEST:
        return Suspicion(f"has {len(text):,} characters", 0)
    for prefix, names in _LIMITS_OF_OPENERS.items():
        if prefix in text:
            for name, limit in names.items():
                if text.count(name) > limit:
                    return Suspicion(f"has more than {limit} times `{name}`", text.find(name))
    text = f"\n{text}"  # a pattern that begins with a literal is found much faster than the start of a line
    suspicion = _suspicious_count(text) or _suspicious_line(text) or _suspicious_paragraph(text)
    return suspicion and Suspicion(suspicion.reason, max(0, suspicion.offset - 1))


def _suspicious_count(text: str) -> Suspicion | None:
    lines = text.count("\n")
    if lines * _LINE_OF_CODE > _GROWTH * max(len(text), SMALLEST):
        return Suspicion(f"has {lines:,} lines", _densest(text, "\n"))
    data = text.encode("utf-8", "replace")
    rare = len(data) - len(data.translate(None, _RARE))
    common = len(data) - len(data.translate(None, _COMMON))
    if rare / 200 + common / 1500 <= 2 * _SECONDS:
        return None
    counts = {mark: text.count(mark) for mark in _MARKS}
    weights = {mark: counts[mark] / limit for mark, (limit, _) in _MARKS.items()}
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
    many_highlights = text.count("==") + text.count("~~") >= _INTERLEAVED
    seconds, brackets, cells = 0.0, 0, 0
    start = 0
    while start < len(text):
        blank = _BLANK.search(text, start)
        end = blank.end() if blank else len(text)
        if bracketed and (bracket_count := text.count("[", start, end)):
            brackets += 13 * bracket_count if bracket_count < 4 else _bracket_weight(text[start:end], _BRACKETS)
            if brackets > _BRACKETS:
                return Suspicion("has brackets deep in one another, or not closed", start)
        if many_highlights and text.count("==", start, end) + text.count("~~", start, end) >= _INTERLEAVED:
            emphasis_marks = sum(text.count(mark, start, end) for mark in "*_^")
            if min(emphasis_marks, len(_HIGHLIGHT_MARKS.findall(text, start, end))) >= _INTERLEAVED:
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
    """Return the number of table cells that pandoc adds, because it extends all rows to the longest."""
    bars = paragraph.count("|")
    if bars < 50:
        return 0
    lines = paragraph.split("\n")
    return max(0, max(line.count("|") for line in lines) * len(lines) - 2 * bars)


def _densest(text: str, mark: str) -> int:
    """Return the offset of that twentieth of a text in which a mark is most frequent."""
    size = len(text) // 20 + 1
    return max(range(0, len(text), size), key=lambda start: text.count(mark, start, start + size))


def _bracket_weight(paragraph: str, limit: int) -> int:
    weight, depth = 0, 0
    ends: list[str] = []
    for token in _BRACKET.findall(paragraph):
        if token == "[":  # noqa: S105
            depth += 1
            weight += 3 ** min(depth, 9)
            if weight > limit:
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
    r"""Return the depth of nested sub- and superscripts, whether or not they are closed.

    In the formula, ``_{`` and ``^{`` (with spaces between) open a level, ``{`` opens a plain group, and ``}`` closes
    the last of either. ``\{`` and ``\}`` count as braces, which makes no difference that matters.
    """
    depth = deepest = 0
    open_groups: list[bool] = []
    for token in _NESTED_SCRIPT.findall(tex):
        if token == "}":  # noqa: S105
            if open_groups:
                depth -= open_groups.pop()
        else:
            open_groups.append(token != "{")  # noqa: S105
            depth += open_groups[-1]
            deepest = max(deepest, depth)
    return deepest


@cache
def find_pandoc() -> Path | None:
    """Return the pandoc that our requirements install, otherwise one on the path or Quarto's own; None if there is
    none.
    """
    with contextlib.suppress(ImportError, OSError):
        import pypandoc

        return Path(pypandoc.get_pandoc_path())
    if path := shutil.which("pandoc"):
        return Path(path)
    if quarto := shutil.which(os.environ.get("QUARTO_PATH") or "quarto"):
        for tools in (Path(quarto).resolve().parent / "tools").glob("**/pandoc*"):
            if tools.is_file() and tools.stem == "pandoc":
                return tools
    return None


def too_costly(text: str, pandoc: Path, seconds: float = SECONDS_OF_A_TRIAL) -> str:
    """Return which resource a text costs too much of, as a clause of a sentence; empty if none.

    Pandoc converts it to HTML within ``seconds`` of processor time (on systems without such a limit, of elapsed time).
    The HTML may be ``_GROWTH`` times as large as the text.
    """
    data = text.encode("utf-8", "replace")
    largest = _GROWTH * max(len(data), SMALLEST)
    command = [str(pandoc), "+RTS", f"-M{MEMORY}m", "-RTS", f"--from={READER}", "--to=html", "--mathml"]
    with tempfile.TemporaryFile() as input_file, tempfile.TemporaryFile() as output_file:
        input_file.write(data)
        input_file.seek(0)
        bound = _Bound(seconds, largest) if sys.platform != "win32" else None
        clock = seconds * 3 if bound else seconds  # other processes may use the processor too
        try:
            process = subprocess.run(
                command,
                stdin=input_file,
                stdout=output_file,
                stderr=subprocess.DEVNULL,
                timeout=clock,
                check=False,
                preexec_fn=bound,
            )
        except subprocess.TimeoutExpired:
            return f"takes more than {seconds:g} seconds"
        except OSError:
            return ""
        output_file.seek(0, os.SEEK_END)
        if output_file.tell() >= largest:
            return f"becomes more than {_GROWTH} times as large"
        if process.returncode == 251 or process.returncode == 137:  # the heap is full
            return f"takes more than {MEMORY:,} MB"
        return f"takes more than {seconds:g} seconds" if process.returncode < 0 else ""


class _Bound:
    """Limits that a child process sets for itself before it becomes pandoc."""

    def __init__(self, seconds: float, largest: int) -> None:
        self.seconds, self.largest = seconds, largest

    def __call__(self) -> None:
        import resource

        cpu_seconds = max(1, int(self.seconds + 0.999))
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds + 1))
        resource.setrlimit(resource.RLIMIT_FSIZE, (self.largest, self.largest))
