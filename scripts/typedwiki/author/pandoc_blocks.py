"""Parse Markdown with pandoc, and decide whether two texts look the same to a reader."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

from ..notes.link_table import READER
from ..render.bodies import installed_pandoc

Node = dict[str, Any]
"""A block or an inline of pandoc's tree, as its JSON writes it."""
Blocks = list[tuple[str, str, str]]
"""Tree as JSON, HTML and Markdown of each block of a text."""
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
_INVISIBLE = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"(?<=\s)<!--.*?-->\s*|<!--.*?-->|(<!--.*)", r"\1"),  # an unclosed comment stays
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
"""Replacements that remove differences no reader sees."""


class Piece(NamedTuple):
    """A block of a text: a paragraph, a list, or an HTML element with its content."""

    tree: list[Node]
    html: str
    markdown: str


def read_pieces(text: str) -> list[Piece]:
    """Parse a text as notes are parsed, and return its blocks. Headings get no automatic ids.

    Raises:
        DraftError: pandoc is not installed.
    """
    pieces: list[Piece] = []
    open_pieces: list[Piece] = []
    depth = 0
    for tree, markup, markdown in _run_pandoc([text])[0]:
        piece = Piece(json.loads(tree)["blocks"], markup, markdown.strip("\n"))
        if piece.tree[0]["t"] == "RawBlock":
            depth += sum(-1 if tag["close"] else 1 for tag in _TAG.finditer(markup))
        open_pieces.append(piece)
        if depth <= 0:
            nodes = [node for part in open_pieces for node in part.tree]
            pieces.append(
                Piece(nodes, "\n".join(p.html for p in open_pieces), "\n".join(p.markdown for p in open_pieces))
            )
            open_pieces, depth = [], 0
    return [*pieces, *open_pieces]  # an element that is never closed is no container


def same_reading(pairs: Sequence[tuple[Piece, str]]) -> list[bool]:
    """Return for each block and text whether the text looks the same as the block."""
    changed_texts = [text for piece, text in pairs if _normalise_space(piece.markdown) != _normalise_space(text)]
    actual = {
        text: "".join(_visible_html(blocks))
        for text, blocks in zip(changed_texts, _run_pandoc(changed_texts), strict=True)
    }
    expected = ["".join(_visible_html([("", piece.html, "")])) for piece, _ in pairs]
    return [
        actual.get(text, expected_html) == expected_html
        for (_, text), expected_html in zip(pairs, expected, strict=True)
    ]


def difference(old_text: str, new_text: str) -> str | None:
    """Return the words of the first block that looks different in two texts; None if there is none."""
    if _normalise_space(old_text) == _normalise_space(new_text):
        return None
    pairs = zip_longest(*map(_visible_html, _run_pandoc([old_text, new_text])), fillvalue="")
    first_difference = next((a for a, b in pairs if a != b), None)
    return first_difference if first_difference is None else html.unescape(re.sub(r"<[^<>]*>", " ", first_difference))


def _run_pandoc(texts: Sequence[str]) -> list[Blocks]:
    if not texts:
        return []
    reader = f"{READER}-auto_identifiers-implicit_header_references"
    request = json.dumps({"reader": reader, "texts": texts}).encode()
    process = subprocess.run([installed_pandoc(), "lua", "-e", _SCRIPT], input=request, capture_output=True, check=True)
    texts_blocks: list[Blocks] = json.loads(process.stdout)
    return texts_blocks


def _visible_html(blocks: Blocks) -> list[str]:
    """Return the HTML of each visible block, without differences that no reader sees."""
    visible = []
    for _, markup, _ in blocks:
        parts = _PRE.split(markup)
        for pattern, replacement in _INVISIBLE:
            parts[::2] = [pattern.sub(replacement, part) for part in parts[::2]]
        visible.append("".join(parts).strip())
    return list(filter(None, visible))


def _normalise_space(markdown: str) -> str:
    """Normalise the space after bullets and the number of blank lines."""
    text = re.sub(r"(?m)^( *)(-|\d+\.)[ ]+(?=\S)", r"\1\2 ", markdown)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"(?m)^[ \t]+$", "", text)).strip()


def words_of(node: Any) -> str:
    """Return the words of a tree."""
    if isinstance(node, list):
        return " ".join(filter(None, map(words_of, node)))
    if not isinstance(node, dict) or "c" not in node:
        return ""
    return str(node["c"]) if node["t"] == "Str" else words_of(node["c"])
