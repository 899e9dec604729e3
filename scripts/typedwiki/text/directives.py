"""Tables of MyST's directives and other tools' callouts, and their equivalents in Pandoc Markdown.

``_extensions/typedwiki/flavours.lua`` has the table of callouts for those that pandoc reads as block quotes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from ..regex import regex
from .flavour_inlines import convert, formula

QUARTO = ("note", "tip", "warning", "important", "caution")

CALLOUTS = {name: name for name in QUARTO} | {
    name: kind
    for kind, names in {
        "note": "abstract bug-report cite definition details example exercise faq help info margin-note proof question"
        " quote seealso solution spoiler summary theorem tldr todo topic lemma remark corollary",
        "tip": "check done hint secondary success",
        "warning": "attention danger bug error fail failure missing deprecated versionremoved",
        "important": "versionadded versionchanged",
    }.items()
    for name in names.split()
}
"""From lower-case names to one of Quarto's five callouts."""

_TITLES = {
    "faq": "FAQ",
    "tldr": "TL;DR",
    "todo": "To do",
    "seealso": "See also",
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_FOLDED = ("details", "spoiler")
_PLAIN = regex(r"[^\[\]`*_<>{}$\\|~^@#&\"=]*")
"""A title without markup, which may be written in an attribute."""


def default_title(name: str) -> str:
    """Return the title of a box without one; empty if Quarto's default title fits."""
    name = name.lower()
    return "" if name in QUARTO else _TITLES.get(name, name.replace("-", " ").capitalize())


def opening(name: str, title: str | None = None, fold: str = "", bare: bool = False) -> list[str]:
    """Return the lines that open a callout.

    ``title`` is Markdown, ``fold`` is ``open``, ``closed`` or empty; ``bare`` leaves the title out. A title with markup
    becomes a heading, which Quarto uses as the title: in an attribute no link would work.
    """
    name = name.lower()
    title = " ".join(title.split()) if title else ("" if bare else default_title(name))
    fold = fold or ("closed" if name in _FOLDED else "")
    plain = bool(_PLAIN.fullmatch(title))
    attributes = [f".callout-{CALLOUTS.get(name, 'note')}"]
    if title and plain:
        attributes.append(f'title="{title}"')
    if fold:
        attributes.append(f'collapse="{"true" if fold == "closed" else "false"}"')
    if bare and not title:
        attributes.append('appearance="simple"')
    lines = [f"::: {{{' '.join(attributes)}}}"]
    return lines if plain else [*lines, f"###### {title}", ""]


Options = Mapping[str, str]

EXECUTABLE = {
    *("bash", "code-cell", "dot", "js", "julia", "node", "observable", "octave", "ojs", "perl", "python", "r"),
    *("ruby", "sh", "sql", "stata", "zsh"),
}
"""Directives for executable cells. Whether one runs is decided later."""

_OPTION = regex(r":([A-Za-z][\w-]*):(?:[ \t](.*))?")
_YAML = regex(r"(?<![\w-])([A-Za-z][\w-]*):(?:[ \t](.*))?")
_LANGUAGE_NAMES = {"c++": "cpp", "c#": "cs", "f#": "fs", "objective-c++": "cpp"}
_TICKS = regex("`{3,}")
_DIRECTIVE_NAME = regex(r"\{([A-Za-z][\w:+-]*)\}")
_WITH_TEXT = frozenset({"figure", "list-table"})
_WORD = regex(r"[\w+#.-]+")
_NOT_A_NAME = regex(r"[^\w ./:@+()#,-]")
"""Characters that a caption must not contain, because Quarto would read them as markup or as a shortcode."""
_SIZE = regex(r"\d+(?:\.\d+)?(?:px|%|r?em|cm|mm|in)?")


class Container(NamedTuple):
    """The lines before and after a directive's body, which is Markdown."""

    before: list[str]
    after: list[str]


def _div(name: str) -> Callable[[str, Options], Container]:
    return lambda _arguments, _options: Container([f"::: {{.{name}}}", ""], [":::"])


def _titled(mark: str) -> Callable[[str, Options], Container]:
    return lambda arguments, _options: Container(
        [f"{mark}{arguments}{mark if mark == '**' else ''}", ""] if arguments else [], []
    )


def _dropdown(arguments: str, options: Options) -> Container:
    return Container(opening("details", arguments, "open" if "open" in options else "closed"), [":::"])


def _admonition(arguments: str, options: Options) -> Container:
    name = next((word for word in re.findall(r"[\w-]+", options.get("class", "")) if word in CALLOUTS), "note")
    fold = "closed" if "dropdown" in options.get("class", "") else ""
    return Container(opening(name, arguments or None, fold), [":::"])


def _table(arguments: str, _options: Options) -> Container:
    return Container([], ["", f": {arguments}"] if arguments else [])


def _body(_arguments: str, _options: Options) -> Container:
    return Container([], [])


CONTAINERS: dict[str, Callable[[str, Options], Container]] = {
    "admonition": _admonition,
    "dropdown": _dropdown,
    "tab-set": _div("panel-tabset"),
    "tabs": _div("panel-tabset"),
    "tab-item": _titled("###### "),
    "tab": _titled("###### "),
    "margin": _div("column-margin"),
    "aside": _div("column-margin"),
    "sidebar": _admonition,
    "table": _table,
    "rubric": _titled("**"),
    "card": _titled("**"),
    "grid-item-card": _titled("**"),
    **dict.fromkeys(
        ("centered", "compound", "container", "div", "epigraph", "glossary", "grid", "grid-item", "only"), _body
    ),
}
"""Directives whose body is Markdown, except the callouts."""


def holds_text(info: str) -> bool:
    """Return whether the info string of a fence names a directive whose body is Markdown."""
    match = _DIRECTIVE_NAME.match(info)
    name = match[1].lower() if match else ""
    return name in _WITH_TEXT or name.rpartition(":")[2] in CONTAINERS or name.rpartition(":")[2] in CALLOUTS


def container(name: str, arguments: str, options: Options) -> Container | None:
    """Return the lines around the body of a directive that holds Markdown; None for any other directive."""
    name = name.lower().rpartition(":")[2]
    if build := CONTAINERS.get(name):
        return build(arguments, options)
    if name not in CALLOUTS:
        return None
    title = arguments or None
    if name.startswith(("version", "deprecated")) and arguments:
        version, _, text = arguments.partition(" ")
        lead = [text, ""] if text else []
        return Container([*opening(name, f"{default_title(name)} {version}"), "", *lead], [":::"])
    fold = "closed" if "dropdown" in options.get("class", "") else ""
    return Container(opening(name, title, fold), [":::"])


def _image(arguments: str, options: Options, body: list[str]) -> list[str]:
    """Return a picture. The first paragraph of a figure's body is its caption, the rest its legend."""
    blank = next((i for i, line in enumerate(body) if not line.strip()), len(body))
    caption = " ".join(line.strip() for line in body[:blank]) or options.get("alt", "")
    names = [f"#{options['name']}"] if re.fullmatch(r"[A-Za-z][\w:.-]*", options.get("name", "")) else []
    sizes = ((key, options.get(key, "").removesuffix("px")) for key in ("width", "height"))
    attributes = names + [f"{key}={value}" for key, value in sizes if _SIZE.fullmatch(value)]
    address = f"<{arguments}>" if re.search(r"[\s()]", arguments) else arguments
    image = f"![{caption}]({address}){{{' '.join(attributes)}}}" if attributes else f"![{caption}]({address})"
    return [convert(image), *body[blank:]]


def code_fence(language: str, caption: str, body: list[str], ticks: str = "```") -> list[str]:
    """Return a code block, with a caption such as a file name above it. It is never a cell that Quarto runs."""
    longest = max((len(run) for line in body for run in _TICKS.findall(line)), default=0)
    ticks = "`" * max(len(ticks), longest + 1 if longest else 3)
    word = _WORD.match(language)
    language = _LANGUAGE_NAMES.get(word[0].lower(), word[0]) if word else ""
    caption = _NOT_A_NAME.sub("", caption)
    has_filename = caption and re.fullmatch(r"[\w-]*", language)
    info = f'{{{f".{language} " if language else ""}filename="{caption}"}}' if has_filename else language
    return [f"{ticks}{info}", *body, ticks]


_ROW = regex(r"(?P<lead>[ \t]*)[*-] [ \t]*(?P<first>[*-](?:[ \t].*)?)")
_BAR = regex(r"(?P<code>`+[^`]*`+)|(?<!\\)\|")
_CELL = regex(r"[ \t]*[*-](?:[ \t]+(?P<text>.*))?")


def _list_table(arguments: str, options: Options, body: list[str]) -> list[str] | None:
    """Return a pipe table for a list of lists; None for anything else. Cells with blocks become one line each."""
    rows: list[list[str]] = []
    lead = cell_indent = 0
    for line in filter(str.strip, body):
        indent = len(line) - len(line.lstrip())
        if (row := _ROW.fullmatch(line)) and (not rows or indent <= lead):
            lead, cell_indent = indent, row.start("first")
            line, indent = row["first"], cell_indent
            rows.append([])
        if rows and indent == cell_indent and (cell := _CELL.fullmatch(line)):
            rows[-1].append(cell["text"] or "")
        elif rows and rows[-1] and indent > cell_indent:
            rows[-1][-1] += f" {line.strip()}"
        else:
            return None
    if not rows:
        return None
    width = max(map(len, rows))
    cells = [[*map(_cell, row), *[""] * (width - len(row))] for row in rows]
    head = cells.pop(0) if options.get("header-rows", "0") not in ("", "0") else [""] * width
    caption = ["", f": {convert(arguments)}"] if arguments else []
    lines = [head, ["---"] * width, *cells]
    return [*(f"| {' | '.join(line)} |" for line in lines), *caption]


def _cell(text: str) -> str:
    """Return a paragraph as a cell of a pipe table. Bars outside code are escaped, because they would end it."""
    converted = convert(convert(text), in_table=True).strip()
    return _BAR.sub(lambda match: match["code"] or "\\|", converted)


def _math(arguments: str, _options: Options, body: list[str]) -> list[str]:
    return formula([arguments, *body])


LEAVES: dict[str, Callable[[str, Options, list[str]], list[str] | None]] = {
    **dict.fromkeys(("figure", "image"), _image),
    **dict.fromkeys(
        ("code-block", "code", "sourcecode"),
        lambda arguments, options, body: code_fence(arguments, options.get("caption", ""), body),
    ),
    "list-table": _list_table,
    "mermaid": lambda _arguments, _options, body: code_fence("mermaid", "", body),
    "math": _math,
    **dict.fromkeys(("contents", "tableofcontents"), lambda _arguments, _options, _body: []),
}
"""Directives whose body is not Markdown."""


def leaf(name: str, arguments: str, options: Options, body: list[str], ticks: str = "```") -> list[str]:
    """Return the lines of a directive that holds no Markdown. An unknown one stays code in a language of its name."""
    build = LEAVES.get(name.lower())
    if build and (lines := build(arguments, options, body)) is not None:
        return lines
    option_lines = [f":{key}: {value}".rstrip() for key, value in options.items()]
    lead = [arguments] if arguments else []
    return code_fence(name.replace(":", "-"), "", [*lead, *option_lines, *body], ticks)


def options_at(lines: list[str], start: int) -> tuple[dict[str, str], int]:
    """Return the options at the head of a directive's body, and the line after them.

    Options are ``:key: value`` or YAML between two ``---``.
    """
    options: dict[str, str] = {}
    pattern, end = _OPTION, start
    if start < len(lines) and lines[start].strip() == "---":
        pattern, end = _YAML, start + 1
    while end < len(lines) and (match := pattern.fullmatch(lines[end].lstrip(" \t"))):
        options[match[1].lower()] = (match[2] or "").strip().strip("\"'")
        end += 1
    if pattern is _YAML:
        return (options, end + 1) if end < len(lines) and lines[end].strip() == "---" else ({}, start)
    return options, end
