"""Whether the words of a page are in its note, cheaply, and for a few pages by pandoc's reading."""

from __future__ import annotations

import html
import re
from collections import Counter

import oracle
from fuzz.house import Emitted

_DROPPED = re.compile(
    r"""\A---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)  # front matter, which has tests of its own
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
      | (?:https?|ftp)://\S*                      # a source that is named twice is shown once
      | __[A-Z]+__
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_SAID_OTHERWISE = re.compile(
    r"""^[ \t]*(?:(?:\#{1,6}|={1,6})[ \t]*(?:page[ ])?
        (?:metadata|sources|references|knowledge[ ]sources|bibliography|connections|related[ ]pages|see[ ]also)\b)
        .*?(?=^[ \t]*(?:\#{1,6}|={2,6})[ \t]*\S|\Z)
      | ^[ \t]*[\#=]+[^\n]*\n(?:\s*(?:[-*][ \t]*)?\[\[[^\]\n]*\]\][ \t]*$)+  # a group of nothing but links
      | ^[^\n]*\b(?:domains?|sources?|updated|tags|date)\b[^\n]*$""",
    re.DOTALL | re.MULTILINE | re.VERBOSE | re.IGNORECASE,
)
"""Metadata: understood, each thing once, and shown in the note's own way."""
_INFOBOX = re.compile(r"\[\[(?:source|domain|last_updated)::")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_LABELS = frozenset(
    re.findall(r"\w+", "overview metadata related value used by uses implements implemented step requires nbsp br")
)


def _words(text: str) -> list[str]:
    return _WORD.findall(_INVISIBLE.sub("", html.unescape(html.unescape(text))).casefold())


def missing(emitted: Emitted) -> list[str]:
    """The words that the page has and its note lacks, apart from what is meant not to be shown."""
    kept = _DROPPED.sub(" ", _SAID_OTHERWISE.sub(" ", _COMMENT.sub("", emitted.text)))
    wanted = Counter(word for word in _words(kept) if len(word) > 1 and word not in _LABELS)
    if _INFOBOX.search(emitted.text):  # each domain and source once
        wanted = Counter(dict.fromkeys(wanted, 1))
    lost = wanted - Counter(_words(emitted.note))
    if not lost:
        return []
    joined = "".join(_words(emitted.note))  # what has gone from between two words joins them
    return sorted(word for word, count in lost.items() if joined.count(word) < wanted[word])


def as_pandoc_reads_it(emitted: Emitted) -> str:
    """What pandoc says against a note, beside what it finds in it; empty if nothing."""
    held = oracle.in_note(emitted.note)
    return "" if held.words or not emitted.note.strip() else "pandoc: reads nothing in the note"
