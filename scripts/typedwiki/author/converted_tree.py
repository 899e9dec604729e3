"""What pandoc reads in Markdown, and whether two texts read the same."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from ..notes.link_table import READER
from ..render.bodies import own_pandoc

Node = dict[str, Any]
"""A block or an inline of pandoc's tree, as its JSON writes it."""
Blocks = list[tuple[str, str, str]]
"""The tree as JSON, the HTML and the Markdown of each block of a text."""
_SCRIPT = """
local input = pandoc.json.decode(io.read("a"), false)
local options = {
  wrap_text = "none", html_math_method = "mathjax", email_obfuscation = "none", highlight_method = "none"
}
local markdown = "markdown-simple_tables-multiline_tables-grid_tables-smart-raw_attribute-citations+mark"
local function fenced(code)  -- else it would be indented, which is no code in MediaWiki's lists
  if #code.classes > 0 then return nil end
  local fence = "```"
  while code.text:find(fence, 1, true) do fence = fence .. "`" end
  return pandoc.RawBlock("markdown", fence .. "\\n" .. code.text .. "\\n" .. fence)
end
local found = {}
for i, text in ipairs(input.texts) do
  found[i] = pandoc.read(text, input.reader).blocks:map(function(block)
    return pandoc.List({"json", "html", markdown}):map(function(format)
      local doc = pandoc.Pandoc({block})
      return pandoc.write(format == markdown and doc:walk({CodeBlock = fenced}) or doc, format, options)
    end)
  end)
end
io.write(pandoc.json.encode(found))
"""
_TAG = re.compile(r"<(?P<close>/?)(?!(?:br|hr|img|wbr)\b)[A-Za-z][^<>]*(?<!/)>")
_PRE = re.compile(r"(<pre\b[^<]*(?:<(?!/?pre\b)[^<]*)*</pre>)")
_BLOCKS = "blockquote|br|caption|d[dlt]|div|figcaption|figure|h[1-6r]|li|[ou]l|section|t(?:able|body|[dhr]|head|foot)"
_UNSEEN = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"(?<=\s)<!--.*?-->\s*|<!--.*?-->|(<!--.*)", r"\1"),  # what nothing closes stays
        (r"<colgroup>[^<]*(?:<(?!/?colgroup>)[^<]*)*</colgroup>", ""),  # widths
        (r' style="width:\s*\d+%;?"| class="(?:uri|email)"|<span></span>', ""),
        (r'<a\s+href="[Cc]ategory:[^"]*"\s+class="wikilink">[^<]*(?:<(?!/?a\b)[^<]*)*</a>', ""),
        (
            r'<figure>\s*<img src="([^"]*)" class="wikilink" alt="\1" />[^<]*(?:<(?!/?figure\b)[^<]*)*</figure>',
            r'<img src="\1" />',
        ),
        (r"<(/?)(?:s|strike)>", r"<\1del>"),
        (r"<br\s*/>", "<br>"),
        (r"</p>\s*<p>", "¶"),
        (r"</?p>", ""),  # in lists there may be one or not
        (r"\s+", " "),
        (r'(?<=inline">\\\() | (?=\\\)</span>)|(?<=display">\\\[) | (?=\\\]</span>)', ""),
        (rf" ?(</?(?:{_BLOCKS})\b[^<>]*>) ?", r"\1"),
    )
)
"""Differences between two texts that no reader sees."""


class Piece(NamedTuple):
    """A block of a text: a paragraph, a list, an element with all that it holds."""

    tree: list[Node]
    html: str
    markdown: str


def read(text: str) -> list[Piece]:
    """The blocks of a text, read as notes are; headings have only the ids that are written.

    Raises:
        DraftError: pandoc is not installed.
    """
    pieces: list[Piece] = []
    opened: list[Piece] = []
    depth = 0
    for tree, shown, markdown in _run([text])[0]:
        piece = Piece(json.loads(tree)["blocks"], shown, markdown.strip("\n"))
        if piece.tree[0]["t"] == "RawBlock":
            depth += sum(-1 if tag["close"] else 1 for tag in _TAG.finditer(shown))
        opened.append(piece)
        if depth <= 0:
            whole = [node for one in opened for node in one.tree]
            pieces.append(Piece(whole, "\n".join(p.html for p in opened), "\n".join(p.markdown for p in opened)))
            opened, depth = [], 0
    return [*pieces, *opened]  # what nothing closes are blocks of their own


def read_alike(pairs: Sequence[tuple[Piece, str]]) -> list[bool]:
    """For each block and a text whether they read the same."""
    apart = [text for piece, text in pairs if _spaced(piece.markdown) != _spaced(text)]
    shown = {text: "".join(_seen(blocks)) for text, blocks in zip(apart, _run(apart), strict=True)}
    wanted = ["".join(_seen([("", piece.html, "")])) for piece, _ in pairs]
    return [shown.get(text, want) == want for (_, text), want in zip(pairs, wanted, strict=True)]


def difference(old: str, new: str) -> str | None:
    """None if two texts read the same, else the words of the first block that does not."""
    if _spaced(old) == _spaced(new):
        return None
    pairs = zip_longest(*map(_seen, _run([old, new])), fillvalue="")
    first = next((a for a, b in pairs if a != b), None)
    return first if first is None else html.unescape(re.sub(r"<[^<>]*>", " ", first))


def _run(texts: Sequence[str]) -> list[Blocks]:
    if not texts:
        return []
    reader = f"{READER}-auto_identifiers-implicit_header_references"
    given = json.dumps({"reader": reader, "texts": texts}).encode()
    done = subprocess.run([own_pandoc(), "lua", "-e", _SCRIPT], input=given, capture_output=True, check=True)
    found: list[Blocks] = json.loads(done.stdout)
    return found


def _seen(blocks: Blocks) -> list[str]:
    """The HTML of each block that shows anything, without differences that no reader sees."""
    found = []
    for _, shown, _ in blocks:
        parts = _PRE.split(shown)
        for pattern, replacement in _UNSEEN:
            parts[::2] = [pattern.sub(replacement, part) for part in parts[::2]]
        found.append("".join(parts).strip())
    return list(filter(None, found))


def _spaced(markdown: str) -> str:
    """The text with one space after the marks of items, and one blank line where there are more."""
    text = re.sub(r"(?m)^( *)(-|\d+\.)[ ]+(?=\S)", r"\1\2 ", markdown)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?m)^[ \t]+$", "", text)).strip()


def words(node: Any) -> str:
    """The words of a tree."""
    if isinstance(node, list):
        return " ".join(filter(None, map(words, node)))
    if not isinstance(node, dict) or "c" not in node:
        return ""
    return str(node["c"]) if node["t"] == "Str" else words(node["c"])
