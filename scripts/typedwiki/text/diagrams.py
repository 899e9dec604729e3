"""Drawings that pages bring: SVG files and diagrams. Those that could run a script or ask another host
are not published, and not drawn."""

from __future__ import annotations

import re
from xml.parsers import expat

_ACTIVE = frozenset({"script", "foreignobject", "handler", "listener", "iframe", "embed", "object", "audio", "video"})
_ANIMATIONS = frozenset({"animate", "set", "animatetransform", "animatemotion"})
_FOREIGN = ("http://www.w3.org/1999/xhtml", "http://www.w3.org/2001/xml-events", "http://www.w3.org/1998/Math/MathML")
_PICTURE = re.compile(r"\s*(?:#|data:(?:image/(?:png|jpeg|gif|webp)|font/[\w.+-]+)[;,])")
_FETCHING = re.compile(
    r"\\|@import|expression\s*\(|url\(\s*[\"']?\s*(?!#|[\"'#]|data:(?:image/(?:png|jpeg|gif|webp)|font/))", re.I
)
_DIAGRAM = re.compile(
    r"<[a-z][\w:-]*[\s/][^<>]*="  # an element with an attribute: of them only images and links use one
    r"|<\s*/?\s*(?:script|iframe|style|img|svg|object|embed|link|base|form)\b"
    r"|url\s*\(|@import|\bjavascript\s*:"
    r"|@\{[^{}]*\bimg\b|\$sprite"
    r"|securityLevel|themeCSS|dompurify|\bsecure\b[\"']?\s*:"
    r"|&(?:lt|#0*60|#x0*3c);|#(?:lt|60|x3c);",
    re.IGNORECASE,
)


class _ActiveError(Exception):
    pass


def is_inert(svg: bytes) -> bool:
    """Whether an SVG file, opened by itself, runs nothing and asks no host.

    As an image it could not; but a reader may open it, and then it is a page of the site.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    styles: list[str] = []
    inside = 0

    def refuse(*_: object) -> None:
        raise _ActiveError

    def instruction(target: str, _: str) -> None:
        if target == "xml-stylesheet":
            refuse()

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal inside
        space, _, local = name.rpartition(" ")
        local = local.lower()
        if space in _FOREIGN or local in _ACTIVE:
            refuse()
        inside += local == "style"
        for full, value in attributes.items():
            attribute = full.rpartition(" ")[2].lower()
            if attribute.startswith("on") or full.startswith("http://www.w3.org/XML/1998/namespace base"):
                refuse()
            if local in _ANIMATIONS and attribute == "attributename" and re.search(r"href|\bon", value, re.IGNORECASE):
                refuse()
            leads = attribute in ("href", "src") and not space.startswith("http://www.inkscape.org")
            linked = local == "a" and re.match(r"https?://", value)
            if (leads and not linked and not _PICTURE.match(value)) or (not leads and _FETCHING.search(value)):
                refuse()

    def end(name: str) -> None:
        nonlocal inside
        if name.rpartition(" ")[2].lower() == "style":
            inside -= 1
            if _FETCHING.search("".join(styles)):
                refuse()
            styles.clear()

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: styles.append(text) if inside else None
    parser.EntityDeclHandler = refuse
    parser.ProcessingInstructionHandler = instruction
    try:
        parser.Parse(svg, True)
    except (expat.ExpatError, _ActiveError, LookupError, ValueError):
        return False
    return True


def is_drawn(diagram: str) -> bool:
    """Whether a Mermaid diagram is one that can be drawn without asking another host or changing how it is
    drawn for all."""
    return not _DIAGRAM.search(diagram)
