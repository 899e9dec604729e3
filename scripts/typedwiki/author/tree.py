"""What pandoc reads in Markdown, and whether two texts read the same."""

from __future__ import annotations

import html
import json
import re
import subprocess
from collections.abc import Sequence
from itertools import zip_longest
from typing import Any

from ..notes.link_table import READER
from ..render.bodies import own_pandoc

Node = dict[str, Any]
"""A block or an inline of pandoc's tree, as its JSON writes it."""
_SCRIPT = """
local input = pandoc.json.decode(io.read("a"), false)
local options = {wrap_text = "none", html_math_method = "mathjax", email_obfuscation = "none", highlight_method = "none"}
local found = {}
for i, text in ipairs(input.texts) do
  local doc = pandoc.read(text, input.reader)
  if input.to == "json" then
    found[i] = pandoc.write(doc, "json")
  else
    local blocks = {}
    for j, block in ipairs(doc.blocks) do
      blocks[j] = pandoc.write(pandoc.Pandoc({block}), {format = "html", extensions = {}}, options)
    end
    found[i] = pandoc.json.encode(blocks)
  end
end
io.write(pandoc.json.encode(found))
"""
_PRE = re.compile(r"(<pre.*?</pre>)", re.DOTALL)
_BLOCKS = "blockquote|br|caption|d[dlt]|div|figcaption|figure|h[1-6r]|li|[ou]l|section|t(?:able|body|[dhr]|head|foot)"
_UNSEEN = tuple(
    (re.compile(pattern, re.DOTALL), replacement)
    for pattern, replacement in (
        (r"(?<=\s)<!--.*?-->\s*|<!--.*?-->", ""),
        (r'<colgroup>.*?</colgroup>| style="width:\s*\d+%;?"| class="(?:uri|email)"|<span></span>', ""),  # widths
        (r'<a\s+href="[Cc]ategory:[^"]*"\s+class="wikilink">.*?</a>', ""),
        (r'<figure>\s*<img src="([^"]*)" class="wikilink" alt="\1" />.*?</figure>', r'<img src="\1" />'),
        (r"<(/?)(?:s|strike)>", r"<\1del>"),
        (r"<br\s*/>", "<br>"),
        (r"</p>\s*<p>", "¶"),
        (r"</?p>", ""),  # in lists there may be one or not
        (r"\s+", " "),
        (rf" ?(</?(?:{_BLOCKS})\b[^<>]*>) ?", r"\1"),
    )
)
"""Differences between two texts that no reader sees."""


def read(texts: Sequence[str]) -> list[list[Node]]:
    """The blocks of each text, read as notes are; headings have only the ids that are written.

    Raises:
        DraftError: pandoc is not installed.
    """
    return [tree["blocks"] for tree in _run(texts, "json")]


def differences(pairs: Sequence[tuple[str, str]]) -> list[str | None]:
    """For each pair of texts None if they read the same, else the words of the first block that does not.

    Raises:
        DraftError: pandoc is not installed.
    """
    apart = [pair for pair in pairs if _spaced(pair[0]) != _spaced(pair[1])]
    shown = iter(_run([text for pair in apart for text in pair], "html"))
    found = {pair: _first_difference(next(shown), next(shown)) for pair in apart}
    return [found.get(pair) for pair in pairs]


def _run(texts: Sequence[str], to: str) -> list[Any]:
    if not texts:
        return []
    reader = f"{READER}-auto_identifiers-implicit_header_references"
    given = json.dumps({"reader": reader, "texts": texts, "to": to}).encode()
    done = subprocess.run([own_pandoc(), "lua", "-e", _SCRIPT], input=given, capture_output=True, check=True)
    return [json.loads(one) for one in json.loads(done.stdout)]


def _first_difference(old: list[str], new: list[str]) -> str | None:
    for a, b in zip_longest(filter(None, map(_seen, old)), filter(None, map(_seen, new)), fillvalue=""):
        if a != b:
            return html.unescape(re.sub(r"<[^<>]*>", " ", a))
    return None


def _seen(shown: str) -> str:
    parts = _PRE.split(shown)
    for pattern, replacement in _UNSEEN:
        parts[::2] = [pattern.sub(replacement, part) for part in parts[::2]]
    return "".join(parts).strip()


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
