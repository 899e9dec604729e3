"""Read a list item or a table cell: the packages and facts that it requires, and the pages that it inherits from."""

from __future__ import annotations

import re

from msgspec.structs import replace

from ..regex import regex
from .blocks import strip_code
from .facts import Fact, fact_label, fact_of_item, fact_with_label, video_memory
from .model import Alternative, Collected, Kind, Line, Origin, Remark, Requirement
from .packages import Package, is_tool, parse_code, parse_plain_name, parse_prose
from .phrases import NEGATIVE, OPTION, OPTIONAL, Choice, Context, Meaning, read_inheritance, read_marker, read_meaning

_NOTHING = regex(
    r"(?:none|nothing|n/?a|not applicable|no (?:\w+ ){0,3}(?:required|needed|necessary|dependenc\w+"
    r"|packages?))\b|no\W*$|[-–—]?$",
    re.I,
)
_CONJUNCTION = regex(
    r"\s*(?P<some>(?:,\s*)?\band/or\b)\s*|\s*(?P<one>(?:,\s*)?\bor\b(?:\s+(?:else|alternatively)\b)?|\s/\s|/(?=`)|\|{1,2})\s*"
    r"|\s*(?P<all>,\s*(?:and|plus)\b|,|;|\band\b|\bplus\b|&|\+)\s*",
    re.I,
)
_LONGEST = 400
"""Characters in which a package and its versions must end."""
_ALTERNATIVE_START = regex(
    r"(?<!\s)\s+(?:/\s+(?=`)|or\s+(?=`|[A-Za-z][\w.-]*\s*(?:[<>=~!]|\d))"
    r"(?!(?:newer|later|higher|above|up|greater|more)\b))",
    re.I,
)
_CONDITION_FIRST = regex(
    r"(?P<condition>(?:only )?(?:if|when|for|with|without|on)\b[^:`]{1,90}?|optional(?:ly)?"
    r"|(?P<system>linux|mac ?os|os x|windows)(?: only)?)\s*(?::|,|—|–)\s*(?P<rest>\S.*)",
    re.I,
)
_OR_IN_PARENTHESES = regex(r"\(\s*(or\s+`[^()]{1,90})\)", re.I)
_CHOICE = regex(
    r"(?:(?:choose|pick|install|use|needs?|requires?) )?(?:(?P<some>at least one|one or more|any)|(?:exactly |any )?one"
    r"|either(?: one)?)(?: of)?(?: (?:the following|these))?\s*:\s*",
    re.I,
)
_PLAIN_LABEL = regex(
    r"(?P<label>(?:required|core|main|runtime|base|python|pip|pypi|install(?: with pip)?|dependenc(?:y"
    r"|ies)|packages?|librar(?:y|ies)"
    r"|frameworks?|optional|recommended|dev(?:elopment)?|tests?|testing|conda|npm|apt|cargo|docker)"
    r"(?: (?:packages?|librar(?:y|ies)|dependenc(?:y|ies)|modules?|images?))?)\s*:\s*(?P<rest>\S.*)",
    re.I,
)

_Packages = tuple[list[list[Package]], Choice, str]
"""Alternatives, each of one or more packages, whether the reader chooses, and the rest of the text."""


def read_item(line: Line, context: Context, collected: Collected, place: str) -> None:
    """Add what an item requires to ``collected``. ``place`` is unique to the item."""
    text = re.sub(r"^(?:\[[ xX]\]\s*|[^\w`\[(@.<>~=+-]+)", "", line.text).strip()
    if not text or _NOTHING.match(strip_code(text)):
        return
    if read_inheritance(line, context, collected):
        return
    if (option := OPTION.match(text)) and (
        option_rest := re.match(r"\s*[:.)–—-]\s*(?P<rest>\S.*)", text[option.end() :])
    ):
        name = f"Option {option['key'].upper()}{' ' + option['about'] if option['about'] else ''}"
        context = replace(context, alternative=Alternative(context.group, name), choice="")
        text = option_rest["rest"]
    if either := re.match(r"either\s+(?=[`A-Za-z])", text, re.I):
        text = text[either.end() :]
    if chosen := _CHOICE.match(text):
        choice: Choice = "several" if chosen["some"] else "one"
        if rows := _package_rows(text[chosen.end() :], line, context, place, choice):
            collected.rows += rows
            return
    if (conditional := _CONDITION_FIRST.fullmatch(text)) and (context.ecosystem or not context.system):
        words = f"on {conditional['condition']}" if conditional["system"] else conditional["condition"]
        marker = read_marker(words)
        if _read_packages(conditional["rest"], context) is not None:
            text = conditional["rest"]
            if not marker:
                condition = "" if words.lower().startswith("optional") else words[0].lower() + words[1:]
                context = replace(context, optional=True, condition=condition, required=False)
            else:
                text = f"{text}; {words}"
    elif label := _PLAIN_LABEL.fullmatch(text):
        labelled_context = context.below(label["label"], place, context.ecosystem or "pip")
        if _read_packages(label["rest"], labelled_context) is not None:
            text, context = label["rest"], labelled_context
    if rows := _package_rows(text, line, context, place):
        collected.rows += rows
        return
    _collect_other(text, line, context, collected)


def _package_rows(text: str, line: Line, context: Context, place: str, choose: Choice = "") -> list[Requirement]:
    """Return the packages at the start of an item, with what the item says about them; ``choose`` makes them
    alternatives."""
    parsed = _read_packages(text, context)
    if parsed is None:
        return []
    groups, choice, tail = parsed
    if choose:
        groups, choice = [[package] for group in groups for package in group], choose
    meaning = read_meaning(tail, context)
    if meaning.negative:
        return []
    rows = []
    for packages in groups:
        alternative = context.alternative
        name = " and ".join(package.written for package in packages)
        if len(groups) > 1:
            alternative = Alternative(place, name, choice == "several")
        elif context.choice:
            alternative = Alternative(context.group, name, context.choice == "several")
        for package in packages:
            if meaning.marker and not package.marker and package.kind == "pip":
                package = replace(package, marker=meaning.marker)
            note = "; ".join(filter(None, (package.note, meaning.note)))
            rows.append(
                replace(to_requirement(package, line.origin, context, meaning), alternative=alternative, note=note)
            )
    return rows


def to_requirement(package: Package, origin: Origin, context: Context, meaning: Meaning | None = None) -> Requirement:
    """Return the requirement of a package at a place."""
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


def _read_packages(text: str, context: Context) -> _Packages | None:
    """Return the packages at the start of a text; None if there are none."""
    if context.ecosystem is None:
        return _read_named_package(text, context)
    if names := _read_plain_names(text, context):
        return names
    groups: list[list[Package]] = []
    choice: Choice = ""
    joint_kind, tail = "", _OR_IN_PARENTHESES.sub(r"\1", text)
    while True:
        parsed = _read_package(tail, context)
        if parsed is None:
            break
        package, tail = parsed
        if joint_kind in ("one", "some") or not groups:
            groups.append([package])
        else:
            groups[-1].append(package)
        choice = "several" if joint_kind == "some" or choice == "several" else "one" if joint_kind == "one" else choice
        joint = _CONJUNCTION.match(tail)
        if not joint or not joint.lastgroup or _read_package(tail[joint.end() :], context) is None:
            break
        joint_kind, tail = joint.lastgroup, tail[joint.end() :]
    if not groups:
        return None
    if choice and len(groups[0]) > 1 and len(groups) == 2 and len(groups[1]) == 1 and "," in text:
        groups = [[package] for group in groups for package in group]  # a, b or c
    return groups, choice, tail


def _read_named_package(text: str, context: Context) -> _Packages | None:
    """Read a package where no heading names an ecosystem: code that the page's commands install, or that has pip's
    versions on a page about Python."""
    code = re.match(r"`([^`]+)`", text)
    if not code or not context.relevant:
        return None
    name = re.split(r"[\s\[=<>!~@;(]", code[1])[0]
    kind = context.tools.get(name.casefold())
    likely_package = context.generic and context.python and not is_tool(name) and not fact_label(name)
    parsed = parse_code(kind or "pip", code[1], text[code.end() :]) if kind or likely_package else None
    if not parsed or not (kind or parsed[0].versioned) or re.match(r"\s*[\^~]\s?\d", parsed[1]):
        return None
    return [[parsed[0]]], "", parsed[1]


def _read_package(text: str, context: Context) -> tuple[Package, str] | None:
    """Return the package at the start of a text, and the rest of the text; None if there is none."""
    kind = context.ecosystem
    if kind is None:
        return None
    cut = _ALTERNATIVE_START.search(text, 0, _LONGEST)
    end = cut.start() if cut else _LONGEST
    head, tail = text[:end], text[end:]
    code = re.match(r"`([^`]+)`", head)
    if code:
        name = re.split(r"[\s\[=<>!~@;(]", code[1])[0]
        if not context.explicit:
            kind = context.tools.get(name.casefold(), kind)
        if _is_fact(name, kind) or (
            kind == "pip" and not context.explicit and is_tool(name) and name.casefold() not in context.tools
        ):
            return None
        parsed = parse_code(kind, code[1], head[code.end() :])
    elif kind == "pip":
        name = re.split(r"[^\w.-]", head)[0]
        if fact_label(name) or (not context.explicit and is_tool(name)):
            return None
        parsed = parse_prose(head)
    else:
        return None
    if parsed and code and re.match(r"\s*[\^~]\s?\d", parsed[1]):
        return None  # the versions are in another ecosystem's syntax
    return (parsed[0], parsed[1] + tail) if parsed else None


def _is_fact(name: str, kind: Kind) -> bool:
    """Return whether a name is that of a system fact, which this ecosystem does not install."""
    label = fact_label(name)
    if kind == "conda":
        return label == "Python"
    return (
        label in ("Python", "CUDA", "cuDNN", "NCCL", "NVIDIA driver", "ROCm", "Docker", "OS", "GPU", "Node.js")
        and kind != "docker"
    )


def _read_plain_names(text: str, context: Context) -> _Packages | None:
    """Read an item of nothing but plain names: ``Pillow, PyYAML``."""
    if context.ecosystem != "pip" or not context.explicit or "`" in text or len(text) > 200:
        return None
    parts = re.split(r"(?:(?<!\s)\s+)?,\s*(?:(?:and|or)\s+)?|(?<!\s)\s+(?:and|or)\s+", text.rstrip(" ."))
    packages = [parse_plain_name(part) for part in parts]
    if not all(packages) or any(fact_label(part) or is_tool(part) for part in parts):
        return None
    members = [package for package in packages if package]
    return ([[p] for p in members], "one", "") if re.search(r"\bor\b", text) and len(parts) > 1 else ([members], "", "")


def _collect_other(text: str, line: Line, context: Context, collected: Collected) -> None:
    """Add an item that names no package: as a fact if it is one, otherwise as prose."""
    words = strip_code(text)
    if fact := fact_of_item(words):
        is_package_version = context.ecosystem and fact.value is not None
        behind = re.search(r"\(?\b(?:if|when|only|optional)\b.*", fact.text, re.I | re.DOTALL)
        meaning = read_meaning("" if is_package_version or not behind else behind[0], context)
        conditional = re.search(r"\(?\b(?:if|when|only)\b", fact.text, re.I) if meaning.condition else None
        text = fact.text[: conditional.start()].strip() if conditional else fact.text
        text, *notes = re.split(r"(?<!\s)\s+[-–—]\s+|:\s+", text, maxsplit=1)
        if fact_label(f"{fact.name} {text}") == fact.name:
            text = ""
        optional = context.optional or meaning.optional
        condition = meaning.condition or context.condition
        _add_fact(fact, fact.name, text, line.origin, optional, condition, "".join(notes), collected)
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
        collect_fact(label, value.strip(), line.origin, context, collected)
        return
    collected.rows.append(
        Requirement("prose", words, line.origin, words, optional=context.optional, condition=context.condition)
    )
    if context.ecosystem and not _is_no_dependency(text) and not NEGATIVE.match(words.partition(" ")[2]):
        collected.unclear.append(Remark(line.origin, f"`{words[:80]}` is not understood as a dependency", _hint(text)))


def collect_fact(
    label: str, value: str, origin: Origin, context: Context, collected: Collected, note: str = ""
) -> None:
    """Add the fact of a label and a value to ``collected``."""
    name = re.sub(r"(?<!\s)\s*\(optional\)", "", label, flags=re.I).strip()
    optional = context.optional or bool(OPTIONAL.search(f"{label} {value}"))
    value_text = value
    if optional:
        value_text = re.sub(r"(?:[,;]\s*|(?<!\s)\s+)?\(?\boptional\b\)?[,;]?\s*", "", value, flags=re.I).strip()
    condition = context.condition
    if match := re.search(r"\(?\b((?:only )?(?:if|when)\b[^()]*)\)?$", value_text, re.I):
        optional, condition, value_text = True, match[1].strip(), value_text[: match.start()].strip(" ,;(")
    fact = fact_with_label(name, value_text)
    _add_fact(fact, fact_label(name) or name, fact.text, origin, optional, condition, note, collected)


def _add_fact(
    fact: Fact, label: str, text: str, origin: Origin, optional: bool, condition: str, note: str, collected: Collected
) -> None:
    """Add a fact to ``collected``, and the video memory that it mentions."""
    condition = condition if optional else ""
    row = Requirement(
        "fact",
        fact.name,
        origin,
        text,
        optional=optional,
        condition=condition,
        note=note,
        value=fact.value,
        label=label,
    )
    collected.rows.append(row)
    if memory := video_memory(fact):
        collected.rows.append(replace(row, name=memory.name, written=memory.text, value=memory.value))


def _is_no_dependency(text: str) -> bool:
    """Return whether an item does not even try to name a dependency."""
    names = re.findall(r"`([^`]+)`", text)
    if names and not any(parse_plain_name(name) and not is_tool(name) for name in names):
        return True
    if re.match(r"(?:by )?(?:defaults?|note|e\.g\.|example|see)\b", text, re.I):
        return True
    return not names and not re.search(r"\d\.\d|[<>=~]=?\s*\d", text)


def _hint(text: str) -> str:
    names = re.findall(r"`([^`]+)`", text)
    name = names[0] if len(names) == 1 and parse_plain_name(names[0]) else "name"
    return f"write the name first, in code, then the versions: `{name}` >= 1.0"
