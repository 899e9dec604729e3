"""Style sheets of SVG files: which of them can be published, because nothing in them fetches."""

from __future__ import annotations

import re

from ..regex import regex

_QUOTED_OR_ADDRESS = regex(
    r"/\*.*?(?:\*/|\Z)"
    r"|\"[^\"\n]*\"|'[^'\n]*'"
    r"|(?<![\w-])url\([ \t\n]*(?:(?P<address>\"[^\"\n]*\"|'[^'\n]*'|[^()\"'\s]+)[ \t\n]*)?\)",
    re.DOTALL | re.IGNORECASE,
)
_INSIDE = regex(r"#[\w.:-]+")
_FONT = regex(r"data:(?:font/(?:woff2?|ttf|otf)|application/(?:x-)?font-(?:woff2?|ttf|otf));base64,[\w+/=\s]+")
_FUNCTION = regex(r"(?<![\w-])([\w-]*)\(")
_FUNCTIONS = frozenset(
    re.findall(
        r"\S+",
        """
    rgb rgba hsl hsla var calc min max clamp light-dark translate translatex translatey rotate scale scalex scaley
    skewx skewy matrix format tech not is where nth-child nth-of-type cubic-bezier steps blur drop-shadow brightness
    contrast saturate grayscale opacity
    """,
    )
)
_BLOCK = regex(r"\{([^{}]*)\}")
DEEPEST = 4
"""Blocks in one another; programs write two."""
_CONDITION = regex(r"[ \t\n]*@media[ \t\n]+[\w \t\n():,.-]*")
_FRAMES = regex(r"[ \t\n]*@(?:-webkit-)?keyframes[ \t\n]+[\w-]+[ \t\n]*")
_FACE = regex(r"[ \t\n]*@font-face[ \t\n]*")
_SELECTOR = regex(r"[\w\s.#*>+~,:()\[\]=%^$-]*")
_PROPERTY = regex(r"[ \t\n]*(-?-?[a-z][\w-]*)[ \t\n]*:", re.IGNORECASE)
_NO_DECLARATION = regex(r"[\w\s#.%,!-]*")
"""Words that browsers pass over: Mermaid writes ``undefined``."""
_PROPERTIES = frozenset(
    re.findall(
        r"\S+",
        """
    alignment-baseline align-items background background-color baseline-shift border border-bottom border-color
    border-left border-radius border-right border-top border-style border-width bottom box-shadow box-sizing clip
    clip-path clip-rule color color-interpolation color-interpolation-filters color-rendering color-scheme cursor
    direction display dominant-baseline enable-background fill fill-opacity fill-rule filter flex flex-direction
    float flood-color flood-opacity font font-family font-feature-settings font-kerning font-size font-size-adjust
    font-stretch font-style font-variant font-variant-alternates font-variant-caps font-variant-east-asian
    font-variant-ligatures font-variant-numeric font-variant-position font-variation-settings font-weight
    glyph-orientation-horizontal glyph-orientation-vertical height image-rendering inline-size isolation
    justify-content kerning left letter-spacing lighting-color line-height margin margin-bottom margin-left
    margin-right margin-top marker marker-end marker-mid marker-start mask mask-type max-height max-width min-height
    min-width mix-blend-mode opacity overflow overflow-wrap padding padding-bottom padding-left padding-right
    padding-top paint-order pointer-events right rx ry r cx cy dx dy x y position shape-inside shape-margin
    shape-padding shape-rendering solid-color solid-opacity stop-color stop-opacity stroke stroke-dasharray
    stroke-dashoffset stroke-linecap stroke-linejoin stroke-miterlimit stroke-opacity stroke-width tab-size
    text-align text-align-last text-anchor text-decoration text-decoration-color text-decoration-line
    text-decoration-style text-indent text-orientation text-overflow text-rendering text-shadow text-transform top
    transform transform-box transform-origin unicode-bidi vector-effect vertical-align visibility white-space
    white-space-collapse width word-break word-spacing word-wrap writing-mode z-index animation animation-name
    animation-duration animation-timing-function animation-delay animation-iteration-count animation-direction
    animation-fill-mode block-progression user-select src unicode-range
    """,
    )
)
"""``src`` too, because a font's address must be data as any other."""
_OURS = ("-inkscape-", "-webkit-", "-moz-osx-font-smoothing", "--")
"""Beginnings of names that are no standard properties, in files from known programs."""


def is_inert_value(value: str) -> bool:
    """Whether a value of CSS, or of an attribute that is read like one, names no address but inside the file."""
    if "(" not in value and "\\" not in value:
        return True
    return (plain := _without_addresses(value)) is not None and _has_known_functions(plain)


def is_inert_style(declarations: str) -> bool:
    """Whether declarations as a ``style`` attribute has them are of known properties and fetch nothing."""
    plain = _without_addresses(declarations)
    return plain is not None and "{" not in plain and "}" not in plain and _are_declarations(plain)


def is_inert_sheet(sheet: str) -> bool:
    """Whether a style sheet has nothing but rules of known properties that fetch nothing, and fonts as data."""
    plain = _without_addresses(sheet)
    if plain is None:
        return False
    for _ in range(DEEPEST):  # from the innermost blocks outwards: conditions and frames hold rules
        last = 0
        outside: list[str] = []
        for block in _BLOCK.finditer(plain):
            start = max(last, plain.rfind("{", last, block.start()) + 1, plain.rfind("}", last, block.start()) + 1)
            if not _is_known_rule(plain[start : block.start()], block[1]):
                return False
            outside.append(plain[last:start])
            last = block.end()
        if not outside:
            return not plain.strip()
        plain = "".join(outside) + plain[last:]
    return False


def _is_known_rule(prelude: str, content: str) -> bool:
    if _CONDITION.fullmatch(prelude) or _FRAMES.fullmatch(prelude):
        return not content.strip() and not any(_FUNCTION.findall(prelude))  # its rules have been taken out
    if _FACE.fullmatch(prelude) or (_SELECTOR.fullmatch(prelude) and _has_known_functions(prelude)):
        return _are_declarations(content)
    return False


def _are_declarations(text: str) -> bool:
    for declaration in text.split(";"):
        if _NO_DECLARATION.fullmatch(declaration):
            continue
        name = _PROPERTY.match(declaration)
        if not name or not (name[1].lower() in _PROPERTIES or name[1].startswith(_OURS)):
            return False
        if "@" in declaration or not _has_known_functions(declaration):
            return False
    return True


def _has_known_functions(text: str) -> bool:
    return all(name.lower() in _FUNCTIONS for name in _FUNCTION.findall(text))


def _without_addresses(text: str) -> str | None:
    """The text without comments, strings and addresses inside the file; None if it cannot be read for certain."""
    if any(sign in text for sign in "\\<\r\f"):  # line ends would end strings
        return None

    def harmless(match: re.Match[str]) -> str:
        address = match["address"]
        if address is None:
            return " "  # a comment, or a string: no property that is known takes it for an address
        address = address.strip("\"'").strip()
        return " " if _INSIDE.fullmatch(address) or _FONT.fullmatch(address) else "url("

    plain = _QUOTED_OR_ADDRESS.sub(harmless, text)
    return None if '"' in plain or "'" in plain or "/*" in plain else plain
