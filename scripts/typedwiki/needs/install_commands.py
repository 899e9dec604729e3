"""What the pip, conda and system install commands in a page's shell blocks ask for."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import dropwhile, groupby
from operator import itemgetter

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..text.sections import Section, with_code_state
from .requirement_places import Place
from .versions import Requirement, combined, read_specifier, unsatisfiable

Installed = tuple[str, str, Place]
"""Tool (pip, conda or system), what it is asked for, and where; optional if for some readers only."""
_SHELLS = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session"})
_BEFORE_TOOL = re.compile(r"[$!%>]|sudo|uv|-m|(?:\S*/)?py(?:thon[\d.]*)?|\w+=.*")
_TOOLS = {"pip": "pip", "conda": "conda", "mamba": "conda", "micromamba": "conda"} | dict.fromkeys(
    ("apt", "apt-get", "brew", "dnf", "yum"), "system"
)
_TAKE_VALUES = re.compile(
    r"-[rcCiftenp]|--(?:requirement|constraint|index-url|extra-index-url|find-links|target|group|platform|prefix"
    r"|python-version|no-binary|only-binary|editable|trusted-host|upgrade-strategy|config-settings|channel|name)"
)
_LONGEST_LINE = 10_000
"""Characters; splitting a shell line into words takes the square of a word's length."""
_OPTIONAL = re.compile(r"\boptional", re.I)
_FOR_SOME = re.compile(r"#\s*(?:with|or|for|if|alternativ\w*)\b|#.*\boptional", re.I)


def installations(part: Section, place: Place) -> Iterator[Installed]:
    """Everything that a section's shell blocks install, word by word."""
    for in_code, block in groupby(with_code_state(part.body), key=itemgetter(1)):
        fence, *lines = (line for line, _ in block)
        language = re.match(r"[\s>]*[`~]+\s*\{?\.?([\w-]*)", fence)
        if not in_code or not language or language[1].lower() not in _SHELLS:
            continue
        for_some = False
        for line in map(str.strip, re.sub(r"\\[ \t]*\n", " ", "\n".join(lines)).split("\n")):
            if not line or line.startswith("#"):
                for_some = bool(_FOR_SOME.match(line))
            else:
                optional = place.optional or for_some or bool(_OPTIONAL.search(line.partition("#")[2]))
                yield from _installed(line, replace(place, optional=optional))


def added(installed: Iterable[Installed], listed: list[Requirement]) -> Iterator[Requirement]:
    """What commands say beyond the lists. A package that is listed is as optional as listed.

    Commands of one page that contradict each other are for different readers, so none binds.
    """
    optional: dict[str, bool] = {}
    for one in listed:
        optional[one.name] = one.optional and optional.get(one.name, True)
    asked = [(_pip if tool == "pip" else _conda)(word, place) for tool, word, place in installed if tool != "system"]
    together: dict[str, list[SpecifierSet]] = {}
    for one in asked:
        if one.specifier is not None:
            together.setdefault(one.name, []).append(one.specifier)
    contrary = {name for name, several in together.items() if unsatisfiable(combined(several))}
    known = {(r.name, r.specifier, r.extras) for r in listed} | {(name, None, ()) for name in optional}
    for one in asked:
        specifier = None if one.name in contrary else one.specifier
        if (one.name, specifier, one.extras) not in known:
            known.add((one.name, specifier, one.extras))
            yield replace(one, specifier=specifier, optional=one.optional or optional.get(one.name, False))


def _installed(line: str, place: Place) -> Iterator[Installed]:
    """What a shell line installs; options, files and folders are not."""
    if len(line) > _LONGEST_LINE or not ("install" in line or "create" in line):
        return
    for command in _simple_commands(re.sub(r"(?:^|\s)#.*", "", line)):
        words = list(dropwhile(_BEFORE_TOOL.fullmatch, command))
        tool = _TOOLS.get(re.sub(r"[\d.]+$", "", words[0].lstrip("!%"))) if words else None
        verb = next((i for i, word in enumerate(words[:4]) if word in ("install", "create")), 0)
        if not tool or not verb:
            continue
        skip = False
        for word in words[verb + 1 :]:
            if (
                not skip
                and re.match(r"[A-Za-z]", word)
                and not re.search(r"[${]|/$|\.(?:txt|whl|toml|ya?ml|gz)$", word)
            ):
                yield tool, word, place
            skip = not skip and bool(_TAKE_VALUES.fullmatch(word))


def _simple_commands(line: str) -> list[list[str]]:
    """The words of each command of a shell line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:  # a quote that is not closed
        words = re.sub("['\"]", "", line).split()
    return [list(command) for _, command in groupby(words, key=lambda word: not word.strip(";&|"))]


def _pip(word: str, place: Place) -> Requirement:
    try:
        asked = PipRequirement(word)
    except InvalidRequirement:
        return place.asks(word, "system", None, word)
    note = "; ".join(filter(None, (str(asked.marker or ""), asked.url)))
    place = replace(place, optional=place.optional or asked.marker is not None)
    return place.asks(
        canonicalize_name(asked.name), "package", asked.specifier or None, word, note, ",".join(asked.extras)
    )


def _conda(word: str, place: Place) -> Requirement:
    bare = re.sub(r"^[\w-]+::", "", word)
    name = re.split(r"[=<>!~ ]", bare, maxsplit=1)[0]
    read = read_specifier(re.sub(r"^(=[^=]+)=.*", r"\1", bare[len(name) :]))
    return place.asks(*replace(place, kind="package").named(name, False, False), read and read[0], word)
