"""How long a page takes to read."""

from __future__ import annotations

from .sections import pieces

WORDS_A_MINUTE = 200
CODE_LINES_A_MINUTE = 20


def reading_time(lead: str, content: str) -> int:
    """Minutes to read a page: 200 words of prose, or 20 lines of code, a minute; at least one."""
    prose, lines = [lead], 0
    for text, is_code in pieces(content):
        if is_code:
            lines += text.count("\n")
        else:
            prose.append(text)
    return max(1, round(len("".join(prose).split()) / WORDS_A_MINUTE + lines / CODE_LINES_A_MINUTE))
