"""One package with its versions, as people write it, for each ecosystem."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508
from packaging.specifiers import SpecifierSet

from ..regex import regex
from .model import Kind
from .names import PATTERNS, is_value, is_word, pip_name
from .versions import read_specifier

_NAME = regex(r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\s*\[(?P<extras>[\w\s,.-]{0,200})\])?", re.ASCII)
_ADDRESS = regex(r"(?:git\+)?(?:https|http|ssh)://[\w.@:/%+~=&?,#\[\]-]{3,400}", re.ASCII)
_EGG = regex(r"(?:^|&)egg=(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,.-]*)\])?(?=&|$)", re.ASCII)
_ASIDE = regex(r"\s*\(([^()]*)\)")
_BEFORE_VERSION = regex(r"\s*:?\s*(?:version\s+|v(?=\d))?", re.IGNORECASE)
_CONSTRAINT = regex(
    r"\s*(?:\(\s*)?@?(?:=\s*\"|\")?(?P<text>(?:[\^~]|[<>=!]=?|≥|≤)?\s?v?\d[\w.*-]*\+?(?:\s?,?\s?(?:[<>!]=?|=)\s?\d[\w.*-]*){0,4})\"?\)?"
)


@dataclass(frozen=True, slots=True)
class Package:
    """A package that a text names."""

    kind: Kind
    name: str
    written: str
    specifier: SpecifierSet = field(default_factory=SpecifierSet)
    constraint: str = ""
    extras: tuple[str, ...] = ()
    url: str = ""
    marker: str = ""
    note: str = ""

    @property
    def versioned(self) -> bool:
        return bool(len(self.specifier) or self.constraint or self.url)


def in_code(kind: Kind, code: str, after: str) -> tuple[Package, str] | None:
    """The package that code names, with the versions that follow it, and the rest of the text."""
    package = _pip(code) if kind == "pip" else _other(kind, code)
    if not package:
        return None
    if package.versioned or package.marker:
        return package, after
    more, rest = _versions(package, after)
    # A part of a package is no package: `torch.compile`. With a version it must be one.
    if kind == "pip" and not pip_name(code.partition("[")[0].strip(), more.versioned):
        return None
    return more, rest


def in_prose(text: str) -> tuple[Package, str] | None:
    """The pip package that stands as a plain name with a version at the start of a text, and the rest of it."""
    match = _NAME.match(text)
    name = pip_name(match["name"], True) if match else ""
    if not match or not name:
        return None
    extras = _extras(match["extras"])
    bare = Package("pip", name, match[0], extras=extras)
    package, rest = _versions(bare, text[match.end() :])
    return (package, rest) if package.versioned else None


def plain_name(text: str) -> Package | None:
    """The pip package whose plain name, perhaps with extras, a text is."""
    match = _NAME.fullmatch(text.strip())
    name = pip_name(match["name"], False) if match and len(match["name"]) > 1 else ""
    return Package("pip", name, text.strip(), extras=_extras(match["extras"])) if match and name else None


def _pip(code: str) -> Package | None:
    code = code.strip()
    if address := _ADDRESS.fullmatch(code):
        return _direct(address[0], code)
    try:
        asked = Pep508(code)
    except InvalidRequirement:
        return _loosely(code)
    url = asked.url or ""
    name = pip_name(asked.name, bool(url or asked.specifier))
    if not name and not url and not asked.specifier and "." in asked.name:
        name = pip_name(asked.name, True)  # a version may follow: the caller looks
    if not name or (url and not _ADDRESS.fullmatch(url)) or "'" in str(asked.marker or ""):
        return None  # quoted words of a command hold no quotation mark
    extras = tuple(sorted(asked.extras))
    marker = str(asked.marker or "")
    return Package("pip", name, code, asked.specifier, "", extras, url.partition("#")[0], marker)


def _loosely(code: str) -> Package | None:
    """Code such as ``numpy 1.26+`` or ``paint (not 2019.12.17)``, which pip would not take."""
    before, semicolon, condition = code.partition(";")
    marker = ""
    if semicolon:
        try:
            marker = str(Marker(condition.strip()))
        except InvalidMarker:
            return None
        if "'" in marker:
            return None
    match = _NAME.match(before)
    name = pip_name(match["name"], True) if match else ""
    if not match or not name:
        return None
    bare = Package("pip", name, match[0], extras=_extras(match["extras"]), marker=marker)
    package, rest = _versions(bare, before[match.end() :])
    return replace(package, written=code) if package.versioned and not rest.strip() else None


def _direct(address: str, written: str) -> Package | None:
    """A package that an address names, by its ``#egg=`` or else by its last part."""
    url, _, fragment = address.partition("#")
    if egg := _EGG.search(fragment):
        name = pip_name(egg["name"], True)
        return Package("pip", name, written, extras=_extras(egg["extras"]), url=url) if name else None
    if not address.startswith("git+"):
        return None  # a web page, as far as one can tell
    return Package("pip", "", written, url=url)


def _other(kind: Kind, code: str) -> Package | None:
    """A package of an ecosystem whose versions are kept as they are written."""
    code = code.strip()
    if kind == "docker":
        is_image = PATTERNS[kind].fullmatch(code) and re.search(r"[/:]", code)
        return Package(kind, code, code) if is_image else None
    match = re.match(rf"(?:{PATTERNS[kind].pattern})(?=$|[\s@=<>!~^(\[])", code, PATTERNS[kind].flags)
    if not match or is_word(match[0]) or (kind != "npm" and is_value(match[0])):
        return None
    constraint = ""
    if rest := code[match.end() :].strip():
        read = _CONSTRAINT.fullmatch(rest)
        if not read:
            return None
        constraint = _floor(kind, read["text"])
    return Package(kind, match[0], code, constraint=constraint)


def _versions(package: Package, text: str) -> tuple[Package, str]:
    """A package with the versions that a text begins with, and the rest of the text."""
    if package.kind == "docker":
        return package, text
    if package.kind != "pip":
        read = _CONSTRAINT.match(text)
        if not read or re.match(r"\s*(?:[KMGT]i?B|GHz|bits?)\b|[\w-]", text[read.end() :]):
            return package, text
        written = f"{package.written} {read['text'].strip()}"
        return replace(package, written=written, constraint=_floor(package.kind, read["text"])), text[read.end() :]
    note, start = "", 0
    if aside := _ASIDE.match(text):
        note, start = aside[1].strip(), aside.end()
        inside = read_specifier(re.sub(r"^not\s+(?=v?\d)", "!=", note))
        if inside and not inside[1].strip():
            return _asking(package, inside[0], text[: aside.end()]), text[aside.end() :]
    following = _BEFORE_VERSION.sub("", text[start:], count=1)
    if outside := read_specifier(following):
        end = len(text) - len(outside[1])
        return replace(_asking(package, outside[0], text[start:end]), note=note), text[end:]
    return package, text


def _asking(package: Package, specifier: SpecifierSet, written: str) -> Package:
    text = f"{package.written} {' '.join(written.split())}"
    return replace(package, specifier=specifier, written=re.sub(r" (?=\[)|(?<!\s)\s+:\s*", " ", text).strip(" :"))


def _floor(kind: Kind, text: str) -> str:
    """A version as its ecosystem writes it: ``3.26+`` is a lower bound."""
    text = re.sub(r"\s+", " " if kind == "npm" else "", text.strip()).replace("≥", ">=").replace("≤", "<=")
    return f">={text[:-1]}" if text.endswith("+") and text[0].isdigit() else text


def _extras(text: str | None) -> tuple[str, ...]:
    return tuple(sorted({part.strip() for part in (text or "").split(",") if part.strip()}))
