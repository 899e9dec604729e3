"""Handle facts about a system: their labels, parsing and formatting of their values, and merging of several values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from packaging.specifiers import SpecifierSet

from ..regex import regex
from .model import Amount, Systems, Value, Versions, combine, format_specifier, read_specifier

_LABELS = {
    "OS": r"os|operating systems?|(?:supported )?platforms?",
    "Python": r"c?python3?(?: (?:versions?|interpreter|runtime))?",
    "Memory": r"(?:system |main |cpu |host )?(?:ram|memory)(?: size)?",
    "Disk": r"(?:free )?(?:disk|storage|ssd|hard drive|hdd)(?: space| size)?",
    "VRAM": r"(?:gpu |video |graphics |cuda )(?:memory|ram|vram)|vram",
    "GPU": r"(?:nvidia |amd |cuda )?(?:gpus?|graphics(?: cards?)?|accelerators?)",
    "CPU": r"cpus?|processors?",
    "compute capability": r"(?:nvidia )?(?:gpu )?(?:cuda )?compute capability",
    "CUDA": r"(?:nvidia )?(?:cuda[ -]?toolkit|pytorch-cuda|cuda)(?: (?:versions?|runtime))?",
    "ROCm": r"(?:amd )?rocm(?: versions?)?",
    "cuDNN": r"(?:nvidia )?cudnn(?: versions?)?",
    "NCCL": r"(?:nvidia )?nccl(?: versions?)?",
    "NVIDIA driver": r"(?:nvidia |gpu |cuda ){0,3}drivers?(?: versions?)?",
    "NVIDIA Container Toolkit": r"nvidia[ -]container[ -]toolkit",
    "Docker": r"docker(?: (?:engine|desktop))?(?: versions?)?",
    "Docker Compose": r"docker[ -]compose",
    "Git": r"git(?: versions?)?",
    "GNU Make": r"(?:gnu )?make",
    "CMake": r"cmake",
    "Node.js": r"node(?:\.?js)?(?: (?:versions?|runtime))?",
    "npm": r"npm",
    "Java": r"java|jdk|jre|openjdk",
    "Rust": r"rust|rustc|rust toolchain",
    "Go": r"go|golang",
    "GCC": r"gcc|g\+\+",
    "pip": r"pip",
    "glibc": r"glibc",
    "Network": r"network(?:ing)?|internet(?: (?:access|connection))?|bandwidth",
    "Hardware": r"hardware",
}
_LABEL = {name: regex(pattern, re.IGNORECASE) for name, pattern in _LABELS.items()}
_VERSIONED = frozenset(_LABELS) - {"OS", "Memory", "Disk", "VRAM", "GPU", "CPU", "Network", "Hardware"}
_AMOUNTS = frozenset({"Memory", "Disk", "VRAM"})
_HEADS = regex(
    "(?:" + "|".join(f"(?:{_LABELS[n]})" for n in _LABELS if n in _VERSIONED) + r")(?![\w-]|/\w)", re.IGNORECASE
)
_SYSTEMS = {
    "Linux": r"linux|ubuntu|debian|centos|rhel|fedora|red hat|alpine|arch|wsl ?2?|amazon linux|rocky|suse|unix",
    "macOS": r"mac ?os(?: x)?|os x|darwin|mac",
    "Windows": r"windows(?! subsystem)|win(?:32|64|10|11)?",
}
_SYSTEM = {name: regex(rf"(?<![\w-])(?:{pattern})(?!\w)", re.IGNORECASE) for name, pattern in _SYSTEMS.items()}
_ANY_SYSTEM = regex(
    r"\b(?:any|all)(?: (?:major|common|modern))?(?: (?:os|operating systems?|platforms?))?\b"
    r"|cross-platform|platform[- ]independent",
    re.I,
)
_NOT = regex(r"\b(?:not? (?:supported|tested)|unsupported|no support|not available)\b", re.IGNORECASE)
_EXCEPT = regex(r"\b(?:not|except|no) \w+", re.IGNORECASE)
_LONGEST = 400
"""Characters of a value. Longer text is prose."""
_UNITS = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_AMOUNT = regex(r"(?<![\w.])(?P<number>\d{1,6}(?:\.\d{1,3})?)\s*(?P<unit>[KMGT])i?B?\b(?P<more>\+?)", re.IGNORECASE)
_RECOMMENDED = regex(
    r"^[^\w]*(?:(?:is |are |strongly |highly )?(?:recommended|preferred|ideal|suggested|for (?:best|optimal)))\b", re.I
)
_AMOUNT_FILLER = regex(
    r"\b(?:per gpu|each|at least|min(?:imum)?|of|or|and|more|higher|above|up|free|available|system"
    r"|total|gpu|video|ram|vram|memory|disk"
    r"|space|storage|ssd|nvme|hdd|over|recommended|preferred|suggested|ideally|the|a|with|is|about|around|approximately)\b"
    r"|[\s()+,;:.~≥>=<\-–—/]",
    re.I,
)
_ITEM_AMOUNT = regex(
    r"(?:at least "
    r"|min(?:imum)? )?(?=(?P<amount>\d{1,6}(?:\.\d{1,3})? ?[KMGT]i?B\+?))(?P=amount)(?: or more)?(?:"
    r" (?:of|free|system|available|gpu|video|disk|storage|ssd))*"
    r" (?P<what>vram|ram|memory|disk|storage|ssd|space)\b",
    re.IGNORECASE,
)
_VIDEO_MEMORY = regex(
    r"(?<![\w.])(?P<number>\d{1,6}(?:\.\d{1,3})?)\s*(?P<unit>[KMGT])i?B\+? (?:or more )?(?:of )?(?:vram"
    r"|video memory|gpu memory|graphics memory)\b",
    re.I,
)
_OR = regex(r",\s*or\b|\bor\b(?!\s+(?:newer|later|higher|above|up|greater|more)\b)|/(?=\s|\d)|\|", re.IGNORECASE)
_SERIES = regex(r"(?:\d+\.\d+(?!\d)\s*(?:(?:,|/|\bor\b|\band\b|&)\s*)*){2,12}", re.IGNORECASE)
_CARET = regex(r"\^\s?(?P<version>(?P<major>[1-9]\d{0,5})(?:\.\d{1,6}){0,2})(?![\w.])")
"""Any later release of the same major version, as Poetry and npm write it."""
_ADVICE = regex(r"(?<!\s)\s*(?:[(,;–—-]\s*)?\b[\w.+ ]{0,12}\b(?:recommended|preferred|tested)\)?\s*$", re.IGNORECASE)


class Fact(NamedTuple):
    """A fact that one line states."""

    name: str
    text: str
    """The text without the label."""
    value: Value


def fact_label(text: str) -> str:
    """Return the normal form of a fact's label; empty if it is unknown."""
    label = re.sub(r"(?<!\s)\s*\([^()]*\)$", "", text.strip(" :*"))
    return next((name for name, pattern in _LABEL.items() if pattern.fullmatch(label)), "")


def fact_with_label(label: str, value: str) -> Fact:
    """Return the fact of a label, known to ``fact_label`` or not, and a value."""
    name = fact_label(label) or label
    if len(value) > _LONGEST:
        return Fact(name, value, None)
    if name in ("GPU", "Hardware") and (capability := _compute_capability(value)):
        return capability
    if name == "GPU" and (amount := _single_amount(value)) and re.search(r"vram|memory|\bram\b", value, re.IGNORECASE):
        return Fact("VRAM", format_amount(amount), Amount(amount))
    text = _without_label(name, value)
    if name == "OS":
        names = parse_systems(text)
        return Fact(name, text, Systems(names) if names else None)
    if name in _AMOUNTS:
        size = _single_amount(text)
        return Fact(name, format_amount(size) if size else text, Amount(size) if size else None)
    return Fact(name, text, parse_versions(name, text) if name in _VERSIONED else None)


def fact_of_item(text: str) -> Fact | None:
    """Return the fact that a list item states: ``Python 3.10+``, ``16 GB of RAM``; None if it states none."""
    if len(text) > _LONGEST:
        return None
    text = re.sub(r"^(?:requires?|needs?|an?|must have)\s+", "", text, flags=re.IGNORECASE)
    label, colon, value = text.partition(":")
    if colon and fact_label(label) and value.strip():
        return fact_with_label(label, value.strip())
    if amount := _ITEM_AMOUNT.match(text):
        if "vram" in text.lower() or "gpu memory" in text.lower():
            return fact_with_label("VRAM", text)
        return fact_with_label("Memory" if amount["what"].lower() in ("ram", "memory") else "Disk", text)
    if capability := _compute_capability(text):
        return capability
    if head := _HEADS.match(text):
        name = fact_label(head[0])
        return Fact(name, _without_label(name, text), parse_versions(name, text))
    if re.match(r"(?:nvidia|amd|cuda)?[ -]?(?:capable |compatible )?gpus?\b|(?:nvidia|amd) ", text, re.IGNORECASE):
        return Fact("GPU", text, None)
    if fact_label(text) == "Network":
        return Fact("Network", text, None)
    names_system = any(pattern.match(text) for pattern in _SYSTEM.values()) or _ANY_SYSTEM.fullmatch(text)
    if names_system and (names := parse_systems(text)):
        return Fact("OS", text, Systems(names))
    return None


def video_memory(fact: Fact) -> Fact | None:
    """Return the video memory in a fact about a graphics card: ``an NVIDIA GPU with 8 GB of VRAM``; or None."""
    if fact.name not in ("GPU", "Hardware") or len(fact.text) > _LONGEST:
        return None
    amounts = [m for m in _VIDEO_MEMORY.finditer(fact.text) if not _RECOMMENDED.match(fact.text[m.end() :])]
    if len(amounts) != 1 or len(_AMOUNT.findall(fact.text)) != 1:
        return None
    size = _size(amounts[0]["number"], amounts[0]["unit"])
    return Fact("VRAM", format_amount(size), Amount(size))


def parse_systems(text: str) -> frozenset[str]:
    """Return the operating systems that a text allows; empty if it names none."""
    allowed = _EXCEPT.sub("", ",".join(part for part in re.split(r"[,;.]", text) if not _NOT.search(part)))
    names = frozenset(name for name, pattern in _SYSTEM.items() if pattern.search(allowed))
    return names or (frozenset(_SYSTEM) if _ANY_SYSTEM.search(allowed) else names)


def parse_versions(name: str, text: str) -> Versions | None:
    """Return the versions of a thing, or of its alternatives, in a text; None if they are not understood."""
    text = _ADVICE.sub("", text) or text
    text = _CARET.sub(lambda m: f">={m['version']},<{int(m['major']) + 1}", text)
    numbers = _without_label(name, text)
    if series := _SERIES.fullmatch(numbers):
        return _version_series(name, re.findall(r"(?<!\d)\d+\.\d+", series[0]))
    choices = []
    for part in map(str.strip, _OR.split(text)):
        head = _HEADS.match(part)
        thing = fact_label(head[0]) if head else name
        parsed = read_specifier(_after_label(thing, part))
        if not parsed:
            return None
        choices.append((thing, parsed[0]))
    return Versions(tuple(choices))


def _version_series(name: str, numbers: Sequence[str]) -> Versions | None:
    """Return ``3.10, 3.11 or 3.12`` as a range if none is missing, otherwise as single series."""
    minors = [tuple(map(int, number.split("."))) for number in numbers]
    consecutive = all(b == (a[0], a[1] + 1) for a, b in pairwise(minors))
    if consecutive and name == "Python":
        (major, low), (_, high) = minors[0], minors[-1]
        return Versions(((name, SpecifierSet(f">={major}.{low},<{major}.{high + 1}")),))
    return Versions(tuple((name, SpecifierSet(f"=={number}.*")) for number in numbers))


def _compute_capability(text: str) -> Fact | None:
    match = re.search(r"\bcompute capability\b", text, re.IGNORECASE)
    parsed = read_specifier(re.sub(r"^\s*(?:of )?", "", text[match.end() :])) if match else None
    return Fact("compute capability", text, Versions((("compute capability", parsed[0]),))) if parsed else None


def _without_label(name: str, text: str) -> str:
    return _after_label(name, text).strip() or text


def _after_label(name: str, text: str) -> str:
    pattern = _LABELS.get(name, re.escape(name))
    head = re.match(
        rf"\s*(?:(?:{pattern})(?![\w-])|version\b)?\s*:?\s*(?:version\b)?\s*(?:\([^()]*\)\s*(?=[<>=\d]))?",
        text,
        re.IGNORECASE,
    )
    return text[head.end() :] if head else text


def _single_amount(text: str) -> int:
    """Return the amount in bytes, if a text is one amount without other information; otherwise 0."""
    amounts = []
    for match in _AMOUNT.finditer(text):
        text_before = text[: match.start()].rsplit(",", 1)[-1].rsplit("(", 1)[-1]
        if not _RECOMMENDED.match(text[match.end() :].lstrip(" +")) and not re.search(
            r"(?:recommended|ideally|preferred)\W*$", text_before, re.I
        ):
            amounts.append(match)
    size_range = re.search(r"(?<!\d)(\d+)\s*(?:-|–|—|to)\s*(?=\d+\s*[KMGT]i?B)", text, re.IGNORECASE)
    if size_range and len(amounts) == 1:
        return _size(size_range[1], amounts[0]["unit"])
    other_words = _AMOUNT_FILLER.sub("", _AMOUNT.sub("", text))
    if len(amounts) != 1 or other_words:
        return 0
    return _size(amounts[0]["number"], amounts[0]["unit"])


def _size(number: str, unit: str) -> int:
    return round(float(number) * _UNITS[unit.upper()])


def format_amount(size: int) -> str:
    """Return a number of bytes as people write it: ``32 GB``."""
    unit = next((u for u in reversed(_UNITS) if size >= _UNITS[u]), "K")
    return f"{size / _UNITS[unit]:g} {unit}B"


def format_systems(names: Iterable[str]) -> str:
    """Return operating systems in their usual order."""
    allowed = set(names)
    return ", ".join(name for name in _SYSTEM if name in allowed)


def format_versions(name: str, specifier: SpecifierSet) -> str:
    """Return the versions of a fact as text: ``12.x, at least 12.1``. Python's are a plain range."""
    series = [clause.version[:-2] for clause in specifier if clause.operator == "==" and clause.version.endswith(".*")]
    if name == "Python" or not series:
        return format_specifier(specifier)
    other_clauses = [clause for clause in specifier if not (clause.operator == "==" and clause.version.endswith(".*"))]
    lower_bounds = [f"at least {clause.version}" for clause in other_clauses if clause.operator == ">="]
    other_versions = SpecifierSet(",".join(str(clause) for clause in other_clauses if clause.operator != ">="))
    longest = max(series, key=lambda text: (text.count("."), text))
    longest = f"{longest}.x" if "." not in longest else longest
    return ", ".join(filter(None, [longest, *lower_bounds, format_specifier(other_versions)]))


def common_versions(values: Sequence[Versions]) -> list[tuple[str, SpecifierSet]]:
    """Return the choices that satisfy all values: each thing with the intersection of its versions."""
    allowed = list(values[0].choices)
    for value in values[1:]:
        common = [
            (name, combine([specifier, other_specifier]))
            for name, specifier in allowed
            for other_name, other_specifier in value.choices
            if name == other_name and not combine([specifier, other_specifier]).is_unsatisfiable()
        ]
        allowed = list(dict.fromkeys(common))
    return allowed
