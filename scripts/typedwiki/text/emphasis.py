"""Emphasis in MediaWiki pages, by apostrophes and by asterisks."""

from __future__ import annotations

import re
from collections import Counter
from enum import Enum

from msgspec import Struct


class Tag(Enum):
    """A tag that opens or closes bold or italics."""

    BOLD = "**"
    ITALIC = "*"
    END_BOLD = "/**"
    END_ITALIC = "/*"


_NEXT: dict[tuple[str, int], tuple[tuple[Tag, ...], str]] = {
    ("", 2): ((Tag.ITALIC,), "i"),
    ("b", 2): ((Tag.ITALIC,), "bi"),
    ("i", 2): ((Tag.END_ITALIC,), ""),
    ("bi", 2): ((Tag.END_ITALIC,), "b"),
    ("ib", 2): ((Tag.END_BOLD, Tag.END_ITALIC, Tag.BOLD), "b"),
    ("", 3): ((Tag.BOLD,), "b"),
    ("i", 3): ((Tag.BOLD,), "ib"),
    ("b", 3): ((Tag.END_BOLD,), ""),
    ("bi", 3): ((Tag.END_ITALIC, Tag.END_BOLD, Tag.ITALIC), "i"),
    ("ib", 3): ((Tag.END_BOLD,), "i"),
    ("b", 5): ((Tag.END_BOLD, Tag.ITALIC), "i"),
    ("i", 5): ((Tag.END_ITALIC, Tag.BOLD), "b"),
    ("bi", 5): ((Tag.END_ITALIC, Tag.END_BOLD), ""),
    ("ib", 5): ((Tag.END_BOLD, Tag.END_ITALIC), ""),
}
"""From the length of a run and the state: its tags, and the next state."""
_AT_END = {
    "b": (Tag.END_BOLD,),
    "i": (Tag.END_ITALIC,),
    "bi": (Tag.END_ITALIC, Tag.END_BOLD),
    "ib": (Tag.END_BOLD, Tag.END_ITALIC),
}


def read_apostrophes(texts: list[str], runs: list[int], before: list[str]) -> list[str | Tag]:
    """Return the texts between runs of apostrophes, with the tags between them.

    Args:
        texts: the texts around the runs, one more than there are runs.
        runs: the number of apostrophes in each run, two or more.
        before: the last characters before each run in the source.
    """
    extra = [0] * len(runs)  # literal apostrophes before each run
    lengths = list(runs)
    for index, length in enumerate(runs):
        if length == 4 or length > 5:
            lengths[index] = 3 if length == 4 else 5
            extra[index] = length - lengths[index]
    if sum(n in (3, 5) for n in lengths) % 2 and sum(n in (2, 5) for n in lengths) % 2:
        index = _apostrophe([n == 3 for n in lengths], [text + "'" * extra[n] for n, text in enumerate(before)])
        if index >= 0:
            lengths[index] = 2
            extra[index] += 1
    out: list[str | Tag] = [texts[0] + "'" * extra[0]] if runs else [texts[0]]
    state = ""
    pending = -1  # where in `out` a run of five has opened both; the next run decides their order
    for index, length in enumerate(lengths):
        if pending >= 0:
            first, second = (Tag.ITALIC, Tag.BOLD) if length == 3 or length == 5 else (Tag.BOLD, Tag.ITALIC)
            out[pending] = first
            out.insert(pending + 1, second)
            state, pending = ("ib" if first == Tag.ITALIC else "bi"), -1
        if not state and length == 5:
            pending = len(out)
            out.append("")
        else:
            tags, state = _NEXT[state, length]
            out += tags
        following = extra[index + 1] if index + 1 < len(extra) else 0
        out.append(texts[index + 1] + "'" * following)
    if pending >= 0:
        out[pending : pending + 1] = [Tag.BOLD, Tag.ITALIC]
        state = "bi"
    return [*out, *_AT_END.get(state, ())]


def _apostrophe(bold: list[bool], before: list[str]) -> int:
    """Return the index of the bold run to read as an apostrophe and italics: after a one-letter word, otherwise after
    any word.
    """
    after_word = after_space = -1
    for index, is_bold in enumerate(bold):
        if not is_bold:
            continue
        if before[index][-1:] == " ":
            after_space = index if after_space < 0 else after_space
        elif before[index][-2:-1] == " ":
            return index
        else:
            after_word = index if after_word < 0 else after_word
    return after_word if after_word >= 0 else after_space


def with_asterisks(pieces: list[str | Tag]) -> str:
    """Return the tags as Markdown's asterisks. They must touch the emphasised text, so spaces move outside."""
    levels: list[list[str]] = [[]]
    for piece in pieces:
        if isinstance(piece, str):
            levels[-1].append(piece)
        elif not piece.value.startswith("/"):
            levels.append([])
        else:
            content = _join(levels.pop())
            words = content.strip()
            stars = piece.value[1:]
            start = len(content) - len(content.lstrip())
            end = start + len(words)
            levels[-1].append(f"{content[:start]}{stars}{words}{stars}{content[end:]}" if words else content)
    return _join(levels[0])


def _join(pieces: list[str]) -> str:
    """Return the pieces joined, separated where asterisks of two would merge."""
    out: list[str] = []
    for piece in filter(None, pieces):
        if out and piece[0] == "*" and out[-1][-1] == "*" and out[-1][-2:] != "\\*":
            out.append("<!-- -->")
        out.append(piece)
    return "".join(out)


class Piece(Struct):
    """A piece of a line as Markdown."""

    markdown: str
    is_code: bool = False
    apostrophes: int = 0
    before: str = ""
    """The last characters before apostrophes."""


class Stars(Struct):
    """A run of asterisks that may open or close bold or italics in Markdown."""

    piece: Piece
    length: int
    opens: bool
    closes: bool
    after_word: bool
    before_word: bool


def read_asterisks(match: re.Match[str], piece: Piece) -> Stars:
    """Return the roles that a run of asterisks may have. Until it is paired, its piece of the line is plain text."""
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    length = len(match[0])
    piece.markdown = match[0] if length == 1 and before.isspace() and after.isspace() else "\\*" * length
    opens = before != "\\" and bool(after.strip(" '")) and (length > 1 or not before.isalnum())
    closes = bool(before.strip(" '\\")) and (length > 1 or not after.isalnum())
    return Stars(piece, length, opens and length < 4, closes and length < 4, before.isalnum(), after.isalnum())


def pair_asterisks(stars: list[Stars]) -> None:
    """Pair the asterisks of Markdown's bold and italics. The others stay text."""
    openers: list[Stars] = []
    count: Counter[int] = Counter()
    for run in stars:
        if run.closes and count[run.length]:
            while openers[-1].length != run.length:
                count[openers.pop().length] -= 1
            start = openers[-1]
            if not (start.after_word and run.before_word):
                count[openers.pop().length] -= 1
                start.piece.markdown = run.piece.markdown = "*" * run.length
                continue
        if run.opens:
            openers.append(run)
            count[run.length] += 1
