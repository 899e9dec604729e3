"""What list items and table rows ask for. What is not understood is kept as it is written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from packaging.specifiers import SpecifierSet

from ..text.plain import plain
from .requirement_places import PACKAGE, PACKAGES, Place
from .versions import Requirement, read_specifier

_OPTIONAL = re.compile(r"(?<!not )(?<!non-)\boptional\b", re.I)
_GROUPS = re.compile(r"(?:core |python )?(?:software|packages?|librar(?:y|ies)|dependenc(?:y|ies)|frameworks?)", re.I)
_NOTHING = re.compile(r"(?:none|nothing|n/?a|no)\b|[-–—]?$", re.I)
_WORDS = re.compile(
    r"(?P<name>[A-Za-z][\w.+#/-]*(?:[ ](?!v?\d|(?:to|for|with|at least|from)\b)[A-Za-z][\w.+#/-]*){0,6}?)"
    r"(?![\w.+#/-])(?=\s*(?:$|[:;,(<>=!~≥≤\[–—]|v?\d|-\s|(?:for|with|at least|min(?:imum)?|from)\b))(?P<extras>)"
)
_CAPABILITY = re.compile(r"[^.;]*\bcompute capability\b", re.I)
_ASIDE = re.compile(r"\s*\(([^()]*)\)")
_BEFORE_VERSION = re.compile(r"\s*:?\s*(?:version\s+)?")
_ALSO = re.compile(r"\s*(?:,\s*(?:and|or)\b|,|;|/|\band\b|\bor\b|&|\+)\s*")
_BULLET = re.compile(r"(?P<indent>\s*)(?:[-*+]|\d+[.)])\s+(?P<text>.*)")
_CELL = re.compile(r"\|(?!$)((?:(`+)(?:(?!\2).)+\2|\\.|[^|])*)")


def from_list(lines: list[str], place: Place) -> Iterator[Requirement]:
    """Items, and what is indented below them: more items if it is a label, else nothing but a note."""
    items: list[tuple[int, str]] = []
    for line in lines:
        if bullet := _BULLET.fullmatch(line):
            items.append((len(bullet["indent"]), bullet["text"]))
        elif items and line.startswith(" ") and line.strip():
            items[-1] = (items[-1][0], f"{items[-1][1]} {line.strip()}")
        elif re.match(r"[A-Za-z`*]", line) and len(line) < 80:
            yield from (found for found in _item(line, place) if found.specifier is not None)
    labels: list[tuple[int, Place | None]] = []
    for (indent, text), (next_indent, _) in zip(items, [*items[1:], (0, "")], strict=False):
        while labels and labels[-1][0] >= indent:
            labels.pop()
        here = labels[-1][1] if labels else place
        if here and next_indent > indent and plain(text).endswith(":"):
            labels.append((indent, here.below(plain(text))))
        elif here:
            labels.append((indent, None))
            yield from _item(text, here)


def from_table(rows: list[str], place: Place) -> Iterator[Requirement]:
    """Rows of name, requirement and notes. A table of packages says so in its head."""
    head: list[str] = []
    for row, following in zip(rows, [*rows[1:], ""], strict=False):
        if re.fullmatch(r"[|\s:-]*", row):
            continue
        cells = [cell.strip() for cell, _ in _CELL.findall(row.strip())] or [""]
        if re.fullmatch(r"\|[|\s:-]*-[|\s:-]*", following):
            head = [plain(cell).casefold().rstrip("?") for cell in cells]
            if PACKAGES.search(head[0]):
                place = replace(place, kind="package")
        else:
            needed = plain(dict(zip(head, cells, strict=False)).get("required", ""))
            yield from _row(cells, replace(place, optional=place.optional or needed.casefold() == "no"))


def _item(markdown: str, place: Place) -> Iterator[Requirement]:
    """The requirements of one list item: "`a` >= 1, `b` or `c` - note" are three."""
    text = _plain(markdown)
    codes = re.findall(r"`+\s?(.+?)\s?`+", markdown) if re.match(r"[*_]*`", markdown) else []
    if not text or (not codes and _NOTHING.match(text)):
        return
    place = _as_optional(place, text)
    if codes and not _is_requirement(codes[0]):
        yield place.asks(codes[0], "system", None, text)
        return
    one, rest = _one(text, bool(codes), place)
    found, choice = [one], False
    for following in codes[1:]:
        joint = _ALSO.match(rest)
        if not joint or not rest.startswith(following, joint.end()) or not _is_requirement(following):
            break
        choice = choice or joint[0].strip(" ,") in ("or", "/")
        one, rest = _one(rest[joint.end() :], True, place)
        found.append(one)
    note = rest.strip().lstrip("-–—:;,. ").strip()
    note = note[1:-1] if re.fullmatch(r"\([^()]*\)", note) else note
    yield from (replace(one, optional=place.optional or choice, note=_joined(one.note, note)) for one in found)


def _one(text: str, code: bool, place: Place) -> tuple[Requirement, str]:
    """A name with its version at the start of a text, and the rest of that."""
    match = (PACKAGE if code or re.match(r"[\w.-]+\[", text) else _WORDS).match(text)
    if not code and (capability := _CAPABILITY.match(text)):
        name, start, extras = "compute capability", capability.end(), ""
    elif match:
        name, start, extras = match["name"], match.end(), match["extras"] or ""
    else:
        return place.asks(text, "system", None, text), ""
    specifier, end, note = _version(text, start)
    written = text[: start if note else end].strip(" :")
    named = place.named(name, code, specifier is not None)
    return place.asks(*named, specifier, written, note, extras), text[end:]


def _version(text: str, start: int) -> tuple[SpecifierSet | None, int, str]:
    """What a text asks for after a name that ends at ``start``, where that ends, and an aside instead of it."""
    note = ""
    if aside := _ASIDE.match(text, start):
        note, start = aside[1].strip(), aside.end()
        inside = _whole(re.sub(r"^not\s+(?=v?\d)", "!=", note))
        if inside is not None:
            return inside, start, ""
    if read := read_specifier(_BEFORE_VERSION.sub("", text[start:], count=1)):
        return read[0], len(text) - len(read[1]), ""
    return None, start, note


def _row(cells: list[str], place: Place) -> Iterator[Requirement]:
    """Usually one requirement; several where a row is about software in general."""
    name, *others = cells
    text = _plain(name)
    match = _WORDS.match(text)
    if not others or (match and read_specifier(text[match.end() :])):
        note = _joined(*map(plain, others))
        yield from (replace(found, note=_joined(found.note, note)) for found in _item(name, place))
        return
    asked, note = _plain(others[0]), _joined(*map(_plain, others[1:]))
    place = _as_optional(place, f"{text} {asked} {note}")
    if _GROUPS.fullmatch(text):
        for part in re.split(r"[,;]\s*(?=[A-Za-z`*])", others[0]):
            yield from _item(part, replace(place, kind=None, packages=True))
    elif text and (place.kind == "package" or not _NOTHING.match(asked)):
        yield replace(_pair(name, asked, place), note=note)


def _pair(markdown: str, asked: str, place: Place) -> Requirement:
    """A name in one cell and what is asked in the next."""
    text = _plain(markdown)
    name = re.sub(r"\s*\([^()]*\)$", "", text)
    capability = _CAPABILITY.match(asked)
    before = capability or re.match(rf"(?:{re.escape(name)}|c?python|version)\b\s*:?\s*", asked, re.I)
    read = read_specifier(asked[before.end() if before else 0 :])
    if read and capability and re.fullmatch(r"hardware|(?:nvidia )?gpus?", name, re.I):
        name = "compute capability"
    match = PACKAGE.fullmatch(name)
    named = place.named(match["name"] if match else name, "`" in markdown, read is not None)
    written = asked if before and not before[0].lower().startswith("version") else f"{text} {asked}".strip()
    return place.asks(*named, read and read[0], written, extras=(match and match["extras"]) or "")


def _plain(markdown: str) -> str:
    """Plain text. The star of ``2.*`` is no emphasis."""
    return plain(re.sub(r"(?<=\d)\.\\?\*(?!\*)", ".\ue004", markdown)).replace("\ue004", "*")


def _is_requirement(code: str) -> bool:
    """Whether code is a package's name, with or without versions."""
    match = PACKAGE.match(code)
    return bool(match and (match.end() == len(code) or _whole(code[match.end() :]) is not None))


def _whole(text: str) -> SpecifierSet | None:
    """The versions that a text asks for, if it says nothing else."""
    read = read_specifier(text)
    return read[0] if read and not read[1].strip() else None


def _as_optional(place: Place, text: str) -> Place:
    return replace(place, optional=place.optional or bool(_OPTIONAL.search(text)))


def _joined(*parts: str) -> str:
    return "; ".join(filter(None, parts))
