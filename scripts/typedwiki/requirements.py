"""What Environment pages ask for, read from their lists, tables and install commands.

A section counts if a heading above it speaks of requirements; prose does not count, nor does a line
that says that nothing is needed. What is not understood is kept as it is written.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import dropwhile

from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as PipRequirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .inline import plain
from .links import MARK
from .model import Graph, WikiPage
from .schema import Schema
from .sections import Section, split, with_code_state
from .versions import Kind, Merged, Requirement, combined, install_command, merge, read_specifier, unsatisfiable

__all__ = ["Merged", "Requirement", "environments_on_path", "install_command", "merge", "requirements_of"]

_WANTED = re.compile(r"requirement|dependenc|prerequisite|package|librar|software|hardware", re.I)
_UNWANTED = re.compile(
    r"variable|credential|\bwhy\b|reason|standard library|verif|error|troubleshoot|compatib|evidence|usage|example",
    re.I,
)
_OPTIONAL = re.compile(r"\b(?:optional(?:ly)?|recommended|choose|alternatives?|one of|any of)\b", re.I)
_OPTIONAL_LINE = re.compile(r"(?<!not )(?<!non-)\boptional\b", re.I)
_SYSTEM_HEADING = re.compile(r"system|hardware|\bos\b|driver|\bgpu", re.I)
_PYTHON_HEADING = re.compile(r"\bpython|\bpip\b|\bpypi\b", re.I)
_PACKAGES_HEADING = re.compile(r"dependenc|package|librar|module", re.I)
_PYTHON = re.compile(r"c?python3?(?: (?:version|interpreter|runtime))?", re.I)
_GROUPS = re.compile(r"(?:core |python )?(?:software|packages?|librar(?:y|ies)|dependenc(?:y|ies)|frameworks?)", re.I)
_SYSTEM = {
    "compute capability": r"(?:nvidia )?(?:gpu )?(?:cuda )?compute capability",
    "CUDA": r"(?:nvidia )?(?:cuda|cuda[ -]?toolkit|pytorch-cuda)(?: version)?",
    "cuDNN": r"(?:nvidia )?cudnn",
    "NCCL": r"(?:nvidia )?nccl",
    "NVIDIA driver": r"(?:nvidia |gpu |cuda )*drivers?",
    "NVIDIA Container Toolkit": r"nvidia[ -]container[ -]toolkit",
    "Docker": r"docker(?: engine)?",
    "Git": r"git",
    "GNU Make": r"(?:gnu )?make",
    "": r"docker-[\w-]+|containerd(?:\.io)?|podman|git-lfs|cmake|gcc|g\+\+|clang|nvcc|ffmpeg"
    r"|node(?:\.?js)?|npm|rustc?|cargo|glibc|rocm|ninja|os|operating system|linux|ubuntu|debian|windows|macos"
    r"|cpu|gpus?|ram|vram|memory|disk|storage|network",
}
_SYSTEM_NAMES = {name: re.compile(pattern, re.I) for name, pattern in _SYSTEM.items()}
_ALIASES = {"pytorch": "torch"}
_NOTHING = re.compile(r"(?:none|nothing|n/?a|no)\b|[-–—]?$", re.I)
_PACKAGE = re.compile(r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\[(?P<extras>[\w\s,.-]*)\])?", re.ASCII)
_WORDS = re.compile(
    r"(?P<name>[A-Za-z][\w.+#/-]*(?:[ ](?!v?\d|(?:to|for|with|at least|from)\b)[A-Za-z][\w.+#/-]*){0,6}?)"
    r"(?![\w.+#/-])(?=\s*(?:$|[:;,(<>=!~≥≤\[–—]|v?\d|-\s|(?:for|with|at least|min(?:imum)?|from)\b))"
)
_CAPABILITY = re.compile(r"[^.;]*\bcompute capability\b", re.I)
_ASIDE = re.compile(r"\s*\(([^()]*)\)")
_BEFORE_VERSION = re.compile(r"\s*:?\s*(?:version\s+)?")
_ALSO = re.compile(r"\s*(?:,\s*(?:and|or)\b|,|;|/|\band\b|\bor\b|&|\+)\s*")
_BULLET = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d+[.)])\s+(?P<text>.*)")
_CELL = re.compile(r"(?:(`+)(?:(?!\1).)+\1|\\.|[^|])*")
_FENCE = re.compile(r"\s*(?:`{3,}|~{3,})\s*\{?\.?([\w-]*)")
_SHELLS = frozenset({"", "bash", "sh", "shell", "console", "zsh", "shell-session"})
_BEFORE_TOOL = re.compile(r"[$!%>]|sudo|uv|-m|(?:\S*/)?py(?:thon[\d.]*)?|\w+=.*")
_TOOLS = {"pip": "pip", **dict.fromkeys(("conda", "mamba", "micromamba"), "conda")} | dict.fromkeys(
    ("apt", "apt-get", "brew", "dnf", "yum", "apk"), "system"
)
_TAKE_VALUES = re.compile(
    r"-[rcCiftenp]|--(?:requirement|constraint|index-url|extra-index-url|find-links|target|group|platform|prefix|root"
    r"|python-version|no-binary|only-binary|editable|proxy|timeout|retries|cache-dir|trusted-host|upgrade-strategy"
    r"|config-settings|abi|implementation|channel|name)"
)
_FOR_SOME = re.compile(r"#\s*(?:with|or|for|if|alternativ\w*)\b|#.*\boptional", re.I)


@dataclass(frozen=True, slots=True)
class _Place:
    """What the headings above a line say of it."""

    environment: str
    wanted: bool = False
    optional: bool = False
    kind: Kind | None = None
    packages: bool = False
    """Plain words name packages here."""
    blocked: bool = False
    """Nothing here is a requirement: error messages, checks."""
    system: frozenset[str] = frozenset()
    """Names that the page installs with the system's package manager."""

    def below(self, heading: str) -> _Place:
        """The same under one more heading or label."""
        packages = bool(_PACKAGES_HEADING.search(heading))
        kind: Kind | None = None if packages else self.kind
        if _SYSTEM_HEADING.search(heading):
            kind = "system"
        elif _PYTHON_HEADING.search(heading):
            kind = "package"
        return replace(
            self,
            wanted=self.wanted or bool(_WANTED.search(heading)),
            optional=self.optional or bool(_OPTIONAL.search(heading) and not re.search(r"\brequired\b", heading, re.I)),
            kind=kind,
            packages=self.packages or packages,
            blocked=self.blocked or bool(_UNWANTED.search(heading)),
        )


@dataclass(frozen=True, slots=True)
class _Command:
    """An installation: what is asked of pip, conda or the system."""

    tool: str
    words: tuple[str, ...]
    place: _Place
    """Optional if the command is for some readers only."""


def requirements_of(page: WikiPage) -> list[Requirement]:
    """Everything that a page asks for, in its order; what commands add to the lists comes last."""
    parts = list(_places(page))
    commands = [command for part, place in parts for command in _commands(part, place)]
    system = frozenset(word for command in commands if command.tool == "system" for word in command.words)
    listed = [r for part, place in parts if place.wanted for r in _section(part, replace(place, system=system))]
    return [*listed, *_added(commands, listed)]


def environments_on_path(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Every Environment that typed edges lead to from a page, itself included, in reading order."""
    found: list[str] = []
    seen: set[str] = set()
    todo = [page_id]
    while todo:
        here = todo.pop()
        if here in seen or here not in graph.pages:
            continue
        seen.add(here)
        if graph.pages[here].page_type == "Environment":
            found.append(here)
        for edge in reversed(graph.outgoing.get(here, ())):
            known = schema.edges.get(edge.type)
            if known and not known.association:
                todo.append(edge.target)
    return found


def _places(page: WikiPage) -> Iterator[tuple[Section, _Place]]:
    """The sections that may ask for something, each with what its headings say."""

    def label(match: re.Match[str]) -> str:
        if match[1] != "l":
            return ""
        link = page.outgoing_links[int(match[2])]
        return link.label or link.target.replace("_", " ")

    path: list[tuple[int, _Place]] = [(-1, _Place(page.id))]
    for part in split(MARK.sub(label, page.content)):
        while path[-1][0] >= part.level:
            path.pop()
        place = path[-1][1].below(plain(part.title))
        path.append((part.level, place))
        if not place.blocked:
            yield part, place


def _section(part: Section, place: _Place) -> Iterator[Requirement]:
    lines = [line for line, in_code in with_code_state(part.body) if not in_code]
    yield from _table([line for line in lines if line.startswith("|")], place)
    yield from _list([line for line in lines if not line.startswith("|")], place)


# Lists


def _list(lines: list[str], place: _Place) -> Iterator[Requirement]:
    """Items, and what is indented below them: more items if it is a label, else nothing but a note."""
    items: list[tuple[int, str]] = []
    for line in lines:
        bullet = _BULLET.fullmatch(line)
        if bullet:
            items.append((len(bullet["indent"]), bullet["text"]))
        elif items and line.startswith(" ") and line.strip():
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
        elif re.match(r"[A-Za-z`*]", line) and len(line) < 80:
            yield from (found for found in _item(line, place) if found.specifier is not None)
    labels: list[tuple[int, _Place | None]] = []
    for (indent, text), (next_indent, _) in zip(items, [*items[1:], (0, "")], strict=False):
        while labels and labels[-1][0] >= indent:
            labels.pop()
        here = labels[-1][1] if labels else place
        if here and next_indent > indent and plain(text).endswith(":"):
            labels.append((indent, here.below(plain(text))))
        elif here:
            labels.append((indent, None))
            yield from _item(text, here)


def _item(markdown: str, place: _Place) -> Iterator[Requirement]:
    """The requirements of one list item: "`a` >= 1, `b` or `c` - note" are three."""
    text = _plain(markdown)
    codes = re.findall(r"`+\s?(.+?)\s?`+", markdown)
    code = bool(re.match(r"[*_]*`", markdown)) and bool(codes)
    if not text or (not code and _NOTHING.match(text)):
        return
    optional = place.optional or bool(_OPTIONAL_LINE.search(text))
    if code and not _is_requirement(codes[0]):
        yield Requirement(codes[0], None, text, "system", optional, "", place.environment)
        return
    one, rest = _one(text, code, place)
    found = [one]
    for following in codes[1:] if code else ():
        joint = _ALSO.match(rest)
        if not joint or not rest.startswith(following, joint.end()) or not _is_requirement(following):
            break
        optional = optional or joint[0].strip(" ,") in ("or", "/")
        one, rest = _one(rest[joint.end() :], True, place)
        found.append(one)
    for one in found:
        yield replace(one, optional=optional, note=_joined(one.note, _note(rest)))


def _plain(markdown: str) -> str:
    """Plain text. The star of ``2.*`` is no emphasis."""
    return plain(re.sub(r"(?<=\d)\.\\?\*(?!\*)", ".\ue004", markdown)).replace("\ue004", "*")


def _is_requirement(code: str) -> bool:
    """Whether code is a package's name, with or without versions."""
    match = _PACKAGE.match(code)
    if not match or match.end() == len(code):
        return bool(match)
    read = read_specifier(code[match.end() :])
    return bool(read and not read[1].strip())


def _one(text: str, code: bool, place: _Place) -> tuple[Requirement, str]:
    """A name with its version at the start of a text, and the rest of that."""
    match = (_PACKAGE if code or re.match(r"[\w.-]+\[", text) else _WORDS).match(text)
    capability = None if code else _CAPABILITY.match(text)
    if not match and not capability:
        return Requirement(text, None, text, "system", place.optional, "", place.environment), ""
    extras = ""
    if capability:
        name, start = "compute capability", capability.end()
    elif match:
        name, start, extras = match["name"], match.end(), match.groupdict().get("extras") or ""
    specifier, end, note = _version(text, start)
    kind, name = _kind(name, code, specifier is not None, place)
    written = text[: start if note else end].strip(" :")
    found = Requirement(name, specifier, written, kind, place.optional, note, place.environment, _extras(extras))
    return found, text[end:]


def _version(text: str, start: int) -> tuple[SpecifierSet | None, int, str]:
    """What a text asks for after a name that ends at ``start``, where that ends, and an aside instead of it."""
    aside = _ASIDE.match(text, start)
    if aside:
        read = read_specifier(re.sub(r"^not\s+(?=v?\d)", "!=", aside[1].strip()))
        if read and not read[1].strip():
            return read[0], aside.end(), ""
        start = aside.end()
    begin = _BEFORE_VERSION.match(text, start)
    if read := read_specifier(text[begin.end() if begin else start :]):
        return read[0], len(text) - len(read[1]), ""
    return None, start, aside[1].strip() if aside else ""


def _extras(written: str) -> tuple[str, ...]:
    return tuple(sorted(extra.strip() for extra in written.split(",") if extra.strip()))


def _kind(name: str, code: bool, versioned: bool, place: _Place) -> tuple[Kind, str]:
    """What a name is a name of, and its normal form."""
    if _PYTHON.fullmatch(name):
        return "python", "python"
    known = next((shown or name for shown, pattern in _SYSTEM_NAMES.items() if pattern.fullmatch(name)), "")
    if place.kind == "package":
        pip = code or not known
    else:
        pip = not known and place.kind != "system" and name not in place.system
        pip = pip and (code or versioned or place.packages)
    if not pip or not _PACKAGE.fullmatch(name):
        return "system", known or name
    folded = canonicalize_name(name)
    return "package", _ALIASES.get(folded, folded)


def _note(rest: str) -> str:
    text = rest.strip().lstrip("-–—:;,. ").strip()
    return text[1:-1] if re.fullmatch(r"\([^()]*\)", text) else text


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))


# Tables


def _table(rows: list[str], place: _Place) -> Iterator[Requirement]:
    """Rows of name, requirement and notes. A table of packages says so in its head."""
    head: list[str] = []
    for row, following in zip(rows, [*rows[1:], ""], strict=False):
        if re.fullmatch(r"[|\s:-]*", row):
            continue
        if re.fullmatch(r"\|[|\s:-]*-[|\s:-]*", following):
            head = [plain(cell).casefold() for cell in _cells(row)]
            if _PACKAGES_HEADING.search(head[0]):
                place = replace(place, kind="package")
        else:
            yield from _row(_cells(row), head, place)


def _cells(row: str) -> list[str]:
    """The cells of a pipe table's row. A pipe in code is not an end."""
    inside = row.strip().removeprefix("|")
    cells, position = [], 0
    while position < len(inside):
        match = _CELL.match(inside, position)
        end = match.end() if match else len(inside)
        cells.append(inside[position:end].strip())
        position = end + 1
    return cells or [""]


def _row(cells: list[str], head: list[str], place: _Place) -> Iterator[Requirement]:
    """Usually one requirement; several where a row is about software in general."""
    name, *others = cells
    text = _plain(name)
    match = _WORDS.match(text)
    if not others or (match and read_specifier(text[match.end() :])):
        note = _joined(*map(plain, others))
        yield from (replace(found, note=_joined(found.note, note)) for found in _item(name, place))
        return
    asked, note = _plain(others[0]), _joined(*map(_plain, others[1:]))
    optional = place.optional or bool(_OPTIONAL_LINE.search(f"{text} {asked} {note}")) or _needless(cells, head)
    if _GROUPS.fullmatch(text):
        for part in re.split(r"[,;]\s*(?=[A-Za-z`*])", others[0]):
            yield from _item(part, replace(place, kind=None, packages=True, optional=optional))
    elif text and (place.kind == "package" or not _NOTHING.match(asked)):
        yield replace(_pair(name, asked, place), optional=optional, note=note)


def _needless(cells: list[str], head: list[str]) -> bool:
    """Whether a column "Required" says no."""
    return any(
        title.startswith("required") and plain(cell).casefold() == "no"
        for title, cell in zip(head, cells, strict=False)
    )


def _pair(markdown: str, asked: str, place: _Place) -> Requirement:
    """A name in one cell and what is asked in the next."""
    text = _plain(markdown)
    name = re.sub(r"\s*\([^()]*\)$", "", text)
    before = _CAPABILITY.match(asked) or re.match(rf"(?:{re.escape(name)}|c?python|version)\b\s*:?\s*", asked, re.I)
    read = read_specifier(asked[before.end() if before else 0 :])
    if read and _CAPABILITY.match(asked) and re.fullmatch(r"hardware|(?:nvidia )?gpus?", name, re.I):
        name = "compute capability"
    match = _PACKAGE.fullmatch(name)
    kind, name = _kind(match["name"] if match else name, "`" in markdown, read is not None, place)
    extras = _extras(match["extras"] or "") if match else ()
    written = asked if before and not before[0].lower().startswith("version") else f"{text} {asked}".strip()
    return Requirement(name, read and read[0], written, kind, False, "", place.environment, extras)


# Install commands


def _commands(part: Section, place: _Place) -> Iterator[_Command]:
    """The install commands of a section's shell blocks."""
    language, for_some, held = "", False, ""
    inside = False
    for line, in_code in with_code_state(part.body):
        fence = _FENCE.match(line)
        if not in_code or (fence and not (inside and fence[1])):
            inside = in_code and not (inside and fence)
            language, for_some, held = (fence[1].lower() if fence else ""), False, ""
        elif language in _SHELLS:
            text = held + line.strip()
            held = f"{text[:-1]} " if text.endswith("\\") else ""
            if not text or text.startswith("#"):
                for_some = bool(_FOR_SOME.match(text))
            elif not held:
                optional = place.optional or for_some or bool(re.search(r"#.*\boptional", text, re.I))
                yield from _installations(text, replace(place, optional=optional))


def _installations(line: str, place: _Place) -> Iterator[_Command]:
    for command in _simple_commands(re.sub(r"(?:^|\s)#.*", "", line)):
        words = list(dropwhile(_BEFORE_TOOL.fullmatch, command))
        tool = _TOOLS.get(re.sub(r"[\d.]+$", "", words[0].lstrip("!%"))) if words else None
        verb = next((i for i, word in enumerate(words[:4]) if word in ("install", "create", "add")), 0)
        if tool and verb:
            yield _Command(tool, tuple(_arguments(words[verb + 1 :])), place)


def _simple_commands(line: str) -> list[list[str]]:
    """The words of each command of a shell line."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split, lexer.commenters = True, ""
    try:
        words = list(lexer)
    except ValueError:  # a quote that is not closed
        words = re.sub("['\"]", "", line).split()
    commands: list[list[str]] = [[]]
    for word in words:
        if word.strip(";&|"):
            commands[-1].append(word)
        else:
            commands.append([])
    return commands


def _arguments(words: list[str]) -> Iterator[str]:
    """What is to be installed; options, files and folders are not."""
    skip = False
    for word in words:
        if not skip and re.match(r"[A-Za-z]", word) and not re.search(r"[${]|/$|\.(?:txt|whl|toml|ya?ml|gz)$", word):
            yield word
        skip = not skip and bool(_TAKE_VALUES.fullmatch(word))


def _added(commands: list[_Command], listed: list[Requirement]) -> Iterator[Requirement]:
    """What commands say beyond the lists. A package that is listed is as optional as listed."""
    optional: dict[str, bool] = {}
    for one in listed:
        optional[one.name] = one.optional and optional.get(one.name, True)
    asked = [
        found
        for command in commands
        if command.tool != "system"
        for word in command.words
        for found in (_pip(word, command.place) if command.tool == "pip" else _conda(word, command.place),)
    ]
    known = {(r.name, r.specifier, r.extras) for r in listed} | {(name, None, ()) for name in optional}
    for one in _without_alternatives(asked):
        one = replace(one, optional=one.optional or optional.get(one.name, False))
        place = (one.name, one.specifier, one.extras)
        if place not in known:
            known.add(place)
            yield one


def _without_alternatives(asked: list[Requirement]) -> Iterator[Requirement]:
    """Commands of one page that contradict each other are for different readers, so none binds."""
    together: dict[str, list[SpecifierSet]] = {}
    for one in asked:
        if one.specifier is not None:
            together.setdefault(one.name, []).append(one.specifier)
    contrary = {name for name, several in together.items() if unsatisfiable(combined(several))}
    for one in asked:
        yield replace(one, specifier=None) if one.name in contrary else one


def _pip(word: str, place: _Place) -> Requirement:
    try:
        asked = PipRequirement(word)
    except InvalidRequirement:
        return Requirement(word, None, word, "system", place.optional, "", place.environment)
    note = _joined(str(asked.marker or ""), asked.url or "")
    optional = place.optional or asked.marker is not None
    name = canonicalize_name(asked.name)
    specifier = asked.specifier if len(asked.specifier) else None
    extras = tuple(sorted(asked.extras))
    return Requirement(name, specifier, word, "package", optional, note, place.environment, extras)


def _conda(word: str, place: _Place) -> Requirement:
    bare = re.sub(r"^[\w-]+::", "", word)
    name = re.split(r"[=<>!~ ]", bare, maxsplit=1)[0]
    read = read_specifier(re.sub(r"^(=[^=]+)=.*", r"\1", bare[len(name) :]))
    kind, name = _kind(name, False, False, replace(place, kind="package"))
    return Requirement(name, read and read[0], word, kind, place.optional, "", place.environment)
