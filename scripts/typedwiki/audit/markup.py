"""Find markup that a note shows as text, does not link or does not draw, and brackets that are not a link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ..model import RawFile
from ..regex import regex
from ..text import brackets
from ..text.characters import is_safe
from ..text.common_templates import is_known
from ..text.directives import CALLOUTS, CONTAINERS, EXECUTABLE, LEAVES
from ..text.links import Scan, is_well_formed
from ..text.markdown import ALLOWED_TAGS
from ..text.quarto_syntax import is_drawn
from ..text.verbatim import Verbatim, inside_any

_WORD = regex(r"\w+")
_ELEMENTS = frozenset(
    _WORD.findall(
        "a abbr acronym address animate annotation applet area article aside audio b base bdi bdo bgsound big"
        " blockquote body br button canvas caption center circle cite clippath code col colgroup data datalist dd"
        " defs del details dfn dialog dir div dl dt ellipse em embed fieldset figcaption figure filter font footer"
        " form frame frameset g gallery h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe image img input ins"
        " kbd label legend li line link maction main map mark marquee math menu meta meter mfrac mi mn mo mrow"
        " mspace msqrt msub msubsup msup mtable mtd mtext mtr nav nobr noframes noscript nowiki object ol optgroup"
        " option output p param path picture poem polygon polyline portal pre progress q rect ref references rp rt"
        " ruby s samp script section select semantics slot small source span stop strike strong style sub summary"
        " sup svg symbol syntaxhighlight table tbody td template text textarea tfoot th thead time title tr track"
        " tspan tt u ul use var video wbr"
    )
)
_WIKI_ELEMENTS = frozenset(
    _WORD.findall("noinclude onlyinclude includeonly templatestyles indicator chem ce tabber translate tvar")
)
_COMPONENTS = frozenset(_WORD.findall("Tip Note Warning Info Caution Danger Check Callout Admonition Tabs TabItem Tab"))
_LIQUID = frozenset(
    _WORD.findall(
        "raw endraw hint endhint highlight endhighlight comment endcomment tabs endtabs tab endtab code endcode"
    )
)
_QUARTO = frozenset(
    _WORD.findall("include embed video pagebreak meta var env kbd lipsum placeholder brand contents version")
)
"""Known names."""

Describe = Callable[[re.Match[str]], str | None]
"""Returns a short description of a match; None if it is not markup."""


def _tag(match: re.Match[str]) -> str | None:
    return None if match["name"] in _LIQUID else f"tag {match['name']}"


def _shortcode(match: re.Match[str]) -> str | None:
    return None if match["name"] in _QUARTO else f"shortcode {match['name']}"


def _box(match: re.Match[str]) -> str | None:
    name, rest = match["name"].lower(), match["rest"].strip(" \t:")
    is_known = name in CALLOUTS or name == "mermaid" or (not rest and match["space"])
    return None if is_known else f"box {match['name']}"


def _directive(match: re.Match[str]) -> str | None:
    name = match["name"].lower()
    is_known = name in CONTAINERS or name in LEAVES or name.rpartition(":")[2] in CALLOUTS or name in EXECUTABLE
    return None if is_known else f"directive {match['name']}"


def _org_block(match: re.Match[str]) -> str | None:
    return None if match["name"].lower() in CALLOUTS else "block of Org"


_LOGSEQ = regex(r"embed[ \t]+(?:\[\[|\(\()|(?:video|youtube|tweet|twitter|pdf|vimeo|bilibili)[ \t]+https?://")


def _braces(match: re.Match[str]) -> str | None:
    """Describe ``{{ … }}``: a variable of Jekyll, Hugo or MkDocs, or a template of MediaWiki."""
    inner = match["inner"].strip()
    if inner.lower() in ("toc", ">toc") or _LOGSEQ.match(inner):
        return None
    if inner.startswith("#"):
        return f"parser function {inner[1:].partition(':')[0]}"
    return f"template {inner.partition('|')[0].strip()}" if "|" in inner or "\n" in inner else f"variable {inner}"


def _element(match: re.Match[str]) -> str | None:
    name = match["element"]
    if name.lower() in _ELEMENTS or name in _COMPONENTS:
        return None
    return f"component {name}" if name[0].isupper() else f"element {name}"


_ELEMENT = regex(r"(?<![\w`<])<(?P<element>[A-Z][a-z][A-Za-z0-9.]*|[a-z][a-z0-9]*(?:-[a-z0-9]+)*)(?:\s[^<>\n]*)?/?>")
_MAGIC_WORD = regex(r"__[A-Z]{2,40}__")

TOML, TITLE_BLOCK = "front matter in TOML", "title block of pandoc"

_ROWS: tuple[tuple[str, str, str | Describe], ...] = (
    ("+++", r"\A\+{3}[ \t]*\n(?:(?!\+{3})[^\n]*\n){0,400}\+{3}[ \t]*$", TOML),
    ("% ", r"\A%[ \t]+\S[^\n]*(?:\n%[^\n]*){0,2}", TITLE_BLOCK),
    ("{%", r"(?<!\{)\{%-?\s*(?P<name>\w+)[^%\n]*%\}", _tag),
    ("{{", r"\{\{[<%]\s*/?(?P<name>[\w./-]+)[^{}\n]*[>%]\}\}", _shortcode),
    ("{{", r"\{\{(?![<%{!])(?P<inner>[^{}]{1,300})\}\}", _braces),
    ("export", r"^export[ \t]+(?:const|let|default|function)\b[^\n]*[={(][^\n]*", "export of MDX"),
    ("<", _ELEMENT.pattern, _element),
    (":::", r"^[ \t]*:{3,}(?P<space>[ \t]*)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^\n{}]*)$", _box),
    (":::", r"^[ \t]*:{3,}[ \t]*\{(?P<name>[A-Za-z][\w:+-]*)\}[^\n]*", _directive),
    ("::", r"^::(?P<name>include|video|youtube)\{[^{}\n]*\}", "directive {name}"),
    (".. ", r"^\.\. (?P<name>[a-z][\w:-]*)::[^\n]*", "directive of reStructuredText {name}"),
    (":`", r"(?<![\w:`]):(?P<name>[a-z]+(?::[a-z]+)?):(?=`[^`\n])", "role of reStructuredText {name}"),
    ("", r"^[ \t]*(?:!!!|\?\?\?\+?)[ \t]+(?P<name>[a-z][\w-]*)[ \t]*\n(?=\S|[ \t]*$)", "empty box {name}"),
    ("8<", r'^[ \t]*-{1,2}8<-{1,2}[ \t]*"?[^\n]*', "inclusion of MkDocs"),
    (":", r":(?P<name>(?:material|fontawesome|octicons|simple|lucide)-[a-z0-9-]+):", "icon {name}"),
    ("_TOSP_", r"^[ \t]*\[\[_TOSP_\]\][ \t]*$", "list of subpages of Azure"),
    ("__", r"__(?P<name>NO[A-Z]+|INDEX|HIDDENCAT|NEWSECTIONLINK|DISAMBIG)__(?<!__NOTOC__)", "magic word {name}"),
    ("((", r"\(\([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\)\)", "reference to a block of Logseq"),
    (
        "#+",
        r"^[ \t]*(?:[-*+][ \t]+)?#\+BEGIN_(?!(?:QUOTE|SRC|EXAMPLE|EXPORT|QUERY|PINNED)\b)(?P<name>[A-Z]+)",
        _org_block,
    ),
    ("<%", r"<%[*_-]?[^%\n]{1,300}%>", "command of Templater"),
    ("@[", r"@\[(?P<name>youtube|vimeo|osf|prezi|slideshare)\]\([^()\n]*\)", "embed {name}"),
    (
        "\\begin{",
        r"\\begin\{(?P<name>itemize|enumerate|table|figure|center|document|tabular|quote)\*?\}",
        "LaTeX {name}",
    ),
)
"""A literal that a text must contain to be searched, the pattern to find outside code, and its description."""

_PATTERNS = tuple((sign, regex(pattern, re.MULTILINE), describe) for sign, pattern, describe in _ROWS)
_CLOSED = regex(r"</([A-Za-z][\w.-]*)\s*>|<([A-Za-z][\w.-]*)(?:\s[^<>\n]*)?/>")
_FENCE = regex(r"[`~]{3,}[ \t]*\{(?P<name>[A-Za-z][\w:+-]*)\}[^\n]*")


def raw_markup(text: str, parts: Sequence[Verbatim]) -> Iterator[tuple[int, int, str]]:
    """Yield start, end and a short description of each piece of unknown markup, in order.

    ``text`` is a Markdown page, its front matter blanked out. ``parts`` are its code, formulas and comments, which
    are not searched.
    """
    is_verbatim = inside_any(parts)
    # `<name>` alone is a placeholder
    closed = {closing_name or empty_name for closing_name, empty_name in _CLOSED.findall(text)}
    rows: list[tuple[int, int, str]] = []
    for sign, pattern, describe in _PATTERNS:
        for match in pattern.finditer(text) if sign in text else ():
            if is_verbatim(match.start()):
                continue
            if "element" in match.re.groupindex and match["element"] not in closed:
                continue
            description = describe.format(**match.groupdict()) if isinstance(describe, str) else describe(match)
            if description:
                rows.append((match.start(), match.end(), description))
    for part in parts:
        if part.kind == "block" and (fence := _FENCE.match(text, part.start)) and (description := _directive(fence)):
            rows.append((fence.start(), fence.end(), description))
    yield from sorted(rows)


def raw_wikitext(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the same for a MediaWiki page. In ``text``, code, formulas and comments are blanked out too."""
    rows: list[tuple[int, int, str]] = []

    def template(pair: brackets.Pair) -> str:
        content = pair.content.strip()
        if pair.kind == "{" and not pair.in_template and not is_known(content):
            name = content.partition("|")[0].strip()
            function = name.startswith("#") or (":" in name and name.partition(":")[0].isupper())
            kind, name = ("parser function", name.lstrip("#").partition(":")[0]) if function else ("template", name)
            rows.append((pair.start, pair.end, f"{kind} {name}"))
        return "\ue000"  # as in the conversion; its bars separate nothing around it

    if "{{" in text:
        brackets.replace_pairs(text, template)
    for match in _MAGIC_WORD.finditer(text) if "__" in text else ():
        if not brackets.SWITCH.fullmatch(match[0]):
            rows.append((match.start(), match.end(), f"magic word {match[0].strip('_')}"))
    closed = {closing_name or empty_name for closing_name, empty_name in _CLOSED.findall(text)}
    for match in _ELEMENT.finditer(text) if closed else ():
        if match["element"] in closed and match["element"].lower() not in _ELEMENTS | _WIKI_ELEMENTS:
            rows.append((match.start(), match.end(), f"element {match['element']}"))
    yield from sorted(rows)


# Each begins with a literal, because a text is searched much faster for one than for alternatives.
_ACTIVE = (
    regex(
        r"<(?i:(?P<tag>applet|audio|base|button|canvas|embed|form|frame|frameset|iframe|input|link|meta|object|portal"
        r"|script|select|style|svg|template|textarea|title|video)\b(?=[\s/>])"
        r"|(?P<handled>[a-z][a-z0-9]*)\s[^<>]*?\b(?P<event>on[a-z]{3,})\s*=)"
    ),
    regex(r"\{\{[<%]\s*(?P<shortcode>/?\w+)"),
)
_RAW = regex(r"[ \t]*\{\s*(?P<raw>=\w+)[^{}\n]*\}|[ \t]*\{+\s*(?P<cell>\w[\w-]*)[^{}\n]*\}")
_ADDRESSES = (
    regex(r"\]\(\s*<?(?P<address>[^()<>\n]{0,200})"),
    regex(r"\n[ \t]*\[[^\]\n]+\]:\s*<?(?P<address>\S{0,200})"),  # of a text with a line end before it
    regex(r"<(?P<address>\w+:[^<>\s]*)>"),
)
_RAW_OPENERS = (regex(r"`(?:``[ \t]*\{|\{=)"), regex(r"~~~[ \t]*\{"))
_DIAGRAM_LANGUAGES = frozenset({"mermaid"})
_BRACKETS = regex(r"\[\[(?<![\\\[]\[\[)(?!\[|\w+\]\])")  # `[[name]]` is certainly a link
_BEHIND_BRACKETS = regex(r"\]\((?:[^()<>\n\"']{0,300}\)|[^()<>\s\"']{1,300}(?=\s[^()\n]{0,300}(?:\n|\Z)|\Z))")
"""Text after brackets that looks like the address of a link, to its end or to the space where it should end."""
_PATH = regex(r"[^:]{0,300}?(?:\.(?:md|mediawiki|qmd|html?|png|jpe?g|gif|svg|webp|pdf)\b|#[^\s)])", re.IGNORECASE)
_LOOKS_LIKE_LINK = regex(r"\[\[\s*(?:\||[A-Za-z_]+\s*::|[A-Z][A-Za-z]+:(?!//)|[A-Z][\w ]+$|\]\])")


class ActiveMarkup(NamedTuple):
    """Markup that does not do what it seems to."""

    code: str
    """Code of the rule that reports it."""
    start: int
    end: int
    detail: str


def find_active_markup(file: RawFile, references: Scan, body: str, hidden: str, wiki: bool) -> Iterator[ActiveMarkup]:
    """Yield the markup of a file that does not do what it seems to.

    ``references`` is the scan of the text. In ``body`` the front matter is blanked out, in ``hidden`` also code,
    formulas and comments. ``wiki``: the page is written in wikitext.
    """
    is_code = inside_any(references.verbatim_parts)
    text = file.text
    active: list[tuple[int, str]] = []
    if "<" in text or "{" in text:
        reported_kinds: set[str] = set()
        matches = (match for pattern in _ACTIVE for match in pattern.finditer(text))
        active = [(m.start(), _describe(m.groupdict())) for m in matches if _is_active(m) and not is_code(m.start())]
        for start, detail in sorted([*active, *_raw_code(file, references)]):
            if detail not in reported_kinds:
                reported_kinds.add(detail)
                yield ActiveMarkup("H001", start, start + 1, detail)
    reported = {start for start, _ in active}
    for start, end, detail in raw_wikitext(hidden) if wiki else raw_markup(body, references.verbatim_parts):
        if start not in reported:
            yield ActiveMarkup("H005", start, end, detail)
    for match in (match for pattern in _ADDRESSES for match in pattern.finditer(f"\n{text}")):
        address, start = match["address"].strip(), match.start() - (not match[0].startswith("\n"))
        if ":" in address and not is_safe(address) and not is_code(start):
            yield ActiveMarkup("H002", start, match.end() - 1, address[:60])
    if not wiki:
        link_ends = {item.span.end for items in (references.links, references.images) for item in items}
        for start, end in _broken_addresses(text):
            if end not in link_ends and not is_code(start):
                yield ActiveMarkup("L008", start, end, text[start:end])
    for part in references.verbatim_parts:
        if (part.kind == "mermaid" or part.language == "mermaid") and not is_drawn(part.body):
            yield ActiveMarkup("H003", part.start, part.end, "")
    link_starts = {item.span.start for items in (references.links, references.annotations) for item in items}
    for match in _BRACKETS.finditer(text):
        start = match.start()
        if start not in link_starts and not is_well_formed(text, start) and not is_code(start):
            line = text[start : start + 400].partition("\n")[0]
            if _LOOKS_LIKE_LINK.match(line):
                excerpt = line[: line.find("]]") + 2] if "]]" in line else line[:40]
                yield ActiveMarkup("L008", start, start + len(excerpt), excerpt)


def _broken_addresses(text: str) -> Iterator[tuple[int, int]]:
    """Yield the offsets of link addresses that are empty, hold a space or are not closed."""
    for match in _BEHIND_BRACKETS.finditer(text):
        address = match[0]
        empty = not address.strip("](# )")
        if empty or (_PATH.match(address, 2) and (" " in address.strip() or not address.endswith(")"))):
            yield match.start(), match.end()


def _is_active(match: re.Match[str]) -> bool:
    """Return whether markup is active. An event handler is active only in an element that a note may contain."""
    handled = match.groupdict().get("handled")
    return not handled or handled.lower() in ALLOWED_TAGS


def _raw_code(file: RawFile, references: Scan) -> Iterator[tuple[int, str]]:
    if "{" not in file.text or not any(opener.search(file.text) for opener in _RAW_OPENERS):
        return
    for part in references.verbatim_parts:
        opening = file.text[part.start : part.end].lstrip("`~").partition("\n")[0] if part.kind == "block" else ""
        attribute = _RAW.match(opening) or (_RAW.match(file.text, part.end) if part.kind == "inline" else None)
        if attribute and attribute["raw"]:
            yield part.start, f"raw `{{{attribute['raw']}}}`"
        elif (
            attribute
            and part.kind == "block"
            and attribute["cell"].lower() not in LEAVES
            and attribute["cell"].lower() not in _DIAGRAM_LANGUAGES
            and not file.trusted
        ):
            yield part.start, f"the cell `{{{attribute['cell']}}}`"


def _describe(groups: Mapping[str, str | None]) -> str:
    if tag := groups.get("tag"):
        return f"the element `{tag.lower()}`"
    if shortcode := groups.get("shortcode"):
        return f"the shortcode `{shortcode}`"
    return f"the handler `{(groups.get('event') or '').lower()}`"
