"""Every regular expression of ours takes a time in proportion to its text, whatever that holds."""

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

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="nothing ends a search there")]

SIZES = (10_000, 40_000, 160_000)
GROWTH = 8.0
"""How often the time of a text may be that of one a quarter as long; a square would be 16 times."""
LONG = 0.5
SHORT = 0.03
"""Seconds. A time below is no measure, and harms nobody."""
RUNS = (
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
QUARTOS = frozenset({"render.page_template._CONTENTS", "render.page_template._HEADER"})
"""They read what Quarto has written around pages, once each."""


def patterns() -> Iterator[tuple[str, re.Pattern[str] | LazyPattern]]:
    """Every pattern that a module of ours compiles once, with its name."""
    seen: set[int] = set()
    for found in pkgutil.walk_packages(typedwiki.__path__, "typedwiki."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for number, pattern in enumerate(_patterns_in(value)):
                if isinstance(pattern.pattern, str) and id(pattern) not in seen:
                    seen.add(id(pattern))
                    yield f"{found.name.removeprefix('typedwiki.')}.{name}{f'.{number}' if number else ''}", pattern


def called() -> Iterator[tuple[str, LazyPattern, frozenset[str]]]:
    """Every pattern that a module of ours hands to a function of ``re``, with its place and the function."""
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


def own_runs(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts made of the pattern's own literals: all of its beginning, and each piece of it."""
    pieces: list[str] = []
    _collect(_parser.parse(pattern.pattern, pattern.flags), pieces)
    for count in range(1, len(pieces) + 1):
        yield "".join(pieces[:count])
    yield from pieces
    for piece in pieces:
        yield f"{piece} "
        yield f"{piece}a"


def _collect(parsed: Any, pieces: list[str]) -> None:
    """Something that each part of a parsed pattern matches."""
    literal = ""
    for kind, argument in parsed:
        if kind is _constants.LITERAL:
            literal += chr(argument)
            continue
        if literal:
            pieces.append(literal)
            literal = ""
        if kind is _constants.IN:
            pieces.append(_one_of(argument))
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


def _one_of(members: Any) -> str:
    excluded = members and members[0][0] is _constants.NEGATE
    for kind, argument in members:
        if kind is _constants.LITERAL and not excluded:
            return chr(argument)
        if kind is _constants.RANGE and not excluded:
            return chr(argument[0])
    return "a" if excluded or all(kind is _constants.CATEGORY for kind, _ in members) else " "


def runs(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts that may be hard for a pattern: its own pieces, and of the common ones those with signs that it knows."""
    yield from islice(dict.fromkeys(own_runs(pattern)), 60)
    for run in RUNS:
        if all(sign.isalnum() or sign.isspace() or sign in pattern.pattern for sign in run):
            yield run


def methods(name: str) -> frozenset[str]:
    """How our modules use a pattern: one that is only tried where a line begins may be slow to search for."""
    module, _, variable = name.removesuffix(f".{name.rpartition('.')[2]}" if name[-1].isdigit() else "").rpartition(".")
    use = re.compile(rf"\b{variable}\.({'|'.join(FUNCTIONS)})\b")
    found: set[str] = set()
    for other, source in SOURCES.items():
        if other == module or re.search(rf"import [^\n]*\b{variable}\b", source):
            found.update(use.findall(source))
    return frozenset(found) or frozenset({"finditer"})


def seconds(pattern: re.Pattern[str], used: frozenset[str], text: str, limit: float = LONG) -> float:
    """The time that going through a text takes; ``limit`` if it takes longer."""
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
def bounded() -> Iterator[None]:
    """Makes the timer of ``seconds`` end a search."""

    def stop(*_: object) -> None:
        raise TimeoutError

    before = signal.signal(signal.SIGVTALRM, stop)
    yield
    signal.signal(signal.SIGVTALRM, before)


def grows(pattern: re.Pattern[str], used: frozenset[str], run: str, end: str) -> str:
    """How the time grows, if that is faster than the text does."""

    def text(size: int) -> str:
        return (run * (size // len(run) + 1))[:size] + end

    if seconds(pattern, used, text(SIZES[0] // 4)) < SHORT / 100:
        return ""  # even a square would stay below the next bound
    short = seconds(pattern, used, text(SIZES[0]))
    if short < SHORT / 3:
        return ""
    if short >= LONG:
        return f"over {LONG} s for {SIZES[0]:,} characters"
    sizes, times = [SIZES[0]], [min(short, seconds(pattern, used, text(SIZES[0])))]
    for size in SIZES[1:]:  # a slow start of the processor shows at one size, a square at all of them
        limit = max(SHORT, GROWTH * times[-1])
        long = min(seconds(pattern, used, text(size), max(LONG, limit)) for _ in range(2))
        if long < limit:
            return ""
        sizes.append(size)
        times.append(long)
        if long >= LONG:
            break
    return ", ".join(f"{size:,} characters {time:.3f} s" for size, time in zip(sizes, times, strict=True))


ALL = dict(patterns())
SOURCES = {
    ".".join(path.relative_to(ROOT / "scripts/typedwiki").with_suffix("").parts): path.read_text(encoding="utf-8")
    for path in (ROOT / "scripts/typedwiki").rglob("*.py")
}


CALLED = {f"{place}: {pattern.pattern}": (pattern, used) for place, pattern, used in called()}


@pytest.mark.parametrize("name", sorted((ALL.keys() - QUARTOS) | CALLED.keys()))
def test_a_pattern_takes_time_in_proportion(name: str) -> None:
    found, used = CALLED[name] if name in CALLED else (ALL[name], methods(name))
    pattern = found.compiled() if isinstance(found, LazyPattern) else found
    slow: list[str] = []
    for run in dict.fromkeys(runs(pattern)):
        for end in ("", "\n\x00"):
            if told := grows(pattern, used, run, end):
                slow.append(f"{run!r} again and again, then {end!r}: {told}")
        if len(slow) > 2:
            break
    assert slow == [], pattern.pattern


def test_there_are_patterns_to_look_at() -> None:
    assert len(ALL) > 100
    assert len(CALLED) > 100
