"""Convert boxes and tabs of other tools: fences, colons, markers with an indented body."""

from __future__ import annotations

import re
from collections.abc import Callable

from ..regex import regex
from .directives import CALLOUTS, EXECUTABLE, code_fence, container, leaf, opening, options_at
from .line_cursor import Lines, dedent, hanging, indentation, strip_blank_lines

DEEPEST = 12
"""Levels of nested blocks. Deeper ones are not converted."""

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
