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
from ..text.wikitext import convert
from .converted_tree import Node, read, read_alike, words

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
    pieces = read(markdown)
    done: dict[int, Block] = {}
    for guarded in (False, True, None):
        made: dict[int, str] = {}
        for at in [at for at in range(len(pieces)) if at not in done]:
            with suppress(UnsayableError):
                made[at] = pieces[at].markdown if guarded is None else _blocks(pieces[at].tree, guarded)
        alike = read_alike([(pieces[at], convert(text).markdown) for at, text in made.items()])
        for (at, text), same in zip(made.items(), alike, strict=True):
            if same:
                kind = _kind(pieces[at].tree)
                note = f"{kind} left in Markdown" if guarded is None or kind == "a callout" else ""
                note = note or ("an image left in Markdown, for its size" if _SIZED_IMAGE.search(text) else "")
                done[at] = Block(text, pieces[at].markdown, note)
    lost = [Block(one.markdown, one.markdown, f"{_kind(one.tree)} that reads differently", True) for one in pieces]
    return [done.get(at, block) for at, block in enumerate(lost)]


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
        case "Div":
            name, classes, pairs = content[0]
            if name or not classes:
                raise UnsayableError
            attributes = [*(f".{one}" for one in classes), *(f'{key}="{value}"' for key, value in pairs)]
            return f"::: {{{' '.join(attributes)}}}\n{_blocks(content[1], guarded)}\n:::"
        case "RawBlock" if content[0] == "html":
            return str(content[1])
    raise UnsayableError


def _paragraph(inlines: Sequence[Node], guarded: bool) -> str:
    return _BEGINS_A_BLOCK.sub(lambda m: _nowiki(m[0]), "".join(_inlines(inlines, guarded)))


def _line(inlines: Sequence[Node], guarded: bool) -> str:
    return re.sub(r"(?<!\s)\s*\n\s*", " ", "".join(_inlines(inlines, guarded))).strip()


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
    raise UnsayableError


def _link(content: Any, guarded: bool) -> str:
    (name, classes, pairs), inlines, (url, title) = content
    if name or pairs or set(classes) - {"uri", "email"}:
        raise UnsayableError
    label = _line(inlines, guarded)
    if classes == ["uri"] and not guarded:
        return unquote(url) if words(list(inlines)) == unquote(url) else url
    if title or not (is_web(url) or url.startswith("mailto:")):
        place = f"<{url}>" if re.search(r"[\s()]", url) else url
        return f"[{label}]({place}{_title(title)})"
    return f"[{url} {words(list(inlines)) if classes else label}]"


def _image(content: Any, guarded: bool) -> str:
    (name, classes, pairs), inlines, (path, title) = content
    caption = _line(inlines, guarded)
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
