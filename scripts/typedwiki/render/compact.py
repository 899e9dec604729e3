"""Make our scripts smaller by what only their authors read."""

from __future__ import annotations

from pathlib import Path

from ..atomic import replace_if_changed
from ..regex import regex

_COPIES = "site_libs/quarto-contrib/typedwiki-*/*.js"
"""Where Quarto copies the scripts, relative to the site."""
_TYPE = regex(r"/\*\* @[^*\n]*\*/ ?")
_COMMENT = regex(r"//.*|/\*\*.*\*/")


def compact_script(text: str) -> str:
    """Return a script without types, indentation, empty lines and comments that fill a line."""
    lines = (_TYPE.sub("", line).strip() for line in text.split("\n"))
    return "".join(f"{line}\n" for line in lines if line and not _COMMENT.fullmatch(line))


def compact_scripts(site: Path) -> None:
    """Compact the scripts of a site that Quarto has rendered."""
    for path in site.glob(_COPIES):
        replace_if_changed(path, compact_script(path.read_text(encoding="utf-8")).encode())
