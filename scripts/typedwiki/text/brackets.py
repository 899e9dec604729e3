"""Find MediaWiki's double brackets and braces, and read files and prefixes of other wikis."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from msgspec import Struct

from ..regex import regex
from .namespaces import FILES, FLOATING, OPTION

_TOKEN = regex(
    r"""\{\{+ | \}\}+ | \[\[+ | \]\]+ | \n[ \t]*(?=\n)  # literals first: they make the search fast
      | <(?P<close>/?)(?P<tag>ref|references|gallery|poem|blockquote|tabber|includeonly)\b(?P<attributes>[^<>]*)>""",
    re.VERBOSE | re.IGNORECASE,
)
_BRACES = regex(r"\{\{+|\}\}+")
_LATEST = 20
"""Number of pieces of a label that are searched for a single bracket that closes with it."""
_DEEPEST = 20
"""Levels of nested pairs. A pair with more is text."""


class Pair(Struct):
    """A pair of brackets with its content, which may still be open."""

    kind: str
    """``{``, ``[`` or the element's name; empty for the whole text."""
    start: int
    end: int = 0
    opener: str = ""
    attributes: str = ""
    pieces: list[str] = []
    depth: int = 0
    in_template: bool = False
    """Whether it is inside an open template."""
    holds_link: bool = False
    trail: int = 0
    """Number of characters after it that belong to it. Set by the function that replaces it."""

    @property
    def content(self) -> str:
        return "".join(self.pieces)


Replace = Callable[[Pair], str | None]
"""Returns the replacement of a pair, or None to keep it as text."""


def replace_pairs(text: str, replace: Replace) -> str:
    """Return the text with each pair replaced, the innermost first."""
    return _Scan(text, replace).run()


def _closed_openers(text: str) -> set[int]:
    """Return the offsets of opening braces that are closed. An unclosed one does not begin a template."""
    offsets: set[int] = set()
    open_braces: list[list[int]] = []
    for match in _BRACES.finditer(text):
        remaining = len(match[0])
        if match[0][0] == "{":
            open_braces.append([match.start(), remaining])
            continue
        while remaining >= 2 and open_braces:
            start, count = open_braces[-1]
            offsets.add(start)
            width = min(3, remaining, count)
            remaining -= width
            open_braces[-1][1] -= width
            if open_braces[-1][1] < 2:
                open_braces.pop()
    return offsets


class _Scan:
    def __init__(self, text: str, replace: Replace) -> None:
        self.text = text
        self.replace = replace
        self.stack = [Pair("", 0)]
        self.open: Counter[str] = Counter()
        self.consumed_end = 0  # end of the last pair, including its trail
        self.closed = _closed_openers(text)

    def run(self) -> str:
        position = 0
        for match in _TOKEN.finditer(self.text):
            position = max(position, self.consumed_end)
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
                case "\n":  # a link does not continue in the next paragraph
                    link_start = len(self.stack) - 1
                    while self.stack[link_start].kind == "[":
                        link_start -= 1
                    self._discard_openers(link_start)
                    self.stack[-1].pieces.append(match[0])
                case _:
                    self._tag(match)
        self.stack[-1].pieces.append(self.text[max(position, self.consumed_end) :])
        return "".join(piece for pair in self.stack for piece in (pair.opener, *pair.pieces))

    def _push(self, kind: str, start: int, opener: str, attributes: str = "") -> None:
        pair = Pair(kind, start, 0, opener, attributes, in_template=bool(self.open["{"]))
        self.stack.append(pair)
        self.open[kind] += 1

    def _discard_openers(self, position: int) -> None:
        """Treat openers above this position of the stack as text."""
        parent, given_up = self.stack[position], self.stack[position + 1 :]
        del self.stack[position + 1 :]
        for pair in given_up:
            self.open[pair.kind] -= 1
            parent.pieces.append("".join((pair.opener, *pair.pieces)))
            parent.depth = max(parent.depth, pair.depth)
            parent.holds_link = parent.holds_link or pair.holds_link

    def _innermost(self, kind: str) -> Pair | None:
        """Return the last open pair of a kind. Openers after it become text."""
        if not self.open[kind]:
            return None
        position = len(self.stack) - 1
        while self.stack[position].kind != kind:
            position -= 1
        self._discard_openers(position)
        return self.stack[position]

    def _pop(self, end: int, closer: str) -> None:
        pair = self.stack.pop()
        self.open[pair.kind] -= 1
        self._finish(pair, end, closer)

    def _finish(self, pair: Pair, end: int, closer: str) -> None:
        pair.end = end
        parent = self.stack[-1]
        replacement = self.replace(pair) if pair.depth < _DEEPEST or pair.kind == "{" else None
        if replacement is None:
            parent.pieces.append("".join((pair.opener, *pair.pieces, closer)))  # many pieces would be copied slowly
            parent.depth = max(parent.depth, pair.depth)
            parent.holds_link = parent.holds_link or pair.holds_link
            return
        parent.pieces.append(replacement)
        self.consumed_end = end + pair.trail
        parent.depth = max(parent.depth, pair.depth + 1 if pair.kind != "{" else 0)
        parent.holds_link = parent.holds_link or (pair.kind == "[")

    def _close_link(self, match: re.Match[str]) -> None:
        position, end = match.span()
        for _ in range(_DEEPEST):  # `[[File:A|see [[B]]]]` closes both; each step may copy all in the link
            if end - position < 2 or not (pair := self._innermost("[")):
                break
            extra = end - position - 2
            last_pieces = pair.pieces[-_LATEST:] if extra else ()
            inner_count = min(extra, max(0, sum(piece.count("[") - piece.count("]") for piece in last_pieces)))
            pair.pieces.append("]" * inner_count)  # as in `[[T|see [1]]]`
            position += inner_count + 2
            self._pop(position, "]]")
        self.stack[-1].pieces.append("]" * (end - position))

    def _close_braces(self, match: re.Match[str]) -> None:
        remaining = len(match[0])
        while remaining >= 2 and (pair := self._innermost("{")):
            count = min(3, remaining, len(pair.opener))
            end = match.end() - remaining + count
            remaining -= count
            if len(pair.opener) - count >= 2:  # the rest of the opener opens another pair
                outer_opener = pair.opener[count:]
                inner = Pair("{", pair.start + len(outer_opener), 0, "{" * count, "", pair.pieces, pair.depth, True)
                pair.opener, pair.pieces, pair.depth = outer_opener, [], 0
                self._finish(inner, end, "}" * count)
                continue
            literal = len(pair.opener) - count
            pair.start += literal
            self.stack[-2].pieces.append("{" * literal)
            pair.opener = "{" * count
            self._pop(end, "}" * count)
        self.stack[-1].pieces.append("}" * remaining)

    def _tag(self, match: re.Match[str]) -> None:
        kind = match["tag"].lower()
        if match["close"]:
            if self._innermost(kind):
                self._pop(match.end(), match[0])
            else:
                self.stack[-1].pieces.append(match[0])
        elif match["attributes"].endswith("/"):
            pair = Pair(kind, match.start(), 0, match[0], match["attributes"][:-1], in_template=bool(self.open["{"]))
            self._finish(pair, match.end(), "")
        else:
            self._push(kind, match.start(), match[0], match["attributes"])


_FILE = regex(rf"[ \t]*(?:{'|'.join(sorted(FILES))})[ \t]*:[ \t]*(?P<name>[^\n|]*?)[ \t]*", re.IGNORECASE)
_SIZE = regex(r"(?P<width>\d{1,5})?(?:x(?P<height>\d{1,5}))?[ ]*(?:px)+")


class File(Struct):
    """A file as the page shows it. Texts are wikitext."""

    name: str
    caption: str = ""
    alt: str = ""
    link: str = ""
    width: str = ""
    height: str = ""
    floats: bool = False
    """Whether it is placed beside the text, with its caption below it."""


def is_file(target: str) -> bool:
    """Return whether the target of a link in double brackets is a file to be shown."""
    return bool(_FILE.fullmatch(target))


def read_file(content: str) -> File:
    """Return the file that the content of brackets describes. The last field that is not an option is the caption."""
    name, *options = content.split("|")
    match = _FILE.fullmatch(name)
    file = File(match["name"] if match else name.strip())
    for option in map(str.strip, options):
        size = _SIZE.fullmatch(option)
        option_name, equals, value = option.partition("=")
        if size and (size["width"] or size["height"]):
            file.width, file.height = size["width"] or "", size["height"] or ""
        elif equals and option_name.rstrip() in ("alt", "link"):
            setattr(file, option_name.rstrip(), value.strip())
        elif OPTION.fullmatch(option):
            file.floats = file.floats or option.partition("=")[0].rstrip() in FLOATING
        else:
            file.caption = option
    return file


def has_suffix(name: str) -> bool:
    """Return whether a line of a gallery begins with the bare name of a file."""
    return bool(re.search(r"\.[A-Za-z0-9]{2,5}[ \t]*\Z", name))


def image_markdown(file: File, caption: str, alt: str) -> str:
    """Return the file as an image in Markdown, given the Markdown of its caption and its plain alternative text."""
    sizes = [f"{side}={n}px" for side, n in (("width", file.width), ("height", file.height)) if n]
    if caption and alt:
        sizes.append('alt="' + alt.replace("\\", "\\\\").replace('"', '\\"') + '"')
    attributes = f"{{{' '.join(sizes)}}}" if sizes else ""
    path = file.name.replace("<", "%3C").replace(">", "%3E")
    return f"![{caption or alt}](<{path}>){attributes}"


SWITCH = regex(
    r"__(?:(?i:NOTOC|FORCETOC|TOC|NOEDITSECTION|NOGALLERY)|NEWSECTIONLINK|NONEWSECTIONLINK|HIDDENCAT|INDEX|NOINDEX"
    r"|EXPECTUNUSEDCATEGORY|EXPECTUNUSEDTEMPLATE|NOCONTENTCONVERT|NOCC|NOTITLECONVERT|NOTC|START|END|STATICREDIRECT"
    r"|NOGLOBAL|DISAMBIG|EXPECTWITHOUTSCANS|ARCHIVEDTALK|NOTALK)__"
)
"""Magic words between underscores. They show nothing."""
