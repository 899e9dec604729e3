"""Markup within a paragraph, as other tools write it: a table of what it becomes in pandoc's Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

Becomes = Callable[[re.Match[str]], str]


class Row(NamedTuple):
    """What a stretch of text becomes; without ``becomes`` it stays, and nothing in it is looked at."""

    pattern: str
    becomes: Becomes | None = None


_SIZE = re.compile(r"\b(width|height)\s*[=:]\s*[\"']?\s*(\d+(?:\.\d+)?(?:px|%|r?em|cm|mm|in)?)")
_ID = re.compile(r"#([\w.:-]+)")
_ALT_SIZE = re.compile(r"(?:(.*?)\\?\||)(\d{2,4})(?:x(\d{2,4}))?")
_PROSE = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{4,}")
_COMMAND = re.compile(r"\\[A-Za-z]|\^|(?:(?<![A-Za-z])[A-Za-z]|[})\d])_")
_TERM = re.compile(r"[=+<>*/]|\d[A-Za-z]|[A-Za-z]\d|[A-Za-z]\(|[A-Za-z0-9] ?- ?[A-Za-z0-9]|\A\s*[A-Za-z]\s*\Z")
_ENVIRONMENTS = "equation|align|alignat|aligned|gather|gathered|multline|split|cases|[bpvVB]?matrix|eqnarray"
_TEXT_ROLES = "ref|doc|numref|eq|term|any|cite[a-z:]*|abbr|dfn|guilabel|menuselection|external|u|smallcaps"
_CODE_ROLES = r"code|file|command|program|option|envvar|samp|samp|literal|func|class|meth|mod|[a-z]+:[a-z-]+"


def _is_formula(body: str) -> bool:
    """Whether what stands in escaped brackets is TeX rather than words."""
    return bool(_COMMAND.search(body) or (not _PROSE.search(body) and _TERM.search(body)))


def _bracketed(match: re.Match[str]) -> str:
    body = match["inner"].strip()
    return f"${body}$" if _is_formula(body) else match[0]


def formula(lines: list[str]) -> list[str]:
    """A formula on lines of its own, without the blank ones, which would end it."""
    body = [line for line in lines if line.strip()]
    return ["$$", *body, "$$"] if body else []


def _display(match: re.Match[str]) -> str:
    body = match["display"].strip()
    if not (_is_formula(body) or re.fullmatch(r"\w", body)):
        return match[0]
    indent = match["indent"]
    return "\n".join([indent + line for line in formula([line.strip() for line in body.split("\n")])])


def _environment(match: re.Match[str]) -> str:
    indent = match["lead"]
    return "\n".join(indent + line for line in formula([line[len(indent) :] for line in match[0].rstrip().split("\n")]))


def _attributes(written: str) -> str:
    """Of kramdown's attributes those that mean something here: an id and a size."""
    identifier = _ID.search(written)
    kept = [f"#{identifier[1]}"] if identifier else []
    return " ".join(kept + [f"{name}={value.removesuffix('px')}" for name, value in _SIZE.findall(written)])


def _image(match: re.Match[str]) -> str:
    """An image, with the size that stands in its text, behind its address or in kramdown's attributes."""
    alt, attributes = match["alt"], match["attributes"] or ""
    width, height = match["width"] or "", match["height"] or ""
    if sized := _ALT_SIZE.fullmatch(alt):
        alt, width, height = sized[1] or "", sized[2], sized[3] or ""
    written = [f"{name}={size}" for name, size in (("width", width), ("height", height)) if size]
    if attributes.startswith("{:"):
        written += _attributes(attributes).split()
        attributes = ""
    elif not written and not match["size"]:
        return match[0]
    added = f"{{{' '.join(written)}}}" if written else ""
    return f"![{alt}]({match['address']}{match['title'] or ''}){attributes or added}"


def _span_attributes(match: re.Match[str]) -> str:
    identifier = _ID.search(match[0])
    return f" {{#{identifier[1]}}}" if identifier and match.string.startswith("#") else ""


def _role(match: re.Match[str]) -> str:
    name, body = match["role"], match["body"]
    if name == "math":
        return f"${body.strip()}$"
    if name in ("sub", "sup", "subscript", "superscript"):
        mark = "~" if name.startswith("sub") else "^"
        return mark + body.replace(" ", "\\ ") + mark
    if name == "download" and (target := re.fullmatch(r"(.*?)\s*<([^<>]*)>", body)):
        return f"[{target[1]}]({target[2]})"
    if name == "kbd":
        return f"<kbd>{body}</kbd>"
    if re.fullmatch(_CODE_ROLES, name):
        return f"`{body.lstrip('~!')}`"
    return re.sub(r"\s*<[^<>]*>$", "", body) or body


def _keys(match: re.Match[str]) -> str:
    names = (name.strip('"').replace("-", " ") for name in match["keys"].split("+"))
    return "+".join(f"<kbd>{name[:1].upper()}{name[1:]}</kbd>" for name in names)


def _highlight(match: re.Match[str]) -> str:
    body = match["code"].strip()
    ticks = "`" * (max(map(len, re.findall("`+", body)), default=0) + 1)
    space = " " if "`" in body else ""
    return f"{ticks}{space}{body}{space}{ticks}"


def _underlined(match: re.Match[str]) -> str:
    return f"[{match['plus'].strip()}]{{.underline}}"


def _gone(match: re.Match[str]) -> str:
    """What a comment leaves behind: nothing, but the space behind it where none stands before it."""
    before = match.string[match.start() - 1 : match.start()]
    return " " if match[0][-1] in " \t" and before.strip() else ""


_UNTOUCHED = (
    Row(r"<!--(?:(?!<!--|-->)[\s\S])*-->"),
    Row(r"\$\$(?:[^$\\]|\\[\s\S])+\$\$"),
    Row(r"(?<![\\$])\$(?=[^\s$`])(?:[^$\\\n]|\\.|\n)*(?<=\S)\$(?!\d)"),
    Row(r"\\[\s\S]"),
    Row(
        r"<(?P<literal>code|pre|nowiki|kbd|samp|script|style|textarea|math)\b[^<>]*>(?:[^<]|<(?!/?(?P=literal)))*</(?P=literal)>"
    ),
    Row(r"</?[A-Za-z][^<>]*>"),
    Row(r"(?<![\w\[])https?://[^\s<>\]]+"),
)

ROWS: tuple[Row, ...] = (
    # formulas
    Row(r"\\\\?\((?P<inner>(?:[^\\\n]|\\[^()\n])+?)\\\\?\)", _bracketed),
    Row(r"^(?P<indent>[ \t]*)\\\\?\[(?P<display>(?:[^\\]|\\[^\[\]])+?)\\\\?\](?=[ \t]*$)", _display),
    Row(
        rf"^(?P<lead>[ \t]*)\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}"
        r"(?:[^\\]|\\(?!(?:end|begin)\{(?P=name)\}))*\\end\{(?P=name)\}(?=[ \t]*$)",
        _environment,
    ),
    Row(r"\$`(?P<gitlab>[^`\n]+)`\$", lambda match: f"${match['gitlab'].strip()}$"),
    Row(
        r"^(?P<formula>[ \t]*\$\$[ \t]*\n(?:[^$\\]|\\[\s\S])+\$\$)[ \t]+\([\w:-]+\)(?=[ \t]*$)",
        lambda match: match["formula"],
    ),
    Row(r"<math>(?P<tex>[^<>]+(?:[<>] [^<>]*)*)</math>", lambda match: f"${match['tex'].strip()}$"),
    Row(r'<math display="?block"?>(?P<block>[^<>]+)</math>', lambda match: f"$${match['block'].strip()}$$"),
    *_UNTOUCHED[:4],
    # images and addresses
    Row(
        r"!\[(?P<alt>[^\[\]\n]*)\]\([ \t]*(?P<address><[^<>\n]*>|[^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)"
        r"(?P<title>[ \t]+(?:\"[^\"\n]*\"|'[^'\n]*'))?"
        r"(?P<size>[ \t]+=(?P<width>\d+%?)?(?:x(?P<height>\d+%?)?)?)?[ \t]*\)(?P<attributes>\{[^{}\n]*\})?",
        _image,
    ),
    Row(
        r"(?<![\[\]!])\[(?P<url>https?://[^\s\[\]<>]+)[ \t]+(?P<label>[^\[\]\n]+)\](?![(\[:])",
        lambda match: f"[{match['label'].strip()}](<{match['url']}>)",
    ),
    Row(r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*"),
    # attributes and commands of other tools
    Row(r"(?<=[\])*_`~>])\{:[^{}\n]*\}", lambda match: ""),
    Row(r"(?<=\S)[ \t]+\{:[^{}\n]*\}(?=[ \t]*$)", _span_attributes),
    Row(r"\{::comment\}(?:(?!\{::comment)[\s\S])*?\{:/(?:comment)?\}[ \t]*", _gone),
    Row(r"\{::[^{}\n]*\}|\{:/\w*\}", lambda match: ""),
    Row(r"\{% *(?:end)?raw *%\}", lambda match: ""),
    Row(r"\{/\*(?:[^*]|\*(?!/\}))*\*/\}[ \t]*", _gone),
    Row(rf"\{{(?P<role>math|sub|sup|subscript|superscript|download|kbd|{_TEXT_ROLES}|{_CODE_ROLES})\}}"
        r"`(?P<body>[^`\n]+)`(?!`)", _role),
    # comments and block ids of Obsidian
    Row(r"(?<![\w%])%%(?!%)(?:[^%]|%(?!%))+%%(?!%)[ \t]*", _gone),
    Row(r"(?:(?<=[ \t])|^)\^(?=[\w-]*[A-Za-z]|[\w-]{2})(?P<block_id>[A-Za-z0-9-]+)[ \t]*\Z",
        lambda match: f"[]{{#{block_anchor(match['block_id'])}}}"),
    # MediaWiki on a Markdown page
    Row(r"'{5}(?!')(?P<both>(?:[^'\n]|'(?!'))+)'{5}(?!')", lambda match: f"***{match['both']}***"),
    Row(r"'''(?!['\s])(?P<bold>(?:[^'\n]|'{1,2}(?!'))+)'''(?!')", lambda match: f"**{match['bold']}**"),
    Row(
        r"<(?P<tag>syntaxhighlight|source)\b[^<>/]*>(?P<code>(?:[^<]|<(?!/?(?P=tag)))*)</(?P=tag)>",
        _highlight,
    ),
    # edits and keys, as GitLab and Material for MkDocs write them
    Row(r"\{\+\+?(?!\+)(?P<plus>[^{}\n+]+(?:\+[^{}\n+]+)*)\+\+?\}", _underlined),
    Row(r"\{--?(?!-)(?P<minus>[^{}\n-]+(?:-[^{}\n-]+)*)--?\}", lambda match: f"~~{match['minus'].strip()}~~"),
    Row(r"\{==(?P<mark>[^{}\n=]+)==\}", lambda match: f"=={match['mark'].strip()}=="),
    Row(r"\{~~(?P<old>[^{}\n~]+)~>(?P<new>[^{}\n~]+)~~\}",
        lambda match: f"~~{match['old'].strip()}~~ [{match['new'].strip()}]{{.underline}}"),
    Row(r"\{>>[^{}<\n]*<<\}[ \t]*", _gone),
    Row(r"(?<!\^)\^\^(?=[^\s^])(?P<insert>[^\n^]+)(?<=\S)\^\^(?!\^)",
        lambda match: f"[{match['insert']}]{{.underline}}"),
    Row(r"(?<![+\w])\+\+(?P<keys>[a-z0-9-]+(?:\+(?:[a-z0-9-]+|\"[^\"\s]\"))*)\+\+(?![+\w])", _keys),
    *_UNTOUCHED[4:],
)  # fmt: skip

TABLE_ROWS = (
    *_UNTOUCHED[:4],
    Row(r"\[\[[^\[\]\n]*\]\]", lambda match: re.sub(r"(?<!\\)\|", r"\\|", match[0])),
)
"""In a pipe table the bar in a link would end the cell."""

_TICKS = re.compile("`+")


def block_anchor(block_id: str) -> str:
    """The id in the page of what Obsidian links to as ``[[Page#^block_id]]``."""
    return f"block-{block_id}"


def _compiled(rows: Sequence[Row]) -> tuple[re.Pattern[str], dict[str, tuple[re.Pattern[str], Becomes | None]]]:
    single = {f"row{i}": (re.compile(row.pattern, re.MULTILINE), row.becomes) for i, row in enumerate(rows)}
    groups = re.compile(r"\(\?P<(\w+)>|\(\?P=(\w+)\)")

    def unique(i: int, pattern: str) -> str:
        return groups.sub(lambda g: f"(?P<{g[1]}_{i}>" if g[1] else f"(?P={g[2]}_{i})", pattern)

    choices = "|".join(f"(?P<row{i}>{unique(i, row.pattern)})" for i, row in enumerate(rows))
    return re.compile(rf"(?P<ticks>`+)|{choices}", re.MULTILINE), single


_SETS = {rows: _compiled(rows) for rows in (ROWS, TABLE_ROWS)}
_SIGNS = re.compile(r"[\\`$!\[{%^'<+]")
"""A paragraph without any of these has nothing that a row could change."""


def convert(text: str, rows: tuple[Row, ...] = ROWS) -> str:
    """One paragraph, heading or list item, with each row applied outside inline code."""
    if not _SIGNS.search(text):
        return text
    pattern, single = _SETS[rows]
    runs: dict[int, list[int]] | None = None
    out: list[str] = []
    copied = position = 0
    while match := pattern.search(text, position):
        position = match.end()
        name = match.lastgroup or ""
        if name == "ticks":  # to the next run of as many; without one they are text
            if runs is None:
                runs = {}
                for run in _TICKS.finditer(text):
                    runs.setdefault(len(run[0]), []).append(run.start())
            same = runs.get(len(match[0]), [])
            after = bisect_right(same, match.start())
            position = same[after] + len(match[0]) if after < len(same) else position
            continue
        alone, becomes = single[name]
        if becomes and (found := alone.match(text, match.start())):
            out += [text[copied : match.start()], becomes(found)]
            copied = position
        if position == match.start():
            position += 1
    return "".join([*out, text[copied:]])
