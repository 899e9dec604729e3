"""What headings say of the lines below them, and what names are names of."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from .versions import Kind, Requirement

PACKAGES = re.compile(r"dependenc|package|librar|module", re.I)
PACKAGE = re.compile(r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\[(?P<extras>[\w\s,.-]*)\])?", re.ASCII)
_WANTED = re.compile(r"requirement|dependenc|prerequisite|package|librar|software|hardware", re.I)
_UNWANTED = re.compile(
    r"variable|credential|\bwhy\b|reason|standard library|verif|error|troubleshoot|compatib|evidence|usage|example",
    re.I,
)
_OPTIONAL = re.compile(r"\b(?:optional(?:ly)?|recommended|choose|alternatives?|one of|any of)\b", re.I)
_SYSTEM = re.compile(r"system|hardware|\bos\b|driver|\bgpu", re.I)
_PYTHON = re.compile(r"\bpython|\bpip\b|\bpypi\b", re.I)
_PYTHON_NAMES = re.compile(r"c?python3?(?: (?:version|interpreter|runtime))?", re.I)
_SYSTEM_WORDS = {
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
_SYSTEM_NAMES = {name: re.compile(pattern, re.I) for name, pattern in _SYSTEM_WORDS.items()}
"""By name as it is shown, which is empty for those that stay as they are written."""


@dataclass(frozen=True, slots=True)
class Place:
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

    def below(self, heading: str) -> Place:
        """The same under one more heading or label."""
        packages = bool(PACKAGES.search(heading))
        kind: Kind | None = None if packages else self.kind
        if _SYSTEM.search(heading):
            kind = "system"
        elif _PYTHON.search(heading):
            kind = "package"
        return replace(
            self,
            wanted=self.wanted or bool(_WANTED.search(heading)),
            optional=self.optional or bool(_OPTIONAL.search(heading) and not re.search(r"\brequired\b", heading, re.I)),
            kind=kind,
            packages=self.packages or packages,
            blocked=self.blocked or bool(_UNWANTED.search(heading)),
        )

    def asks(
        self, name: str, kind: Kind, specifier: SpecifierSet | None, written: str, note: str = "", extras: str = ""
    ) -> Requirement:
        """A requirement that stands here; ``extras`` with commas between them."""
        several = tuple(sorted(filter(None, map(str.strip, extras.split(",")))))
        return Requirement(name, specifier, written, kind, self.optional, note, self.environment, several)

    def named(self, name: str, code: bool, versioned: bool) -> tuple[str, Kind]:
        """The normal form of a name that stands here, and what it is a name of."""
        if _PYTHON_NAMES.fullmatch(name):
            return "python", "python"
        known = next((shown or name for shown, pattern in _SYSTEM_NAMES.items() if pattern.fullmatch(name)), "")
        if self.kind == "package":
            pip = code or not known
        else:
            pip = not known and self.kind != "system" and name not in self.system
            pip = pip and (code or versioned or self.packages)
        if not pip or not PACKAGE.fullmatch(name):
            return known or name, "system"
        folded = canonicalize_name(name)
        return "torch" if folded == "pytorch" else folded, "package"
