"""Line rules: masked wiki text to Pandoc Markdown blocks.

A table of rules and a loop. Each rule looks at the line the cursor is on and either consumes lines
and says yes, or leaves everything alone and says no.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from .lists import DEEPEST, ListState
from .markdown import fence
from .tables import pipe_lines

_WIKI_HEADING = re.compile(r"(={1,6})[ \t]*([^=\s].*?)(?<![ \t])[ \t]*\1[ \t]*")
_MARKDOWN_HEADING = re.compile(r"(#{1,6})[ \t]+(\S.*?)(?<![ \t])(?:[ \t]+#+)?[ \t]*")
_HEADING_ID = re.compile(r"(?<!\s)\s*\{#([\w-]+)[^{}]*\}$")
_CALLOUT = re.compile(
    r":{3,}\s*(?:\{\s*\.)?callout-(note|tip|warning|important|caution)"
    r"((?:\s+(?:title|collapse|icon|appearance)=\"[^\"{}<>]*\")*)\s*\}?\s*"
)
_ALERT = re.compile(r">\s*\[!(NOTE|TIP|WARNING|IMPORTANT|CAUTION)\]\s*", re.IGNORECASE)
_RULE = re.compile(r"[ \t]*(?:-[ \t]*){3,}|[ \t]*(?:_[ \t]*){3,}|[ \t]*(?:\*[ \t]*){3,}")
_DELIMITER = re.compile(r"[ \t]*\|?(?:[ \t]*:?-+:?[ \t]*\|)+(?:[ \t]*:?-+:?[ \t]*)?")
_BLOCK_MARK = re.compile("[ \t]*\ue000b\\d+\ue001[ \t]*")
_MARKER = re.compile(r"(?:-|\d+\.)\s+")
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]:\s")
_MARKS = re.compile(rf"(?:[ \t]*(?:>|[-+*](?=\s)|\d{{1,9}}[.)](?=\s))){{{DEEPEST + 1}}}")
_DEEPEST = DEEPEST
"""Quotes within quotes beyond this are text."""


class Blocks:
    """The cursor, the output so far, and what is open."""

    def __init__(self, lines: list[str], wiki: bool, inline: Callable[[str], str], depth: int = 0) -> None:
        self.depth = depth
        self.lines = lines if depth else [_shallow(line) if len(line) > _DEEPEST else line for line in lines]
        self.wiki = wiki
        self.inline = inline
        self.at = 0
        self.out: list[str] = []
        self.previous = "blank"
        self.lists = ListState()
        self.callouts = 0
        self.judged = 0  # lines of ``out`` that are known not to change what the next line is set out from
        self.footnote = False

    def convert(self) -> list[str]:
        """Run the rules over all lines."""
        while self.at < len(self.lines):
            line = self.lines[self.at]
            for rule in _rules(line.lstrip()[:1], self.wiki):
                if rule(self, line):
                    break
        # An open div would take the rest of the note into it.
        return [*self.out, *["", ":::"] * self.callouts]

    def add(self, kind: str, *texts: str, take: int = 1) -> bool:
        """Put lines out, a blank one before them where the kind changes, and move on."""
        alone = kind not in ("text", "item")
        if self.previous != "blank" and (kind != self.previous or alone):
            self.out.append("")
        self.out += texts
        self.previous = kind
        self.at += take
        return True

    def inner(self, lines: list[str]) -> list[str]:
        """Convert lines that stand inside another block."""
        return Blocks(lines, self.wiki, self.inline, self.depth + 1).convert()


def _shallow(line: str) -> str:
    """A line with so many marks of quotes and lists before its text that the rest of them are text."""
    deep = _MARKS.match(line)
    return f"{line[: deep.end() - 1]}\\{line[deep.end() - 1 :]}" if deep and not _RULE.fullmatch(line) else line


def blank(b: Blocks, line: str) -> bool:
    if line.strip():
        return False
    if b.previous != "blank":
        b.out.append("")
    b.previous = "blank"
    b.at += 1
    return True


def code(b: Blocks, line: str) -> bool:
    """A block that is already converted: in the list item above it when it is indented."""
    if "\ue000b" not in line or not _BLOCK_MARK.fullmatch(line):
        return False
    nested = b.lists.continuation(line)
    if nested is None and b.wiki and b.previous == "item":
        nested = b.lists.inside(line)  # right below an item: what the item is about
    if nested is None:
        b.lists.end()
    return b.add("block", nested or line.strip())


def heading(b: Blocks, line: str) -> bool:
    found = parse_heading(line, b.wiki) or _odd_heading(b, line)
    take = 1
    if not found and not b.wiki and b.previous in ("blank", "rule", "heading") and b.at + 1 < len(b.lines):
        underline = b.lines[b.at + 1].rstrip()
        if re.fullmatch(r"=+|-{2,}", underline) and not line.startswith((" ", ">", "|", "-", "*")):
            found, take = (1 if underline[0] == "=" else 2, line.strip()), 2
    if not found:
        return False
    b.lists.end()
    level, text = found
    anchor = _HEADING_ID.search(text)
    title = b.inline(text[: anchor.start()] if anchor else text)
    title = f"{title[:-1]}\\#" if title.endswith("#") else title  # else it would close the heading
    b.add("heading", f"{'#' * level} {title}{f' {{#{anchor[1]}}}' if anchor else ''}", take=take)
    return True


@lru_cache(maxsize=1 << 12)  # wikis repeat their headings, and several stages ask
def parse_heading(line: str, wiki: bool) -> tuple[int, str] | None:
    """Level and text of a heading line, or None."""
    if not line.startswith(("=", "#")):  # as nearly every line
        return None
    found = _WIKI_HEADING.fullmatch(line.rstrip())
    if not found and not wiki:
        found = _MARKDOWN_HEADING.fullmatch(line)
    return (len(found[1]), found[2]) if found else None


def _odd_heading(b: Blocks, line: str) -> tuple[int, str] | None:
    """A Markdown heading on a MediaWiki page, where `#` otherwise numbers an item."""
    found = _MARKDOWN_HEADING.fullmatch(line) if b.wiki else None
    if not found or b.previous not in ("blank", "heading"):
        return None
    following = b.lines[b.at + 1] if b.at + 1 < len(b.lines) else ""
    first = not any(text.strip() for text in b.out)
    if (len(found[1]) > 1 or first) and not following.startswith(("#", "*")):
        return len(found[1]), found[2]
    return None


def callout(b: Blocks, line: str) -> bool:
    if not line.startswith(":::"):
        return False
    b.lists.end()
    if (found := _CALLOUT.fullmatch(line)) and b.callouts < _DEEPEST:
        b.callouts += 1
        return b.add("div", f"::: {{.callout-{found[1]}{found[2]}}}")
    if b.callouts and not line.strip(": \t"):
        b.callouts -= 1
        return b.add("div", ":::")
    return b.add("text", "\\" + b.inline(line))


def quote(b: Blocks, line: str) -> bool:
    """Block quotes, GitHub's alerts, and MediaWiki's indentation."""
    mark = ":" if b.wiki and line.startswith(":") else ">"
    if not line.startswith(mark) or b.depth > _DEEPEST:
        return False
    end = b.at
    while end < len(b.lines) and b.lines[end].startswith(mark):
        end += 1
    body = [text[1:].removeprefix(" ") for text in b.lines[b.at : end]]
    take = end - b.at
    if mark == ":":  # each of these lines is a paragraph
        body = [text for one in body for text in (one, "")]
    b.lists.end()
    if alert := _ALERT.fullmatch(line):
        inner = b.inner(body[1:])
        return b.add("div", f"::: {{.callout-{alert[1].lower()}}}", "", *inner, "", ":::", take=take)
    inner = "\n".join(b.inner(body)).rstrip("\n").split("\n")
    return b.add("quote", *(f"> {text}".rstrip() for text in inner), take=take)


def term(b: Blocks, line: str) -> bool:
    """MediaWiki's `; term : definition`."""
    if not b.wiki or not line.startswith(";"):
        return False
    b.lists.end()
    name, colon, definition = line[1:].partition(" : ")
    text = f"**{b.inline(name.strip())}**" if name.strip() else ""
    return b.add("term", f"{text}: {b.inline(definition.strip())}" if colon else text)


def rule(b: Blocks, line: str) -> bool:
    # `---` would also open a metadata block or underline a heading.
    if not _RULE.fullmatch(line) and not (b.wiki and re.fullmatch(r"-{4,}[^-]*", line)):
        return False
    b.lists.end()
    b.add("rule", "* * *")
    rest = line.strip("-* _\t")
    return b.add("text", b.inline(rest), take=0) if rest else True


def pipe_table(b: Blocks, line: str) -> bool:
    after = b.lines[b.at + 1] if "|" in line and b.at + 1 < len(b.lines) else ""
    if "-" not in after or not _DELIMITER.fullmatch(after.rstrip()):
        return False
    end = b.at + 2
    while end < len(b.lines) and "|" in b.lines[end]:
        end += 1
    nested = b.lists.continuation(line)
    if nested is None:
        b.lists.end()
    indent = nested[: len(nested) - len(nested.lstrip())] if nested else ""
    aligns = [cell.strip() for cell in _cells(after)]
    rows = [[b.inline(cell) for cell in _cells(text)] for text in (line, *b.lines[b.at + 2 : end])]
    width = max(len(aligns), *map(len, rows))
    grid = [row + [""] * (width - len(row)) for row in rows]
    lines = pipe_lines(grid, aligns + [""] * (width - len(aligns)))
    return b.add("table", *(indent + text for text in lines), take=end - b.at)


def _cells(line: str) -> list[str]:
    text = line.strip().removeprefix("|")
    text = text[:-1] if text.endswith("|") and not text.endswith("\\|") else text
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", text)]


def preformatted(b: Blocks, line: str) -> bool:
    """MediaWiki's other code: lines that begin with a space."""
    if not b.wiki or not line.startswith(" ") or b.previous == "item":
        return False
    if re.match(r"\s*(?:[-*+#]|\d+\.)\s", line):
        return False
    end = b.at
    while end < len(b.lines) and b.lines[end].startswith(" ") and "\ue000" not in b.lines[end]:
        end += 1
    body = [text[1:] for text in b.lines[b.at : end]]
    if len([text for text in body if text.strip()]) < 2:
        return False
    b.lists.end()
    return b.add("block", *fence("\n".join(body).rstrip()).split("\n"), take=end - b.at)


def item(b: Blocks, line: str) -> bool:
    # CommonMark: in the middle of a paragraph only a bullet or a 1 begins a list.
    if b.previous == "text" and not b.wiki and re.match(r"\s*(?!1[.)])\d+[.)]\s|\s{4}", line):
        return False
    written = b.lists.item(line.rstrip(), b.wiki)
    if written is None:
        return False
    indent = len(written) - len(written.lstrip())
    body = written[indent:]
    marker = _MARKER.match(body)
    start = indent + (marker.end() if marker else 0)
    if not marker:  # MediaWiki's `*:` goes on with the item in a paragraph of its own
        b.out.append("")
    return b.add("item", written[:start] + b.inline(written[start:]) + _hard_break(b, line))


def text(b: Blocks, line: str) -> bool:
    """Everything else: a paragraph, or more of the list item above."""
    lazy = not b.wiki and b.previous == "item"
    nested = b.lists.continuation(f"    {line}" if lazy and not line[0].isspace() else line)
    stripped = (nested or line).strip()
    shown = b.inline(stripped) + _hard_break(b, line)
    if nested and not _FOOTNOTE.match(stripped):
        if stripped.startswith(">") and b.previous == "item":
            b.out.append("")
        indent = nested[: len(nested) - len(nested.lstrip())]
        return b.add("item" if b.previous in ("item", "blank") else "text", indent + shown)
    b.lists.end()
    if shown.startswith("|"):
        shown = "\\" + shown
    if line[0].isspace() and b.out and _in_footnote(b):
        shown = f"    {shown}"
    return b.add("text", shown)


def _in_footnote(b: Blocks) -> bool:
    """Whether the last line at the margin begins a footnote."""
    for text in b.out[b.judged :]:
        if text.strip() and not text.startswith("    "):
            b.footnote = bool(_FOOTNOTE.match(text))
    b.judged = len(b.out)
    return b.footnote


def _hard_break(b: Blocks, line: str) -> str:
    following = b.lines[b.at + 1] if b.at + 1 < len(b.lines) else ""
    return "\\" if not b.wiki and line.endswith("  ") and following.strip() else ""


Rule = Callable[[Blocks, str], bool]
RULES: tuple[tuple[Rule, str | None, str | None], ...] = (
    (blank, "", ""),
    (code, "\ue000", "\ue000"),
    (heading, None, "=#"),
    (callout, ":", ":"),
    (quote, ">", ">:"),
    (term, "", ";"),
    (rule, "-_*", "-_*"),
    (pipe_table, None, None),
    (preformatted, "", None),
    (item, "-+*•0", "-+*•#0"),
    (text, None, None),
)
"""Each with the characters, spaces aside, that its lines begin with in Markdown and in MediaWiki; 0 is
any digit, None any character."""


@lru_cache(maxsize=1 << 10)
def _rules(sign: str, wiki: bool) -> tuple[Rule, ...]:
    """The rules to try on a line that begins with ``sign``, spaces aside. On a blank line, which has none, these
    are all, and the first takes it."""
    sign = "0" if sign.isdecimal() else sign
    signs = ((rule, in_wiki if wiki else in_markdown) for rule, in_markdown, in_wiki in RULES)
    return tuple(rule for rule, which in signs if which is None or sign in which)
