"""Context: what the headings and labels above a line say about it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Literal

from ..regex import regex
from .model import Alternative, Kind

_RELEVANT = regex(r"requirement|dependenc|prerequisite|packages?\b|librar|modules?\b|software|hardware|pre-?req", re.I)
_PACKAGES = regex(r"dependenc|packages?\b|librar|modules?\b|crates?\b|images?\b", re.I)
_NAMES = regex(r"packages?\b|librar|modules?\b|crates?\b|images?\b", re.I)
_EXCLUDED = regex(
    r"variable|credential|\bwhy\b|reason|standard[- ]librar|\bstdlib\b|built-?ins?\b|verif|\berrors?\b|troubleshoot"
    r"|compatib|evidence|\busage|\bexamples?\b|conflict|known issue|\bnot (?:required|needed|supported)|uninstall"
    r"|deprecat|removed|transitive",
    re.I,
)
_NO_PACKAGES = regex(
    r"\b(?:models?|data(?:sets?)?|files?|config(?:uration)?s?|checkpoints?|weights|tokens?|keys?|accounts?|services?"
    r"|apis?|endpoints?|ports?|settings?|parameters?|permissions?|access|assets?|features?|flags?|options?|arguments?"
    r"|commands?|tools?|databases?|environment|knowledge|skills?|inputs?|outputs?)\b",
    re.I,
)
_SYSTEM = regex(r"system|hardware|\bos\b|\bdrivers?\b|platform|\bcompute\b", re.I)
_GRAPHICS = regex(r"\bgpus?\b|\bcuda\b|\brocm\b", re.I)
_FEATURE = regex(r"\b(?:support|acceleration|integrations?|backend)\b", re.I)
_ECOSYSTEMS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("conda", regex(r"\b(?:ana|mini|micro)?conda\b|\bmamba\b", re.I)),
    (
        "apt",
        regex(
            r"\bapt(?:-get)?\b|\b(?:system|os|linux|native|debian|ubuntu)(?:[- ]level)? (?:packages|librar|dependenc)",
            re.I,
        ),
    ),
    ("pip", regex(r"\bpython\b|\bpip\b|\bpypi\b", re.I)),
    ("npm", regex(r"\bnpm\b|\bnode(?:\.?js)?\b|\bjavascript\b|\btypescript\b|\byarn\b|\bpnpm\b", re.I)),
    ("cargo", regex(r"\bcargo\b|\brust\b|\bcrates?\b", re.I)),
    ("docker", regex(r"\bdocker\b|\bcontainer images?\b", re.I)),
)
_FOREIGN = regex(
    r"\bgo(?:lang)?\b|\bruby\b|\bgems?\b|\bjava\b|\bmaven\b|\bgradle\b|\bR (?:package|librar"
    r"|dependenc)|\bCRAN\b|\bjulia\b"
    r"|\bnuget\b|\.net\b|\bdotnet\b|\bphp\b|\bcomposer\b|\bswift\b|\b(?:home)?brew\b|\byum\b|\bdnf\b|\brpm\b|\bpacman\b"
    r"|\balpine\b|\bapk\b|\bvcpkg\b|\bconan\b|\bnix\b|\bperl\b|\bcpan\b|\bhaskell\b|\blua\b|\belixir\b|\bhex\b|\bC\+\+"
    r"|\bunity\b|\bvs ?code\b|\bextensions?\b|\bplugins?\b|\bchocolatey\b|\bwinget\b|\bsnap\b|\bflatpak\b",
    re.I,
)
_OPTIONAL = regex(
    r"(?<!not )(?<!non-)\b(?:optional(?:ly)?|recommended|suggested|extras?|nice[- ]to[- ]have|if needed|as needed"
    r"|dev(?:elopment)?|tests?|testing|docs|documentation|linting|benchmarks?|benchmarking)\b",
    re.I,
)
_REQUIRED = regex(r"(?<!not )\b(?:required|core|mandatory|must|essential|main)\b", re.I)
_CONDITION = regex(r"\b((?:only )?(?:if|when|for)\b[^()]*)", re.I)
_DEVELOPMENT = regex(r"\b(?:dev(?:elopment)?|tests?|testing|docs|documentation|linting|benchmark(?:s|ing)?)\b", re.I)
_SEVERAL = regex(r"\b(?:one or more|at least one|any (?:one )?(?:or more )?of|one or several|some of)\b", re.I)
_ONE = regex(r"\b(?:choose|pick|select|one of|either|alternatives?|exactly one|any one)\b", re.I)
OPTION = regex(
    r"(?:option|alternative|variant|choice)\s+(?P<key>[A-Z]|\d{1,2}|[ivx]{1,4})\b\s*(?P<about>\([^()]*\))?", re.I
)
"""``Option A``, at the start of a label."""

Choice = Literal["", "one", "several"]


@dataclass(frozen=True, slots=True)
class Context:
    """What the headings above a line say about it."""

    relevant: bool = False
    """Lines here are requirements."""
    excluded: bool = False
    """No line here is a requirement: error messages, checks, the standard library."""
    ecosystem: Kind | None = None
    """The ecosystem of packages here; None if no heading mentions packages, or the ecosystem is unknown."""
    explicit: bool = False
    """A heading names the ecosystem or says "packages", so plain names here are packages."""
    generic: bool = False
    """A heading mentions requirements, but no packages."""
    python: bool = False
    """The page is about Python."""
    system: bool = False
    """Lines here are facts about the system."""
    optional: bool = False
    required: bool = False
    """A heading says so. Then "for …" is a purpose, not a condition."""
    condition: str = ""
    choice: Choice = ""
    """Whether the reader chooses one, or several, of the items here."""
    alternative: Alternative | None = None
    group: str = ""
    """Identifies the nearest heading, for groups that its sub-headings form."""

    def below(self, heading: str, place: str, default: Kind | None = "pip") -> Context:
        """Return the context below one more heading or label.

        ``place`` is unique to the heading. ``default`` is the ecosystem of packages if nothing names one.
        """
        packages = bool(_PACKAGES.search(heading))
        ecosystem_in_heading = next((kind for kind, pattern in _ECOSYSTEMS if pattern.search(heading)), None)
        foreign = bool(_FOREIGN.search(heading)) and not ecosystem_in_heading
        system = bool(re.search(r"hardware", heading, re.I)) or (
            not packages
            and (self.system or bool(_SYSTEM.search(heading)) or bool(_GRAPHICS.search(heading) and not self.ecosystem))
        )
        system = system and ecosystem_in_heading is None
        ecosystem = ecosystem_in_heading or (
            None if foreign or system else self.ecosystem or (default if packages else None)
        )
        if not packages and not ecosystem_in_heading and _NO_PACKAGES.search(heading) and not OPTION.match(heading):
            ecosystem = None
        option = OPTION.match(heading)
        relevant = self.relevant or bool(_RELEVANT.search(heading))
        optional = self._optional(heading)
        return replace(
            self,
            relevant=relevant,
            generic=relevant and not (ecosystem or system or foreign or _NO_PACKAGES.search(heading)),
            excluded=self.excluded or bool(_EXCLUDED.search(heading)),
            ecosystem=ecosystem,
            explicit=ecosystem is not None and (bool(ecosystem_in_heading or _NAMES.search(heading)) or self.explicit),
            system=system,
            optional=optional,
            required=(self.required or bool(_REQUIRED.search(heading))) and not optional,
            condition=_condition_of(heading) if optional else self.condition,
            choice=_choice_of(heading, packages) or ("" if option else self.choice),
            alternative=Alternative(self.group, heading) if option else self.alternative,
            group=self.group if option else place,
        )

    def _optional(self, heading: str) -> bool:
        if _REQUIRED.search(heading) and not re.search(r"\boptional", heading, re.I):
            return False
        conditional = re.match(r"\W*(?:only )?(?:if|when|for)\b", heading, re.I)
        feature = self.ecosystem and _FEATURE.search(heading)
        return self.optional or bool(_OPTIONAL.search(heading) or conditional or feature)


def _condition_of(heading: str) -> str:
    """Return the condition that an optional heading states; empty if it states none."""
    if match := _CONDITION.search(heading):
        return match[1][0].lower() + match[1][1:].strip(" :;,.")
    if match := _DEVELOPMENT.search(heading):
        return f"for {match[0].lower()}"
    if not _FEATURE.search(heading):
        return ""
    return f"for {re.sub(r'(?:(?<![ (])[ (]+)?optional[) ]*', '', heading, flags=re.I)}"


def _choice_of(heading: str, packages: bool) -> Choice:
    if _SEVERAL.search(heading):
        return "several"
    return (
        "one"
        if _ONE.search(heading) and not OPTION.match(heading) and not re.search(r"select(?:ed|ion)", heading)
        else ""
    )
