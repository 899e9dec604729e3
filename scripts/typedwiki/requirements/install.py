"""Install commands, and the files from which package managers install."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import yaml

from ..regex import regex
from .merge import MergedRequirement, MergedRequirements
from .model import ECOSYSTEMS, Kind
from .versions import shown

_PLAIN = regex(r"[\w./:^=+-][\w@./:^=+-]*", re.ASCII)
_TOOLS: dict[Kind, str] = {
    "pip": "pip install",
    "conda": "conda install",
    "npm": "npm install",
    "apt": "sudo apt-get install",
    "cargo": "cargo add",
    "docker": "docker pull",
}


def commands(packages: Iterable[MergedRequirement]) -> list[tuple[Kind, str]]:
    """The command that installs the packages of each ecosystem, sorted by name; docker's have one each."""
    found: list[tuple[Kind, str]] = []
    wanted = list(packages)
    for kind in ECOSYSTEMS:
        words = sorted({_quoted(word(one)) for one in wanted if one.kind == kind}, key=lambda text: text.strip("'"))
        if kind == "docker":
            found += [(kind, f"{_TOOLS[kind]} {one}") for one in words]
        elif words:
            found.append((kind, f"{_TOOLS[kind]} {' '.join(words)}"))
    return found


def pip_command(merged: MergedRequirements) -> str:
    """The one ``pip install`` line for what is required; empty if there is nothing."""
    return next((command for kind, command in commands(merged.packages) if kind == "pip"), "")


def word(package: MergedRequirement) -> str:
    """A package with its versions, as its package manager reads it."""
    if package.kind == "pip":
        return pep508(package)
    asked = package.constraint
    if package.kind == "conda":
        return f"{package.name}{asked if re.match('[<>=!~]', asked) or not asked else f'={asked}'}"
    if package.kind in ("npm", "cargo"):
        return f"{package.name}@{asked.removeprefix('==').removeprefix('=')}" if asked else package.name
    return package.name  # apt installs what the distribution has; an image's tag is part of its name


def pep508(package: MergedRequirement) -> str:
    """A pip package as PEP 508 writes it."""
    extras = f"[{','.join(package.extras)}]" if package.extras else ""
    if package.url:
        named = "" if package.name == package.url else f"{package.name}{extras} @ "
        text, gap = f"{named}{package.url}", " ;"
    else:
        text, gap = f"{package.name}{extras}{','.join(sorted(map(str, package.specifier)))}", ";"
    return f"{text}{gap} {package.marker}" if package.marker else text


def requirements_txt(merged: MergedRequirements, title: str) -> str:
    """What pip installs from: required packages, each below the lines that ask for it; the others as comments."""
    lines = [f"# {_one_line(title)}"]
    for one in merged.packages:
        if one.kind == "pip":
            lines += [
                "",
                *_origins([one]),
                *(["# conflict: no version suits all of these"] if one.conflict else []),
                pep508(one),
            ]
    for group in merged.choices:
        if all(one.kind == "pip" for alternative in group.alternatives for one in alternative):
            lines += ["", f"# {'one or more of' if group.several else 'one of'}:"]
            for alternative in group.alternatives:
                lines += [*_origins(alternative), f"# {' '.join(map(pep508, alternative))}"]
    for one in merged.optional:
        if one.kind == "pip":
            condition = f" ({_one_line('; '.join(one.conditions))})" if one.conditions else ""
            lines += ["", *_origins([one]), f"# optional{condition}: {pep508(one)}"]
    return "\n".join(lines) + "\n"


def environment_yml(merged: MergedRequirements, name: str) -> str:
    """What conda installs from; empty if no page names a conda package."""
    conda = [one for one in merged.packages if one.kind == "conda"]
    if not conda:
        return ""
    python = [one for one in merged.facts if one.name == "Python" and len(one.specifier) and not one.conflict]
    wanted: list[object] = [f"python {shown(one.specifier)}" for one in python]
    wanted += [f"{word(one)}" for one in conda]
    if pip := [pep508(one) for one in merged.packages if one.kind == "pip"]:
        wanted += ["pip", {"pip": pip}]
    return yaml.safe_dump(
        {
            "name": re.sub(r"[^\w.-]+", "-", name).strip("-").lower(),
            "channels": ["conda-forge"],
            "dependencies": wanted,
        },
        sort_keys=False,
        allow_unicode=True,
        width=1000,
    )


def _origins(packages: Sequence[MergedRequirement]) -> list[str]:
    places = dict.fromkeys(row.origin for one in packages for row in one.rows)
    return [f"# {o.page}:{o.line}: {_one_line(o.text)}" for o in places]


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _quoted(text: str) -> str:
    """A word that bash and PowerShell take as it is."""
    return text if _PLAIN.fullmatch(text) else f"'{text}'"
