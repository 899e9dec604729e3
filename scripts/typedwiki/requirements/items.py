"""One list item, or one cell, as the packages, facts and inherited pages that it asks for."""

from __future__ import annotations

import re
from dataclasses import replace

from ..regex import regex
from .facts import Fact, label_of, labelled, memory_beside, stated
from .found import Found, Line
from .headings import OPTION, Choice, Context
from .inherited import inherit
from .inline import plain
from .meaning import NEGATIVE, OPTIONAL, Meaning, marker_of, meaning_of
from .model import Alternative, Kind, Origin, Remark, Requirement
from .names import is_tool
from .packages import Package, in_code, in_prose, plain_name

_NOTHING = regex(
    r"(?:none|nothing|n/?a|not applicable|no (?:\w+ ){0,3}(?:required|needed|necessary|dependenc\w+"
    r"|packages?))\b|no\W*$|[-–—]?$",
    re.I,
)
_JOINT = regex(
    r"\s*(?P<some>(?:,\s*)?\band/or\b)\s*|\s*(?P<one>(?:,\s*)?\bor\b(?:\s+(?:else|alternatively)\b)?|\s/\s|/(?=`)|\|{1,2})\s*"
    r"|\s*(?P<all>,\s*(?:and|plus)\b|,|;|\band\b|\bplus\b|&|\+)\s*",
    re.I,
)
_LONGEST = 400
"""Characters of one package with its versions."""
_CUT = regex(
    r"(?<!\s)\s+(?:/\s+(?=`)|or\s+(?=`|[A-Za-z][\w.-]*\s*(?:[<>=~!]|\d))"
    r"(?!(?:newer|later|higher|above|up|greater|more)\b))",
    re.I,
)
_CONDITION_FIRST = regex(
    r"(?P<condition>(?:only )?(?:if|when|for|with|without|on)\b[^:`]{1,90}?|optional(?:ly)?"
    r"|(?P<system>linux|mac ?os|os x|windows)(?: only)?)\s*(?::|,|—|–)\s*(?P<rest>\S.*)",
    re.I,
)
_OTHER = regex(r"\(\s*(or\s+`[^()]{1,90})\)", re.I)
_CHOOSE = regex(
    r"(?:(?:choose|pick|install|use|needs?|requires?) )?(?:(?P<some>at least one|one or more|any)|(?:exactly |any )?one"
    r"|either(?: one)?)(?: of)?(?: (?:the following|these))?\s*:\s*",
    re.I,
)
_TRANSPARENT = regex(
    r"(?P<label>(?:required|core|main|runtime|base|python|pip|pypi|install(?: with pip)?|dependenc(?:y"
    r"|ies)|packages?|librar(?:y|ies)"
    r"|frameworks?|optional|recommended|dev(?:elopment)?|tests?|testing|conda|npm|apt|cargo|docker)"
    r"(?: (?:packages?|librar(?:y|ies)|dependenc(?:y|ies)|modules?|images?))?)\s*:\s*(?P<rest>\S.*)",
    re.I,
)


def read_item(line: Line, context: Context, found: Found, place: str, tools: dict[str, Kind]) -> None:
    """Read one item. ``place`` is unique to it; ``tools`` says with what the page installs which names."""
    text = re.sub(r"^(?:\[[ xX]\]\s*|[^\w`\[(@.<>~=+-]+)", "", line.text).strip()
    if not text or _NOTHING.match(plain(text)):
        return
    if inherit(line, context, found):
        return
    if (option := OPTION.match(text)) and (after := re.match(r"\s*[:.)–—-]\s*(?P<rest>\S.*)", text[option.end() :])):
        name = f"Option {option['key'].upper()}{' ' + option['about'] if option['about'] else ''}"
        context = replace(context, alternative=Alternative(context.group, name), choice="")
        text = after["rest"]
    if either := re.match(r"either\s+(?=[`A-Za-z])", text, re.I):
        text = text[either.end() :]
    if chosen := _CHOOSE.match(text):
        choice: Choice = "several" if chosen["some"] else "one"
        if rows := _rows(text[chosen.end() :], line, context, place, tools, choice):
            found.rows += rows
            return
    if (first := _CONDITION_FIRST.fullmatch(text)) and (context.ecosystem or not context.system):
        said = f"on {first['condition']}" if first["system"] else first["condition"]
        marker = marker_of(said)
        if _packages(first["rest"], context, tools) is not None:
            text = first["rest"]
            if not marker:
                condition = "" if said.lower().startswith("optional") else said[0].lower() + said[1:]
                context = replace(context, optional=True, condition=condition, required=False)
            else:
                text = f"{text}; {said}"
    elif label := _TRANSPARENT.fullmatch(text):
        below = context.below(label["label"], place, context.ecosystem or "pip")
        if _packages(label["rest"], below, tools) is not None:
            text, context = label["rest"], below
    if rows := _rows(text, line, context, place, tools):
        found.rows += rows
        return
    _other(text, line, context, found)


def _rows(
    text: str, line: Line, context: Context, place: str, tools: dict[str, Kind], choose: Choice = ""
) -> list[Requirement]:
    """The packages at the head of an item, each with what the item says of it; ``choose`` makes each a choice."""
    read = _packages(text, context, tools)
    if read is None:
        return []
    groups, choice, rest = read
    if choose:
        groups, choice = [[package] for group in groups for package in group], choose
    meaning = meaning_of(rest, context)
    if meaning.negative:
        return []
    rows = []
    group = context.group if context.choice else place
    for packages in groups:
        alternative = context.alternative
        if len(groups) > 1:
            alternative = Alternative(place, " and ".join(p.written for p in packages), choice == "several")
        elif context.choice:
            alternative = Alternative(group, " and ".join(p.written for p in packages), context.choice == "several")
        for package in packages:
            if meaning.marker and not package.marker and package.kind == "pip":
                package = replace(package, marker=meaning.marker)
            note = "; ".join(filter(None, (package.note, meaning.note)))
            rows.append(
                replace(requirement(package, line.origin, context, meaning), alternative=alternative, note=note)
            )
    return rows


def requirement(package: Package, origin: Origin, context: Context, meaning: Meaning | None = None) -> Requirement:
    """A package that is asked for somewhere."""
    optional = context.optional or bool(meaning and meaning.optional)
    condition = (meaning.condition if meaning else "") or context.condition
    return Requirement(
        package.kind,
        package.name or package.url,
        origin,
        package.written,
        package.specifier,
        package.constraint,
        package.extras,
        package.url,
        package.marker,
        optional,
        condition if optional else "",
        package.note,
        context.alternative,
    )


def _packages(text: str, context: Context, tools: dict[str, Kind]) -> tuple[list[list[Package]], Choice, str] | None:
    """The alternatives at the head of a text, each one or more packages, and the rest; None if there are none."""
    if context.ecosystem is None:
        return _named(text, context, tools)
    if names := _names_only(text, context):
        return names
    groups: list[list[Package]] = []
    choice: Choice = ""
    joined, rest = "", _OTHER.sub(r"\1", text)
    while True:
        read = _one(rest, context, tools)
        if read is None:
            break
        package, after = read
        if joined in ("one", "some") or not groups:
            groups.append([package])
        else:
            groups[-1].append(package)
        choice = "several" if joined == "some" or choice == "several" else "one" if joined == "one" else choice
        rest = after
        joint = _JOINT.match(rest)
        if not joint or not joint.lastgroup or _one(rest[joint.end() :], context, tools) is None:
            break
        joined, rest = joint.lastgroup, rest[joint.end() :]
    if not groups:
        return None
    if choice and len(groups[0]) > 1 and len(groups) == 2 and len(groups[1]) == 1 and "," in text:
        groups = [[package] for group in groups for package in group]  # a, b or c
    return groups, choice, rest


def _named(text: str, context: Context, tools: dict[str, Kind]) -> tuple[list[list[Package]], Choice, str] | None:
    """Where no heading says what packages are of: code that the page's own commands install, or that has
    versions as pip reads them on a page about Python."""
    code = re.match(r"`([^`]+)`", text)
    if not code or not context.wanted:
        return None
    name = re.split(r"[\s\[=<>!~@;(]", code[1])[0]
    kind = tools.get(name.casefold())
    likely = context.generic and context.python and not is_tool(name) and not label_of(name)
    read = in_code(kind or "pip", code[1], text[code.end() :]) if kind or likely else None
    if not read or not (kind or read[0].versioned) or re.match(r"\s*[\^~]\s?\d", read[1]):
        return None
    return [[read[0]]], "", read[1]


def _one(text: str, context: Context, tools: dict[str, Kind]) -> tuple[Package, str] | None:
    """The package at the start of a text, and the rest of that."""
    kind = context.ecosystem
    if kind is None:
        return None
    cut = _CUT.search(text, 0, _LONGEST)
    end = cut.start() if cut else _LONGEST
    head, beyond = text[:end], text[end:]
    code = re.match(r"`([^`]+)`", head)
    if code:
        first = re.split(r"[\s\[=<>!~@;(]", code[1])[0]
        if not context.explicit:
            kind = tools.get(first.casefold(), kind)
        if _is_fact(first, kind) or (
            kind == "pip" and not context.explicit and is_tool(first) and first.casefold() not in tools
        ):
            return None
        read = in_code(kind, code[1], head[code.end() :])
    elif kind == "pip":
        first = re.split(r"[^\w.-]", head)[0]
        if label_of(first) or (not context.explicit and is_tool(first)):
            return None
        read = in_prose(head)
    else:
        return None
    if read and code and re.match(r"\s*[\^~]\s?\d", read[1]):
        return None  # versions of another ecosystem than this
    return (read[0], read[1] + beyond) if read else None


def _is_fact(name: str, kind: Kind) -> bool:
    """Whether a name is that of something that no package manager brings in the form in which pages ask for it."""
    label = label_of(name)
    if kind == "conda":
        return label == "Python"
    return (
        label in ("Python", "CUDA", "cuDNN", "NCCL", "NVIDIA driver", "ROCm", "Docker", "OS", "GPU", "Node.js")
        and kind != "docker"
    )


def _names_only(text: str, context: Context) -> tuple[list[list[Package]], Choice, str] | None:
    """An item that is nothing but plain names: ``Pillow, PyYAML``."""
    if context.ecosystem != "pip" or not context.explicit or "`" in text or len(text) > 200:
        return None
    parts = re.split(r"(?:(?<!\s)\s+)?,\s*(?:(?:and|or)\s+)?|(?<!\s)\s+(?:and|or)\s+", text.rstrip(" ."))
    packages = [plain_name(part) for part in parts]
    if not all(packages) or any(label_of(part) or is_tool(part) for part in parts):
        return None
    several = [package for package in packages if package]
    return ([[p] for p in several], "one", "") if re.search(r"\bor\b", text) and len(parts) > 1 else ([several], "", "")


def _other(text: str, line: Line, context: Context, found: Found) -> None:
    """Keep an item that names no package: as a fact if it is one, else as it is written."""
    words = plain(text)
    if fact := stated(words):
        rest = fact.text
        meaning = (
            meaning_of(_after_value(rest), context)
            if not context.ecosystem or fact.value is None
            else meaning_of("", context)
        )
        optional = context.optional or meaning.optional
        conditional = re.search(r"\(?\b(?:if|when|only)\b", rest, re.I) if meaning.condition else None
        text_of_fact = rest[: conditional.start()].strip() if conditional else rest
        text_of_fact, dash, note = re.match(r"(.*?)((?<!\s)\s+[-–—]\s+|:\s+|$)(.*)", text_of_fact, re.DOTALL).groups()  # type: ignore[union-attr]
        del dash
        value = text_of_fact if text_of_fact and label_of(f"{fact.name} {text_of_fact}") != fact.name else ""
        found.rows.append(
            Requirement(
                "fact",
                fact.name,
                line.origin,
                value,
                optional=optional,
                label=fact.name,
                value=fact.value,
                condition=(meaning.condition or context.condition) if optional else "",
                note=note,
            )
        )
        _add_memory(fact, found)
        return
    label, colon, value = words.partition(":")
    if (
        context.system
        and not context.ecosystem
        and colon
        and value.strip()
        and len(label) < 40
        and "`" not in text.partition(":")[0]
    ):
        fact_row(label, value.strip(), line.origin, context, found)
        return
    found.rows.append(
        Requirement("prose", words, line.origin, words, optional=context.optional, condition=context.condition)
    )
    if context.ecosystem and not _says_why_not(text) and not NEGATIVE.match(words.partition(" ")[2]):
        found.unclear.append(Remark(line.origin, f"`{words[:80]}` is not understood as a dependency", _hint(text)))


def fact_row(label: str, value: str, origin: Origin, context: Context, found: Found, note: str = "") -> None:
    """Add a fact of a label and a value."""
    bare = re.sub(r"(?<!\s)\s*\(optional\)", "", label, flags=re.I).strip()
    optional = context.optional or bool(OPTIONAL.search(f"{label} {value}"))
    shown = value
    if optional:
        shown = re.sub(r"(?:[,;]\s*|(?<!\s)\s+)?\(?\boptional\b\)?[,;]?\s*", "", value, flags=re.I).strip()
    condition = context.condition
    if match := re.search(r"\(?\b((?:only )?(?:if|when)\b[^()]*)\)?$", shown, re.I):
        optional, condition, shown = True, match[1].strip(), shown[: match.start()].strip(" ,;(")
    fact = labelled(bare, shown)
    found.rows.append(
        Requirement(
            "fact",
            fact.name,
            origin,
            fact.text,
            optional=optional,
            condition=condition if optional else "",
            note=note,
            value=fact.value,
            label=label_of(bare) or bare,
        )
    )
    _add_memory(fact, found)


def _add_memory(fact: Fact, found: Found) -> None:
    """Add the video memory that the fact just added asks for as well."""
    if memory := memory_beside(fact):
        found.rows.append(replace(found.rows[-1], name=memory.name, written=memory.text, value=memory.value))


def _says_why_not(text: str) -> bool:
    """Whether an item is no attempt to name a dependency."""
    names = re.findall(r"`([^`]+)`", text)
    if names and not any(plain_name(name) and not is_tool(name) for name in names):
        return True
    if re.match(r"(?:by )?(?:defaults?|note|e\.g\.|example|see)\b", text, re.I):
        return True
    return not names and not re.search(r"\d\.\d|[<>=~]=?\s*\d", text)


def _hint(text: str) -> str:
    names = re.findall(r"`([^`]+)`", text)
    name = names[0] if len(names) == 1 and plain_name(names[0]) else "name"
    return f"write the name first, in code, then the versions: `{name}` >= 1.0"


def _after_value(text: str) -> str:
    match = re.search(r"\(?\b(?:if|when|only|optional)\b.*", text, re.I | re.DOTALL)
    return match[0] if match else ""
