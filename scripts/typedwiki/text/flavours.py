"""Convert the Markdown of GitHub, GitLab, Azure, MkDocs, Docusaurus, MyST, kramdown, Notion and Obsidian to that of
pandoc and Quarto.

This module has the tables of conversions, and the loop over the lines. Markup in no table stays unchanged.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from ..regex import regex
from .boxes import DEEPEST, admonition, colons, fence, org_block, slashes, tabs, title_in
from .characters import decode_entities
from .directives import CALLOUTS, code_fence, opening
from .flavour_inlines import convert as inlines
from .line_cursor import Lines, dedent, hanging, indentation, strip_blank_lines
from .markdown import ALLOWED_TAGS, plain, without_comments

_TITLE = regex(
    r"\A(?P<before>(?:\s|</?(?:div|center|p|header|a|img|picture|source|br)\b[^<>]*>)*)"
    r"<h1(?:\s[^<>]*)?>(?P<words>.{1,600}?)</h1\s*>",
    re.IGNORECASE | re.DOTALL,
)
_TITLE_PICTURE = regex(r"<img\s[^<>]*>", re.IGNORECASE)
Region = Callable[[Lines, str, list[str]], list[str]]
"""Returns the lines for a region, given the cursor, the opener and the lines up to the closer."""

_EMOJI = {
    **dict.fromkeys("💡✅✨", "tip"),
    **dict.fromkeys("⚠🚧❌⛔", "warning"),
    **dict.fromkeys("🚨❗‼🔥📢", "important"),
    **dict.fromkeys("🛑☢☣", "caution"),
}
_LEADING_EMOJI = regex(r"\s*([\u203c\u2139\u2600-\u27bf\U0001f300-\U0001faff])\ufe0f?\s*")
_KIND = regex(r"""\b(?:type|style)\s*=\s*\W?(\w+)|<(\w+)""")
_TAG = regex(r"</?([A-Za-z][\w-]*)(?:\s[^<>]*)?/?>")
_LANGUAGE = regex(r"""\blang\s*=\s*["']?([\w+#-]+)|\{%-?\s*highlight\s+([\w+#-]+)""")


def _remove(_s: Lines, _opener: str, _body: list[str]) -> list[str]:
    return []


def _aside(s: Lines, _opener: str, body: list[str]) -> list[str]:
    """Convert Notion's box. Its emoji decides the kind of callout."""
    first_line = body[0] if body else ""
    sign = _LEADING_EMOJI.match(first_line)
    kind = _EMOJI.get(sign[1], "note") if sign else "note"
    content = s.convert_inside([first_line[sign.end() :] if sign else first_line, *dedent(body[1:])])
    return [*opening(kind, bare=True), *content, "", ":::"]


def _component(s: Lines, opener: str, body: list[str]) -> list[str]:
    """Convert ``<Tip warning={true}>``, ``<Callout type="info" title="x">`` and the like, and GitBook's hint."""
    kinds = [match[1] or match[2] for match in _KIND.finditer(opener)]
    name = "warning" if re.search(r"\bwarning\b", opener) else kinds[-1].lower() if kinds else "note"
    head = opening(name if name in CALLOUTS else "note", title_in(opener))
    return [*head, *s.convert_inside(dedent(body)), "", ":::"]


def _code(_s: Lines, opener: str, body: list[str]) -> list[str]:
    language = _LANGUAGE.search(opener)
    return code_fence((language[1] or language[2]) if language else "", "", body)


def _preformatted(s: Lines, opener: str, body: list[str]) -> list[str]:
    """Convert HTML's code. Its lines may look like any block, and elements in it only mark words."""
    text = _TAG.sub(lambda m: "" if m[1].lower() in ALLOWED_TAGS else m[0], without_comments("\n".join(body)))
    return _code(s, opener, decode_entities(text).split("\n"))


def _gitlab_quote(s: Lines, _opener: str, body: list[str]) -> list[str]:
    return [f"> {line}".rstrip() for line in s.convert_inside(body)]


REGIONS: tuple[tuple[str, str, Region | None], ...] = (
    (r"<!-- *START doctoc\b.*?-->", "<!-- END doctoc", _remove),
    (r"<!-- *(?:toc|TOC)\b[^>]*-->", "<!-- tocstop -->", _remove),
    (r"<!-- *(?:toc|TOC)\b[^>]*-->", "<!-- /TOC -->", _remove),
    (r"<!-- *MarkdownTOC\b[^>]*-->", "<!-- /MarkdownTOC -->", _remove),
    (r"<aside>", "</aside>", _aside),
    *(
        (rf"<{name}(?:\s[^<>]*)?>", f"</{name}>", _component)
        for name in ("Tip", "Note", "Warning", "Info", "Caution", "Danger", "Check", "Callout", "Admonition")
    ),
    (r"\{%-?\s*hint\b[^%]*%\}", "{% endhint %}", _component),
    (r"\{%-?\s*highlight\b[^%]*%\}", "{% endhighlight %}", _code),
    (r"\{%-?\s*comment\s*-?%\}", "{% endcomment %}", _remove),
    (r"\{::comment\}", "{:/comment}", _remove),
    (r"\{::comment\}", "{:/}", _remove),
    (r"<syntaxhighlight\b[^<>/]*>", "</syntaxhighlight>", _code),
    (r"<source\b[^<>/]*>", "</source>", _code),
    (r"%%(?!.*%%)", "%%", _remove),
    (r">>>[ \t]*$", ">>>", _gitlab_quote),
    (r":(?:LOGBOOK|PROPERTIES):[ \t]*$", ":END:", _remove),
    (r"<!--", "-->", None),
    (r"<pre\b[^<>]*>", "</pre>", _preformatted),
    (r"<script\b[^<>]*>", "</script>", None),
    (r"<style\b[^<>]*>", "</style>", None),
)
"""An opener at the start of a line, its closer, and the conversion; None if the region stays unchanged."""

_REGIONS = tuple((regex(rf"\A(?:{opened})"), closer, become) for opened, closer, become in REGIONS)


def regions(s: Lines, line: str) -> bool:
    """Convert a region from its opener to its closer, on one line or several."""
    if s.depth > DEEPEST:
        return False
    text = line.lstrip(" \t")
    for pattern, closer, convert in _REGIONS:
        match = pattern.match(text)
        if (
            match
            and closer not in s.missing_closers
            and _region(s, match, line[: len(line) - len(text)], closer, convert)
        ):
            return True
    return False


def _region(s: Lines, match: re.Match[str], indent: str, closer: str, convert: Region | None) -> bool:
    head = match.string[match.end() :]
    end, tail = s.index, head
    while closer not in tail:
        end += 1
        if end >= len(s.lines):
            s.missing_closers.add(closer)
            return False
        tail = s.lines[end]
    last_line, _, text_after = tail.partition(closer)
    if closer.startswith("<!--"):
        text_after = text_after.partition("-->")[2] if "-->" in text_after else text_after
    if convert is None:
        if text_after.strip() and end == s.index:
            return False  # an opener within a paragraph
        s.flush()
        s.out += s.lines[s.index : end + 1]
        s.index = end + 1
        return True
    body = [head, *s.lines[s.index + 1 : end], last_line] if end > s.index else [last_line]
    s.flush()
    s.index = end + 1
    if text_after.strip():
        s.index = end
        s.lines[end] = text_after.lstrip()
    s.emit_block(convert(s, match[0], strip_blank_lines(dedent(body, len(indent)))), indent)
    return True


_CONTENTS = regex(
    r"\s*(?:\[\[_?TOC_?\]\]|\[TOCM?\]|@\[TOC\](?:\(.*\))?|\$\{toc\}|\{\{\s*>?toc\s*\}\}|\{toc\}|__(?:NO|FORCE)?TOC__"
    r"|\+\+\+)\s*",
    re.IGNORECASE,
)
"""A table of contents, which the note has anyway, or MyST's break between cells."""

_IMPORT = r"import [^'\"();]+ from (?:'[^']+'|\"[^\"]+\");?"
_COMPONENTS = ("@theme/", "@site/", "@docusaurus/", "@astrojs/")
_COMPONENT_FILES = (".md", ".mdx", ".astro", ".vue", ".svelte", ".jsx", ".tsx")
"""Beginnings and ends of the paths from which MDX imports components."""
_TABSET = ["::: {.panel-tabset}"]
LINES: tuple[tuple[str, Callable[[re.Match[str]], list[str]]], ...] = (
    (r"\{:[^{}]*\}|\{\s*[.#][A-Za-z_][^{}]*\}", lambda _: []),
    (r"\{::[^{}]*\}|\{:/\w*\}", lambda _: []),
    (r"\((?P<label>[A-Za-z][\w:.-]*)\)=", lambda match: [f"[]{{#{match['label']}}}"]),
    (r"\*\[[^\[\]]+\]:.*", lambda _: []),
    (_IMPORT, lambda _: []),
    (r"<(?:Tabs|tabs)(?:\s[^<>]*)?>|\{% *tabs *%\}", lambda _: _TABSET),
    (r"</(?:Tabs|tabs)>|\{% *endtabs *%\}", lambda _: [":::"]),
    (
        r"<Tab(?:Item)?\s(?:[^<>]*\s)?(?:label|title)=[\"'](?P<tab>[^\"'<>]*)[\"'][^<>]*>",
        lambda match: [f"###### {match['tab']}"],
    ),
    (
        r"<TabItem\s(?:[^<>]*\s)?value=[\"'](?P<value>[^\"'<>]*)[\"'][^<>]*>",
        lambda match: [f"###### {match['value']}"],
    ),
    (r"\{% *tab title=\"(?P<gitbook>[^\"]*)\" *%\}", lambda match: [f"###### {match['gitbook']}"]),
    (r"</Tab(?:Item)?>|\{% *endtab *%\}|\{% *(?:end)?code\b[^%]*%\}", lambda _: []),
    (r"\^|<TOCInline\b[^<>]*>", lambda _: []),
)
"""Conversions of markup that fills a line."""

_LINES = regex("|".join(f"(?P<line{i}>{pattern})" for i, (pattern, _) in enumerate(LINES)))


def single(s: Lines, line: str) -> bool:
    """Convert a line by the table above."""
    if _CONTENTS.fullmatch(line) and s.is_alone():
        s.index += 1
        return True
    stripped = line.strip()
    match = _LINES.fullmatch(stripped)
    if not match:
        return False
    if (
        re.match(r"\{:\s*toc\b", stripped)
        and len(s.paragraph) == 1
        and re.match(r"\s*(?:[*+-]|\d+\.)\s", s.paragraph[0])
    ):
        s.paragraph.clear()  # kramdown replaces this item by its table of contents
    if stripped.startswith("import ") and not (_imports_component(stripped) or _is_first(s)):
        return False  # code in running text
    converted = next(convert for i, (_, convert) in enumerate(LINES) if match[f"line{i}"] is not None)(match)
    if converted == [":::"] and not s.divs:
        return False
    s.index += 1
    if converted == _TABSET:
        s.divs.append([":::", ""])
    elif converted == [":::"]:
        converted = [text for text in s.divs.pop() if text]
    s.emit_block(converted, line[: len(line) - len(line.lstrip())])
    next_line = s.lines[s.index] if s.index < len(s.lines) else ""
    if not converted and next_line.strip() and not re.match(r"\s*(?:[-*+]|\d+[.)])\s", next_line):
        s.emit_blank_line()  # it has ended the paragraph
    return True


def _imports_component(line: str) -> bool:
    path = re.split("['\"]", line)[1]
    return path.startswith(_COMPONENTS) or path.endswith(_COMPONENT_FILES)


def _is_first(s: Lines) -> bool:
    """Return whether nothing but headings is above a line, where MDX has its imports."""
    return not s.depth and not s.paragraph and len(s.out) < 40 and all(not t.strip() or t[0] == "#" for t in s.out)


_KINDS_OF_QUOTES = {"info": "note", "success": "tip", "warning": "warning", "danger": "caution"}
_QUOTE_KIND = regex(r"[ \t]*\{\.is-(info|success|warning|danger)\}[ \t]*")
"""The kind of a quotation in Wiki.js, on the line below it."""
_QUOTE = regex(r"[ \t]*>")
_HEADING = regex(r" {0,3}#{1,6}(?:\s|$)")
_LAST_SIGNS = regex(r"(?<![\s#\\])#+$")
"""Signs that belong to the last word of a heading. Pandoc would take them for its end."""
_ITEM = regex(r"(?P<indent>[ \t]*)(?:[-+*]|\(?(?:\d{1,9}|[A-Za-z#])[.)]|[:~]|\[\^[^\[\]\s]+\]:)(?P<space>[ \t]+|$)")


_BLOCK_START = regex(
    r"[ \t]*(?:#{1,6}(?:[ \t]|$)|`{3}(?!.*`)|~{3}|>|(?:-[ \t]*){3,}$|(?:\*[ \t]*){3,}$|(?:_[ \t]*){3,}$"
    r"|</?(?:address|article|aside|blockquote|center|details|dialog|div|dl|fieldset|figure|footer|form|h[1-6]|header"
    r"|hr|main|nav|ol|p|pre|section|summary|table|ul)(?=[ \t/>]|$)|<!--)",
    re.IGNORECASE,
)
"""The start of a block that ends a paragraph without a blank line, and a list to whose item it is not indented."""


def to_pandoc(text: str) -> str:
    """Return the text of a page, without its front matter, as Pandoc Markdown. Never raises; idempotent."""
    return "\n".join(_convert(_with_title(text).split("\n"), 0))


def _with_title(text: str) -> str:
    """Return a page that begins with ``<h1>``, as readmes do, with a Markdown heading in its place. Its pictures
    follow."""
    match = _TITLE.match(text) if "<h" in text[:2000].lower() else None
    words = " ".join(_TITLE_PICTURE.sub("", match["words"]).split()) if match else ""
    if not match or not plain(words):
        return text
    pictures = "\n".join(" ".join(picture[0].split()) for picture in _TITLE_PICTURE.finditer(match["words"]))
    return "\n\n".join(filter(str.strip, (f"# {words}", match["before"], pictures, text[match.end() :].lstrip("\n"))))


def _quote(s: Lines, _line: str) -> bool:
    if s.depth > DEEPEST:
        return False
    end = s.index
    while end < len(s.lines) and _QUOTE.match(s.lines[end]):
        end += 1
    quote_lines = s.lines[s.index : end]
    body = [text.lstrip(" \t")[1:].removeprefix(" ") for text in quote_lines]
    s.flush()
    s.index = end
    converted = _convert(body, s.depth + 1)
    indent = quote_lines[0][: len(quote_lines[0]) - len(quote_lines[0].lstrip())]
    if end < len(s.lines) and (kind := _QUOTE_KIND.fullmatch(s.lines[end])):
        s.index += 1
        s.emit_block([*opening(_KINDS_OF_QUOTES[kind[1]], bare=True), *strip_blank_lines(converted), "", ":::"], indent)
        return True
    s.out += quote_lines if converted == body else [f"{indent}> {text}".rstrip() for text in converted]
    return True


def _formula(s: Lines, line: str) -> bool:
    """Keep a formula of several lines in its paragraph unchanged, even if its lines look like blocks.

    Between marks on lines of their own, there may be blank lines, which pandoc does not read.
    """
    if line.count("$$") != 1:
        return False
    is_alone, end = line.strip() == "$$" and not s.paragraph, s.index + 1
    while end < len(s.lines) and (is_alone or s.lines[end].strip()) and "$$" not in s.lines[end]:
        end += 1
    formula = [text for text in s.lines[s.index : end + 1] if text.strip()]
    has_blank = len(formula) <= end - s.index
    if end == len(s.lines) or "$$" not in s.lines[end] or (has_blank and s.lines[end].strip() != "$$"):
        return False
    s.paragraph += formula
    s.index = end + 1
    return True


_CHILD = regex(r"\t[-*+][ \t]")


def _outdent(s: Lines) -> None:
    """Remove the first tab of the lines below a heading: in Logseq, the items below it are indented."""
    end = s.index
    while end < len(s.lines) and (s.lines[end].startswith("\t") or not s.lines[end].strip()):
        s.lines[end] = s.lines[end].removeprefix("\t")
        end += 1


def _heading(s: Lines, line: str) -> bool:
    if not _HEADING.match(line):
        return False
    s.flush()
    s.index += 1
    if not line.strip(" \t#"):  # an empty heading, which pandoc does not read
        s.emit_blank_line()
        return True
    if line.startswith("#") and s.index < len(s.lines) and _CHILD.match(s.lines[s.index]):
        _outdent(s)
    text = inlines(line).rstrip()
    if not s.items:  # pandoc reads no heading that is indented
        text = text.lstrip(" ")
    s.out.append(_LAST_SIGNS.sub(lambda match: "\\#" * len(match[0]), text))
    return True


Rule = Callable[[Lines, str], bool]
RULES: dict[str, tuple[Rule, ...]] = {
    "`": (fence,),
    "~": (fence,),
    ":": (colons, regions),
    "/": (slashes,),
    "!": (admonition,),
    "?": (admonition,),
    "=": (tabs,),
    ">": (regions, _quote),
    "<": (regions, single),
    "{": (regions, single),
    "%": (regions,),
    "#": (_heading, org_block),
    "$": (single, _formula),
    **dict.fromkeys("[@_(*i^+", (single,)),
}
"""Each rule gets the cursor and its line. It returns whether it has consumed the line, and perhaps more lines."""


def _convert(lines: list[str], depth: int) -> list[str]:
    s = Lines(lines.copy(), depth, _convert)
    in_code = False
    while s.index < len(s.lines):
        line = s.lines[s.index]
        sign = line.lstrip()[:1]
        if not sign:
            s.flush()
            s.out.append(line)
            s.index += 1
            continue
        indent = indentation(line)
        if not s.paragraph and (in_code or not s.out or not s.out[-1].strip()):
            while s.items and indent < s.items[-1]:
                s.items.pop()
            in_code = indent >= (s.items[-1] if s.items else 0) + 4
            if in_code:
                s.out.append(line)
                s.index += 1
                continue
        if s.items and indent < s.items[-1] and _BLOCK_START.match(line):
            _end_items(s, indent)
        if any(rule(s, line) for rule in RULES.get(sign, ())):
            continue
        if (item := _ITEM.match(line)) and _item(s, line, item, indent):
            continue
        s.paragraph.append(line)
        s.index += 1
    s.flush()
    for closing in reversed(s.divs):  # otherwise the rest of the note would be in the div
        if any(closing):
            s.emit_blank_line()
            s.out += [text for text in closing if text]
    return s.out


def _end_items(s: Lines, indent: int) -> None:
    """End the list items whose text begins further to the right. Pandoc would take the next block for their text."""
    s.flush()
    s.emit_blank_line()
    while s.items and indent < s.items[-1]:
        s.items.pop()


def _item(s: Lines, line: str, item: re.Match[str], indent: int) -> bool:
    """Convert a list item, to which lines indented as far as its text belong. Return whether the whole line is
    consumed.
    """
    s.flush()
    while s.items and indent < s.items[-1]:
        s.items.pop()
    width = len(item[0].expandtabs(4))
    s.items.append(width if len(item["space"]) < 5 else len(item[0]) - len(item["space"]) + 1)
    if "\t" in item["indent"] and s.items[-1] == width:
        s.margins[width] = hanging(item[0])
    text, marker = line[item.end() :], line[: item.end()]
    return fence(s, text, marker) or (text.startswith("#+") and org_block(s, text, marker))
