"""Decide which SVG files beside pages can be published."""

from __future__ import annotations

import re
from xml.parsers import expat

from ..regex import regex

_QUOTED_OR_ADDRESS = regex(
    r"/\*.*?(?:\*/|\Z)"
    r"|\"[^\"\n]*\"|'[^'\n]*'"
    r"|(?<![\w-])url\([ \t\n]*(?:(?P<address>\"[^\"\n]*\"|'[^'\n]*'|[^()\"'\s]+)[ \t\n]*)?\)",
    re.DOTALL | re.IGNORECASE,
)
_FRAGMENT = regex(r"#[\w.:-]+")
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
"""Levels of nested blocks. Programs write two."""
_CONDITION = regex(r"[ \t\n]*@media[ \t\n]+[\w \t\n():,.-]*")
_FRAMES = regex(r"[ \t\n]*@(?:-webkit-)?keyframes[ \t\n]+[\w-]+[ \t\n]*")
_FACE = regex(r"[ \t\n]*@font-face[ \t\n]*")
_SELECTOR = regex(r"[\w\s.#*>+~,:()\[\]=%^$-]*")
_PROPERTY = regex(r"[ \t\n]*(-?-?[a-z][\w-]*)[ \t\n]*:", re.IGNORECASE)
_NO_DECLARATION = regex(r"[\w\s#.%,!-]*")
"""Words that browsers ignore: Mermaid writes ``undefined``."""
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
"""Includes ``src``, because a font's address must be data like any other."""
_OURS = ("-inkscape-", "-webkit-", "-moz-osx-font-smoothing", "--")
"""Prefixes of non-standard properties in files from known programs."""


def is_inert_value(value: str) -> bool:
    """Return whether a CSS value, or an attribute that is read like one, refers only to the file itself."""
    if "(" not in value and "\\" not in value:
        return True
    return (plain := _without_addresses(value)) is not None and _has_known_functions(plain)


def is_inert_style(declarations: str) -> bool:
    """Return whether the declarations of a ``style`` attribute are known properties that load nothing."""
    plain = _without_addresses(declarations)
    return plain is not None and "{" not in plain and "}" not in plain and _are_declarations(plain)


def is_inert_sheet(sheet: str) -> bool:
    """Return whether a style sheet contains only rules of known properties that load nothing, and fonts as data."""
    plain = _without_addresses(sheet)
    if plain is None:
        return False
    for _ in range(DEEPEST):  # from the innermost blocks outwards: conditions and frames contain rules
        position = 0
        outer_parts: list[str] = []
        for block in _BLOCK.finditer(plain):
            start = max(
                position, plain.rfind("{", position, block.start()) + 1, plain.rfind("}", position, block.start()) + 1
            )
            if not _is_known_rule(plain[start : block.start()], block[1]):
                return False
            outer_parts.append(plain[position:start])
            position = block.end()
        if not outer_parts:
            return not plain.strip()
        plain = "".join(outer_parts) + plain[position:]
    return False


def _is_known_rule(prelude: str, content: str) -> bool:
    if _CONDITION.fullmatch(prelude) or _FRAMES.fullmatch(prelude):
        return not content.strip() and not any(_FUNCTION.findall(prelude))  # its rules have been removed
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
    """Return the text without comments, strings and addresses inside the file; None if it is ambiguous."""
    if any(sign in text for sign in "\\<\r\f"):  # line ends would end strings
        return None

    def harmless(match: re.Match[str]) -> str:
        address = match["address"]
        if address is None:
            return " "  # a comment, or a string, which no known property reads as an address
        address = address.strip("\"'").strip()
        return " " if _FRAGMENT.fullmatch(address) or _FONT.fullmatch(address) else "url("

    plain = _QUOTED_OR_ADDRESS.sub(harmless, text)
    return None if '"' in plain or "'" in plain or "/*" in plain else plain


_SVG = "http://www.w3.org/2000/svg"
_XHTML = "http://www.w3.org/1999/xhtml"
_XLINK = "http://www.w3.org/1999/xlink"
_XML = "http://www.w3.org/XML/1998/namespace"
_FOREIGN = regex(
    r"http://(?:www\.inkscape\.org/|sodipodi\.sourceforge\.net/|www\.w3\.org/1999/02/22-rdf-syntax-ns#"
    r"|(?:web\.resource\.org|creativecommons\.org)/(?:cc/|ns#)|purl\.org/dc/|ns\.adobe\.com/"
    r"|www\.bohemiancoding\.com/sketch/ns|www\.figma\.com/figma/ns|www\.serif\.com/|xml\.openclipart\.org/"
    r"|vectornator\.io|www\.w3\.org/2000/01/rdf-schema#)"
)
"""Additions of drawing programs for themselves. Browsers ignore them, whatever they contain."""
_ELEMENTS = frozenset(
    re.findall(
        r"\S+",
        """
    a animate animateMotion animateTransform circle clipPath defs desc ellipse feBlend feColorMatrix
    feComponentTransfer feComposite feConvolveMatrix feDiffuseLighting feDisplacementMap feDistantLight feDropShadow
    feFlood feFuncA feFuncB feFuncG feFuncR feGaussianBlur feMerge feMergeNode feMorphology feOffset fePointLight
    feSpecularLighting feSpotLight feTile feTurbulence filter flowPara flowRegion flowRoot flowSpan foreignObject g
    image line linearGradient marker mask mesh meshgradient meshpatch meshrow metadata mpath path pattern polygon
    polyline radialGradient rect solidColor stop style svg switch symbol text textPath title tspan use view
    """,
    )
)
_IN_XHTML = frozenset(re.findall(r"\S+", "div span p br b i em strong u s sub sup small code pre font center"))
"""Elements in a foreignObject that draw.io and Mermaid use for labels."""
_TEXTS = frozenset(
    re.findall(
        r"\S+",
        """
    id class role lang version baseProfile content name media type target tabindex focusable contentStyleType
    contentScriptType zoomAndPan requiredFeatures requiredExtensions systemLanguage title align face size dir xmlns
    space host agent etag pointer-events label
    """,
    )
)
"""Attributes for text or names, in which nothing looks for an address or a style."""
_VALUES = frozenset(
    re.findall(
        r"\S+",
        """
    accumulate additive amplitude attributeName attributeType azimuth baseFrequency begin bias by calcMode cx cy d
    diffuseConstant divisor dur dx dy edgeMode elevation end exponent fill-opacity filterRes filterUnits from fr fx
    fy gradientTransform gradientUnits height in in2 intercept k k1 k2 k3 k4 kernelMatrix kernelUnitLength keyPoints
    keySplines keyTimes lengthAdjust limitingConeAngle markerHeight markerUnits markerWidth maskContentUnits
    maskUnits max min mode numOctaves offset operator order orient origin path pathLength patternContentUnits
    patternTransform patternUnits points pointsAtX pointsAtY pointsAtZ preserveAlpha preserveAspectRatio
    primitiveUnits r radius refX refY repeatCount repeatDur restart result rotate rx ry scale seed side slope
    spacing specularConstant specularExponent spreadMethod startOffset stdDeviation stitchTiles surfaceScale
    tableValues targetX targetY textLength to transform values viewBox viewTarget width x x1 x2 xChannelSelector y
    y1 y2 yChannelSelector z clipPathUnits method nodetypes overflow color background
    """,
    )
)
_STYLED = regex(
    r"(?:alignment-baseline|baseline-shift|clip|clip-path|clip-rule|color(?:-[a-z]+){0,2}|cursor|direction|display"
    r"|dominant-baseline|enable-background|fill|fill-rule|filter|flood-[a-z]+|font(?:-[a-z]+){0,2}|image-rendering"
    r"|kerning|letter-spacing|lighting-color|marker(?:-[a-z]+)?|mask(?:-type)?|opacity|paint-order|shape-rendering"
    r"|solid-[a-z]+|stop-[a-z]+|stroke(?:-[a-z]+)?|text-[a-z]+|unicode-bidi|vector-effect|visibility|white-space"
    r"|word-spacing|writing-mode|mix-blend-mode|isolation|transform-origin|glyph-orientation-[a-z]+)"
)
"""Presentation attributes, which are CSS properties."""
_LOCAL_REFERENCE = regex(r"\s*#[^\s\"'()\\]*\s*")
_PICTURE = regex(r"\s*data:image/(?:png|jpe?g|gif|webp);base64,[\w+/=\s]*")
_PAGE = regex(r"https?://[^\s\\]*")
_ENCODINGS = frozenset({"utf-8", "us-ascii", "ascii", "iso-8859-1"})
"""Encodings that all parsers read alike."""


class _ActiveError(Exception):
    pass


def is_inert(svg: bytes) -> bool:
    """Return whether an SVG file, opened by itself, runs nothing and contacts no host.

    As an image it could do neither; but a reader may open it, and then it is a page of the site. Everything in it must
    be known: elements, attributes, styles.
    """
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.ordered_attributes = True
    parser.buffer_text = True
    sheet: list[str] = []
    in_style = False

    def refuse(*_: object) -> None:
        raise _ActiveError

    def declaration(_: str, encoding: str | None, __: int) -> None:
        if (encoding or "utf-8").lower() not in _ENCODINGS:
            refuse()

    def document_type(_: str, __: str | None, ___: str | None, has_subset: int) -> None:
        if has_subset:  # entities, and default attributes that elements do not show
            refuse()

    def instruction(target: str, _: str) -> None:
        if target not in ("xpacket", "page"):
            refuse()

    def start(name: str, attributes: list[str]) -> None:
        nonlocal in_style
        space, _, local = name.rpartition(" ")
        if in_style or not _is_known(space, local, dict(zip(attributes[::2], attributes[1::2], strict=True))):
            refuse()
        in_style = local == "style" and space in (_SVG, "")

    def end(_: str) -> None:
        nonlocal in_style
        if in_style:
            in_style = False
            if not is_inert_sheet("".join(sheet)):
                refuse()
            sheet.clear()

    parser.XmlDeclHandler, parser.StartDoctypeDeclHandler = declaration, document_type
    parser.EntityDeclHandler, parser.ProcessingInstructionHandler = refuse, instruction
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = lambda text: sheet.append(text) if in_style else None
    try:
        if b"\0" in svg:  # UTF-16, which declares no encoding
            return False
        parser.Parse(svg, True)
    except (expat.ExpatError, _ActiveError, LookupError, ValueError):
        return False
    return True


def _is_known(space: str, local: str, attributes: dict[str, str]) -> bool:
    """Return whether an element may be in a drawing, with all its attributes."""
    if space == _XHTML:
        if local not in _IN_XHTML:
            return False
    elif space not in (_SVG, ""):
        return bool(_FOREIGN.match(space))
    elif local not in _ELEMENTS:
        return False
    if local.startswith("animate"):
        animated = attributes.get("attributeName", "d")
        if not (_STYLED.fullmatch(animated) or animated in _VALUES):
            return False
    return all(_is_known_attribute(local, *name.rpartition(" ")[::2], value) for name, value in attributes.items())


def _is_known_attribute(element: str, space: str, name: str, value: str) -> bool:
    if space == _XLINK:
        if name != "href":
            return name in ("title", "type", "show", "actuate", "role", "arcrole")
    elif space == _XML:
        return name in ("space", "lang", "id")
    elif space:
        return bool(_FOREIGN.match(space))
    if name == "href":
        return bool(
            _LOCAL_REFERENCE.fullmatch(value)
            or (element == "image" and _PICTURE.fullmatch(value))
            or (element == "a" and _PAGE.fullmatch(value))
        )
    if name == "style":
        return is_inert_style(value)
    if name.startswith(("data-", "aria-")) or name in _TEXTS:
        return True
    return (name in _VALUES or bool(_STYLED.fullmatch(name))) and is_inert_value(value)
