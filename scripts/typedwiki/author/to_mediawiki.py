"""Convert Markdown to wikitext, block by block from pandoc's tree. Each block is verified by parsing it again."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from typing import Any, NamedTuple
from urllib.parse import unquote

from ..text.characters import is_web
from ..text.wikitext import convert
from .pandoc_blocks import Node, read_pieces, same_reading, words_of

_BEGINS_A_BLOCK = re.compile(r"(?m)^(?:[*#:;=>]|\{\||-{3,}|[-+•|](?=\s)|\d{1,9}[.)](?=\s|$))")
_QUOTES = re.compile(r"'{2,}")
_MARKUP = re.compile(r"[\\`*_{}\[\]<>|$@^~=%!&'#]+|://|__[A-Z]+__")
_SIZE = re.compile(r"(\d{1,5})(?:px)?")
_SIZED_IMAGE = re.compile(r"!\[[^\[\]]*\]\([^()\n]*\)\{")
"""MediaWiki knows sizes in pixels only."""
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


class Block(NamedTuple):
    """A block in wikitext."""

    text: str
    source: str
    note: str = ""
    """What wikitext cannot express, or how the block differs."""
    lost: bool = False


class NoMarkupError(ValueError):
    """Wikitext has no markup for something."""


def to_mediawiki(markdown: str) -> list[Block]:
    """Convert a text to blocks of wikitext. Blocks that wikitext cannot express stay in Markdown, which MediaWiki
    pages may hold, too."""
    pieces = read_pieces(markdown)
    blocks: dict[int, Block] = {}
    for guarded in (False, True, None):
        candidates: dict[int, str] = {}
        for index in [index for index in range(len(pieces)) if index not in blocks]:
            with suppress(NoMarkupError):
                candidates[index] = pieces[index].markdown if guarded is None else _blocks(pieces[index].tree, guarded)
        matches = same_reading([(pieces[index], convert(text).markdown) for index, text in candidates.items()])
        for (index, text), is_same in zip(candidates.items(), matches, strict=True):
            if is_same:
                kind = _kind(pieces[index].tree)
                note = f"{kind} left in Markdown" if guarded is None or kind == "a callout" else ""
                note = note or ("an image left in Markdown, for its size" if _SIZED_IMAGE.search(text) else "")
                blocks[index] = Block(text, pieces[index].markdown, note)
    fallbacks = [
        Block(piece.markdown, piece.markdown, f"{_kind(piece.tree)} that reads differently", True) for piece in pieces
    ]
    return [blocks.get(index, block) for index, block in enumerate(fallbacks)]


def _kind(tree: list[Node]) -> str:
    kind = tree[0]["t"]
    return _KINDS.get(kind, "a list" if kind.endswith("List") else "a paragraph")


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
                raise NoMarkupError
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
            _, _, blocks = content
            return _blocks(blocks, guarded)
        case "Div":
            name, classes, pairs = content[0]
            if name or not classes:
                raise NoMarkupError
            attributes = [
                *(f".{name_of_class}" for name_of_class in classes),
                *(f'{key}="{value}"' for key, value in pairs),
            ]
            return f"::: {{{' '.join(attributes)}}}\n{_blocks(content[1], guarded)}\n:::"
        case "RawBlock" if content[0] == "html":
            return str(content[1])
    raise NoMarkupError


def _paragraph(inlines: Sequence[Node], guarded: bool) -> str:
    return _BEGINS_A_BLOCK.sub(lambda m: _nowiki(m[0]), "".join(_inlines(inlines, guarded)))


def _line(inlines: Sequence[Node], guarded: bool) -> str:
    return re.sub(r"(?<!\s)\s*\n\s*", " ", "".join(_inlines(inlines, guarded))).strip()


def _code(attributes: Any, body: str) -> str:
    name, classes, pairs = attributes
    if name or pairs or len(classes) > 1 or "</syntaxhighlight" in body.lower():
        raise NoMarkupError
    if classes == ["mermaid"]:
        return f"{{{{#mermaid:{body.strip(chr(10))}\n}}}}"
    language = f' lang="{classes[0]}"' if classes else ""
    return f"<syntaxhighlight{language}>\n{body}\n</syntaxhighlight>"


def _list(node: Node, marks: str, guarded: bool) -> Iterator[str]:
    kind, content = node["t"], node["c"]
    if kind == "DefinitionList":
        for term, definitions in content:
            yield from [f"{marks}; {_line(term, guarded)}"] if term else []
            for definition in definitions:
                yield from _item(definition, f"{marks}:", guarded)
        return
    if kind == "OrderedList":
        (start, _, _), content = content
        if start != 1:
            raise NoMarkupError
    for item in content:
        yield from _item(item, f"{marks}{'*' if kind == 'BulletList' else '#'}", guarded)


def _item(item: Sequence[Node], marks: str, guarded: bool) -> Iterator[str]:
    first_block, *other_blocks = item or [{"t": "Plain", "c": []}]
    if first_block["t"] not in ("Para", "Plain"):
        first_block, other_blocks = {"t": "Plain", "c": []}, [first_block, *other_blocks]
    if any(inline["t"] == "Str" and inline["c"] in "☐☒" for inline in first_block["c"][:1]):
        raise NoMarkupError
    line = _line(first_block["c"], guarded)
    yield f"{marks} {_nowiki(line[0]) + line[1:] if line[:1] in tuple('*#:;') else line}".rstrip()
    for block in other_blocks:
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
        raise NoMarkupError
    lines = ['{| class="wikitable"', *(f"|+ {_line(block['c'], guarded)}" for block in caption)]
    for number, (_, cells) in enumerate(rows):
        texts = [_cell(cell, guarded) for cell in cells]
        if number or not head[1]:
            lines += ["|-", f"| {' || '.join(texts)}"]
        elif any(texts):
            lines.append(f"! {' !! '.join(texts)}")
    return "\n".join([*lines, "|}"])


def _cell(cell: Any, guarded: bool) -> str:
    _, _, rowspan, colspan, blocks = cell
    if (rowspan, colspan) != (1, 1) or len(blocks) > 1 or any(block["t"] not in ("Para", "Plain") for block in blocks):
        raise NoMarkupError
    text = "".join(_line(block["c"], guarded) for block in blocks)
    return re.sub(r"\|\||!!|^[-+}]", lambda m: _nowiki(m[0]), text)


# Inlines


def _inlines(inlines: Sequence[Node], guarded: bool) -> Iterator[str]:
    """Yield the inlines of a line, consecutive words as one text."""
    for is_text, group in groupby(inlines, lambda node: node["t"] in ("Str", "Space")):
        if is_text:
            yield _text("".join(node.get("c", " ") for node in group), guarded)
        else:
            yield from (_inline(node, guarded) for node in group)


def _text(text: str, guarded: bool) -> str:
    return re.sub(_MARKUP if guarded else _QUOTES, lambda m: _nowiki(m[0]), text)


def _nowiki(text: str) -> str:
    return f"<nowiki>{html.escape(text, quote=False)}</nowiki>"


_INLINE_MARKS = {
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
    if kind in _INLINE_MARKS:
        return "".join((_INLINE_MARKS[kind][0], *_inlines(content, guarded), _INLINE_MARKS[kind][1]))
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
            return _link(content, guarded)
        case "Image":
            return _image(content, guarded)
        case "Note":
            text = _blocks(content, guarded)
            return f"<ref>{text if len(content) == 1 else f'{text}{chr(10)}'}</ref>"
        case "Span" if content[0] == ["", ["mark"], []]:
            return f"<mark>{''.join(_inlines(content[1], guarded))}</mark>"
        case "RawInline" if content[0] == "html":
            return str(content[1])
    raise NoMarkupError


def _link(content: Any, guarded: bool) -> str:
    (name, classes, pairs), inlines, (url, title) = content
    if name or pairs or set(classes) - {"uri", "email"}:
        raise NoMarkupError
    label = _line(inlines, guarded)
    if classes == ["uri"] and not guarded:
        return unquote(url) if words_of(list(inlines)) == unquote(url) else url
    if title or not (is_web(url) or url.startswith("mailto:")):
        place = f"<{url}>" if re.search(r"[\s()]", url) else url
        return f"[{label}]({place}{_title(title)})"
    return f"[{url} {words_of(list(inlines)) if classes else label}]"


def _image(content: Any, guarded: bool) -> str:
    (name, classes, pairs), inlines, (path, title) = content
    caption = _line(inlines, guarded)
    if name or classes:
        raise NoMarkupError
    sizes = {side: size_match[1] for side, value in pairs if (size_match := _SIZE.fullmatch(value))}
    if title or len(sizes) < len(pairs) or not sizes.keys() <= {"width", "height"} or is_web(path) or "|" in caption:
        size = " ".join(f"{side}={value}" for side, value in pairs)
        place = f"<{path}>" if re.search(r"[\s()]", path) else path
        return f"![{caption}]({place}{_title(title)}){f'{{{size}}}' if size else ''}"
    height = f"x{sizes['height']}" if "height" in sizes else ""
    size = f"|{sizes.get('width', '')}{height}px" if sizes else ""
    return f"[[File:{path.replace('%20', ' ')}{size}{f'|{caption}' if caption else ''}]]"


def _title(title: str) -> str:
    return f' "{title}"' if title else ""
