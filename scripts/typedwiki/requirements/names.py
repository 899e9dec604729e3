"""What a name is a name of: a package of some ecosystem, a module that Python brings, a tool, or no package."""

from __future__ import annotations

import re
import sys

from packaging.utils import canonicalize_name

from ..regex import regex
from .model import Kind

# Modules that some Python from 3.8 on had or has: the answer must not depend on the one that runs this.
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
"""Names under which packages are imported or known, where pip knows another one."""
_OTHERS = frozenset({"apex", "faiss"})
"""Names under which PyPI has something else than the library that pages mean."""
_NAMESPACES = frozenset(
    re.findall(
        r"\S+",
        """
        backports collective jaraco keyrings paste plone ruamel sphinxcontrib zope
        """,
    )
)
"""Parts before a dot that begin names of packages; elsewhere a dot leads to a part of one."""
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
"""Names of packages as each ecosystem allows them; nothing in them means anything to a shell."""
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
"""Programs and services that pip does not install, though some have a package of the same name on PyPI."""
_WORDS = frozenset(
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
"""Words that a plain item may consist of and that name no package."""


def is_standard(name: str) -> bool:
    """Whether Python brings a module, or the one that holds it."""
    return re.split(r"[.\[]", name, maxsplit=1)[0].replace("-", "_") in STANDARD_LIBRARY


def is_tool(name: str) -> bool:
    """Whether a name is better known as that of a program or a service than as a package's."""
    return name.casefold() in _TOOLS


def is_word(name: str) -> bool:
    """Whether a name is a word of prose, or a number."""
    return name.casefold() in _WORDS or not re.search(r"[A-Za-z]", name)


def is_value(name: str) -> bool:
    """Whether code is a file or an environment variable rather than a name."""
    return bool(_FILE.fullmatch(name) or _VARIABLE.fullmatch(name))


def pip_name(name: str, versioned: bool) -> str:
    """The normal form of a pip package's name (PEP 503); empty if it is none, or not certain to be one."""
    if not _PIP.fullmatch(name) or len(name) > 80 or is_standard(name) or is_value(name) or is_word(name):
        return ""
    if "." in name and not versioned and name.partition(".")[0].casefold() not in _NAMESPACES:
        return ""
    folded = canonicalize_name(name)
    return "" if folded in _OTHERS else _IMPORT_NAMES.get(folded, folded)
