"""Attachments: find the files beside pages that pages show or link to, and their names on the site."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from .config import Config
from .model import WikiPage
from .okf.records import FIELD_EDGES
from .regex import regex
from .text.svg import is_inert

LARGEST_ASSET = 20_000_000
"""Bytes. A larger file is not published."""
ASSET_SUFFIXES = frozenset(
    re.findall(
        r"\.\w+",
        ".png .jpg .jpeg .gif .webp .avif .svg .pdf .csv .tsv .json .txt .ipynb .py .sql .zip",
    )
)


class Attachments(NamedTuple):
    """The files beside pages. Keys are the path of a page and the path that the page writes."""

    targets: dict[tuple[str, str], str]
    """Where copies stand in the notes folder."""
    copies: dict[str, bytes]
    """What they hold, by where they stand."""
    unshown: dict[tuple[str, str], tuple[str, str]]
    """Why files are not published, with a hint."""
    places: dict[tuple[str, str], Path]
    """Where the files themselves are."""


def find_attachments(pages: Iterable[WikiPage], config: Config) -> Attachments:
    """Return the files that pages show or link to. A path may begin at the page's folder or, with a slash or in the
    front matter of a bundle, at the wiki's."""
    targets: dict[tuple[str, str], str] = {}
    places: dict[tuple[str, str], Path] = {}
    copies: dict[str, bytes] = {}
    unshown: dict[tuple[str, str], tuple[str, str]] = {}
    roots = [source.resolve() for source in config.sources]
    for page in pages:
        links = (link.target for link in page.outgoing_links if link.is_path)
        fields = {link.target for link in page.outgoing_links if link.is_path and link.edge in FIELD_EDGES}
        for path in {*page.images, *links}:
            if path.startswith("data:"):
                if picture := data_image(path):
                    suffix, data = picture
                    targets[page.path, path] = target = f"assets/files/{hashlib.sha256(data).hexdigest()[:8]}{suffix}"
                    copies[target] = data
                continue
            file = (config.project / page.path).parent / path
            try:
                if path.startswith("/") or (path in fields and not file.exists()):
                    from_root = config.project / page.root / path.lstrip("/")
                    file = from_root if from_root.is_file() else file
                real = file.resolve()
                # Never publish a file from outside the wiki, reached by ".." or by a symbolic link.
                if not any(real.is_relative_to(root) for root in roots):
                    unshown[page.path, path] = f"`{path}` leads out of the wiki; not shown", "copy the file into it"
                    continue
                if not real.is_file():
                    if other_name := _in_other_case(real):
                        unshown[page.path, path] = f"no file `{path}`", f"its name is {other_name}: case counts"
                    continue
                if file.suffix.lower() not in ASSET_SUFFIXES or _is_hidden(path):
                    unshown[page.path, path] = f"`{path}` is of a kind that is not published", ""
                    continue
                if (size := real.stat().st_size) > LARGEST_ASSET:
                    message = f"`{path}` has {size:,} bytes, more than {LARGEST_ASSET:,}; not shown"
                    unshown[page.path, path] = message, "make it smaller"
                    continue
                data = real.read_bytes()
                if file.suffix.lower() == ".svg" and not is_inert(data):
                    message = f"the drawing `{path}` holds more than shapes, texts and styles; not shown"
                    unshown[page.path, path] = message, "save it as plain SVG, or as PNG"
                    continue
            except (OSError, ValueError, RuntimeError):  # RuntimeError: a cycle of symbolic links
                continue
            stamp = hashlib.sha256(data).hexdigest()[:8]
            name = "".join(c if c.isalnum() or c in "-_." else "_" for c in Path(path).name)[-50:]
            target = f"assets/files/{stamp}-{name}"
            targets[page.path, path] = target
            places[page.path, path] = file
            copies[target] = data
    return Attachments(targets, copies, unshown, places)


def _in_other_case(path: Path) -> str:
    """Return the name of a file that differs from a missing one only in case; empty if there is none."""
    names = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    return next((name for name in names if name.casefold() == path.name.casefold()), "")


_DATA_IMAGE = regex(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]+)")


def data_image(address: str) -> tuple[str, bytes] | None:
    """Return the suffix and the bytes of the picture in a data URL; None if it is not one, or too large."""
    match = _DATA_IMAGE.fullmatch(address)
    if not match or len(match[2]) > LARGEST_ASSET:
        return None
    try:
        return f".{match[1]}", base64.b64decode(match[2], validate=False)
    except ValueError:
        return None


def _is_hidden(path: str) -> bool:
    return any(part.startswith(".") and part != ".." for part in Path(path).parts)
