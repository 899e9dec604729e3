"""Markdown to MediaWiki's markup, block by block from pandoc's tree, each proved by reading it again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..text.addresses import is_web
from ..text.sections import with_code_state
from ..text.wikitext import convert
from .tree import Node, differences, read, words

_ITEM = re.compile(r"[ \t]*(?:[-+*]|\(?(?:\d{1,9}|[A-Za-z#])[.)])[ \t]+")
_CONTAINER = re.compile(r"<(?P<name>table|div|details|ul|ol|dl|blockquote|center|figure|section)\b", re.IGNORECASE)
_DIV = re.compile(r":{3,}[ \t]*(?P<attributes>.*?)[ \t:]*")
_DEFINITION = re.compile(r"(?m)^ {0,3}\[(?P<name>[^\[\]\n]+)\]:")
_HEADING = re.compile(r"#{1,6}[ \t]")
_DEFINED = re.compile(r"[:~][ \t]")
_BEGINS_A_BLOCK = re.compile(r"(?m)^(?:[*#:;=!>]|\{\||-{3,}|[-+•|](?=\s)|\d{1,9}[.)](?=\s|$))")
_QUOTES = re.compile(r"'{2,}")
_MARKUP = re.compile(r"[\\`*_{}\[\]<>|$@^~=%!&'#]+|://|__[A-Z]+__")
_SIZE = re.compile(r"(\d{1,5})(?:px)?")
_KINDS = {
    "BlockQuote": "a quotation",
    "CodeBlock": "code",
    "Div": "a callout",
    "Figure": "an image",
    "Header": "a heading",
    "LineBlock": "a verse",
    "RawBlock": "HTML",
    "Table": "a table",
}
DIFFERENTLY = "that reads differently"


class Block(NamedTuple):
    """A block in MediaWiki's markup."""

    text: str
    source: str
    note: str = ""
    """What MediaWiki cannot say of it, or how it is kept."""
    lost: bool = False


class UnsayableError(ValueError):
    """MediaWiki has no markup for something."""


def mediawiki(markdown: str) -> list[Block]:
    """The blocks of a text as MediaWiki says them; as Markdown, which these pages may hold too, if it cannot."""
    chunks = list(blocks(markdown))
    wholes, unused = with_definitions(chunks)
    done = _proved([(chunk, whole) for chunk, whole in zip(chunks, wholes, strict=True) if whole])
    return [*done, *(Block(one, one, "a definition that nothing refers to", True) for one in unused)]


def with_definitions(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Texts of one page, each with the definitions of footnotes and addresses that it needs and no others,
    wherever they stand; and the definitions that no text needs."""
    split = [list(blocks(text)) for text in texts]
    named = {
        block: [match["name"].casefold() for match in _DEFINITION.finditer(block)]
        for parts in split
        for block in parts
        if _DEFINITION.match(block)
    }
    wholes: list[str] = []
    used: set[str] = set()
    for text, parts in zip(texts, split, strict=True):
        left = [block for block in parts if block not in named]
        words_of = "\n".join(left).casefold()
        needed = [one for one, names in named.items() if any(f"[{name}]" in words_of for name in names)]
        used.update(needed)
        wholes.append("\n\n".join([*left, *needed]) if named else text)
    return wholes, [one for one in named if one not in used]


def _proved(pairs: Sequence[tuple[str, str]]) -> list[Block]:
    """The first form of each block that reads as it does with the definitions that it needs."""
    trees = read([whole for _, whole in pairs])
    done = {at: _div(source) for at, (source, _) in enumerate(pairs) if _DIV.fullmatch(source)}
    for guarded in (False, True, None):
        made: dict[int, str] = {}
        for at in [at for at in range(len(pairs)) if at not in done]:
            with suppress(UnsayableError):
                made[at] = pairs[at][0] if guarded is None else _blocks(trees[at], guarded)
        differ = differences([(pairs[at][1], convert(text).markdown) for at, text in made.items()])
        for (at, text), different in zip(made.items(), differ, strict=True):
            if different is None:
                left = f"{_kind(trees[at])} left in Markdown" if guarded is None and text.strip() else ""
                done[at] = Block(text, pairs[at][0], left)
    lost = [
        Block(source, source, f"{_kind(tree)} {DIFFERENTLY}", True)
        for (source, _), tree in zip(pairs, trees, strict=True)
    ]
    return [done.get(at, block) for at, block in enumerate(lost)]


def _div(line: str) -> Block:
    """The line at which a fenced div begins or ends; what it holds are blocks of their own."""
    return Block(line, line, "a callout left in Markdown" if line.strip(": \t") else "")


def _kind(tree: list[Node]) -> str:
    kind = tree[0]["t"] if tree else ""
    return _KINDS.get(kind, "a list" if kind.endswith("List") else "a paragraph" if tree else "a comment")


def blocks(markdown: str) -> Iterator[str]:
    """Blank lines part blocks, but for those inside code, elements, and lists with what belongs to their items.

    Headings are blocks of their own, and the lines at which fenced divs begin and end: what these hold is said
    like the rest.
    """
    block: list[str] = []
    goes_on = inside = False
    element, depth = "", 0
    for line, in_code in with_code_state(markdown.split("\n")):
        alone = not in_code and bool(_DIV.fullmatch(line) or _HEADING.match(line))
        if block and not inside and not depth:
            after_blank = not block[-1].strip() and bool(line.strip())
            indented = goes_on and line.startswith(("  ", "\t"))
            same_list = goes_on and _ITEM.match(line) and _ITEM.match(block[0])
            if alone or (after_blank and not (indented or same_list or _DEFINED.match(line))):
                yield "\n".join(block).rstrip()
                block = []
        inside = in_code
        if alone and not block:
            yield line
            continue
        if not block:
            if not line.strip():
                continue
            goes_on = bool(_ITEM.match(line) or re.match(r" {0,3}\[\^", line))
            found = _CONTAINER.match(line)
            element = found["name"] if found else ""
        goes_on = goes_on or bool(_DEFINED.match(line))
        if element and not in_code:
            depth += len(re.findall(rf"<{element}\b", line, re.I)) - len(re.findall(rf"</{element}\s*>", line, re.I))
        block.append(line)
    if block:
        yield "\n".join(block).rstrip()


# Blocks


def _blocks(tree: Sequence[Node], guarded: bool) -> str:
    return "\n\n".join(filter(None, (_block(node, guarded) for node in tree)))


def _block(node: Node, guarded: bool) -> str:
    content: Any = node.get("c")
    match node["t"]:
        case "Para" | "Plain":
            return _paragraph(content, guarded)
        case "Header":
            level, (name, classes, pairs), inlines = content
            if classes or pairs:
                raise UnsayableError
            marks = "=" * level
            return f"{marks} {_line(inlines, guarded)}{f' {{#{name}}}' if name else ''} {marks}"
        case "CodeBlock":
            return _code(*content)
        case "BlockQuote":
            return f"<blockquote>\n{_blocks(content, guarded)}\n</blockquote>"
        case "BulletList" | "OrderedList" | "DefinitionList":
            return "\n".join(_list(node, "", guarded))
        case "HorizontalRule":
            return "----"
        case "Table":
            return _table(content, guarded)
        case "Figure":
            _, _, inner = content
            return _blocks(inner, guarded)
        case "RawBlock" if content[0] == "html":
            return str(content[1])
    raise UnsayableError


def _paragraph(inlines: Sequence[Node], guarded: bool) -> str:
    return _BEGINS_A_BLOCK.sub(lambda m: _nowiki(m[0]), "".join(_inlines(inlines, guarded)))


def _line(inlines: Sequence[Node], guarded: bool) -> str:
    return re.sub(r"\s*\n\s*", " ", "".join(_inlines(inlines, guarded))).strip()


def _code(attributes: Any, body: str) -> str:
    name, classes, pairs = attributes
    if name or pairs or len(classes) > 1 or "</syntaxhighlight" in body.lower():
        raise UnsayableError
    if classes == ["mermaid"]:
        return f"{{{{#mermaid:{body.strip(chr(10))}\n}}}}"
    language = f' lang="{classes[0]}"' if classes else ""
    return f"<syntaxhighlight{language}>\n{body}\n</syntaxhighlight>"


def _list(node: Node, before: str, guarded: bool) -> Iterator[str]:
    kind, content = node["t"], node["c"]
    if kind == "DefinitionList":
        for term, definitions in content:
            yield from [f"{before}; {_line(term, guarded)}"] if term else []
            for definition in definitions:
                yield from _item(definition, f"{before}:", guarded)
        return
    if kind == "OrderedList":
        (start, _, _), content = content
        if start != 1:
            raise UnsayableError
    for item in content:
        yield from _item(item, f"{before}{'*' if kind == 'BulletList' else '#'}", guarded)


def _item(item: Sequence[Node], marks: str, guarded: bool) -> Iterator[str]:
    first, *rest = item or [{"t": "Plain", "c": []}]
    if first["t"] not in ("Para", "Plain"):
        first, rest = {"t": "Plain", "c": []}, [first, *rest]
    if any(inline["t"] == "Str" and inline["c"] in "☐☒" for inline in first["c"][:1]):
        raise UnsayableError
    line = _line(first["c"], guarded)
    yield f"{marks} {_nowiki(line[0]) + line[1:] if line[:1] in tuple('*#:;') else line}".rstrip()
    for block in rest:
        if block["t"].endswith("List"):
            yield from _list(block, marks, guarded)
        elif block["t"] in ("Para", "Plain"):
            yield from ("", " " * max(2, len(marks)) + _line(block["c"], guarded))
        else:
            yield _block(block, guarded)


def _table(content: Any, guarded: bool) -> str:
    _, (_, caption), columns, head, bodies, foot = content
    rows = [*head[1], *(row for body in bodies for part in body[2:] for row in part), *foot[1]]
    if any(side["t"] != "AlignDefault" for side, _ in columns) or len(caption) > 1:
        raise UnsayableError
    out = ['{| class="wikitable"', *(f"|+ {_line(block['c'], guarded)}" for block in caption)]
    for number, (_, cells) in enumerate(rows):
        texts = [_cell(cell, guarded) for cell in cells]
        if number or not head[1]:
            out += ["|-", f"| {' || '.join(texts)}"]
        elif any(texts):
            out.append(f"! {' !! '.join(texts)}")
    return "\n".join([*out, "|}"])


def _cell(cell: Any, guarded: bool) -> str:
    _, _, down, across, inner = cell
    if (down, across) != (1, 1) or len(inner) > 1 or any(block["t"] not in ("Para", "Plain") for block in inner):
        raise UnsayableError
    text = "".join(_line(block["c"], guarded) for block in inner)
    return re.sub(r"\|\||!!|^[-+}]", lambda m: _nowiki(m[0]), text)


# Inlines


def _inlines(inlines: Sequence[Node], guarded: bool) -> Iterator[str]:
    """The pieces of a line, words that belong together in one."""
    for is_text, group in groupby(inlines, lambda node: node["t"] in ("Str", "Space")):
        if is_text:
            yield _text("".join(node.get("c", " ") for node in group), guarded)
        else:
            yield from (_inline(node, guarded) for node in group)


def _text(text: str, guarded: bool) -> str:
    return re.sub(_MARKUP if guarded else _QUOTES, lambda m: _nowiki(m[0]), text)


def _nowiki(text: str) -> str:
    return f"<nowiki>{html.escape(text, quote=False)}</nowiki>"


_AROUND = {
    "Emph": ("''", "''"),
    "Strong": ("'''", "'''"),
    "Strikeout": ("<s>", "</s>"),
    "Superscript": ("<sup>", "</sup>"),
    "Subscript": ("<sub>", "</sub>"),
    "Underline": ("<u>", "</u>"),
}


def _inline(node: Node, guarded: bool) -> str:
    kind = node["t"]
    content: Any = node.get("c")
    if kind in _AROUND:
        return "".join((_AROUND[kind][0], *_inlines(content, guarded), _AROUND[kind][1]))
    match kind:
        case "SoftBreak":
            return "\n"
        case "LineBreak":
            return "<br>\n"
        case "Code" if content[0] == ["", [], []]:
            return f"<code>{html.escape(content[1].replace(chr(92) + '|', '|'), quote=False)}</code>"
        case "Math":
            display = ' display="block"' if content[0]["t"] == "DisplayMath" else ""
            return f"<math{display}>{content[1].strip()}</math>"
        case "Link":
            return _link(*content, guarded)
        case "Image":
            return _image(*content, guarded)
        case "Note":
            text = _blocks(content, guarded)
            return f"<ref>{text if len(content) == 1 else f'{text}{chr(10)}'}</ref>"
        case "Span" if content[0] == ["", ["mark"], []]:
            return f"<mark>{''.join(_inlines(content[1], guarded))}</mark>"
        case "RawInline" if content[0] == "html":
            return str(content[1])
    raise UnsayableError


def _link(attributes: Any, inlines: Sequence[Node], target: Any, guarded: bool) -> str:
    name, classes, pairs = attributes
    url, title = target
    if name or pairs or set(classes) - {"uri", "email"}:
        raise UnsayableError
    label = _line(inlines, guarded)
    if classes == ["uri"] and not guarded:
        return unquote(url) if words(list(inlines)) == unquote(url) else url
    if title or not (is_web(url) or url.startswith("mailto:")):
        place = f"<{url}>" if re.search(r"[\s()]", url) else url
        return f"[{label}]({place}{_title(title)})"
    return f"[{url} {words(list(inlines)) if classes else label}]"


def _image(attributes: Any, inlines: Sequence[Node], target: Any, guarded: bool) -> str:
    name, classes, pairs = attributes
    (path, title), caption = target, _line(inlines, guarded)
    if name or classes:
        raise UnsayableError
    sizes = {side: found[1] for side, value in pairs if (found := _SIZE.fullmatch(value))}
    if title or len(sizes) < len(pairs) or not sizes.keys() <= {"width", "height"} or is_web(path) or "|" in caption:
        size = " ".join(f"{side}={value}" for side, value in pairs)
        place = f"<{path}>" if re.search(r"[\s()]", path) else path
        return f"![{caption}]({place}{_title(title)}){f'{{{size}}}' if size else ''}"
    height = f"x{sizes['height']}" if "height" in sizes else ""
    size = f"|{sizes.get('width', '')}{height}px" if sizes else ""
    return f"[[File:{path.replace('%20', ' ')}{size}{f'|{caption}' if caption else ''}]]"


def _title(title: str) -> str:
    return f' "{title}"' if title else ""
