"""A table of other tools' inline markup and its equivalents in Pandoc Markdown."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..regex import regex

Replacement = Callable[[re.Match[str]], str]


class Row(NamedTuple):
    """A kind of inline markup. Without a ``replacement`` it stays, and nothing inside it is converted."""

    sign: str
    """The first character of ``pattern``."""
    pattern: str
    replacement: Replacement | None = None


_SIZE = regex(r"\b(width|height)(?:\s*[=:]\s*[\"']?\s*|[ ])(\d+(?:\.\d+)?(?:px|%|r?em|cm|mm|in)?)")
_ID = regex(r"#([\w.:-]+)")
_ALT_SIZE = regex(r"(?:(.*?)\\?\||)(\d{2,4})(?:x(\d{2,4}))?")
_CE = regex(r"\\ce\{((?:[^{}]|\{[^{}]*\})*)\}")
_ARROWS = {"<>": r"{\rightleftharpoons}", "->": r"{\rightarrow}", "<-": r"{\leftarrow}"}
_PROSE = regex(r"(?<![\\A-Za-z{])[A-Za-z]{4,}")
_COMMAND = regex(r"\\[A-Za-z]|\^|(?:(?<![A-Za-z])[A-Za-z]|[})\d])_")
_TERM = regex(r"[=+<>*/]|\d[A-Za-z]|[A-Za-z]\d|[A-Za-z]\(|[A-Za-z0-9] ?- ?[A-Za-z0-9]|\A\s*[A-Za-z]\s*\Z")
_ENVIRONMENTS = "equation|align|alignat|aligned|gather|gathered|multline|split|cases|[bpvVB]?matrix|eqnarray"
_TEXT_ROLES = "ref|doc|numref|eq|term|any|cite[a-z:]*|abbr|dfn|guilabel|menuselection|external|u|smallcaps"
_CODE_ROLES = r"code|file|command|program|option|envvar|samp|samp|literal|func|class|meth|mod|[a-z]+:[a-z-]+"


def _is_formula(body: str) -> bool:
    """Return whether the content of escaped brackets is TeX rather than words."""
    return bool(_COMMAND.search(body) or (not _PROSE.search(body) and _TERM.search(body)))


def _bracketed(match: re.Match[str]) -> str:
    body = match["inner"].strip()
    return f"${body}$" if _is_formula(body) else match[0]


def formula(lines: list[str]) -> list[str]:
    """Return a formula as separate lines, without blank lines, which would end it."""
    body = [line for line in lines if line.strip()]
    return ["$$", *body, "$$"] if body else []


def _margin(match: re.Match[str]) -> str | None:
    """Return the indentation of a match that begins its line; None for any other."""
    _, line_end, margin = match.string[max(0, match.start() - 40) : match.start()].rpartition("\n")
    return margin if not margin.strip() and (line_end or match.start() <= 40) else None


def _display(match: re.Match[str]) -> str:
    body, margin = match["display"].strip(), _margin(match)
    if margin is None or not (_is_formula(body) or re.fullmatch(r"\w", body)):
        return match[0]
    return f"\n{margin}".join(formula([line.strip() for line in body.split("\n")]))


def _environment(match: re.Match[str]) -> str:
    margin = _margin(match)
    return match[0] if margin is None else f"\n{margin}".join(["$$", match[0].rstrip(), "$$"])


def _labelled(match: re.Match[str]) -> str:
    return match[0] if _margin(match) is None else match["formula"]


def chemistry(formula: str) -> str:
    """Return a formula with mhchem's ``\\ce{…}``, which pandoc does not know, as letters and indices."""
    return _CE.sub(lambda match: f"\\mathrm{{{_reaction(match[1])}}}", formula)


def _chemistry(match: re.Match[str]) -> str:
    return chemistry(match[0])


def _reaction(formula: str) -> str:
    text = re.sub(r"(?<=[A-Za-z)\]])(\d+)", r"_{\1}", formula)
    text = re.sub(r"\^\{?([\d]*[+-])\}?|(?<=[A-Za-z}])([+-])(?=\s|$)", lambda sign: f"^{{{sign[1] or sign[2]}}}", text)
    text = re.sub(r"<=+>|<-+>|(?<!-)-+>|<-+", lambda arrow: _ARROWS[arrow[0][0] + arrow[0][-1]], text)
    return text.replace(" ", "\\ ")


def _attributes(text: str) -> str:
    """Return the supported ones of kramdown's attributes: an id and a size."""
    identifier = _ID.search(text)
    anchors = [f"#{identifier[1]}"] if identifier else []
    return " ".join(anchors + [f"{name}={value.removesuffix('px')}" for name, value in _SIZE.findall(text)])


def _image(match: re.Match[str]) -> str:
    """Return an image with the size given in its text, after its address or in kramdown's attributes."""
    alt, attributes = match["alt"], match["attributes"] or ""
    width, height = match["width"] or "", match["height"] or ""
    if alt_size := _ALT_SIZE.fullmatch(alt):
        alt, width, height = alt_size[1] or "", alt_size[2], alt_size[3] or ""
    sizes = [f"{name}={size}" for name, size in (("width", width), ("height", height)) if size]
    if attributes.startswith("{:"):
        sizes += _attributes(attributes).split()
        attributes = ""
    elif not sizes and not match["size"]:
        return match[0]
    size_attributes = f"{{{' '.join(sizes)}}}" if sizes else ""
    return f"![{alt}]({match['address']}{match['title'] or ''}){attributes or size_attributes}"


def _embedded(match: re.Match[str]) -> str:
    """Return an embedded image with a size in its label or after it as pandoc's. The filter converts all others."""
    label = (match["label"] or "").strip()
    label_size = _ALT_SIZE.fullmatch(label)
    sizes = [f"{name}={value.removesuffix('px')}" for name, value in _SIZE.findall(match["sizes"] or "")]
    if label_size:
        label = label_size[1] or ""
        sizes = sizes or [
            f"{name}={size}" for name, size in (("width", label_size[2]), ("height", label_size[3])) if size
        ]
    if sizes:
        return f"![{label}](<{match['file'].strip()}>){{{' '.join(sizes)}}}"
    rest = match[0][match.end("file") - match.start() :]
    return f"![[{match['file'].strip()}{rest.lstrip()}"


def _span_attributes(match: re.Match[str]) -> str:
    identifier = _ID.search(match[0])
    return f"{{#{identifier[1]}}}" if identifier and match.string.startswith("#") else ""


def _role(match: re.Match[str]) -> str:
    name, body = match["role"], match["body"]
    if name == "math":
        return f"${body.strip()}$"
    if name in ("sub", "sup", "subscript", "superscript"):
        mark = "~" if name.startswith("sub") else "^"
        return mark + body.replace(" ", "\\ ") + mark
    if name == "download" and (target := re.fullmatch(r"(.*?)(?<!\s)\s*<([^<>]*)>", body)):
        return f"[{target[1]}]({target[2]})"
    if name == "kbd":
        return f"<kbd>{body}</kbd>"
    if re.fullmatch(_CODE_ROLES, name):
        return f"`{body.lstrip('~!')}`"
    return re.sub(r"(?<!\s)\s*<[^<>]*>$", "", body) or body


def _task(match: re.Match[str]) -> str:
    """Return a task in a state that pandoc does not know, such as cancelled or in progress."""
    if match.start() > 40 or not re.fullmatch(r"\s*(?:[-*+]|\d+[.)])\s+", match.string[: match.start()]):
        return match[0]
    text = convert(match["text"])
    return f"[ ] ~~{text.rstrip()}~~" if match["state"] in "-~" else f"[ ] {text}"


def _keys(match: re.Match[str]) -> str:
    names = (name.strip('"').replace("-", " ") for name in match["keys"].split("+"))
    return "+".join(f"<kbd>{name[:1].upper()}{name[1:]}</kbd>" for name in names)


def _highlight(match: re.Match[str]) -> str:
    body = match["code"].strip()
    ticks = "`" * (max(map(len, re.findall("`+", body)), default=0) + 1)
    space = " " if "`" in body else ""
    return f"{ticks}{space}{body}{space}{ticks}"


def _wrap_in(before: str, after: str) -> Replacement:
    """Return a replacement that puts markup around a text. The text may hold more markup."""
    return lambda match: f"{before}{convert(match['text'].strip())}{after}"


def _remove(match: re.Match[str]) -> str:
    """Return the replacement of a comment: nothing, or the space after it if there is none before it."""
    before = match.string[match.start() - 1 : match.start()]
    return " " if match[0][-1] in " \t" and before.strip() else ""


_COMMENT = Row("<", r"<!--(?:(?!<!--|-->)[\s\S])*-->")
_DISPLAY = Row("$", r"\$\$(?:[^$\\]|\\[\s\S])+\$\$")
_MATH = Row("$", r"(?<![$\\])\$(?=[^\s$`])(?:[^$\\]|\\[\s\S])*(?<=\S)\$(?!\d)")
_ESCAPE = Row("\\", r"\\[\s\S]")
_LITERAL = "code|pre|nowiki|kbd|samp|script|style|textarea|math"

ROWS: tuple[Row, ...] = (
    # formulas
    Row("\\", r"(?<!\\)\\(?P<two>\\)?\((?P<inner>(?:[^\\\n]|\\(?(two)(?!\\\())[^()\n])+?)\\\\?\)", _bracketed),
    Row("\\", r"(?<!\\)\\(?P<two>\\)?\[(?P<display>(?:[^\\]|\\(?(two)(?!\\\[))[^\[\]])+?)\\\\?\](?=[ \t]*$)",
        _display),
    Row("\\", rf"\\begin\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}"
        r"(?:[^\\]|\\(?!(?:end|begin)\{(?P=name)\}))*\\end\{(?P=name)\}(?=[ \t]*$)", _environment),
    _ESCAPE,
    Row("$", r"\$`(?P<gitlab>[^`\n]+)`\$", lambda match: f"${match['gitlab'].strip()}$"),
    Row("$", r"(?P<formula>\$\$[ \t]*\n(?:[^$\\]|\\[\s\S])+\$\$) \([\w:-]+\)(?=[ \t]*$)", _labelled),
    _DISPLAY._replace(replacement=_chemistry),
    _MATH._replace(replacement=_chemistry),
    Row("<", r"<math>(?P<tex>[^<>]+(?:[<>] [^<>]*)*)</math>", lambda match: f"${match['tex'].strip()}$"),
    Row("<", r'<math display="?block"?>(?P<tex>[^<>]+)</math>', lambda match: f"$${match['tex'].strip()}$$"),
    # images and addresses
    Row("!", r"!\[\[(?P<file>[^\[\]|<>#:\n]{1,200}\.(?i:png|jpe?g|gif|svg|webp|avif))[ \t]{0,4}"
        r"(?:\\?\|(?P<label>[^\[\]\n]{0,300}))?\]\](?P<sizes>\{[^{}\n]{0,200}\})?", _embedded),
    Row("!", r"!\[(?P<alt>[^\[\]\n]*)\]\( ?(?P<address><[^<>\n]*>|[^()\s<>]*(?:\([^()\s]*\)[^()\s]*)*)"
        r"(?P<title>[ \t]{1,4}(?:\"[^\"\n]*\"|'[^'\n]*'))?"
        r"(?P<size>[ \t]{1,4}=(?P<width>\d+%?)?(?:x(?P<height>\d+%?)?)?)?"
        r"[ \t]{0,4}\)(?P<attributes>\{[^{}\n]*\})?", _image),
    Row("[", r"(?<![\[\]!])\[(?P<url>https?://[^\s\[\]<>]+)[ \t](?P<text>[^\[\]\n]+)\](?![(\[:])",
        lambda match: f"[{convert(match['text'].strip())}](<{match['url']}>)"),
    Row("[", r"(?<!\[)\[(?P<words>[^\[\]\n|]+)\]\(\[\[(?P<page>[^\[\]|\n]+)\]\]\)",
        lambda match: f"[[{match['page']}|{match['words']}]]"),
    Row("{", r"\{\{embed[ \t]+(?P<embedded>\[\[[^\[\]\n]+\]\])[ \t]*\}\}", lambda match: f"!{match['embedded']}"),
    Row("{", r"\{\{(?:video|youtube|tweet|twitter|pdf|vimeo|bilibili)[ \t]+(?P<media>https?://[^\s{}<>]+)[ \t]*\}\}",
        lambda match: f"<{match['media']}>"),
    Row("]", r"\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*"),
    Row(":", r"(?:(?<=https)|(?<=http))://[^\s<>\]]+"),
    Row(":", r"(?<=[A-Za-z]):(?=\[)", lambda _: "\\:"),  # pandoc would read `doi:[10.1](x)` as an address
    # attributes and commands of other tools
    Row("{", r"(?<=[\])*_`~>])\{:[^{}\n]*\}", lambda _: ""),
    Row("{", r"(?<=[ \t])\{:[^{}\n]*\}(?=[ \t]*$)", _span_attributes),
    Row("{", r"\{::comment\}(?:(?!\{::comment)[\s\S])*?\{:/(?:comment)?\}[ \t]*", _remove),
    Row("{", r"\{::[^{}\n]*\}|\{:/\w*\}", lambda _: ""),
    Row("{", r"\{% *(?:end)?raw *%\}", lambda _: ""),
    Row("{", r"\{/\*[ \t]*#(?P<docusaurus>[\w.-]+)[ \t]*\*/\}(?=[ \t]*$)",
        lambda match: f"{{#{match['docusaurus']}}}" if match.string.startswith("#") else ""),
    Row("{", r"\{/\*(?:[^*{]|\*(?!/\})|\{(?!/\*))*\*/\}[ \t]*", _remove),
    Row("{", rf"\{{(?P<role>math|su[bp]|subscript|superscript|download|kbd|{_TEXT_ROLES}|{_CODE_ROLES})\}}"
        r"`(?P<body>[^`\n]+)`(?!`)", _role),
    Row("`", r"(?<!`)`#!(?P<language>[\w-]+) (?P<code>[^`\n]+)`(?!`)", lambda m: f"`{m['code']}`{{.{m['language']}}}"),
    Row("[", r"\[(?P<state>[-~/<>!?*])\] (?P<text>[^\n]+)", _task),
    # Obsidian's comments and block ids
    Row("%", r"(?<![\d%])%%(?!%)(?:[^%]|%(?!%))+%%(?!%)[ \t]*", _remove),
    Row("^", r"(?:(?<=[ \t])|(?<=\n)|\A)\^(?=[\w-]*[A-Za-z]|[\w-]{2})(?P<block_id>[A-Za-z0-9-]+)[ \t]*\Z",
        lambda match: f"[]{{#{block_anchor(match['block_id'])}}}"),
    # MediaWiki's markup on a Markdown page
    Row("'", r"'{5}(?!')(?P<text>(?:[^'\n]|'(?!'))+)'{5}(?!')", _wrap_in("***", "***")),
    Row("'", r"'''(?!['\s])(?P<text>(?:[^'\n]|'{1,2}(?!'))+)'''(?!')", _wrap_in("**", "**")),
    Row("'", r"'+"),
    Row("<", r"<(?P<tag>syntaxhighlight|source)\b[^<>/]*>(?P<code>(?:[^<]|<(?!/?(?P=tag)))*)</(?P=tag)>", _highlight),
    # edits and keys, as GitLab and Material for MkDocs write them
    Row("{", r"\{\+\+?(?!\+)(?P<text>[^{}\n+]+(?:\+[^{}\n+]+)*)\+\+?\}", _wrap_in("[", "]{.underline}")),
    Row("[", r"\[\+ (?P<text>[^\[\]\n+]+) \+\]", _wrap_in("[", "]{.underline}")),
    Row("[", r"\[- (?P<text>[^\[\]\n-]+) -\]", _wrap_in("~~", "~~")),
    Row("{", r"\{--?(?!-)(?P<text>[^{}\n-]+(?:-[^{}\n-]+)*)--?\}", _wrap_in("~~", "~~")),
    Row("{", r"\{==(?P<text>[^{}\n=]+)==\}", _wrap_in("==", "==")),
    Row("{", r"\{~~(?P<old>[^{}\n~]+)~>(?P<new>[^{}\n~]+)~~\}",
        lambda match: f"~~{match['old'].strip()}~~ [{match['new'].strip()}]{{.underline}}"),
    Row("{", r"\{>>[^{}<\n]*<<\}[ \t]*", _remove),
    Row("^", r"(?<!\^)\^\^(?=[^\s^])(?P<text>[^\n^]+)(?<=\S)\^\^(?!\^)", _wrap_in("[", "]{.underline}")),
    Row("+", r"(?<![+\w])\+\+(?P<keys>[a-z0-9-]+(?:\+(?:[a-z0-9-]+|\"[^\"\s]\"))*)\+\+(?![+\w])", _keys),
    _COMMENT,
    Row("<", rf"<(?P<literal>{_LITERAL})\b[^<>]*>(?:[^<]|<(?!/?(?P=literal)))*</(?P=literal)>"),
    Row("<", r"</?[A-Za-z][^<>]*>"),
)  # fmt: skip

_BREAKS = frozenset(re.findall(r"\w+", "li p div dt tr h1 h2 h3 h4 h5 h6 hr blockquote section article"))
"""Elements in a cell that begin a line of their own."""
_FLAT = (
    "address|article|aside|blockquote|body|caption|center|col|colgroup|dd|details|dir|div|dl|dt|figcaption|figure|footer"
    "|h[1-6]|header|hgroup|hr|html|li|main|nav|ol|p|pre|section|summary|table|tbody|td|tfoot|th|thead|tr|ul"
)
_HIDING = "canvas|fieldset|form|frame|frameset|head|menu|meta|noframes|output|script|textarea|title"
_ELEMENT = regex(r"</?[A-Za-z][^<>]*>")


def _flat(match: re.Match[str]) -> str:
    """Return what a block element in a cell becomes. Pandoc would drop it, and the rest of the cell with it."""
    name, is_end = match["flat"].lower(), match[0].startswith("</")
    if name == "pre":
        return "</code>" if is_end else "<code>"
    if is_end:
        return "<br>" if name == "summary" else " " if name in _BREAKS else ""
    before = match.string[max(0, match.start() - 200) : match.start()]
    start = max(before.rfind("|"), before.rfind("\n"), before.rfind("<br>"))
    is_first = start >= 0 and not _ELEMENT.sub("", before[start:]).strip("| \t\n")
    line = "" if name not in _BREAKS or is_first else "<br>"
    return f"{line}• " if name == "li" else " " if name in ("td", "th", "dd") and not is_first else line


TABLE_ROWS = (
    *(_ESCAPE, _DISPLAY, _MATH, _COMMENT),
    Row("[", r"\[\[[^\[\]\n]*\]\]", lambda match: re.sub(r"(?<!\\)\|", r"\\|", match[0])),
    Row("<", rf"</?(?P<flat>(?i:{_FLAT}))(?:\s[^<>]*)?/?>", _flat),
    Row("<", rf"</?(?i:{_HIDING})(?:\s[^<>]*)?/?>", lambda match: f"\\{match[0]}"),
)
"""In a pipe table, the bar in a link would end the cell, and an element that is a block would hide the cell."""
_BARS = regex(r"\\.|(?P<ticks>`+)|<[A-Za-z/][^<>]*>|(?P<bar>\|)|\$(?=\S)[^$|\\]*(?:\|[^$|\\]*)*(?<=\S)\$(?!\d)")

_TICKS = regex("`+")


def block_anchor(block_id: str) -> str:
    """Return the id of the element that Obsidian links to as ``[[Page#^block_id]]``."""
    return f"block-{block_id}"


class _Table(NamedTuple):
    signs: re.Pattern[str]
    rows: dict[str, list[tuple[re.Pattern[str], Replacement | None]]]


def _table(rows: Sequence[Row]) -> _Table:
    by_sign: dict[str, list[tuple[re.Pattern[str], Replacement | None]]] = {"`": []}
    for sign, pattern, replacement in rows:
        by_sign.setdefault(sign, []).append((regex(pattern, re.MULTILINE), replacement))
    return _Table(regex(f"[{re.escape(''.join(by_sign))}]"), by_sign)


_TEXT, _CELLS = _table(ROWS), _table(TABLE_ROWS)


def convert(text: str, in_table: bool = False) -> str:
    """Convert a paragraph, heading or list item by each row, outside inline code.

    ``in_table`` applies only the rows that the cells of a pipe table need in addition.
    """
    table = _CELLS if in_table else _TEXT
    code: dict[int, int] | None = None
    out: list[str] = []
    copied = position = 0
    while sign := table.signs.search(text, position):
        start = sign.start()
        position = start + 1
        for pattern, replacement in table.rows[sign[0]]:
            if match := pattern.match(text, start):
                if "`" in match[0] and pattern.pattern == _MATH.pattern:
                    code = _code(text) if code is None else code
                    if any(start < tick < match.end() for tick in code):  # code binds more tightly
                        out += [text[copied:start], "\\$"]
                        copied = position
                        break
                position = max(match.end(), position)
                if replacement:
                    out += [text[copied:start], replacement(match)]
                    copied = match.end()
                break
        else:
            if sign[0] == "`":
                code = _code(text) if code is None else code
                position = code.get(start) or _after_ticks(text, start)
    return "".join([*out, text[copied:]])


def cell_bars(row: str) -> list[int]:
    """Return the places of the bars that separate the cells of a row: not those in code, formulas and tags."""
    code = _code(row) if "`" in row else {}
    bars: list[int] = []
    position = 0
    while match := _BARS.search(row, position):
        position = match.end()
        if match["bar"]:
            bars.append(match.start())
        elif match["ticks"]:
            position = code.get(match.start(), position)
    return bars


def _after_ticks(text: str, start: int) -> int:
    run = _TICKS.match(text, start)
    return run.end() if run else start + 1


def _code(text: str) -> dict[int, int]:
    """Return the start and end offsets of inline code. It ends at the next run of as many backticks."""
    ends: dict[int, int] = {}
    last_run: dict[int, int] = {}
    for run in _TICKS.finditer(text):
        length = len(run[0])
        if length in last_run:
            ends[last_run[length]] = run.end()
        last_run[length] = run.start()
    return ends
