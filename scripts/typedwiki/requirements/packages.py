"""Parse a package and its versions as people write them, and tell package names from other names."""

from __future__ import annotations

import re
import sys

from msgspec import Struct, field
from msgspec.structs import replace
from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Pep508
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..regex import regex
from .model import Kind, read_specifier

# Standard modules of any Python since 3.8, so the result does not depend on the running Python.
_OTHER_PYTHONS_TEXT = """
__future__ aifc annotationlib asynchat asyncore audioop binhex builtins cgi cgitb chunk compression crypt
distutils formatter imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev parser pipes smtpd sndhdr spwd
string sunau symbol telnetlib tomllib uu xdrlib zoneinfo
"""
_OTHER_PYTHONS = frozenset(_OTHER_PYTHONS_TEXT.split())
STANDARD_LIBRARY = sys.stdlib_module_names | _OTHER_PYTHONS
_IMPORT_NAMES = {
    "pytorch": "torch",
    "pil": "pillow",
    "yaml": "pyyaml",
    "cv2": "opencv-python",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "bs4": "beautifulsoup4",
    "dotenv": "python-dotenv",
    "opencv": "opencv-python",
    "huggingface-transformers": "transformers",
}
"""Names by which packages are imported or known, and their names on PyPI."""
_AMBIGUOUS_NAMES = frozenset({"apex", "faiss"})
"""Names that mean something else on PyPI than on wiki pages."""
_NAMESPACES = frozenset(
    ("backports", "collective", "jaraco", "keyrings", "paste", "plone", "ruamel", "sphinxcontrib", "zope")
)
"""Prefixes before a dot that are part of package names. After other names, a dot leads to a part of the package."""
_FILE = regex(
    r".*\.(?:ya?ml|json|toml|txt|cfg|ini|md|rst|py|ipynb|sh|bash|ps1|whl|gz|zip|exe|dll|so|lock|env|html?|js|ts|c|cpp|h"
    r"|onnx|gguf|safetensors|bin|pt|pth|ckpt|csv|parquet)",
    re.IGNORECASE,
)
_VARIABLE = regex(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]*)+")
_PIP = regex(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)
PATTERNS: dict[Kind, re.Pattern[str]] = {
    "pip": _PIP,
    "conda": regex(r"(?:[a-z0-9_][a-z0-9_.-]*::)?[a-z0-9_][a-z0-9_.-]*", re.ASCII | re.IGNORECASE),
    "npm": regex(r"(?:@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*", re.ASCII | re.IGNORECASE),
    "apt": regex(r"[a-z0-9][a-z0-9+.-]+", re.ASCII),
    "cargo": regex(r"[A-Za-z][\w-]*", re.ASCII),
    "docker": regex(r"[a-z0-9][a-z0-9._-]*(?::\d+)?(?:/[a-z0-9][a-z0-9._-]*)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]+)?"),
}
"""Valid package names of each ecosystem. They contain no character that is special to a shell."""
_TOOLS_TEXT = """
ansible apache apt aws azure bash bazel brew bun bzip2 c c++ cargo chrome chromedriver chromium clang cmake
conda containerd cuda cudnn curl cygwin debian deno docker docker-compose elasticsearch ffmpeg firefox g++
gcc gcloud git git-lfs glibc go golang gpu gradle graphviz hadoop helm homebrew imagemagick ios java jdk
jenkins jre julia k3s kafka kubectl kubernetes libreoffice linux llvm macos make mariadb maven memcached
milvus minikube mongodb mpi msvc mysql nccl neo4j nginx ninja nix node node.js nodejs npm npx nvcc nvidia-docker
nvidia-smi nvm ollama openjdk openmpi openssl pandoc perl php pip pnpm podman postgres postgresql
powershell python python3 r rabbitmq redis rocm ruby rust rustc singularity slurm spark sqlite svn systemd
tar terraform tesseract ubuntu unzip vim virtualbox visual vscode webpack wget windows wsl xcode yarn zip
zsh
"""
_TOOLS = frozenset(_TOOLS_TEXT.split())
"""Programs and services, even if PyPI has a package of the same name."""
_COMMON_WORDS_TEXT = """
additional all and any base basic built-in builtin common core custom default defaults dependencies
dependency dev development either enabled essential extra extras false framework frameworks free general
important install internal latest libraries library main minimal minimum misc modules more n/a na neither no
none not note notes nothing only optional or other others package packages private public python-packages
recommended required requirement requirements runtime same see several some standard stdlib tbd test testing
tests the these this true unknown use various yes
"""
_COMMON_WORDS = frozenset(_COMMON_WORDS_TEXT.split())
"""Words that may stand alone in an item and name no package."""


def is_standard(name: str) -> bool:
    """Return whether a module, or its parent module, is in Python's standard library."""
    return re.split(r"[.\[]", name, maxsplit=1)[0].replace("-", "_") in STANDARD_LIBRARY


def is_tool(name: str) -> bool:
    """Return whether a name is better known for a program or a service than for a package."""
    return name.casefold() in _TOOLS


def is_common_word(name: str) -> bool:
    """Return whether a name is a common word or a number."""
    return name.casefold() in _COMMON_WORDS or not re.search(r"[A-Za-z]", name)


def is_file_or_variable(name: str) -> bool:
    """Return whether a name is that of a file or an environment variable."""
    return bool(_FILE.fullmatch(name) or _VARIABLE.fullmatch(name))


def pip_name(name: str, versioned: bool) -> str:
    """Return the normal form of a pip package's name (PEP 503); empty if it is not certain to be a package."""
    if (
        not _PIP.fullmatch(name)
        or len(name) > 80
        or is_standard(name)
        or is_file_or_variable(name)
        or is_common_word(name)
    ):
        return ""
    if "." in name and not versioned and name.partition(".")[0].casefold() not in _NAMESPACES:
        return ""
    folded = canonicalize_name(name)
    return "" if folded in _AMBIGUOUS_NAMES else _IMPORT_NAMES.get(folded, folded)


_NAME = regex(r"(?P<name>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)(?:\s*\[(?P<extras>[\w\s,.-]{0,200})\])?", re.ASCII)
_ADDRESS = regex(r"(?:git\+)?(?:https|http|ssh)://[\w.@:/%+~=&?,#\[\]-]{3,400}", re.ASCII)
_EGG = regex(r"(?:^|&)egg=(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,.-]*)\])?(?=&|$)", re.ASCII)
_PARENTHESIS = regex(r"\s*\(([^()]*)\)")
_BEFORE_VERSION = regex(r"\s*:?\s*(?:version\s+|v(?=\d))?", re.IGNORECASE)
_CONSTRAINT = regex(
    r"\s*(?:\(\s*)?@?(?:=\s*\"|\")?(?P<text>(?:[\^~]|[<>=!]=?|≥|≤)?\s?v?\d[\w.*-]*\+?(?:\s?,?\s?(?:[<>!]=?|=)\s?\d[\w.*-]*){0,4})\"?\)?"
)


class Package(Struct, frozen=True):
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
        """Return whether the text names versions or an address."""
        return bool(len(self.specifier) or self.constraint or self.url)


def parse_code(kind: Kind, code: str, text: str) -> tuple[Package, str] | None:
    """Parse a package in code, with the versions in the ``text`` after it. Return it and the rest of the text."""
    package = _parse_pip(code) if kind == "pip" else _parse_other(kind, code)
    if not package:
        return None
    if package.versioned or package.marker:
        return package, text
    package_with_versions, tail = _read_versions(package, text)
    # `torch.compile` is a part of a package, but a dotted name with a version is a package.
    if kind == "pip" and not pip_name(code.partition("[")[0].strip(), package_with_versions.versioned):
        return None
    return package_with_versions, tail


def parse_prose(text: str) -> tuple[Package, str] | None:
    """Parse a pip package, a plain name and a version, at the start of a text. Return it and the rest of the text."""
    match = _NAME.match(text)
    name = pip_name(match["name"], True) if match else ""
    if not match or not name:
        return None
    extras = _split_extras(match["extras"])
    unversioned = Package("pip", name, match[0], extras=extras)
    package, tail = _read_versions(unversioned, text[match.end() :])
    return (package, tail) if package.versioned else None


def parse_plain_name(text: str) -> Package | None:
    """Return the pip package of a plain name, perhaps with extras; None if it is no valid name."""
    match = _NAME.fullmatch(text.strip())
    name = pip_name(match["name"], False) if match and len(match["name"]) > 1 else ""
    return Package("pip", name, text.strip(), extras=_split_extras(match["extras"])) if match and name else None


def _parse_pip(code: str) -> Package | None:
    code = code.strip()
    if address := _ADDRESS.fullmatch(code):
        return _parse_address(address[0], code)
    try:
        parsed = Pep508(code)
    except InvalidRequirement:
        return _parse_loosely(code)
    url = parsed.url or ""
    name = pip_name(parsed.name, bool(url or parsed.specifier))
    if not name and not url and not parsed.specifier and "." in parsed.name:
        name = pip_name(parsed.name, True)  # the caller checks whether a version follows
    if not name or (url and not _ADDRESS.fullmatch(url)) or "'" in str(parsed.marker or ""):
        return None  # a quotation mark would end the quoted word in an install command
    extras = tuple(sorted(parsed.extras))
    marker = str(parsed.marker or "")
    return Package("pip", name, code, parsed.specifier, "", extras, url.partition("#")[0], marker)


def _parse_loosely(code: str) -> Package | None:
    """Parse code such as ``numpy 1.26+`` or ``paint (not 2019.12.17)``, which pip does not accept."""
    head, semicolon, condition = code.partition(";")
    marker = ""
    if semicolon:
        try:
            marker = str(Marker(condition.strip()))
        except InvalidMarker:
            return None
        if "'" in marker:
            return None
    match = _NAME.match(head)
    name = pip_name(match["name"], True) if match else ""
    if not match or not name:
        return None
    unversioned = Package("pip", name, match[0], extras=_split_extras(match["extras"]), marker=marker)
    package, tail = _read_versions(unversioned, head[match.end() :])
    return replace(package, written=code) if package.versioned and not tail.strip() else None


def _parse_address(address: str, code: str) -> Package | None:
    """Parse the URL of a package, named by its ``#egg=`` if there is one."""
    url, _, fragment = address.partition("#")
    if egg := _EGG.search(fragment):
        name = pip_name(egg["name"], True)
        return Package("pip", name, code, extras=_split_extras(egg["extras"]), url=url) if name else None
    if not address.startswith("git+"):
        return None  # probably a web page
    return Package("pip", "", code, url=url)


def _parse_other(kind: Kind, code: str) -> Package | None:
    """Parse a package of an ecosystem whose versions are kept as they are written."""
    code = code.strip()
    if kind == "docker":
        is_image = PATTERNS[kind].fullmatch(code) and re.search(r"[/:]", code)
        return Package(kind, code, code) if is_image else None
    name_match = re.match(rf"(?:{PATTERNS[kind].pattern})(?=$|[\s@=<>!~^(\[])", code, PATTERNS[kind].flags)
    if not name_match or is_common_word(name_match[0]) or (kind != "npm" and is_file_or_variable(name_match[0])):
        return None
    constraint = ""
    if version_text := code[name_match.end() :].strip():
        match = _CONSTRAINT.fullmatch(version_text)
        if not match:
            return None
        constraint = _normalise_constraint(kind, match["text"])
    return Package(kind, name_match[0], code, constraint=constraint)


def _read_versions(package: Package, text: str) -> tuple[Package, str]:
    """Return a package with the versions at the start of a text, and the rest of the text."""
    if package.kind == "docker":
        return package, text
    if package.kind != "pip":
        match = _CONSTRAINT.match(text)
        if not match or re.match(r"\s*(?:[KMGT]i?B|GHz|bits?)\b|[\w-]", text[match.end() :]):
            return package, text
        text_with_versions = f"{package.written} {match['text'].strip()}"
        return replace(
            package, written=text_with_versions, constraint=_normalise_constraint(package.kind, match["text"])
        ), text[match.end() :]
    note, start = "", 0
    if parenthesis := _PARENTHESIS.match(text):
        note, start = parenthesis[1].strip(), parenthesis.end()
        specifier_in_parenthesis = read_specifier(re.sub(r"^not\s+(?=v?\d)", "!=", note))
        if specifier_in_parenthesis and not specifier_in_parenthesis[1].strip():
            return _with_specifier(package, specifier_in_parenthesis[0], text[: parenthesis.end()]), text[
                parenthesis.end() :
            ]
    text_after = _BEFORE_VERSION.sub("", text[start:], count=1)
    if specifier_after := read_specifier(text_after):
        end = len(text) - len(specifier_after[1])
        return replace(_with_specifier(package, specifier_after[0], text[start:end]), note=note), text[end:]
    return package, text


def _with_specifier(package: Package, specifier: SpecifierSet, versions: str) -> Package:
    package_text = f"{package.written} {' '.join(versions.split())}"
    return replace(
        package, specifier=specifier, written=re.sub(r" (?=\[)|(?<!\s)\s+:\s*", " ", package_text).strip(" :")
    )


def _normalise_constraint(kind: Kind, text: str) -> str:
    """Return a version in its ecosystem's syntax: ``3.26+`` is a lower bound."""
    text = re.sub(r"\s+", " " if kind == "npm" else "", text.strip()).replace("≥", ">=").replace("≤", "<=")
    return f">={text[:-1]}" if text.endswith("+") and text[0].isdigit() else text


def _split_extras(text: str | None) -> tuple[str, ...]:
    return tuple(sorted({part.strip() for part in (text or "").split(",") if part.strip()}))
