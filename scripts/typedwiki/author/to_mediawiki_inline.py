"""One line of the common form (see convert_parts) to MediaWiki's inline markup."""

from __future__ import annotations

import re

from .convert_parts import STAND_IN

_PIECES = re.compile(
    rf"""\\(?P<escaped>[!-/:-@\[-`{{-~])
      | (?P<quotes>'{{2,}})
      | (?P<code>`(?P<code_body>{STAND_IN})`)
      | (?P<math>(?P<dollars>\${{1,2}})(?P<math_body>{STAND_IN})(?P=dollars))
      | (?<!!)\[(?P<label>(?:[^\[\]\\]|\\.)+)\]\(<(?P<url>(?:https?|ftp)://[^<>\s]+|mailto:[^<>\s]+)>\)
      | <(?P<bare>https?://[^<>\s]+)>(?=[\s.,;:)]|$)
      | \^\[(?P<note>[^\[\]<>\n]*)\]""",
    re.VERBOSE,
)
_STRESS = (
    (re.compile(r"(?<![\\*\w])\*\*\*(?=[^\s*])([^*\n]+?)(?<=\S)\*\*\*(?![\w*])"), "'''''"),
    (re.compile(r"(?<![\\*])\*\*(?=[^\s*])((?:[^*\n]|\*(?!\*))+?)(?<=\S)\*\*(?!\*)"), "'''"),
    (re.compile(r"(?<![\\*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?!\*)"), "''"),
    (re.compile(r"(?<![\w\\_])__(?=[^\s_])([^_\n]+?)(?<=\S)__(?![\w_])"), "'''"),
    (re.compile(r"(?<![\w\\_])_(?=[^\s_])([^_\n]+?)(?<=\S)_(?![\w_])"), "''"),
)
_BEGINS_A_BLOCK = re.compile(r"[*#:;=]|\{\||-{4}")


def inline(text: str, guarded: bool = True, begins: bool = False) -> str:
    """The line in MediaWiki's markup. ``guarded`` puts what Markdown escapes into nowiki, and
    ``begins`` does so with what would begin a block."""
    kept: list[str] = []

    def keep(native: str) -> str:
        kept.append(native)
        return f"\ue002{len(kept) - 1}\ue003"

    def piece(match: re.Match[str]) -> str:
        if match["escaped"]:
            return keep(f"<nowiki>{match['escaped']}</nowiki>" if guarded else match["escaped"])
        if match["quotes"]:
            return keep(f"<nowiki>{match['quotes']}</nowiki>")
        if match["code"]:
            return keep(f"<code>{match['code_body']}</code>")
        if match["math"]:
            tag = '<math display="block">' if match["dollars"] == "$$" else "<math>"
            return keep(f"{tag}{match['math_body']}</math>")
        if match["url"]:
            return keep(f"[{match['url']} {inline(match['label'], guarded)}]")
        if match["bare"]:
            return keep(match["bare"])
        return keep(f"<ref>{inline(match['note'], guarded)}</ref>")

    out = _PIECES.sub(piece, text)
    for pattern, quotes in _STRESS:
        out = pattern.sub(rf"{quotes}\1{quotes}", out)
    block = _BEGINS_A_BLOCK.match(out) if begins else None
    if block:
        out = f"<nowiki>{block[0]}</nowiki>{out[block.end() :]}"
    out = re.sub(r"\\$", "<br>", out)
    while "\ue002" in out:
        out = re.sub("\ue002(\\d+)\ue003", lambda m: kept[int(m[1])], out)
    return out.replace("</nowiki><nowiki>", "")
