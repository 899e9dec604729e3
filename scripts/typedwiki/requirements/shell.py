"""Read packages from the install commands of a page, and compare them with its lists."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from itertools import dropwhile, groupby

from msgspec.structs import replace
from packaging.specifiers import SpecifierSet

from ..model import grouped
from ..regex import regex
from .items import to_requirement
from .model import Alternative, Kind, Origin, Remark, Requirement, combine, format_specifier
from .packages import parse_code
from .phrases import OPTION, Context

SHELLS = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session", "shellsession", "powershell", "cmd"})
_BEFORE_TOOL = regex(r"[$!%>]|sudo|run|-y|-m|(?:\S*/)?py(?:thon[\d.]*)?(?:\.exe)?|[A-Z_]+=.*")
_VERBS: dict[str, tuple[Kind, frozenset[str]]] = {
    "pip": ("pip", frozenset({"install"})),
    "uv": ("pip", frozenset({"add", "install"})),
    "poetry": ("pip", frozenset({"add"})),
    "conda": ("conda", frozenset({"install", "create"})),
    "mamba": ("conda", frozenset({"install", "create"})),
    "micromamba": ("conda", frozenset({"install", "create"})),
    "npm": ("npm", frozenset({"install", "i", "add"})),
    "yarn": ("npm", frozenset({"add"})),
    "pnpm": ("npm", frozenset({"add", "install"})),
    "bun": ("npm", frozenset({"add"})),
    "apt": ("apt", frozenset({"install"})),
    "apt-get": ("apt", frozenset({"install"})),
    "cargo": ("cargo", frozenset({"add", "install"})),
    "docker": ("docker", frozenset({"pull"})),
}
_OPTION_WITH_VALUE = regex(
    r"-[rcCiftenp]|--(?:requirement|constraint|index-url|extra-index-url|find-links|target|group|platform|prefix"
    r"|python-version|no-binary|only-binary|editable|trusted-host|upgrade-strategy|config-settings|channel|name|extra|features"
    r"|version|registry|index|torch-backend)"
)
_NO_PACKAGE = regex(r"[${}]|/$|^[./~-]|\.(?:txt|whl|toml|ya?ml|gz|zip|deb|rpm)$")
_LONGEST_LINE = 10_000
"""Characters of a line. Splitting it into words takes time quadratic in the length of a word."""
_CONDITIONAL_COMMENT = regex(
    r"#+\s*(?:\d+[.)]\s*)?(?:with|or|for|if|on|when|alternativ\w*|optional\w*|cpu|gpu|cuda|rocm|apple"
    r"|amd|nvidia|linux|ubuntu|debian|mac ?os|mac"
    r"|windows|dev(?:elopment)?|test(?:s|ing)?|recommended|extra|latest|nightly|from source)\b"
    r"|#.*\b(?:optional|only)\b",
    re.I,
)


def read_shell_block(lines: Iterable[tuple[str, Origin]], context: Context) -> Iterator[Requirement]:
    """Yield the packages that a block of shell code installs. Each line comes with its origin."""
    block_context = context
    for text, origin in _join_continued(lines):
        if not text or text.startswith("#"):
            comment = text.lstrip("# ")
            is_heading = _CONDITIONAL_COMMENT.match(text) or OPTION.match(comment)
            block_context = _context_under(comment.rstrip(" :.") if is_heading else "", context)
            continue
        is_optional = re.search(r"\boptional\b", text.partition(" #")[2], re.I)
        yield from read_shell_line(
            text, origin, replace(block_context, optional=True) if is_optional else block_context
        )


def read_shell_line(text: str, origin: Origin, context: Context) -> Iterator[Requirement]:
    """Yield the packages that a shell line installs. Options, files and folders are skipped."""
    if len(text) > _LONGEST_LINE or not re.search(r"\b(?:install|add|create|i|pull)\b", text):
        return
    for command in _simple_commands(re.sub(r"(?:^|\s)#.*", "", text)):
        words = list(dropwhile(_BEFORE_TOOL.fullmatch, command))
        if words[:2] == ["uv", "pip"]:
            words = words[1:]
        tool = re.sub(r"(?<=pip)[\d.]+$", "", words[0].lstrip("!%")) if words else ""
        kind, verbs = _VERBS.get(tool, ("pip", frozenset[str]()))
        verb = next((i for i, word in enumerate(words[:4]) if word in verbs), 0)
        if not verb:
            continue
        takes_value = False
        for word in words[verb + 1 :]:
            is_package = not takes_value and not word.startswith("-") and not _NO_PACKAGE.search(word)
            if is_package and (package := parse_code(kind, word, "")) and not package[1]:
                yield replace(to_requirement(package[0], origin, context), command=True)
            takes_value = not takes_value and bool(_OPTION_WITH_VALUE.fullmatch(word))


def _context_under(remark: str, context: Context) -> Context:
    if option := OPTION.match(remark):
        return replace(context, alternative=Alternative(context.group, option[0]))
    return replace(context, optional=True, condition=remark[:1].lower() + remark[1:]) if remark else context


def _join_continued(lines: Iterable[tuple[str, Origin]]) -> Iterator[tuple[str, Origin]]:
    """Join lines that a backslash continues."""
    parts: list[str] = []
    first_origin: Origin | None = None
    for text, origin in lines:
        first_origin = first_origin or origin
        if text.endswith("\\"):
            parts.append(text[:-1])
            continue
        yield " ".join([*parts, text]).strip(), first_origin
        parts, first_origin = [], None
    if parts and first_origin:
        yield " ".join(parts).strip(), first_origin


def _simple_commands(line: str) -> list[list[str]]:
    """Return the words of each command in a shell line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:
        return []  # an unclosed quote: the words are not certain
    return [list(command) for _, command in groupby(words, key=lambda word: not word.strip(";&|"))]


def added_by_commands(commands: list[Requirement], listed: list[Requirement]) -> Iterator[Requirement]:
    """Yield what commands install beyond the lists of their page.

    The list decides whether a package is optional, and its versions if it has any. Commands that contradict each
    other are meant for different readers, so their versions are ignored.
    """
    rows_by_name = grouped(listed, _kind_and_name)
    specifiers = {key: combine(r.specifier for r in rows) for key, rows in grouped(commands, _kind_and_name).items()}
    yielded: set[object] = set()
    for row in commands:
        key = (row.kind, row.name)
        result = replace(row, specifier=SpecifierSet()) if specifiers[key].is_unsatisfiable() else row
        if rows := rows_by_name.get(key):
            if not _has_versions(result) or any(_has_versions(r) or r.alternative for r in rows):
                continue
            optional = result.optional or all(r.optional for r in rows)
            result = replace(result, optional=optional, condition=rows[0].condition)
        identity = (key, result.specifier, result.constraint, result.extras, result.optional, result.alternative)
        if identity not in yielded:
            yielded.add(identity)
            yield result


def _kind_and_name(row: Requirement) -> tuple[Kind, str]:
    return row.kind, row.name


def disagreements(commands: list[Requirement], listed: list[Requirement]) -> Iterator[Remark]:
    """Yield a remark for each install command that contradicts the lists of its page."""
    kinds = {row.kind for row in listed}
    rows_by_name = grouped(listed, _kind_and_name)
    lines: dict[Origin, dict[str, list[str]]] = {}
    for row in commands:
        rows = rows_by_name.get((row.kind, row.name), [])
        if row.kind in kinds and row.kind != "apt" and not row.url and (difference := _difference(row, rows)):
            lines.setdefault(row.origin, {}).setdefault(difference[0], []).append(f"`{difference[1]}`")
    for origin, differences in lines.items():
        parts = (f"{difference}: {', '.join(dict.fromkeys(names))}" for difference, names in differences.items())
        yield Remark(origin, f"the command {'; '.join(parts)}", "say the same in both places")


def _difference(row: Requirement, listed: list[Requirement]) -> tuple[str, str] | None:
    """Return how a command differs from the lists, and the package; None if it does not."""
    if not listed:
        return "installs what the page's lists do not name", row.name
    if row.kind == "pip":
        specifier = combine(listed_row.specifier for listed_row in listed)
        expected, actual = format_specifier(specifier), format_specifier(row.specifier)
        is_narrower = combine([row.specifier, specifier]) == combine([row.specifier])
        pins = [clause.version for clause in row.specifier if clause.operator == "==" and "*" not in clause.version]
        agrees = is_narrower or (bool(pins) and all(version in specifier for version in pins))
    else:
        expected = next((listed_row.constraint for listed_row in listed if listed_row.constraint), "")
        actual = row.constraint
        agrees = expected == actual
    if not expected or agrees:
        return None
    gap = "" if row.kind == "pip" else " "
    if not actual:
        return "leaves out versions that the lists ask for", f"{row.name}{gap}{expected}"
    return "asks for other versions than the lists", f"{row.name}{gap}{actual} instead of {expected}"


def _has_versions(row: Requirement) -> bool:
    return bool(len(row.specifier) or row.constraint or row.url)
