"""What pandoc reads in Markdown, and whether two texts read the same."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from ..notes.link_table import READER
from ..render.bodies import own_pandoc

Node = dict[str, Any]
"""A block or an inline of pandoc's tree, as its JSON writes it."""
_SCRIPT = """
local input = pandoc.json.decode(io.read("a"), false)
local found = {}
for i, text in ipairs(input.texts) do found[i] = pandoc.write(pandoc.read(text, input.reader), "json") end
io.write(pandoc.json.encode(found))
"""
_COMMENT = re.compile(r"\s*<!--.*-->\s*", re.DOTALL)
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[a-z]+)\s*/?>", re.IGNORECASE)
_TAGS = {
    "Superscript": "sup",
    "Subscript": "sub",
    "Strikeout": "del",
    "Underline": "u",
    "s": "del",
    "strike": "del",
    "ins": "u",
}
"""One name for what both an element and Markdown can say."""
_BREAKS = frozenset({"Space", "SoftBreak"})


def read(texts: Sequence[str]) -> list[list[Node]]:
    """The blocks of each text, read as notes are; headings have only the ids that are written.

    Raises:
        DraftError: pandoc is not installed.
    """
    if not texts:
        return []
    given = json.dumps({"reader": f"{READER}-auto_identifiers-implicit_header_references", "texts": texts})
    done = subprocess.run([own_pandoc(), "lua", "-e", _SCRIPT], input=given.encode(), capture_output=True, check=True)  # noqa: S603
    return [json.loads(tree)["blocks"] for tree in json.loads(done.stdout)]


def differences(pairs: Sequence[tuple[str, str]]) -> list[str | None]:
    """For each pair of texts None if they read the same, else the words of the first block that does not."""
    apart = [pair for pair in pairs if _spaced(pair[0]) != _spaced(pair[1])]
    trees = iter(read([text for pair in apart for text in pair]))
    found = {pair: _first_difference(next(trees), next(trees)) for pair in apart}
    return [found.get(pair) for pair in pairs]


def _first_difference(old: list[Node], new: list[Node]) -> str | None:
    shapes = zip_longest(_shapes(old), _shapes(new), fillvalue=({}, None))
    return next((words(node) for (node, a), (_, b) in shapes if a != b), None)


def _spaced(markdown: str) -> str:
    """The text with one space after the marks of items, and one blank line where there are more."""
    text = re.sub(r"(?m)^( *)(-|\d+\.)[ ]+(?=\S)", r"\1\2 ", markdown)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?m)[ \t]+$", "", text)).strip()


def _shapes(blocks: Iterable[Node]) -> Iterator[tuple[Node, Any]]:
    """Blocks without the differences that no reader sees: comments, blank space, widths of columns, and whether
    an element or Markdown says a thing."""
    return ((block, found) for block in blocks if (found := _block(block)))


def _shape(blocks: Iterable[Node]) -> list[Any]:
    return [found for _, found in _shapes(blocks)]


def _block(node: Node) -> Any:
    kind, content = node["t"], node.get("c")
    match kind:
        case "Para" | "Plain":
            inlines = _inlines(content)
            return ["P", inlines] if inlines else None
        case "RawBlock":
            return None if _COMMENT.fullmatch(content[1]) else ["Raw", content[0], " ".join(content[1].split())]
        case "CodeBlock":
            return ["Code", content[0], content[1].rstrip("\n")]
        case "BulletList":
            return ["List", [_shape(item) for item in content]]
        case "OrderedList":
            (start, style, _), items = content
            number = "Decimal" if style["t"] == "DefaultStyle" else style["t"]
            return ["Numbers", start, number, [_shape(item) for item in items]]
        case "DefinitionList":
            return ["Terms", [[_inlines(term), [_shape(one) for one in rest]] for term, rest in content]]
        case "Header":
            return [content[0], content[1], _inlines(content[2])]
        case "Table":
            _, caption, columns, head, bodies, foot = content
            sides = [side["t"] for side, _ in columns]
            rows = [head[1], *(rows for body in bodies for rows in body[2:]), foot[1]]
            return ["Table", _shape(caption[1]), sides, [[_row(row) for row in part] for part in rows]]
        case "Figure":
            inner = _shape(content[2])
            embedded = len(inner) == 1 and inner[0][1] and inner[0][1][0][:3] == ["Image", ["", [], []], []]
            return inner[0] if embedded else ["Figure", content[0], inner]
        case "LineBlock":
            return [kind, [_inlines(line) for line in content]]
    return [kind, _deep(content)]


def _row(row: Any) -> list[Any]:
    return [[across, down, _shape(blocks)] for _, _, across, down, blocks in row[1]]


def _deep(content: Any) -> Any:
    """The content of a block that holds others."""
    if isinstance(content, list):
        blocks = bool(content) and all(isinstance(item, dict) and "t" in item for item in content)
        return _shape(content) if blocks else [_deep(item) for item in content]
    return content


def _inlines(inlines: Iterable[Node]) -> list[Any]:
    """Words joined to stretches of text, other inlines between them."""
    out: list[Any] = []
    for item in _flat(inlines):
        if isinstance(item, str) and out and isinstance(out[-1], str):
            out[-1] += item
        else:
            out.append(item)
    for at, item in enumerate(out):
        if isinstance(item, str):
            text = re.sub(r"\s+", " ", item)
            text = text.lstrip() if at == 0 or out[at - 1] == ["LineBreak"] else text
            out[at] = text.rstrip() if at == len(out) - 1 or out[at + 1] == ["LineBreak"] else text
    return [item for item in out if item != ""]


def _flat(inlines: Iterable[Node]) -> Iterator[Any]:
    for node in inlines:
        kind, content = node["t"], node.get("c")
        if kind == "Str":
            yield content
        elif kind in _BREAKS:
            yield " "
        elif kind == "LineBreak":
            yield ["LineBreak"]
        elif kind == "RawInline":
            if not _COMMENT.fullmatch(content[1]):
                yield _tag(content[1]) if content[0] == "html" else content
        elif kind in _TAGS or (kind == "Span" and content[0] == ["", ["mark"], []]):
            name = _TAGS.get(kind, "mark")
            yield from (["<", name], *_flat(content if kind in _TAGS else content[1]), [">", name])
        elif kind == "Span" and content[0] == ["", [], []]:
            yield from _flat(content[1])
        elif kind == "Link":
            (name, classes, pairs), label, target = content
            if "wikilink" not in classes:
                shown = [c for c in classes if c not in ("uri", "email")]
                yield [kind, name, shown, pairs, _inlines(label), target]
            elif not target[0].lower().startswith("category:"):  # which shows nothing
                folded = re.sub(r"\s*(:+)\s*", r"\1", target[0].strip())
                yield [kind, folded, [] if "".join(words(label).split()) == "".join(target[0].split()) else _inlines(label)]
        elif kind == "Image":
            (name, classes, pairs), caption, target = content
            named = classes == ["wikilink"] and words(caption) == target[0]  # `![[a.png]]` has no caption
            attributes = [name, [] if named else classes, pairs]
            yield [kind, attributes, [] if named else _inlines(caption), target]
        elif kind == "Code":
            yield [kind, content[0], content[1].replace("\\|", "|").strip()]
        elif kind == "Math":
            yield [kind, content[0]["t"], re.sub(r"\s+", " ", content[1]).strip()]
        elif kind == "Note":
            yield [kind, _shape(content)]
        elif kind in ("Emph", "Strong", "SmallCaps"):
            yield [kind, _inlines(content)]
        else:  # spans and quotations
            yield [kind, *content[:-1], _inlines(content[-1])]


def _tag(written: str) -> list[str]:
    found = _TAG.fullmatch(written.strip())
    if not found:
        return ["Raw", written]
    name = found["name"].lower()
    return ["LineBreak"] if name == "br" else [">" if found["close"] else "<", _TAGS.get(name, name)]


def words(node: Any) -> str:
    """The words of a tree."""
    if isinstance(node, list):
        return " ".join(filter(None, map(words, node)))
    if not isinstance(node, dict) or "c" not in node:
        return ""
    content = node["c"]
    if node["t"] == "Str":
        return str(content)
    return str(content[1]) if node["t"] in ("Code", "CodeBlock", "Math") else words(content)
