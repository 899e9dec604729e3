"""Tell what a name means: a package of some ecosystem, a standard module of Python, a tool, or something else."""

from __future__ import annotations

import re
import sys

from packaging.utils import canonicalize_name

from ..regex import regex
from .model import Kind

# Standard modules of any Python since 3.8, so the result does not depend on the running Python.
_OTHER_PYTHONS = frozenset(
    re.findall(
        r"\S+",
        """
        __future__ aifc annotationlib asynchat asyncore audioop binhex builtins cgi cgitb chunk compression crypt
        distutils formatter imghdr imp lib2to3 mailcap msilib nis nntplib ossaudiodev parser pipes smtpd sndhdr spwd
        string sunau symbol telnetlib tomllib uu xdrlib zoneinfo
        """,
    )
)
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
    re.findall(
        r"\S+",
        """
        backports collective jaraco keyrings paste plone ruamel sphinxcontrib zope
        """,
    )
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
"""Valid package names of each ecosystem. They hold no character that is special to a shell."""
_TOOLS = frozenset(
    re.findall(
        r"\S+",
        """
        ansible apache apt aws azure bash bazel brew bun bzip2 c c++ cargo chrome chromedriver chromium clang cmake
        conda containerd cuda cudnn curl cygwin debian deno docker docker-compose elasticsearch ffmpeg firefox g++
        gcc gcloud git git-lfs glibc go golang gpu gradle graphviz hadoop helm homebrew imagemagick ios java jdk
        jenkins jre julia k3s kafka kubectl kubernetes libreoffice linux llvm macos make mariadb maven memcached
        milvus minikube mongodb mpi msvc mysql nccl neo4j nginx ninja nix node node.js nodejs npm npx nvcc nvidia-
        docker nvidia-smi nvm ollama openjdk openmpi openssl pandoc perl php pip pnpm podman postgres postgresql
        powershell python python3 r rabbitmq redis rocm ruby rust rustc singularity slurm spark sqlite svn systemd
        tar terraform tesseract ubuntu unzip vim virtualbox visual vscode webpack wget windows wsl xcode yarn zip
        zsh
        """,
    )
)
"""Programs and services, even if PyPI has a package of the same name."""
_COMMON_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        additional all and any base basic built-in builtin common core custom default defaults dependencies
        dependency dev development either enabled essential extra extras false framework frameworks free general
        important install internal latest libraries library main minimal minimum misc modules more n/a na neither no
        none not note notes nothing only optional or other others package packages private public python-packages
        recommended required requirement requirements runtime same see several some standard stdlib tbd test testing
        tests the these this true unknown use various yes
        """,
    )
)
"""Words that may stand alone in an item and name no package."""


def is_standard(name: str) -> bool:
    """Whether a module, or the module that holds it, is in Python's standard library."""
    return re.split(r"[.\[]", name, maxsplit=1)[0].replace("-", "_") in STANDARD_LIBRARY


def is_tool(name: str) -> bool:
    """Whether a name is better known for a program or a service than for a package."""
    return name.casefold() in _TOOLS


def is_common_word(name: str) -> bool:
    """Whether a name is a common word or a number."""
    return name.casefold() in _COMMON_WORDS or not re.search(r"[A-Za-z]", name)


def is_file_or_variable(name: str) -> bool:
    """Whether a name is that of a file or an environment variable."""
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
