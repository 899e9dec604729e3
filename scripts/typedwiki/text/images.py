"""MediaWiki's ``[[File:…]]`` and ``<gallery>``: a file's name, its size, and what is said of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..regex import regex

_FILE = regex(r"[ \t]*(?:file|image)[ \t]*:[ \t]*(?P<name>[^\n|]*?)[ \t]*", re.IGNORECASE)
_SIZE = regex(r"(?P<width>\d{1,5})?(?:x(?P<height>\d{1,5}))?[ ]*(?:px)+")
_OPTION = regex(
    r"(?:thumb(?:nail)?|frame(?:d|less)?|border|left|right|cent(?:er|re)|none|upright|baseline|sub|super|sup|top"
    r"|text-top|middle|bottom|text-bottom|loop|muted|loossy)"
    r"|(?:thumb(?:nail)?|upright|lang|page|class|start|end|thumbtime)[ ]*=.*",
    re.DOTALL,
)
_FLOATING = frozenset({"thumb", "thumbnail", "frame", "framed"})


@dataclass(slots=True)
class File:
    """A file as the page shows it; texts are wikitext."""

    name: str
    caption: str = ""
    alt: str = ""
    link: str = ""
    width: str = ""
    height: str = ""
    floats: bool = False
    """Whether it stands beside the text, with its caption below it."""


def is_file(target: str) -> bool:
    """Whether the target of a link in double brackets is a file to be shown."""
    return bool(_FILE.fullmatch(target))


def read(content: str) -> File:
    """A file from what stands in its brackets. The last field that is no option is the caption."""
    name, *options = content.split("|")
    found = _FILE.fullmatch(name)
    file = File(found["name"] if found else name.strip())
    for option in map(str.strip, options):
        size = _SIZE.fullmatch(option)
        named, equals, value = option.partition("=")
        if size and (size["width"] or size["height"]):
            file.width, file.height = size["width"] or "", size["height"] or ""
        elif equals and named.rstrip() in ("alt", "link"):
            setattr(file, named.rstrip(), value.strip())
        elif _OPTION.fullmatch(option):
            file.floats = file.floats or option.partition("=")[0].rstrip() in _FLOATING
        else:
            file.caption = option
    return file


def has_suffix(name: str) -> bool:
    """Whether a line of a gallery begins with the bare name of a file."""
    return bool(re.search(r"\.[A-Za-z0-9]{2,5}[ \t]*\Z", name))


def shown(file: File, caption: str, alt: str) -> str:
    """The file as an image in Markdown, given the Markdown of its caption and its plain alternative text."""
    sizes = [f"{side}={n}px" for side, n in (("width", file.width), ("height", file.height)) if n]
    if caption and alt:
        sizes.append('alt="' + alt.replace("\\", "\\\\").replace('"', '\\"') + '"')
    attributes = f"{{{' '.join(sizes)}}}" if sizes else ""
    path = file.name.replace("<", "%3C").replace(">", "%3E")
    return f"![{caption or alt}](<{path}>){attributes}"
