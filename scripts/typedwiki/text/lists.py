"""List lines, in either dialect or mixed, to Pandoc Markdown with four spaces a level."""

from __future__ import annotations

import re

_WIKI_ITEM = re.compile(r"(?P<marks>[*#]+:*)[ \t]*(?P<text>\S.*)")
_MARKDOWN_ITEM = re.compile(r"(?P<indent>[ \t]*)(?P<mark>[-+*•]|\d{1,9}[.)])[ \t]+(?P<text>\S.*)")
DEEPEST = 12
"""What is nested deeper is an item of this level: pandoc's time doubles with each."""


class ListState:
    """The items that are open, so that an indented line finds the one it belongs to."""

    def __init__(self) -> None:
        self.items: list[tuple[int, int]] = []  # (indent as written, depth)

    def item(self, line: str, wiki: bool) -> str | None:
        """The line as a list item, or None. ``wiki``: MediaWiki's ``**`` and ``#`` are items too."""
        found = _MARKDOWN_ITEM.fullmatch(line)
        if found and (found["indent"] or found["mark"] != "*" or not wiki):
            return self._markdown(len(found["indent"].expandtabs(4)), found["mark"], found["text"])
        return self._wiki(line) if wiki else None

    def _wiki(self, line: str) -> str | None:
        wiki = _WIKI_ITEM.fullmatch(line)
        if not wiki or _emphasised(wiki["marks"], line):
            return None
        depth = min(len(wiki["marks"].rstrip(":")), len(self.items) + 1, DEEPEST)
        self.items = [(level, level + 1) for level in range(depth)]
        if wiki["marks"].endswith(":"):
            return " " * 4 * depth + wiki["text"]
        marker = "1.  " if wiki["marks"][-1] == "#" else "-   "
        return " " * 4 * (depth - 1) + marker + wiki["text"]

    def _markdown(self, indent: int, mark: str, text: str) -> str:
        while self.items and self.items[-1][0] >= indent:
            self.items.pop()
        depth = min(self.items[-1][1] + 1, DEEPEST) if self.items else 1
        self.items.append((indent, depth))
        marker = f"{mark[:-1]}." if mark[0].isdigit() else "-"
        return " " * 4 * (depth - 1) + marker.ljust(3) + " " + text

    def continuation(self, line: str) -> str | None:
        """An indented line below an item, with the indentation that pandoc wants, or None."""
        if not self.items or not line.startswith(("  ", "\t")):
            return None
        wide = line.expandtabs(4)
        indent = len(wide) - len(wide.lstrip())
        while len(self.items) > 1 and self.items[-1][0] >= indent:
            self.items.pop()
        return " " * 4 * self.items[-1][1] + line.strip()

    def inside(self, line: str) -> str | None:
        """A line at the margin that belongs to the open item all the same, or None."""
        return " " * 4 * self.items[-1][1] + line.strip() if self.items else None

    def end(self) -> None:
        """No list is open any more."""
        self.items.clear()


def _emphasised(marks: str, line: str) -> bool:
    """Whether a line begins with Markdown's bold or italics rather than with an item."""
    stars = len(marks) - len(marks.lstrip("*"))
    touches = len(line) > stars and not line[stars].isspace()
    return bool(stars) and touches and line.find("*" * stars, stars + 1) > 0
