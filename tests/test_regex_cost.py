"""Every regular expression of the program takes time in proportion to its text, whatever the text."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import signal
import sys
import time
from collections.abc import Iterator
from itertools import islice
from re import _constants, _parser  # type: ignore[attr-defined]
from typing import Any

import pytest

import typedwiki
from conftest import ROOT
from typedwiki.regex import LazyPattern

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="needs a timer signal")]

SIZES = (10_000, 40_000, 160_000)
GROWTH = 8.0
"""The most by which the time may grow for a text four times as long; quadratic cost would be 16."""
LONG = 0.5
SHORT = 0.03
"""Seconds. Times below SHORT are too short to measure, and harmless."""
COMMON_RUNS = (
    *(
        " ",
        "\n",
        "\t",
        "\n ",
        " \n",
        "a",
        "A ",
        "1",
        ", ",
        "é",
        "_",
        "-",
        "*",
        "`",
        "~",
        "|",
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
    ),
    *(
        "<",
        ">",
        "&",
        "$",
        "=",
        "#",
        ":",
        ";",
        ".",
        "!",
        "\\",
        "/",
        '"',
        "'",
        "@",
        "%",
        "^",
        "+",
        "?",
        "\ue000",
        "\u200b",
    ),
    *(
        "{{a",
        "{{a|",
        "[[a",
        "[[a::",
        "[a](",
        "[a]: ",
        "<a ",
        "<a b=",
        "<!--",
        "</",
        "&a",
        "&#1",
        "``a",
        "~~~\n",
        "```\n",
    ),
    *(
        "\n- ",
        "\n* a",
        "\n1. ",
        "\n> ",
        "\n| ",
        "|a",
        "|-",
        "\n|-",
        "||",
        "\n#",
        "\n: ",
        "\n:::",
        "'''",
        "''a",
        "**a",
        "__a",
    ),
    *(
        "==a",
        "\n==",
        "$a",
        "$$",
        "\\(",
        "\\a{",
        "a_{",
        "http://a",
        "a@b.",
        "a-",
        "a.",
        "a/",
        "../",
        "a:",
        "a=",
        "a,",
        '"a',
        "'a",
    ),
    *(
        "1.",
        "1-",
        "1:",
        ">=1,",
        "a>=1",
        "pip install ",
        "a b",
        "a\n",
        "a\n\n",
        "---\n",
        "[^a",
        "![",
        "{.a",
        "{a=",
        "%%",
        "@{",
    ),
    *(
        "\n    a",
        "\n\t- ",
        "<pre>",
        "<div>",
        "<code>",
        "url(",
        "/*",
        '<a b="',
        "#a ",
        "a;",
        "-- ",
        "a [",
        "a {{",
        "{|",
        "\n{|",
    ),
)


FUNCTIONS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")
QUARTO_OUTPUT_PATTERNS = frozenset({"render.page_template._CONTENTS", "render.page_template._HEADER"})
"""They match Quarto's own output around pages, once each."""


def compiled_patterns() -> Iterator[tuple[str, re.Pattern[str] | LazyPattern]]:
    """Every pattern that a module compiles at import, with its name."""
    seen: set[int] = set()
    for module_info in pkgutil.walk_packages(typedwiki.__path__, "typedwiki."):
        module = importlib.import_module(module_info.name)
        for name, value in vars(module).items():
            for number, pattern in enumerate(_patterns_in(value)):
                if isinstance(pattern.pattern, str) and id(pattern) not in seen:
                    seen.add(id(pattern))
                    yield (
                        f"{module_info.name.removeprefix('typedwiki.')}.{name}{f'.{number}' if number else ''}",
                        pattern,
                    )


def inline_patterns() -> Iterator[tuple[str, LazyPattern, frozenset[str]]]:
    """Every pattern that a module passes to a function of ``re``, with its location and the function."""
    seen: set[tuple[str, str, str]] = set()
    for module, source in SOURCES.items():
        for call in ast.walk(ast.parse(source)):
            match call:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="re"), attr=function),
                    args=[ast.Constant(value=str(pattern)), *others],
                ) if function in FUNCTIONS:
                    words = [ast.unparse(word.value) for word in call.keywords if word.arg == "flags"]
                    words += [ast.unparse(other) for other in others if isinstance(other, (ast.Attribute, ast.BinOp))]
                    flags = sum(getattr(re, name) for name in re.findall(r"\bre\.([A-Z]+)\b", " ".join(words)))
                    if (function, pattern, str(flags)) not in seen:
                        seen.add((function, pattern, str(flags)))
                        yield f"{module}:{call.lineno}", LazyPattern(pattern, flags), frozenset({function})


def _patterns_in(value: Any) -> Iterator[re.Pattern[Any] | LazyPattern]:
    if isinstance(value, (re.Pattern, LazyPattern)):
        yield value
    elif isinstance(value, (tuple, list, set, frozenset)):
        for item in value:
            yield from _patterns_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _patterns_in(item)


def pattern_runs(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts from the pattern's own literals: each beginning of it, and each piece."""
    pieces: list[str] = []
    _collect(_parser.parse(pattern.pattern, pattern.flags), pieces)
    for count in range(1, len(pieces) + 1):
        yield "".join(pieces[:count])
    yield from pieces
    for piece in pieces:
        yield f"{piece} "
        yield f"{piece}a"


def _collect(parsed: Any, pieces: list[str]) -> None:
    """Collect a text that matches each part of a parsed pattern."""
    literal = ""
    for kind, argument in parsed:
        if kind is _constants.LITERAL:
            literal += chr(argument)
            continue
        if literal:
            pieces.append(literal)
            literal = ""
        if kind is _constants.IN:
            pieces.append(_member(argument))
        elif kind in (_constants.MAX_REPEAT, _constants.MIN_REPEAT):
            _collect(argument[2], pieces)
        elif kind is _constants.SUBPATTERN:
            _collect(argument[3], pieces)
        elif kind is _constants.BRANCH:
            for branch in argument[1]:
                _collect(branch, pieces)
        elif kind in (_constants.ANY, _constants.NOT_LITERAL):
            pieces.append("a" if argument != ord("a") else "b")
    if literal:
        pieces.append(literal)


def _member(members: Any) -> str:
    excluded = members and members[0][0] is _constants.NEGATE
    for kind, argument in members:
        if kind is _constants.LITERAL and not excluded:
            return chr(argument)
        if kind is _constants.RANGE and not excluded:
            return chr(argument[0])
    return "a" if excluded or all(kind is _constants.CATEGORY for kind, _ in members) else " "


def hard_runs(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts that may be slow for a pattern: its own pieces, and common ones with characters that it contains."""
    yield from islice(dict.fromkeys(pattern_runs(pattern)), 60)
    for run in COMMON_RUNS:
        if all(sign.isalnum() or sign.isspace() or sign in pattern.pattern for sign in run):
            yield run


def used_functions(name: str) -> frozenset[str]:
    """The functions of ``re`` used with a pattern: a pattern that is only matched may search slowly."""
    module, _, variable = name.removesuffix(f".{name.rpartition('.')[2]}" if name[-1].isdigit() else "").rpartition(".")
    usage = re.compile(rf"\b{variable}\.({'|'.join(FUNCTIONS)})\b")
    functions: set[str] = set()
    for other, source in SOURCES.items():
        if other == module or re.search(rf"import [^\n]*\b{variable}\b", source):
            functions.update(usage.findall(source))
    return frozenset(functions) or frozenset({"finditer"})


def measure(pattern: re.Pattern[str], used: frozenset[str], text: str, limit: float = LONG) -> float:
    """The time to go through a text; ``limit`` if it takes longer."""
    start = time.process_time()
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        if "match" in used:
            pattern.match(text)
        if "fullmatch" in used:
            pattern.fullmatch(text)
        if used - {"match", "fullmatch", "search"}:
            for _found in pattern.finditer(text):
                pass
        elif "search" in used:
            pattern.search(text)
    except TimeoutError:
        return limit
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return min(limit, time.process_time() - start)


@pytest.fixture(autouse=True)
def timer() -> Iterator[None]:
    """Lets the timer of ``measure`` end a search."""

    def stop(*_: object) -> None:
        raise TimeoutError

    previous = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, previous)


def describe_growth(pattern: re.Pattern[str], used: frozenset[str], run: str, end: str) -> str:
    """A description of how the time grows, if that is faster than the text; else empty."""

    def text(size: int) -> str:
        return (run * (size // len(run) + 1))[:size] + end

    if measure(pattern, used, text(SIZES[0] // 4)) < SHORT / 100:
        return ""  # even quadratic cost would stay below the next limit
    short = measure(pattern, used, text(SIZES[0]))
    if short < SHORT / 3:
        return ""
    if short >= LONG:
        return f"over {LONG} s for {SIZES[0]:,} characters"
    sizes, times = [SIZES[0]], [min(short, measure(pattern, used, text(SIZES[0])))]
    for size in SIZES[1:]:  # noise shows at one size, quadratic cost at all
        limit = max(SHORT, GROWTH * times[-1])
        long = min(measure(pattern, used, text(size), max(LONG, limit)) for _ in range(2))
        if long < limit:
            return ""
        sizes.append(size)
        times.append(long)
        if long >= LONG:
            break
    return ", ".join(f"{size:,} characters {time:.3f} s" for size, time in zip(sizes, times, strict=True))


COMPILED = dict(compiled_patterns())
SOURCES = {
    ".".join(path.relative_to(ROOT / "scripts/typedwiki").with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in (ROOT / "scripts/typedwiki").rglob("*.py")
}


INLINE = {f"{place}: {pattern.pattern}": (pattern, used) for place, pattern, used in inline_patterns()}


@pytest.mark.parametrize("name", sorted((COMPILED.keys() - QUARTO_OUTPUT_PATTERNS) | INLINE.keys()))
def test_pattern_takes_linear_time(name: str) -> None:
    candidate, used = INLINE[name] if name in INLINE else (COMPILED[name], used_functions(name))
    pattern = candidate.compiled() if isinstance(candidate, LazyPattern) else candidate
    slow: list[str] = []
    for run in dict.fromkeys(hard_runs(pattern)):
        for end in ("", "\n\x00"):
            if growth := describe_growth(pattern, used, run, end):
                slow.append(f"{run!r} repeated, then {end!r}: {growth}")
        if len(slow) > 2:
            break
    assert slow == [], pattern.pattern


def test_patterns_are_found() -> None:
    assert len(COMPILED) > 100
    assert len(INLINE) > 100
