"""MediaWiki's apostrophes: which runs of them on a line begin and end bold and italics.

These are the rules of MediaWiki's parser: four apostrophes are one and bold, more than five are
some and both; if both kinds are odd in number, one bold is an apostrophe and italics.
"""

from __future__ import annotations

_NEXT: dict[tuple[str, int], tuple[tuple[str, ...], str]] = {
    ("", 2): (("<i>",), "i"),
    ("b", 2): (("<i>",), "bi"),
    ("i", 2): (("</i>",), ""),
    ("bi", 2): (("</i>",), "b"),
    ("ib", 2): (("</b>", "</i>", "<b>"), "b"),
    ("", 3): (("<b>",), "b"),
    ("i", 3): (("<b>",), "ib"),
    ("b", 3): (("</b>",), ""),
    ("bi", 3): (("</i>", "</b>", "<i>"), "i"),
    ("ib", 3): (("</b>",), "i"),
    ("b", 5): (("</b>", "<i>"), "i"),
    ("i", 5): (("</i>", "<b>"), "b"),
    ("bi", 5): (("</i>", "</b>"), ""),
    ("ib", 5): (("</b>", "</i>"), ""),
}
"""What a run of this length does in this state, and the state after it."""
_AT_END = {"b": ("</b>",), "i": ("</i>",), "bi": ("</i>", "</b>"), "ib": ("</b>", "</i>")}


def elements(texts: list[str], runs: list[int], before: list[str]) -> list[str]:
    """The texts between runs of apostrophes, with the tags ``<b>``, ``</b>``, ``<i>`` and ``</i>`` among them.

    Args:
        texts: what stands around the runs, one more than these.
        runs: how many apostrophes each has, two or more.
        before: the last characters before each run, as they are in the source.
    """
    extra = [0] * len(runs)  # apostrophes that stand for themselves before each run
    lengths = list(runs)
    for at, length in enumerate(runs):
        if length == 4 or length > 5:
            lengths[at] = 3 if length == 4 else 5
            extra[at] = length - lengths[at]
    if sum(n in (3, 5) for n in lengths) % 2 and sum(n in (2, 5) for n in lengths) % 2:
        at = _apostrophe([n == 3 for n in lengths], [text + "'" * extra[n] for n, text in enumerate(before)])
        if at >= 0:
            lengths[at] = 2
            extra[at] += 1
    out = [texts[0] + "'" * extra[0]] if runs else [texts[0]]
    state = ""
    both = -1  # where a run of five has opened both, and the next run says in which order
    for at, length in enumerate(lengths):
        if both >= 0:
            first, second = ("<i>", "<b>") if length == 3 or length == 5 else ("<b>", "<i>")
            out[both] = first
            out.insert(both + 1, second)
            state, both = ("ib" if first == "<i>" else "bi"), -1
        if not state and length == 5:
            both = len(out)
            out.append("")
        else:
            tags, state = _NEXT[state, length]
            out += tags
        following = extra[at + 1] if at + 1 < len(extra) else 0
        out.append(texts[at + 1] + "'" * following)
    if both >= 0:
        out[both : both + 1] = ["<b>", "<i>"]
        state = "bi"
    return [*out, *_AT_END.get(state, ())]


def _apostrophe(bold: list[bool], before: list[str]) -> int:
    """Which bold is rather an apostrophe and italics: after a word of one letter, else after any word."""
    after_word = after_space = -1
    for at, is_bold in enumerate(bold):
        if not is_bold:
            continue
        if before[at][-1:] == " ":
            after_space = at if after_space < 0 else after_space
        elif before[at][-2:-1] == " ":
            return at
        else:
            after_word = at if after_word < 0 else after_word
    return after_word if after_word >= 0 else after_space


def stressed(pieces: list[str]) -> str:
    """The tags as Markdown's stars. Stars must touch what they stress: spaces move outside."""
    levels: list[list[str]] = [[]]
    for piece in pieces:
        if piece in ("<b>", "<i>"):
            levels.append([])
        elif piece in ("</b>", "</i>"):
            inside = _joined(levels.pop())
            words = inside.strip()
            stars = "**" if piece == "</b>" else "*"
            start = len(inside) - len(inside.lstrip())
            end = start + len(words)
            levels[-1].append(f"{inside[:start]}{stars}{words}{stars}{inside[end:]}" if words else inside)
        elif piece:
            levels[-1].append(piece)
    return _joined(levels[0])


def _joined(pieces: list[str]) -> str:
    """Pieces side by side, parted where the stars of two would run together."""
    out: list[str] = []
    for piece in filter(None, pieces):
        if out and piece[0] == "*" and out[-1][-1] == "*" and out[-1][-2:] != "\\*":
            out.append("<!-- -->")
        out.append(piece)
    return "".join(out)
