"""What the install commands of a page ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import dropwhile, groupby

from packaging.specifiers import SpecifierSet

from ..regex import regex
from .headings import OPTION, Context
from .items import requirement
from .model import Alternative, Kind, Origin, Remark, Requirement
from .packages import in_code
from .versions import combined, shown

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
_TAKE_VALUES = regex(
    r"-[rcCiftenp]|--(?:requirement|constraint|index-url|extra-index-url|find-links|target|group|platform|prefix"
    r"|python-version|no-binary|only-binary|editable|trusted-host|upgrade-strategy|config-settings|channel|name|extra|features"
    r"|version|registry|index|torch-backend)"
)
_NO_PACKAGE = regex(r"[${}]|/$|^[./~-]|\.(?:txt|whl|toml|ya?ml|gz|zip|deb|rpm)$")
_LONGEST_LINE = 10_000
"""Characters; splitting a shell line into words takes the square of a word's length."""
_FOR_SOME = regex(
    r"#+\s*(?:\d+[.)]\s*)?(?:with|or|for|if|on|when|alternativ\w*|optional\w*|cpu|gpu|cuda|rocm|apple"
    r"|amd|nvidia|linux|ubuntu|debian|mac ?os|mac"
    r"|windows|dev(?:elopment)?|test(?:s|ing)?|recommended|extra|latest|nightly|from source)\b"
    r"|#.*\b(?:optional|only)\b",
    re.I,
)


def of_block(lines: Iterable[tuple[str, Origin]], context: Context) -> Iterator[Requirement]:
    """The packages that the lines of a shell block install, each line with its place."""
    remark, here = "", context
    for text, origin in _joined(lines):
        if not text or text.startswith("#"):
            remark = text.lstrip("# ").rstrip(" :.") if _FOR_SOME.match(text) or OPTION.match(text.lstrip("# ")) else ""
            here = _under(remark, context)
            continue
        aside = text.partition(" #")[2]
        line = replace(here, optional=True) if re.search(r"\boptional\b", aside, re.I) else here
        yield from of_line(text, origin, line)


def of_line(text: str, origin: Origin, context: Context) -> Iterator[Requirement]:
    """The packages that one shell line installs; options, files and folders are none."""
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
        skip = False
        for word in words[verb + 1 :]:
            wanted = not skip and not word.startswith("-") and not _NO_PACKAGE.search(word)
            if wanted and (read := in_code(kind, word, "")) and not read[1]:
                yield replace(requirement(read[0], origin, context), command=True)
            skip = not skip and bool(_TAKE_VALUES.fullmatch(word))


def _under(remark: str, context: Context) -> Context:
    if option := OPTION.match(remark):
        return replace(context, alternative=Alternative(context.group, option[0]))
    return replace(context, optional=True, condition=remark[:1].lower() + remark[1:]) if remark else context


def _joined(lines: Iterable[tuple[str, Origin]]) -> Iterator[tuple[str, Origin]]:
    """Lines with those that a backslash continues."""
    begun: list[str] = []
    first: Origin | None = None
    for text, origin in lines:
        first = first or origin
        if text.endswith("\\"):
            begun.append(text[:-1])
            continue
        yield " ".join([*begun, text]).strip(), first
        begun, first = [], None
    if begun and first:
        yield " ".join(begun).strip(), first


def _simple_commands(line: str) -> list[list[str]]:
    """The words of each command of a shell line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:
        return []  # a quote that is not closed: what the words are is not certain
    return [list(command) for _, command in groupby(words, key=lambda word: not word.strip(";&|"))]


def added(commands: list[Requirement], listed: list[Requirement]) -> Iterator[Requirement]:
    """What commands say beyond the lists of their page.

    A package that is listed is as optional as it is listed, and if the list says its versions they hold. Commands
    of one page that contradict each other are for different readers, so none binds.
    """
    by_name: dict[tuple[Kind, str], list[Requirement]] = {}
    for one in listed:
        by_name.setdefault((one.kind, one.name), []).append(one)
    asked: dict[tuple[Kind, str], list[SpecifierSet]] = {}
    for one in commands:
        asked.setdefault((one.kind, one.name), []).append(one.specifier)
    contrary = {place for place, several in asked.items() if combined(several).is_unsatisfiable()}
    known: set[object] = set()
    for one in commands:
        place = (one.kind, one.name)
        row = replace(one, specifier=type(one.specifier)()) if place in contrary else one
        lists = by_name.get(place, [])
        if lists and (
            any(_says_versions(r) for r in lists) or not _says_versions(row) or any(r.alternative for r in lists)
        ):
            continue
        if lists:
            row = replace(row, optional=row.optional or all(r.optional for r in lists), condition=lists[0].condition)
        if (seen := (place, row.specifier, row.constraint, row.extras, row.optional, row.alternative)) not in known:
            known.add(seen)
            yield row


def disagreements(commands: list[Requirement], listed: list[Requirement]) -> Iterator[Remark]:
    """Where install commands say something else than the lists of their page."""
    kinds = {one.kind for one in listed}
    by_name: dict[tuple[Kind, str], list[Requirement]] = {}
    for row in listed:
        by_name.setdefault((row.kind, row.name), []).append(row)
    lines: dict[Origin, dict[str, list[str]]] = {}
    for one in commands:
        same = by_name.get((one.kind, one.name), [])
        if one.kind in kinds and one.kind != "apt" and not one.url and (difference := _difference(one, same)):
            lines.setdefault(one.origin, {}).setdefault(difference[0], []).append(f"`{difference[1]}`")
    for origin, differences in lines.items():
        said = "; ".join(f"{what}: {', '.join(dict.fromkeys(names))}" for what, names in differences.items())
        yield Remark(origin, f"the command {said}", "say the same in both places")


def _difference(one: Requirement, listed: list[Requirement]) -> tuple[str, str] | None:
    """How a command differs from the lists, and in what; None if it does not."""
    if not listed:
        return "installs what the page's lists do not name", one.name
    if one.kind == "pip":
        asks = combined(row.specifier for row in listed)
        wanted, mine = shown(asks), shown(one.specifier)
        agrees = combined([one.specifier, asks]) == combined([one.specifier]) or _pins_within(one, asks)
    else:
        wanted, mine = next((row.constraint for row in listed if row.constraint), ""), one.constraint
        agrees = wanted == mine
    if not wanted or agrees:
        return None
    gap = "" if one.kind == "pip" else " "
    if not mine:
        return "leaves out versions that the lists ask for", f"{one.name}{gap}{wanted}"
    return "asks for other versions than the lists", f"{one.name}{gap}{mine} instead of {wanted}"


def _pins_within(one: Requirement, asks: SpecifierSet) -> bool:
    versions = [clause.version for clause in one.specifier if clause.operator == "==" and "*" not in clause.version]
    return bool(versions) and all(version in asks for version in versions)


def _says_versions(row: Requirement) -> bool:
    return bool(len(row.specifier) or row.constraint or row.url)
