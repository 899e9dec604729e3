"""Interpret headings, labels and the phrases after a package."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field
from msgspec.structs import replace

from ..regex import regex
from .blocks import strip_code
from .facts import fact_label
from .model import Alternative, Collected, Inheritance, Kind, Line

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
_CHOOSE_SEVERAL = regex(r"\b(?:one or more|at least one|any (?:one )?(?:or more )?of|one or several|some of)\b", re.I)
_CHOOSE_ONE = regex(r"\b(?:choose|pick|select|one of|either|alternatives?|exactly one|any one)\b", re.I)
OPTION = regex(
    r"(?:option|alternative|variant|choice)\s+(?P<key>[A-Z]|\d{1,2}|[ivx]{1,4})\b\s*(?P<about>\([^()]*\))?", re.I
)
"""``Option A``, at the start of a label."""

Choice = Literal["", "one", "several"]


class Context(Struct, frozen=True):
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
    tools: Mapping[str, Kind] = field(default_factory=dict)
    """The ecosystems of the packages that the page's commands install, by name."""
    system: bool = False
    """Lines here are facts about the system."""
    optional: bool = False
    required: bool = False
    """A heading says that they are required. Then "for …" is a purpose, not a condition."""
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
            condition=_heading_condition(heading) if optional else self.condition,
            choice=_heading_choice(heading, packages) or ("" if option else self.choice),
            alternative=Alternative(self.group, heading) if option else self.alternative,
            group=self.group if option else place,
        )

    def _optional(self, heading: str) -> bool:
        if _REQUIRED.search(heading) and not re.search(r"\boptional", heading, re.I):
            return False
        conditional = re.match(r"\W*(?:only )?(?:if|when|for)\b", heading, re.I)
        feature = self.ecosystem and _FEATURE.search(heading)
        return self.optional or bool(_OPTIONAL.search(heading) or conditional or feature)


def _heading_condition(heading: str) -> str:
    """Return the condition that an optional heading states; empty if it states none."""
    if match := _CONDITION.search(heading):
        return match[1][0].lower() + match[1][1:].strip(" :;,.")
    if match := _DEVELOPMENT.search(heading):
        return f"for {match[0].lower()}"
    if not _FEATURE.search(heading):
        return ""
    return f"for {re.sub(r'(?:(?<![ (])[ (]+)?optional[) ]*', '', heading, flags=re.I)}"


def _heading_choice(heading: str, packages: bool) -> Choice:
    if _CHOOSE_SEVERAL.search(heading):
        return "several"
    chooses_one = (
        _CHOOSE_ONE.search(heading) and not OPTION.match(heading) and not re.search(r"select(?:ed|ion)", heading)
    )
    return "one" if chooses_one else ""


NEGATIVE = regex(
    r"\W*(?:(?:is|are|was|were|need|needs) )?(?:not (?:needed|required|supported|used|installed|an?\b"
    r"|available|recommended|compatible"
    r"|necessary|be\b)|no longer|never|removed|deprecated|unsupported|obsolete|replaced by|must not"
    r"|do not|don't|conflicts)",
    re.I,
)
_NEEDED = regex(r"\b(?:as|if|when|where) (?:needed|required|necessary|wanted|available)\b", re.I)
_WHEN = regex(
    r"\W*(?:(?:is |are )?(?:only )?(?:required|needed|necessary|used|useful"
    r"|recommended) )?(?P<condition>(?:only )?(?:if|when|where)\b.*"
    r"|only (?:for|with|on|in)\b.*|(?:only )?(?:required|needed) only (?:for|with|on|in)\b.*|for .{1,60} only\b.*)",
    re.I,
)
_RECOMMENDED = regex(r"\W*(?:strongly |highly )?(?:recommended|suggested)\b", re.I)
_FOR = regex(r"\s*\(?(?P<condition>for\b[^()]*)\)?\W*$", re.I)
_PLATFORMS = {"linux": "linux", "macos": "darwin", "mac": "darwin", "os x": "darwin", "windows": "win32"}
_ON_SYSTEM = regex(
    r"\W*(?:(?P<not>not |except |other than )|only )?(?:(?:required|needed|used|only) )*(?:on |for "
    r"|under )?(?P<system>linux|mac ?os|mac|os x|windows)(?: systems?)?(?P<only> only)?\W*$",
    re.I,
)
_ON_PYTHON = regex(
    r"\W*(?:only )?(?:(?:required|needed|used) )?(?:only )?(?:on|for|with)? ?python\s*(?P<clause>(?:<|>"
    r"|<=|>=|==|!=)\s*3(?:\.\d{1,2})?)(?: only)?\W*$",
    re.I,
)
OPTIONAL = regex(r"(?<!not )(?<!non-)\boptional(?:ly)?\b", re.I)


class Meaning(Struct, frozen=True):
    """What the text after packages says about them."""

    optional: bool = False
    condition: str = ""
    marker: str = ""
    note: str = ""
    negative: bool = False


def read_meaning(markdown: str, context: Context) -> Meaning:
    """Return what the text after packages says about them."""
    text = strip_code(markdown).strip()
    if not text:
        return Meaning()
    if NEGATIVE.match(text):
        return Meaning(negative=True)
    note = _trim(text)
    if marker := read_marker(text):
        return Meaning(marker=marker, note=note)
    described = bool(re.match(r"(?:[-–—:]\s)", text))
    required = bool(
        re.match(r"\W*(?:required|mandatory|needed)\b(?! (?:only )?(?:if|when|where)\b| only\b)", text, re.I)
    )
    if need := _NEEDED.search(text):
        return Meaning(True, need[0] if note == need[0] else note)
    if OPTIONAL.search(text):
        condition = re.sub(r"^optional(?:ly)?\W*", "", note, flags=re.I)
        return Meaning(True, condition)
    if re.fullmatch(r"\W*[\w /.-]{1,40} only\W*", text, re.I):
        return Meaning(True, note)
    if condition_match := _WHEN.match(text):
        return Meaning(True, _trim(condition_match["condition"]))
    if _RECOMMENDED.match(text):
        return Meaning(True, note)
    if not described and not required and not context.required and (purpose := _FOR.match(markdown)):
        return Meaning(True, _trim(strip_code(purpose["condition"])))
    if context.optional and (described or note.lower().startswith("for ")):
        return Meaning(True, note)
    return Meaning(note=note)


def read_marker(text: str) -> str:
    """Return the environment marker for words such as "only on Linux"; empty if there is none."""
    text = text.replace("`", "").strip()
    if system := _ON_SYSTEM.match(text):
        if not (system["only"] or re.search(r"\b(?:on|only|under|not|except)\b", text, re.I)):
            return ""
        platform = _PLATFORMS[re.sub(r"mac ?os", "macos", system["system"].lower())]
        return f'sys_platform {"!=" if system["not"] else "=="} "{platform}"'
    if python := _ON_PYTHON.match(text):
        operator, version = re.findall(r"[<>=!]+|[\d.]+", python["clause"])
        return f'python_version {operator} "{version}"'
    return ""


def _trim(text: str) -> str:
    text = text.strip().lstrip("-–—:;,. ").strip()
    if re.fullmatch(r"\([^()]*\)", text):
        text = text[1:-1].strip()
    return text.rstrip(" .;")


_INHERITED = regex(
    r"(?P<what>all(?: of)?(?: the)?(?: (?:python |core |base |required |same )?(?:packages?"
    r"|dependenc(?:y|ies)|librar(?:y|ies)|requirements?|modules?))?"
    r"|everything|(?:(?P<fact>[A-Za-z][\w ]{0,24}?) )?(?:requirements?|packages?|dependenc(?:y|ies))"
    r"|same(?: (?:packages?|requirements?|dependenc(?:y|ies)|stack|environment))?"
    r"|(?:includes?|inherits?|extends?|as in|see|identical to|plus))\s*(?:(?:listed |required "
    r"|specified |named )?(?:from|in|of|as(?: in| for)?|by)\s+|:\s*)?"
    r"(?:the )?(?P<target>`[^`]{1,200}`|[A-Z][\w .-]{1,100}?)(?P<rest>(?: (?:environment|page"
    r"|above))?\s*(?:$|[,;.(+&–—]|plus\b|and\b|with\b|-\s).*)",
    re.I,
)
_MUST_LINK = regex(r"\b(?:from|of|as|in|by|includes?|inherits?|extends?|identical to)\s+(?:the )?(?:`|[A-Z])", re.I)


def read_inheritance(line: Line, context: Context, collected: Collected, label: str = "") -> bool:
    """Add a line that inherits from another page to ``collected``. Return whether the line does so."""
    match = _INHERITED.match(line.targets.strip())
    if not match:
        return False
    target = match["target"].strip()
    is_code = target.startswith("`")
    phrase = line.targets[: match.end("target")]
    if not _MUST_LINK.search(phrase):
        return False
    if re.match(r"(?:above|below|before|previous|this|upstream|requirements\.txt|pyproject)", target.strip("`"), re.I):
        return False
    fact = label or (fact_label(match["fact"]) if match["fact"] else "")
    scope: Literal["all", "packages", "facts"]
    scope = "facts" if fact or context.system else "packages" if context.ecosystem else "all"
    if re.match(r"all\b.*\brequirements|same requirements", match["what"], re.I):
        scope = "all" if not fact else scope
    meaning = read_meaning(line.targets[match.end("target") :], context)
    collected.inherited.append(
        Inheritance(
            target.strip("` "),
            scope,
            fact,
            is_code,
            is_code and line.linked,
            context.optional or meaning.optional,
            meaning.condition or context.condition,
            line.origin,
        )
    )
    return True
