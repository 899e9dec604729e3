"""Finds words of a page that its note lacks: fast by regular expressions, and for some pages by pandoc."""

from __future__ import annotations

import html
import re
from collections import Counter

import oracle
from fuzz.pipeline import Converted

_DROPPED = re.compile(
    r"""\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)  # front matter, which has its own tests
      | \[\[[^\]\n]*\]\]                          # links: a title may stand for the target
      | \[[^\[\]\n]*\]:\s*[^\n]*                  # definitions of addresses
      | \]\((?:[^()\n]|\n(?!\s*\n)|\([^()\n]*\))*\)  # targets
      | </?[A-Za-z][^<>]*>                        # elements and their attributes
      | ^[^\n`~]*(?:`{3,}|~{3,})[^\n]*$           # fences
      | \{\|[^\n]*                                # attributes of tables, of cells, of what has braces
      | [\w-]+[ \t]*=[ \t]*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'|<>]+)
      | \{\{(?!\#mermaid)[^{}]*\}\}
      | \{[^{}\n]*\}
      | \{\{\#mermaid:
      | <math\b[^<>]*>[^<]*?%[^<]*                # comments of TeX and of diagrams
      | %(?=\S)[^\n<]*
      | (?:https?|ftp)://\S*                      # a source given twice is shown once
      | __[A-Z]+__
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_REWRITTEN = re.compile(
    r"""^[ \t]*(?:(?:\#{1,6}|={1,6})[ \t]*(?:page[ ])?
        (?:metadata|sources|references|knowledge[ ]sources|bibliography|connections|related[ ]pages|see[ ]also)\b)
        .*?(?=^[ \t]*(?:\#{1,6}|={2,6})[ \t]*\S|\Z)
      | ^[ \t]*[\#=]+[^\n]*\n(?:\s*(?:[-*][ \t]*)?\[\[[^\]\n]*\]\][ \t]*$)+  # a group of nothing but links
      | ^[^\n]*\b(?:domains?|sources?|updated|tags|date)\b[^\n]*$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
"""Metadata, which notes show once and in their own way."""
_INFOBOX = re.compile(r"\[\[(?:source|domain|last_updated)::")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_LABELS = frozenset(
    re.findall(r"\w+", "overview metadata related value used by uses implements implemented step requires nbsp br")
)


def _words(text: str) -> list[str]:
    return _WORD.findall(_INVISIBLE.sub("", html.unescape(html.unescape(text))).casefold())


def lost_words(emitted: Converted) -> list[str]:
    """The words of a page that its note lacks, except those that notes omit on purpose."""
    text = _DROPPED.sub(" ", _REWRITTEN.sub(" ", _COMMENT.sub("", emitted.text)))
    expected = Counter(word for word in _words(text) if len(word) > 1 and word not in _LABELS)
    if _INFOBOX.search(emitted.text):  # each domain and source once
        expected = Counter(dict.fromkeys(expected, 1))
    missing = expected - Counter(_words(emitted.note))
    if not missing:
        return []
    joined = "".join(_words(emitted.note))  # text removed between two words joins them
    return sorted(word for word, count in missing.items() if joined.count(word) < expected[word])


def pandoc_fault(emitted: Converted) -> str:
    """The fault of a note as pandoc reads it; empty if there is none."""
    contents = oracle.count_note(emitted.note)
    return "" if contents.words or not emitted.note.strip() else "pandoc: reads nothing in the note"
