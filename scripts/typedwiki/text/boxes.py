"""Convert boxes and tabs of other tools: fences, colons, markers with an indented body. Also the cursor over lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ..regex import regex
from .directives import CALLOUTS, EXECUTABLE, code_fence, container, leaf, opening, options_at
from .flavour_inlines import cell_bars
from .flavour_inlines import convert as inlines

DEEPEST = 12
"""Levels of nested blocks. Deeper ones are not converted."""

_DELIMITER = regex(r"(?!\|-+$)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?")
_NO_DEFINITION = regex(
    r"""(?P<label>[ \t>]*(?:(?:[-+*:~]|\(?(?:\d{1,9}|[A-Za-z#])[.)]|\[\^[^\[\]\s]+\]:)[ \t>]+)*
          \[(?!\^)(?:[^\[\]]|(?P<inner>\[[^\[\]]*\]))+\])
        :(?(inner)|(?![ \t]*(?:<[^<>]*>|[^\s<]\S*)?(?:[ \t]+(?:"[^"]*"|'[^']*'|\([^()]*\)))?[ \t]*\Z)
          (?!.*\.[A-Za-z]\w{0,9}(?:[#?][^\s#?.]*)?[ \t]*\Z))""",
    re.VERBOSE,
)
"""Brackets and a colon that pandoc takes for the definition of a link reference. In CommonMark, no brackets are in its
label, and no spaces in its address. An address with spaces that names a file is one all the same."""


@dataclass
class Lines:
    """A cursor over the lines of a page, a quote or a box, with the list items and divs that are open."""

    lines: list[str]
    depth: int
    convert: Callable[[list[str], int], list[str]]
    index: int = 0
    out: list[str] = field(default_factory=list)
    paragraph: list[str] = field(default_factory=list)
    items: list[int] = field(default_factory=list)
    """For each open list item, the column at which its text begins."""
    margins: dict[int, str] = field(default_factory=dict)
    """The indentation of the text of list items by its column, with tabs where the items have tabs. Pandoc's own
    function for filters does not count tabs and spaces alike."""
    divs: list[list[str]] = field(default_factory=list)
    """For each open div, the lines that close it."""
    missing_closers: set[str] = field(default_factory=set)
    """Closers that do not occur again, so that no search for them is repeated."""

    def flush(self) -> None:
        """Emit the paragraph read so far."""
        if not self.paragraph:
            return
        text = "\n".join(self.paragraph)
        head = _table_head(self.paragraph) if "|" in text else -1
        converted = inlines(_without_false_definitions(self.paragraph) if "]:" in text else text)
        if head >= 0 and ("[[" in text or "<" in text):
            converted = inlines(converted, in_table=True)
        self.paragraph.clear()
        lines = converted.split("\n")
        if head >= 0 and (head := _table_head(lines)) >= 0:
            lines[head + 1] = _widened(lines[head:])
            if head > 0:  # a table ends the paragraph above it, but not in pandoc
                lines.insert(head, "")
        if converted == text or converted.strip():
            self.out += lines

    def emit_block(self, lines: list[str], indent: str = "") -> None:
        """Emit a block, with a blank line before and after it, as far to the left as its list item allows."""
        self.flush()
        width = indentation(indent + "x")
        column = max((item for item in self.items if item <= width), default=0)
        indent = self.margins.get(column, " " * column)
        if lines:
            self.emit_blank_line()
            self.out += [indent + line if line else "" for line in lines]
            if self.index < len(self.lines) and self.lines[self.index].strip():
                self.out.append("")

    def emit_blank_line(self) -> None:
        """Emit a blank line, unless there is one."""
        if self.out and self.out[-1].strip():
            self.out.append("")

    def is_alone(self) -> bool:
        """Return whether the line is a paragraph by itself."""
        next_line = self.lines[self.index + 1] if self.index + 1 < len(self.lines) else ""
        return not self.paragraph and (not next_line.strip() or next_line.startswith("#"))

    def convert_inside(self, lines: list[str]) -> list[str]:
        """Return the converted content of a block, without blank lines around it."""
        return strip_blank_lines(self.convert(lines, self.depth + 1))

    def find_closer(self, signs: str, margin: int) -> int:
        """Return the index of the next line that closes what ``signs`` have opened, or the number of lines.

        Four columns to the right of the opener, signs are part of the content.
        """
        closer = re.compile(rf"[ \t]*{signs[0]}{{{len(signs)},}}[ \t]*")
        end, key = self.index + 1, f"{margin} {signs}"
        if key in self.missing_closers:
            return len(self.lines)
        while end < len(self.lines) and not (
            closer.fullmatch(self.lines[end]) and indentation(self.lines[end]) < margin + 4
        ):
            end += 1
        if end == len(self.lines):
            self.missing_closers.add(key)
        return end

    def read_indented(self, start: int, width: int) -> tuple[list[str], int]:
        """Return the lines indented by ``width``, or blank, dedented, and the index after them."""
        end = last = start
        while end < len(self.lines):
            if self.lines[end].strip():
                if indentation(self.lines[end]) < width:
                    break
                last = end + 1
            end += 1
        return dedent(self.lines[start:last], width), last


def _without_false_definitions(paragraph: list[str]) -> str:
    """Return a paragraph in which a colon is escaped that pandoc would take for that of a definition: it would show
    nothing of the line.
    """
    for number, line in enumerate(paragraph):
        if match := _NO_DEFINITION.match(line):
            escaped = f"{match['label']}\\{line[match.end('label') :]}"
            return "\n".join([*paragraph[:number], escaped, *paragraph[number + 1 :]])
        if not line.lstrip().startswith("[") or "]:" not in line:
            break
    return "\n".join(paragraph)


def _table_head(lines: list[str]) -> int:
    """Return the number of the line that is the head of a pipe table in a paragraph; -1 if there is no table.

    Below other text, the head must have as many cells as the line below it, as GitHub's specification demands.
    """
    for number, line in enumerate(lines[1:]):
        rule = line.strip()
        is_rule = "|" in rule and "-" in rule and _DELIMITER.fullmatch(rule)
        if is_rule and (not number or ("|" in lines[number] and _cells(lines[number]) == _cells(rule))):
            return number
    return -1


def _cells(row: str) -> int:
    """Return the number of cells of a row, without empty ones at its end."""
    text = row.strip()
    bars = [bar for bar in cell_bars(text) if bar > 0 and text[bar + 1 :].strip(" \t|")]
    return len(bars) + 1


def _widened(table: list[str]) -> str:
    """Return the line below a table's head with a column for each cell of the longest row: pandoc drops all others."""
    rule = table[1].rstrip()
    missing = max(_cells(row) for row in table) - _cells(rule)
    return table[1] if missing < 1 else rule + ("---|" if rule.endswith("|") else "|---") * missing


def indentation(line: str) -> int:
    """Return the number of columns by which a line is indented."""
    line = line.expandtabs(4) if "\t" in line else line
    return len(line) - len(line.lstrip(" "))


def strip_blank_lines(lines: list[str], start: bool = True) -> list[str]:
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
_INFO = regex(r"(?P<language>(?![\w-]+=)[\w+#][\w+#.-]*(?=[ \t,:])|(?=[\w-]+=))[^{}]*(?:\{[\d,\s-]*\}[^{}]*)?")
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
    match = _TITLE.search(attributes)
    return match and (match[1] or match[2])


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
    end = s.find_closer(ticks, len((marker + indent).expandtabs(4)))
    closing = s.lines[end] if end < len(s.lines) else None
    if closing is None:  # to the end of the page or of the list item, as in CommonMark
        end = s.read_indented(s.index + 1, margin)[1] if margin and s.items else len(s.lines)
    body = s.lines[s.index + 1 : end]
    blank = len(body) - len(strip_blank_lines(body, start=False)) if closing is None else 0
    body = body[: len(body) - blank]
    s.index = end + (closing is not None)
    converted = None if marker else _convert_fence(s, info, ticks, dedent(body, margin))
    if converted is not None:
        s.emit_block(converted, indent)
        return True
    s.flush()
    column = max((item for item in s.items if item <= margin), default=0)
    if not marker and margin != column:  # further to the right, pandoc reads it as part of the paragraph above
        s.emit_blank_line()
    s.out += [marker + _opening_line(line, match, info), *body, closing or " " * margin + ticks, *[""] * blank]
    return True


def _opening_line(line: str, match: re.Match[str], info: str) -> str:
    """Return the opening fence without words after the language, which pandoc would not accept."""
    info_match = _INFO.fullmatch(info)
    if not info_match:
        return line
    caption_match = _CAPTION.search(info)
    caption = next(filter(None, caption_match.groups()), "") if caption_match else ""
    return f"{match['indent']}{match['fence']}{code_fence(info_match['language'], caption, [])[0].lstrip('`')}"


def _convert_fence(s: Lines, info: str, ticks: str, body: list[str]) -> list[str] | None:
    """Return the lines for a fence with a formula or a directive; None for any other fence."""
    if info == "math":
        return leaf("math", "", {}, body)
    match = _DIRECTIVE.fullmatch(info)
    if not match or match["name"].lower() in EXECUTABLE or s.depth > DEEPEST:
        return None
    options, body_start = options_at(body, 0)
    if match["name"].lower() in _TEXTS and not strip_blank_lines(body[body_start:]):  # the text is on the first line
        return [*opening(match["name"]), *s.convert_inside([match["arguments"]]), "", ":::"]
    if box := container(match["name"], match["arguments"], options):
        return [*box.before, *s.convert_inside(body[body_start:]), "", *box.after]
    return leaf(match["name"], match["arguments"], options, strip_blank_lines(body[body_start:]), "`" * len(ticks))


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
        options, body_start = options_at(s.lines, s.index + 1)
        if lines := container(name, arguments, options):
            return _open(s, lines.before, [*lines.after, ""], indent, body_start)
        return _literal(s, match, lambda options, body: leaf(name, arguments, options, body))
    if rest == "mermaid":
        return _literal(s, match, lambda _options, body: leaf("mermaid", "", {}, body))
    if rest == "video":
        return _literal(
            s, match, lambda _options, body: [f"<{address}>" for address in _SOURCE.findall(" ".join(body))]
        )
    if (callout := _BOX.match(rest)) and callout[0].lower() in CALLOUTS:
        return _open(s, _box_opening(callout[0], rest[callout.end() :]), [":::", ""], indent, s.index + 1)
    s.flush()
    if (s.out and s.out[-1].strip()) or not (rest.startswith("{") or re.fullmatch(r"[\w-]+", rest)):
        return False  # pandoc treats it as text
    s.divs.append([":::"])
    s.out.append(line)
    s.index += 1
    return True


def _box_opening(name: str, rest: str) -> list[str]:
    """Return the opening lines of a box: ``tip``, then ``[Title]``, ``{title="…"}`` or the bare title."""
    label = _LABEL.match(rest)
    rest = rest[label.end() :] if label else rest
    attributes = _ATTRIBUTES.match(rest)
    rest = rest[attributes.end() :] if attributes else rest
    attribute_text = attributes[1] if attributes else ""
    fold_match = _FOLD.search(attribute_text)
    fold = ("closed" if fold_match[1] == "true" else "open") if fold_match else ""
    return opening(name, (label and label[1]) or title_in(attribute_text) or rest.strip(), fold)


def _open(s: Lines, opening_lines: list[str], closing_lines: list[str], indent: str, body_start: int) -> bool:
    s.index = body_start
    s.emit_block(opening_lines, indent)
    s.divs.append(closing_lines)
    return True


def _close(s: Lines, line: str, indent: str) -> bool:
    if not s.divs:
        return False
    closing = s.divs.pop()
    s.index += 1
    s.flush()
    if closing == [":::"]:  # pandoc's own syntax stays unchanged
        s.out.append(line)
    else:
        s.emit_block([text for text in closing if text], indent)
    return True


def _literal(s: Lines, match: re.Match[str], convert: Callable[[dict[str, str], list[str]], list[str]]) -> bool:
    """Convert a div whose content is not Markdown and ends at the next line of colons."""
    end = s.find_closer(match["fence"], len(match["indent"].expandtabs(4)))
    body = dedent(s.lines[s.index + 1 : end], len(match["indent"]))
    s.index = min(end + 1, len(s.lines))
    options, body_start = options_at(body, 0)
    s.emit_block(convert(options, strip_blank_lines(body[body_start:])), match["indent"])
    return True


_ORG = regex(r"(?P<indent>[ \t]*)#\+BEGIN_(?P<name>[A-Z]+)(?:[ \t]+(?P<language>[\w+#-]*)[^\n]*)?", re.IGNORECASE)
_CODE_OF_ORG = {"example": "", "export": "", "query": "clojure"}
_ORG_BLOCKS = {"quote", "src", "pinned", *_CODE_OF_ORG}


def hanging(marker: str) -> str:
    """Return the indentation of the text behind the marker of a list item."""
    words = marker.lstrip(" \t")
    return marker[: len(marker) - len(words)] + " " * len(words)


def org_block(s: Lines, line: str, marker: str = "") -> bool:
    """Convert Logseq's blocks: ``#+BEGIN_NOTE`` to ``#+END_NOTE``. In a list item, ``marker`` precedes the opener."""
    match = _ORG.fullmatch(line)
    if not match or s.depth > DEEPEST:
        return False
    name, indent = match["name"].lower(), match["indent"]
    if name not in _ORG_BLOCKS and name not in CALLOUTS:
        return False
    closer = f"#+end_{name}"
    end = s.index + 1
    while closer not in s.missing_closers and end < len(s.lines) and s.lines[end].strip().lower() != closer:
        end += 1
    if closer in s.missing_closers or end == len(s.lines):
        s.missing_closers.add(closer)
        return False
    margin = len((marker + indent).expandtabs(4))
    body = dedent(s.lines[s.index + 1 : end], margin)
    if name == "quote":
        converted = [f"> {text}".rstrip() for text in s.convert_inside(body)]
    elif name in ("src", *_CODE_OF_ORG):
        converted = code_fence(_CODE_OF_ORG.get(name, match["language"] or ""), "", body)
    else:
        converted = [*opening(name), *s.convert_inside(body), "", ":::"]
    s.index = end + 1
    if not marker:
        s.emit_block(converted, indent)
        return True
    s.flush()
    s.out.append(marker + converted[0])
    s.out += [hanging(marker) + text if text else "" for text in converted[1:]]
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
    options, body_start = s.read_indented(s.index + 1, indentation(line) + 4)
    type_match = re.search(r"\btype:[ \t]*([\w-]+)", "\n".join(options))
    fold = ("open" if "open: true" in options else "closed") if name == "details" else ""
    box_name = type_match[1] if type_match else "note" if name == "admonition" else name
    return _open(s, opening(box_name, (match["title"] or "").strip(), fold), [":::", ""], indent, body_start)


def admonition(s: Lines, line: str) -> bool:
    """Convert MkDocs admonitions: ``!!! note "Title"`` and an indented body."""
    match = _ADMONITION.fullmatch(line)
    if not match or s.depth > DEEPEST:
        return False
    body, end = s.read_indented(s.index + 1, indentation(line) + 4)
    title = match["title"] if match["title"] is not None else match["single"]
    name = match["names"].split()[0].lower()
    if not body and (not title or name not in CALLOUTS):
        return False
    fold = {"!!!": "", "???": "closed", "???+": "open"}[match["mark"]]
    s.index = end
    head = opening(name, title, fold, bare=title == "")
    s.emit_block([*head, *s.convert_inside(body), "", ":::"], match["indent"])
    return True


def tabs(s: Lines, line: str) -> bool:
    """Convert tabs of Material for MkDocs: ``=== "Title"`` and an indented body, once for each tab."""
    tab_lines: list[str] = []
    position, indent = s.index, ""
    while s.depth <= DEEPEST and position < len(s.lines) and (match := _TAB.fullmatch(s.lines[position])):
        if tab_lines and (match["indent"] != indent or "!" in match["mark"]):
            break
        indent = match["indent"]
        body, end = s.read_indented(position + 1, indentation(s.lines[position]) + 4)
        if not body:
            break
        tab_lines += ["", f"###### {match['title'] or match['single'] or 'Tab'}", "", *s.convert_inside(body)]
        s.index = position = end
        while position < len(s.lines) and not s.lines[position].strip():
            position += 1
    if tab_lines:
        s.emit_block(["::: {.panel-tabset}", *tab_lines, "", ":::"], indent)
    return bool(tab_lines)
