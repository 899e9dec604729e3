"""Convert boxes and tabs of other tools: fences, colons, markers with an indented body. Also the cursor over lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..regex import regex
from .directives import CALLOUTS, EXECUTABLE, code_fence, container, leaf, opening, options_at
from .flavour_inlines import convert as inlines

DEEPEST = 12
"""Levels of nested blocks. Deeper ones are not converted."""

_DELIMITER = regex(r"(?!\|-+$)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")


@dataclass
class Lines:
    """A cursor over the lines of a page, a quote or a box, with the list items and divs that are open."""

    lines: list[str]
    depth: int
    convert: Callable[[list[str], int], list[str]]
    at: int = 0
    out: list[str] = field(default_factory=list)
    paragraph: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    """For each open list item, the column at which its text begins."""
    divs: list[list[str]] = field(default_factory=list)
    """For each open div, the lines that close it."""
    hopeless: set[str] = field(default_factory=set)
    """Closers that do not occur again."""

    def flush(self) -> None:
        """Emit the paragraph read so far."""
        if not self.paragraph:
            return
        text = "\n".join(self.paragraph)
        changed = inlines(text)
        if "|" in text and "[[" in text and any(_DELIMITER.fullmatch(line.strip()) for line in self.paragraph):
            changed = inlines(changed, in_table=True)
        self.paragraph.clear()
        if changed == text or changed.strip():
            self.out += changed.split("\n")

    def put(self, lines: list[str], indent: str = "") -> None:
        """Emit a block, with a blank line before and after it, as far to the left as its list item allows."""
        self.flush()
        width = indentation(indent + "x")
        indent = " " * max((item for item in self.items if item <= width), default=0)
        if lines:
            self.part()
            self.out += [indent + line if line else "" for line in lines]
            if self.at < len(self.lines) and self.lines[self.at].strip():
                self.out.append("")

    def part(self) -> None:
        """Emit a blank line, unless there is one."""
        if self.out and self.out[-1].strip():
            self.out.append("")

    def alone(self) -> bool:
        """Return whether the line is a paragraph by itself."""
        after = self.lines[self.at + 1] if self.at + 1 < len(self.lines) else ""
        return not self.paragraph and (not after.strip() or after.startswith("#"))

    def inner(self, lines: list[str]) -> list[str]:
        """Return the converted content of a block, without blank lines around it."""
        return strip(self.convert(lines, self.depth + 1))

    def until(self, closer: re.Pattern[str]) -> int:
        """Return the next line that is this closer, or the number of lines. A vain search is not repeated."""
        end = self.at + 1
        if closer.pattern in self.hopeless:
            return len(self.lines)
        while end < len(self.lines) and not closer.fullmatch(self.lines[end]):
            end += 1
        if end == len(self.lines):
            self.hopeless.add(closer.pattern)
        return end

    def indented(self, at: int, width: int) -> tuple[list[str], int]:
        """Return the lines from ``at`` that are blank or indented by ``width``, dedented, and the line after them."""
        end = last = at
        while end < len(self.lines):
            if self.lines[end].strip():
                if indentation(self.lines[end]) < width:
                    break
                last = end + 1
            end += 1
        return dedent(self.lines[at:last], width), last


def indentation(line: str) -> int:
    """Return the number of columns by which a line is indented."""
    line = line.expandtabs(4) if "\t" in line else line
    return len(line) - len(line.lstrip(" "))


def strip(lines: list[str], start: bool = True) -> list[str]:
    """Return the lines without blank ones at both ends, or at the end only."""
    first, end = 0, len(lines)
    while start and first < end and not lines[first].strip():
        first += 1
    while end > first and not lines[end - 1].strip():
        end -= 1
    return lines[first:end]


def dedent(lines: list[str], width: int | None = None) -> list[str]:
    """Return the lines without up to ``width`` columns of their indentation, or without their common indentation."""
    if width is None:
        width = min((indentation(line) for line in lines if line.strip()), default=0)
    tabbed = re.compile(r" {0,3}\t")
    expanded = (line.expandtabs(4) if tabbed.match(line) else line for line in lines)
    return [line[min(width, len(line) - len(line.lstrip(" "))) :] for line in expanded]


_FENCE = regex(r"(?P<indent>[ \t]*)(?P<fence>`{3,}(?!`)|~{3,}(?!~))[ \t]*(?P<info>\S.*)?")
_DIRECTIVE = regex(r"\{(?P<name>[A-Za-z][\w:+-]*)\}[ \t]*(?P<arguments>.*)")
_INFO = regex(r"(?P<language>[\w+#][\w+#.-]*)[ \t,:][^{}]*(?:\{[\d,\s-]*\}[^{}]*)?")
_CAPTION = regex(r"""(?:title|filename|caption|file)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\S+))""")
_COLONS = regex(r"(?P<indent>[ \t]*)(?P<fence>:{3,}(?!:))[ \t]*(?P<rest>\S.*)?")
_BOX = regex(r"[A-Za-z][\w-]*")
_LABEL = regex(r"[ \t]*\[(.*)\]")
_ATTRIBUTES = regex(r"[ \t]*(\{[^{}]*\})")
_TITLE = regex(r"""\btitle\s*=\s*\{?(?:"([^"]*)"|'([^']*)')""")
_FOLD = regex(r"\bcollaps\w*\s*=\s*\W?(true|false)")
_TEXTS = {name for name in CALLOUTS if not name.startswith(("version", "deprecated"))}
_SOURCE = regex(r"""\bsrc=["'](https?://[^"'\s<>]+)""")
_SLASHES = regex(r"[ \t]*/{3,}[ \t]*(?:(?P<name>[A-Za-z][\w-]*)[ \t]*(?:\|(?P<title>.*))?)?")
_QUOTED = r"(?:\"(?P<title>.*)\"|'(?P<single>.*)')[ \t]*"
_ADMONITION = regex(
    rf"(?P<indent>[ \t]*)(?P<mark>!!!|\?\?\?\+?)[ \t]*(?P<names>[A-Za-z][\w-]*(?:[ \t]+[\w-]+)*)[ \t]*(?:{_QUOTED})?"
)
_TAB = regex(rf"(?P<indent>[ \t]*)===(?P<mark>[!+]{{0,2}})[ \t]+{_QUOTED}")


def title_in(attributes: str) -> str | None:
    """Return the value of ``title="…"``."""
    found = _TITLE.search(attributes)
    return found and (found[1] or found[2])


def fence(s: Lines, line: str, marker: str = "") -> bool:
    """Convert code, formulas and directives between fences. In a list item, ``marker`` precedes the opener."""
    match = _FENCE.fullmatch(line)
    if not match:
        return False
    indent, ticks, info = match["indent"], match["fence"], (match["info"] or "").rstrip()
    if "`" in info and ticks[0] == "`":
        return False
    margin = len(marker) + len(indent)
    if not marker and indentation(indent + "x") >= max(s.items, default=0) + 4:
        return False  # within a paragraph; elsewhere it is code already
    end = s.until(re.compile(rf"[ \t]*{ticks[0]}{{{len(ticks)},}}[ \t]*"))
    closing = s.lines[end] if end < len(s.lines) else None
    if closing is None:  # to the end of the page or of the list item, as in CommonMark
        end = s.indented(s.at + 1, margin)[1] if margin and s.items else len(s.lines)
    body = s.lines[s.at + 1 : end]
    blank = len(body) - len(strip(body, start=False)) if closing is None else 0
    body = body[: len(body) - blank]
    s.at = end + (closing is not None)
    written = None if marker else _fenced(s, info, ticks, dedent(body, margin))
    if written is not None:
        s.put(written, indent)
        return True
    s.flush()
    s.out += [marker + _first(line, match, info), *body, closing or " " * margin + ticks, *[""] * blank]
    return True


def _first(line: str, match: re.Match[str], info: str) -> str:
    """Return the opening fence without words after the language, which pandoc would not accept."""
    words = _INFO.fullmatch(info)
    if not words:
        return line
    captioned = _CAPTION.search(info)
    caption = next(filter(None, captioned.groups()), "") if captioned else ""
    return f"{match['indent']}{match['fence']}{code_fence(words['language'], caption, [])[0].lstrip('`')}"


def _fenced(s: Lines, info: str, ticks: str, body: list[str]) -> list[str] | None:
    """Return the lines for a fence with a formula or a directive; None for any other fence."""
    if info == "math":
        return leaf("math", "", {}, body)
    match = _DIRECTIVE.fullmatch(info)
    if not match or match["name"].lower() in EXECUTABLE or s.depth > DEEPEST:
        return None
    options, at = options_at(body, 0)
    if match["name"].lower() in _TEXTS and not strip(body[at:]):  # the text is on the first line
        return [*opening(match["name"]), *s.inner([match["arguments"]]), "", ":::"]
    if around := container(match["name"], match["arguments"], options):
        return [*around.before, *s.inner(body[at:]), "", *around.after]
    return leaf(match["name"], match["arguments"], options, strip(body[at:]), "`" * len(ticks))


def colons(s: Lines, line: str) -> bool:
    """Convert divs as pandoc, Docusaurus, VitePress, MyST and Azure write them."""
    match = _COLONS.fullmatch(line)
    if not match:
        return False
    indent, rest = match["indent"], (match["rest"] or "").rstrip(" \t:")
    if not rest:
        return _close(s, line, indent)
    if len(s.divs) > DEEPEST:
        return False
    if directive := _DIRECTIVE.fullmatch(rest):
        name, arguments = directive["name"], directive["arguments"]
        options, after = options_at(s.lines, s.at + 1)
        if around := container(name, arguments, options):
            return _open(s, around.before, [*around.after, ""], indent, after)
        return _literal(s, match, lambda options, body: leaf(name, arguments, options, body))
    if rest == "mermaid":
        return _literal(s, match, lambda _options, body: leaf("mermaid", "", {}, body))
    if rest == "video":
        return _literal(
            s, match, lambda _options, body: [f"<{address}>" for address in _SOURCE.findall(" ".join(body))]
        )
    if (box := _BOX.match(rest)) and box[0].lower() in CALLOUTS:
        return _open(s, _box(box[0], rest[box.end() :]), [":::", ""], indent, s.at + 1)
    s.flush()
    if (s.out and s.out[-1].strip()) or not (rest.startswith("{") or re.fullmatch(r"[\w-]+", rest)):
        return False  # pandoc treats it as text
    s.divs.append([":::"])
    s.out.append(line)
    s.at += 1
    return True


def _box(name: str, rest: str) -> list[str]:
    """Return the opening lines of a box: ``tip``, then ``[Title]``, ``{title="…"}`` or the bare title."""
    label = _LABEL.match(rest)
    rest = rest[label.end() :] if label else rest
    attributes = _ATTRIBUTES.match(rest)
    rest = rest[attributes.end() :] if attributes else rest
    written = attributes[1] if attributes else ""
    folded = _FOLD.search(written)
    fold = ("closed" if folded[1] == "true" else "open") if folded else ""
    return opening(name, (label and label[1]) or title_in(written) or rest.strip(), fold)


def _open(s: Lines, before: list[str], after: list[str], indent: str, at: int) -> bool:
    s.at = at
    s.put(before, indent)
    s.divs.append(after)
    return True


def _close(s: Lines, line: str, indent: str) -> bool:
    if not s.divs:
        return False
    closing = s.divs.pop()
    s.at += 1
    s.flush()
    if closing == [":::"]:  # pandoc's own syntax stays unchanged
        s.out.append(line)
    else:
        s.put([text for text in closing if text], indent)
    return True


def _literal(s: Lines, match: re.Match[str], become: Callable[[dict[str, str], list[str]], list[str]]) -> bool:
    """Convert a div whose content is not Markdown and ends at the next line of colons."""
    end = s.until(re.compile(rf"[ \t]*:{{{len(match['fence'])},}}[ \t]*"))
    body = dedent(s.lines[s.at + 1 : end], len(match["indent"]))
    s.at = min(end + 1, len(s.lines))
    options, at = options_at(body, 0)
    s.put(become(options, strip(body[at:])), match["indent"])
    return True


def slashes(s: Lines, line: str) -> bool:
    """Convert Python-Markdown's blocks: ``/// note | Title``, indented options, and ``///``."""
    match = _SLASHES.fullmatch(line)
    if not match or (not match["name"] and not s.divs):
        return False
    indent = line[: len(line) - len(line.lstrip())]
    if not match["name"]:
        return _close(s, line, indent)
    name = match["name"].lower()
    if (name != "admonition" and name not in CALLOUTS) or len(s.divs) > DEEPEST:
        return False
    options, at = s.indented(s.at + 1, indentation(line) + 4)
    kind = re.search(r"\btype:[ \t]*([\w-]+)", "\n".join(options))
    fold = ("open" if "open: true" in options else "closed") if name == "details" else ""
    shown = kind[1] if kind else "note" if name == "admonition" else name
    return _open(s, opening(shown, (match["title"] or "").strip(), fold), [":::", ""], indent, at)


def admonition(s: Lines, line: str) -> bool:
    """Convert MkDocs admonitions: ``!!! note "Title"`` and an indented body."""
    match = _ADMONITION.fullmatch(line)
    if not match or s.depth > DEEPEST:
        return False
    body, end = s.indented(s.at + 1, indentation(line) + 4)
    title = match["title"] if match["title"] is not None else match["single"]
    name = match["names"].split()[0].lower()
    if not body and (not title or name not in CALLOUTS):
        return False
    fold = {"!!!": "", "???": "closed", "???+": "open"}[match["mark"]]
    s.at = end
    head = opening(name, title, fold, bare=title == "")
    s.put([*head, *s.inner(body), "", ":::"], match["indent"])
    return True


def tabs(s: Lines, line: str) -> bool:
    """Convert tabs of Material for MkDocs: ``=== "Title"`` and an indented body, once for each tab."""
    written: list[str] = []
    at, indent = s.at, ""
    while s.depth <= DEEPEST and at < len(s.lines) and (match := _TAB.fullmatch(s.lines[at])):
        if written and (match["indent"] != indent or "!" in match["mark"]):
            break
        indent = match["indent"]
        body, end = s.indented(at + 1, indentation(s.lines[at]) + 4)
        if not body:
            break
        written += ["", f"###### {match['title'] or match['single'] or 'Tab'}", "", *s.inner(body)]
        s.at = at = end
        while at < len(s.lines) and not s.lines[at].strip():
            at += 1
    if written:
        s.put(["::: {.panel-tabset}", *written, "", ":::"], indent)
    return bool(written)
