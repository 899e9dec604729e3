"""What wikitext puts into brackets that pair: ``[[…]]``, ``{{…}}`` and elements such as ``<ref>…</ref>``.

One pass finds the pairs from the inside out. What nothing closes is text.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from ..regex import regex

_TOKEN = regex(
    r"""\{\{+ | \}\}+ | \[\[+ | \]\]+ | \n[ \t]*(?=\n)  # literals first: they make the search fast
      | <(?P<close>/?)(?P<tag>ref|references|gallery|poem|blockquote|includeonly)\b(?P<attributes>[^<>]*)>""",
    re.VERBOSE | re.IGNORECASE,
)
_BRACES = regex(r"\{\{+|\}\}+")
_LATEST = 20
"""Pieces of a label in which a single bracket is looked for that closes with it."""
_DEEPEST = 20
"""Pairs within one another; what holds more is text."""


class Pair(Struct):
    """What stands between two brackets, or what is open so far."""

    kind: str
    """``{``, ``[`` or the element's name; empty for the text as a whole."""
    start: int
    end: int = 0
    opener: str = ""
    attributes: str = ""
    pieces: list[str] = []
    depth: int = 0
    in_template: bool = False
    """Whether a template is open around it."""
    holds_link: bool = False
    trail: int = 0
    """How many characters behind it belong to it, if the text in its place says so."""

    @property
    def content(self) -> str:
        return "".join(self.pieces)


Replace = Callable[[Pair], str | None]
"""The text in the place of a pair, or None if it is none."""


def replaced(text: str, replace: Replace) -> str:
    """The text with each pair replaced, the innermost first."""
    return _Scan(text, replace).run()


def _closed(text: str) -> set[int]:
    """Where the braces begin that others close: what stands behind one left open is in no template."""
    found: set[int] = set()
    opened: list[list[int]] = []
    for match in _BRACES.finditer(text):
        left = len(match[0])
        if match[0][0] == "{":
            opened.append([match.start(), left])
            continue
        while left >= 2 and opened:
            start, count = opened[-1]
            found.add(start)
            taken = min(3, left, count)
            left -= taken
            opened[-1][1] -= taken
            if opened[-1][1] < 2:
                opened.pop()
    return found


class _Scan:
    def __init__(self, text: str, replace: Replace) -> None:
        self.text = text
        self.replace = replace
        self.stack = [Pair("", 0)]
        self.open: Counter[str] = Counter()
        self.after = 0  # what stands before this belongs to a pair
        self.closed = _closed(text)

    def run(self) -> str:
        position = 0
        for match in _TOKEN.finditer(self.text):
            position = max(position, self.after)
            self.stack[-1].pieces.append(self.text[position : match.start()])
            position = match.end()
            match match[0][0]:
                case "{" if match.start() not in self.closed:
                    self.stack[-1].pieces.append(match[0])
                case "{":
                    self._push("{", match.start(), match[0])
                case "[":
                    self.stack[-1].pieces.append(match[0][2:])
                    self._push("[", match.end() - 2, "[[")
                case "}":
                    self._close_braces(match)
                case "]":
                    self._close_link(match)
                case "\n":  # no link goes on in the next paragraph
                    at = len(self.stack) - 1
                    while self.stack[at].kind == "[":
                        at -= 1
                    self._give_up(at)
                    self.stack[-1].pieces.append(match[0])
                case _:
                    self._tag(match)
        self.stack[-1].pieces.append(self.text[max(position, self.after) :])
        return "".join(piece for pair in self.stack for piece in (pair.opener, *pair.pieces))

    def _push(self, kind: str, start: int, opener: str, attributes: str = "") -> None:
        pair = Pair(kind, start, 0, opener, attributes, in_template=bool(self.open["{"]))
        self.stack.append(pair)
        self.open[kind] += 1

    def _give_up(self, at: int) -> None:
        """What has been opened above this place of the stack is text."""
        kept, given_up = self.stack[at], self.stack[at + 1 :]
        del self.stack[at + 1 :]
        for pair in given_up:
            self.open[pair.kind] -= 1
            kept.pieces += (pair.opener, *pair.pieces)
            kept.depth = max(kept.depth, pair.depth)
            kept.holds_link = kept.holds_link or pair.holds_link

    def _until(self, kind: str) -> Pair | None:
        """The last open pair of a kind; what has been opened since is text."""
        if not self.open[kind]:
            return None
        at = len(self.stack) - 1
        while self.stack[at].kind != kind:
            at -= 1
        self._give_up(at)
        return self.stack[at]

    def _pop(self, end: int, closer: str) -> None:
        pair = self.stack.pop()
        self.open[pair.kind] -= 1
        self._settle(pair, end, closer)

    def _settle(self, pair: Pair, end: int, closer: str) -> None:
        pair.end = end
        above = self.stack[-1]
        new = self.replace(pair) if pair.depth < _DEEPEST or pair.kind == "{" else None
        if new is None:
            above.pieces += (pair.opener, *pair.pieces, closer)
            above.depth = max(above.depth, pair.depth)
            above.holds_link = above.holds_link or pair.holds_link
            return
        above.pieces.append(new)
        self.after = end + pair.trail
        above.depth = max(above.depth, pair.depth + 1 if pair.kind != "{" else 0)
        above.holds_link = above.holds_link or (pair.kind == "[")

    def _close_link(self, match: re.Match[str]) -> None:
        pair = self._until("[")
        if not pair:
            self.stack[-1].pieces.append(match[0])
            return
        extra = len(match[0]) - 2
        counted = pair.pieces[-_LATEST:] if extra else ()
        inner = min(extra, max(0, sum(piece.count("[") - piece.count("]") for piece in counted)))
        pair.pieces.append("]" * inner)  # as in `[[T|see [1]]]`
        self._pop(match.start() + inner + 2, "]]")
        self.stack[-1].pieces.append("]" * (extra - inner))

    def _close_braces(self, match: re.Match[str]) -> None:
        left = len(match[0])
        while left >= 2 and (pair := self._until("{")):
            count = min(3, left, len(pair.opener))
            end = match.end() - left + count
            left -= count
            if len(pair.opener) - count >= 2:  # what is left of the opener opens another
                rest = pair.opener[count:]
                inner = Pair("{", pair.start + len(rest), 0, "{" * count, "", pair.pieces, pair.depth, True)
                pair.opener, pair.pieces, pair.depth = rest, [], 0
                self._settle(inner, end, "}" * count)
                continue
            literal = len(pair.opener) - count
            pair.start += literal
            self.stack[-2].pieces.append("{" * literal)
            pair.opener = "{" * count
            self._pop(end, "}" * count)
        self.stack[-1].pieces.append("}" * left)

    def _tag(self, match: re.Match[str]) -> None:
        kind = match["tag"].lower()
        if match["close"]:
            if self._until(kind):
                self._pop(match.end(), match[0])
            else:
                self.stack[-1].pieces.append(match[0])
        elif match["attributes"].endswith("/"):
            pair = Pair(kind, match.start(), 0, match[0], match["attributes"][:-1], in_template=bool(self.open["{"]))
            self._settle(pair, match.end(), "")
        else:
            self._push(kind, match.start(), match[0], match["attributes"])
