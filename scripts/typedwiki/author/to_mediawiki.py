"""Blocks of the common form (see convert_parts) to MediaWiki's, each proved by reading it again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from ..text.sections import with_code_state
from .convert_parts import markdown_of
from .to_mediawiki_inline import inline

_ITEM = re.compile(r"(?P<indent> *)(?P<mark>-|\d+\.) +(?P<text>.*)")
_RULE = re.compile(r"\|(?::?-+:?\|)+")


class Block(NamedTuple):
    """A block in the new dialect."""

    text: str
    source: str
    """The block in the common form."""
    note: str = ""
    """What MediaWiki cannot say of it, or how it is kept."""
    lost: bool = False


def blocks(markdown: str) -> Iterator[str]:
    """Blank lines part blocks, but for those inside lists and code."""
    block: list[str] = []
    listing = inside = False
    for line, in_code in with_code_state(markdown.split("\n")):
        goes_on = inside or (listing and (line.startswith("    ") or _ITEM.match(line)))
        inside = in_code
        if line.strip() and block and not block[-1].strip() and not goes_on:
            yield "\n".join(block).rstrip("\n")
            block = []
        if not block:
            listing = bool(_ITEM.match(line))
        if block or line.strip():
            block.append(line)
    if block:
        yield "\n".join(block).rstrip("\n")


def mediawiki(block: str) -> Block:
    """The block as MediaWiki says it; as Markdown, which these pages may hold too, if it cannot."""
    want = normal(block)
    first = block.split("\n", 1)[0]
    if first.startswith(":::"):  # what it holds are blocks of their own
        return Block(block, block, "a callout left in Markdown" if first.strip(": ") else "")
    for guarded in (False, True):
        made = _translated(block, first, guarded)
        if made is not None and normal(markdown_of(made, True)) == want:
            lost = first.startswith("|") and ":" in block.split("\n")[1]
            return Block(made, block, "the alignment of columns" if lost else "", lost)
    if normal(markdown_of(block, True)) == want:
        return Block(block, block, f"{_kind(block, first)} left in Markdown")
    return Block(_translated(block, first, True) or block, block, f"{_kind(block, first)} that reads differently", True)


def normal(markdown: str) -> str:
    """Markdown without the differences that show nowhere."""
    lines: list[str] = []
    number: dict[int, int] = {}
    for line, in_code in with_code_state(markdown.split("\n")):
        item = None if in_code else _ITEM.fullmatch(line)
        if item:
            depth = len(item["indent"])
            number = {level: n for level, n in number.items() if level <= depth}
            mark = item["mark"]
            if mark != "-":
                number[depth] = number.get(depth, 0) + 1
                mark = "1." if mark == f"{number[depth]}." or (mark == "1.") else mark
            lines.append(f"{item['indent']}{mark} {item['text']}")
        elif not in_code and line.startswith("    ") and lines and lines[-1].strip() and "```" not in line + lines[-1]:
            lines[-1] += f" {line.strip()}"  # a wrapped line of an item
        elif not in_code and _RULE.fullmatch(line):
            lines.append(re.sub(":?-+:?", "---", line))
        else:
            if line.strip() and not line.startswith(" "):
                number = {}
            lines.append(line)
    text = "\n".join(_unescaped(line.rstrip()) for line in lines)
    text = re.sub(r"(?<![\w\\_])(_{1,2})(?=[^\s_])([^_\n]+?)(?<=\S)\1(?![\w_])", _stars, text)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"\\\n", "<br>\n", text)).strip()


def tidied(markdown: str) -> str:
    """The common form with lists as people write them: one space after a mark, numbers that count."""
    lines: list[str] = []
    counts: dict[int, int] = {}
    for line, in_code in with_code_state(markdown.split("\n")):
        item = None if in_code else _ITEM.fullmatch(line)
        if item:
            depth = len(item["indent"])
            counts = {level: n for level, n in counts.items() if level <= depth}
            counts[depth] = counts.get(depth, 0) + 1 if item["mark"] != "-" else 0
            mark = f"{counts[depth]}." if item["mark"] == "1." else item["mark"]
            line = f"{item['indent']}{mark} {item['text']}"
        elif line.strip() and not line.startswith(" "):
            counts = {}
        lines.append(line)
    return "\n".join(lines)


def _unescaped(line: str) -> str:
    """A star or an underscore that is alone on its line stresses nothing, escaped or not."""
    for sign in "*_":
        if line.count(sign) == 1:
            line = line.replace(f"\\{sign}", sign)
    return line


def _stars(match: re.Match[str]) -> str:
    stars = "*" * len(match[1])
    return f"{stars}{match[2]}{stars}"


def _kind(block: str, first: str) -> str:
    names = {"|": "a table", ">": "a quotation", ":": "a callout", "`": "code", "[": "a footnote", "<": "HTML"}
    if _ITEM.match(first):
        return "a list"
    return names.get(first[:1], "a paragraph")


def _translated(block: str, first: str, guarded: bool) -> str | None:
    if heading := re.fullmatch(r"(#{1,6}) (.*)", block):
        marks = "=" * len(heading[1])
        return f"{marks} {inline(heading[2], guarded)} {marks}"
    if block == "* * *":
        return "----"
    if first.startswith("```"):
        return block.replace("```\n", "<syntaxhighlight>\n", 1).removesuffix("```") + "</syntaxhighlight>"
    if first.startswith("|"):
        return _table(block.split("\n"), guarded)
    if first.startswith("> "):
        return _quote(block.split("\n"), guarded)
    if _ITEM.match(first):
        return _list(block.split("\n"), guarded)
    if first.startswith((":::", "[^")):
        return None
    return "\n".join(inline(line, guarded, begins=True) for line in block.split("\n"))


def _table(lines: list[str], guarded: bool) -> str | None:
    if len(lines) < 2 or not _RULE.fullmatch(lines[1]) or not all(line.startswith("|") for line in lines):
        return None
    rows = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip()[1:-1])] for line in lines]
    grid = [[inline(cell.replace("\\|", "|"), guarded) for cell in row] for row in (rows[0], *rows[2:])]
    out = ['{| class="wikitable"']
    if any(grid[0]):
        out.append(f"! {' !! '.join(grid[0])}")
    for row in grid[1:]:
        out += ["|-", f"| {' || '.join(row)}"]
    return "\n".join([*out, "|}"])


def _quote(lines: list[str], guarded: bool) -> str | None:
    """MediaWiki's indentation, in which each line is a paragraph."""
    paragraphs = "\n".join(line[2:] for line in lines).split("\n\n")
    if any(re.match(r"[->|#`]|\d+\.|:::", paragraph) for paragraph in paragraphs):
        return None
    return "\n".join(f": {inline(paragraph.replace(chr(10), ' '), guarded)}" for paragraph in paragraphs)


def _list(lines: list[str], guarded: bool) -> str | None:
    out: list[str] = []
    kinds: list[str] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        item = _ITEM.fullmatch(line)
        indent = len(line) - len(line.lstrip())
        if item and indent // 4 <= len(kinds):
            kinds = [*kinds[: indent // 4], "*" if item["mark"] == "-" else "#"]
            out.append(f"{''.join(kinds)} {inline(item['text'], guarded)}")
        elif not line.strip():
            out.append("")
        elif line.strip() == "```" and index + 1 < len(lines):
            out += [f"{line[:indent]}<syntaxhighlight>", lines[index].strip(), "</syntaxhighlight>"]
            index += 2
        elif line.lstrip().startswith((">", "|", ":::")) or not kinds:
            return None
        elif out[-1]:
            out[-1] += f" {inline(line.strip(), guarded)}"
        else:
            kinds = kinds[: max(1, indent // 4)]
            out[-1:] = [f"{''.join(kinds)}: {inline(line.strip(), guarded)}"]
    return "\n".join(out)
