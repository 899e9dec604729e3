"""Wiki text of either dialect, and their mixtures, to Pandoc Markdown.

The order is: mask what is protected, then templates, images and addresses, then tables, then the
line rules, then restore. Links stay masked: only the whole wiki knows where they lead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from . import tables
from .blocks import Blocks, parse_heading
from .characters import unescaped
from .diagrams import is_drawn
from .inline import balanced_tags, inline, safe_url
from .links import MARK, Annotation, Scan, mark, scan
from .markdown import cell, code_span, escape, fence, math, verbatim
from .protected import Protected

_TEMPLATE = re.compile(r"\{\{\s*([A-Za-z][\w ]*?)\s*\|([^{}]*)\}\}")
_URL = r"(?:(?:https?|ftp)://|mailto:|www\.)"
_LINK_URL = re.compile(
    rf"\((?<=\]\()[ ]*(?:<(?P<angle>{_URL}[^<>\n\ue000]*)>"
    r"|(?P<bare>" + _URL + r"[^\s<>()\ue000]*(?:\([^\s<>()\ue000]*\)[^\s<>()\ue000]*)*))"
)
_BARE_URL = re.compile(r"http(?<![\w\"'=(<\[]http)s?://[^\s<>\"|\ue000\]]+")
_TARGET = re.compile(r"\((?<=\]\()(?!\s*<?\ue000)(?P<target>(?:[^()\n]|\n(?!\s*\n)|\([^()\n]*\))*)\)")
_DEFINITION = re.compile(
    r"^((?:[^\S\n]|[>*+\d.)-])*\[(?!\^)(?:[^\[\]\\]|\\.|\[[^\[\]]*\])+\]:\s*)(<[^<>\n]*>|\S+)", re.MULTILINE
)
_REFERENCE_IMAGE = re.compile(r"!(?=\[[^\[\]\n]*\](?!\())")
_SCHEME = re.compile(r"[^A-Za-z]*(?P<scheme>[A-Za-z][A-Za-z0-9+.\s-]*):")
_SAFE_SCHEMES = frozenset({"http", "https", "ftp", "mailto"})
_IMAGE = re.compile(
    r"""!\[(?P<alt>(?:[^\[\]]|\[[^\[\]]*\])*?)\]
        \([ ]*(?![a-zA-Z][a-zA-Z0-9+.-]*:|//|\#|<[a-zA-Z][a-zA-Z0-9+.-]*:)
        (?:<(?P<angle>[^<>\n]+)>|(?P<path>[^()\s<>\ue000]+(?:\([^()\s]*\)[^()\s]*)*))
        (?:\s+(?:"[^"\n]*"|'[^'\n]*'))?[ ]*\)""",
    re.VERBOSE,
)
_REMOTE_IMAGE = re.compile(r"!\[(?P<alt>[^\[\]\n]*)\](?=\([ ]*<?(?:[a-zA-Z][a-zA-Z0-9+.-]*:|//))")
_IMG_TAG = re.compile(r"<img\s(?:[^<>\n\ue000]|\n(?!\s*\n))*>", re.IGNORECASE)
_IMG_ATTRIBUTE = re.compile(r"""\b(src|alt)\s*=\s*["']([^"'<>\n]*)["']""", re.IGNORECASE)
_IMAGE_SUFFIX = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|avif)$", re.IGNORECASE)
_SECTION = re.compile(r"^(?:==+[^=]|##+ )", re.MULTILINE)
_MAGIC_WORD = re.compile(r"__(?:NO)?(?:TOC|INDEX|EDITSECTION)__")
_REF = re.compile(r"<ref\b[^<>/\ue000]*>([^<>\n]*)</ref>", re.IGNORECASE)
_LEAD = re.compile("[ \t>]*(?:(?:-|\\d+\\.)[ ]+(?=\ue000b))?")
_OPEN_BLOCKS = re.compile(r"[ \t]*(?:(?:>|[-+*#]:*|\d+[.)])[ \t]*)*")
_REST_OF_LINE = re.compile(r"[^\S\n]*(?:\n|\Z)")
_LONGEST_LEAD = 1_000
"""Characters. What stands on a line before a block is looked at no further back: lines may be of any length."""
_STRUCTURE = ("=", "#", "{|", "|}")
"""How headings and the edges of tables begin."""
_DEEPEST_BRACKET = 30
"""Brackets that are open at once in a paragraph; more are text, for pandoc's time doubles with each."""
_BLANK_LINES = re.compile(r"(\n[ \t]*\n)")
_DEEPEST = 12
"""Tables within tables beyond this are text."""


@dataclass(slots=True)
class Converted:
    """A page's text as Markdown, and what was found on the way."""

    markdown: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    """Names and Markdown values of the rows of an infobox or template."""
    images: list[tuple[str, str]] = field(default_factory=list)
    """Relative path and Markdown caption of images; in ``markdown`` each is a mark of kind ``i``."""


def convert(text: str, found: Scan, wiki: bool, trusted: bool = False) -> Converted:
    """Convert one page. ``wiki`` says that its dialect is MediaWiki's, ``trusted`` that its cells may run."""
    return _Converter(wiki, trusted).run(text, found)


def line(text: str) -> str:
    """One line of Markdown from front matter, as harmless as the rest of a page."""
    found = scan(text, indented_code=False)
    return escape(text) if found.links or found.annotations else _Converter(False).one_line(text, found)


def label(text: str, wiki: bool) -> str:
    """The label of a link as Markdown that can stand between brackets."""
    if not re.search(r"[`*'$<>{}\[\]\\_|&#@^~]", text):
        return text
    found = scan(text, indented_code=False)
    if found.links or found.annotations or "\n" in text:
        return escape(text)
    shown = _Converter(wiki).one_line(text, found)
    return escape(text) if re.search(r"(?<!\\)[\[\]]|\ue000", shown) else re.sub(r"(?<!\\)\|", r"\\|", shown)


class _Converter:
    """The masked parts of one page."""

    def __init__(self, wiki: bool, trusted: bool = False) -> None:
        self.wiki = wiki
        self.trusted = trusted
        self.tags: frozenset[str] = frozenset()
        self.parts: list[str] = []
        self.out = Converted()

    def run(self, text: str, found: Scan) -> Converted:
        masked = self._mask(text, found)
        masked = _REF.sub(r"^[\1]", _IMG_TAG.sub(_image_tag, masked))
        if self.wiki and "__" in masked:
            masked = _MAGIC_WORD.sub("", masked)
        if masked.count("[") > _DEEPEST_BRACKET:
            masked = "".join(map(_flat, _BLANK_LINES.split(masked)))
        self.tags = balanced_tags(masked)
        first = _SECTION.search(masked)
        head = first.start() if first else len(masked)  # below it a template is content
        masked = _TEMPLATE.sub(self._template, masked[:head]) + _TEMPLATE.sub(self._shown, masked[head:])
        masked = self._addresses(masked)
        self.out.markdown = self._restore(self._blocks(self._tables(masked.split("\n"))))
        return self.out

    def one_line(self, text: str, found: Scan) -> str:
        """Convert inline text alone."""
        return self._restore(self._inline(self._addresses(self._mask(text, found))))

    def _addresses(self, masked: str) -> str:
        # The site asks no other host for anything: an image elsewhere becomes a link to it.
        masked = _REMOTE_IMAGE.sub(lambda m: f"[{m['alt'] or 'image'}]", masked)
        masked = _IMAGE.sub(lambda m: self._image(m["angle"] or m["path"], m["alt"]), masked)
        masked = _LINK_URL.sub(lambda m: "(" + self._keep(f"<{_whole(m['angle'] or m['bare'])}>"), masked)
        masked = _REFERENCE_IMAGE.sub(r"\\!", masked)
        # Good addresses are masked by now, and so are links in the wiki: what is left leads nowhere good.
        masked = _TARGET.sub(lambda m: self._keep(_not_linked(m["target"])), masked)
        if "]:" in masked:
            masked = _DEFINITION.sub(lambda m: m[0] if is_safe(m[2]) else f"{m[1]}#title-block-header", masked)
        return _BARE_URL.sub(self._bare_url, masked)

    def _keep(self, markdown: str, kind: str = "c") -> str:
        if not markdown:  # a mark of nothing would keep the rules from seeing what comes together here
            return ""
        self.parts.append(markdown)
        return mark(kind, len(self.parts) - 1)

    def _mask(self, text: str, found: Scan) -> str:
        pieces = [(p.start, p.end, self._protected(p, text)) for p in found.protected]
        pieces += [(k.span.start, k.span.end, mark("l", n)) for n, k in enumerate(found.links)]
        pieces += [(a.span.start, a.span.end, self._annotation(a)) for a in found.annotations]
        out: list[str] = []
        position = 0
        for start, end, replacement in sorted(pieces):
            if start >= position:
                out += (text[position:start], replacement)
                position = end
        return "".join([*out, text[position:]])

    def _protected(self, part: Protected, text: str) -> str:
        match part.kind:
            case "block" | "pre" | "mermaid":
                return self._code_block(part, text)
            case "comment":
                return ""
            case "math" | "display":
                return self._keep(math(part.body, part.kind == "display"))
            case "verbatim":
                return self._keep(verbatim(part.body))
            case "code":
                return self._keep(code_span(unescaped(part.body)))
        body = part.body
        if "\\|" in body:  # in a table GitHub's Markdown escapes bars in code too
            line = text[text.rfind("\n", 0, part.start) + 1 : part.start]
            body = body.replace("\\|", "|") if line.lstrip().startswith("|") else body
        return self._keep(code_span(body))

    def _code_block(self, part: Protected, text: str) -> str:
        body, language = part.body, part.language
        if part.kind == "pre":
            body = unescaped(body).removeprefix("\n").removesuffix("\n")
        if part.kind == "mermaid" or language == "mermaid":
            # `%%| file:` would make Quarto draw another file.
            body = re.sub(r"(?m)^\s*%%\s*\|.*\n?", "", body).strip("\n")
            language = "{mermaid}" if is_drawn(body) else "default"
        first = max(0, part.start - _LONGEST_LEAD)
        before = text[max(first, text.rfind("\n", first, part.start) + 1) : part.start]
        opening = "" if _OPEN_BLOCKS.fullmatch(before) else "\n"
        closing = "" if _REST_OF_LINE.match(text, part.end) else "\n"
        code = cell(body) if part.is_cell and self.trusted else fence(body, language)
        return f"{opening}{self._keep(code, 'b')}{closing}"

    def _annotation(self, annotation: Annotation) -> str:
        """What an annotation shows where it stands."""
        first, *rest = annotation.values
        if annotation.name == "image":
            return self._image(first, rest[0])
        if annotation.name == "address":
            return self._keep(f"[{escape(rest[0])}](<{safe_url(first)}>)" if rest[0] else f"<{safe_url(first)}>")
        if annotation.name == "category":
            return ""
        if annotation.name == "source" and len(rest) > 1:
            title = escape(rest[0])
            return self._keep(f"[{title}](<{safe_url(rest[1])}>)" if _is_web(rest[1]) else title, "a")
        return self._keep(verbatim(first.replace("_", " ")), "a")

    def _restore(self, text: str) -> str:
        if "\ue000" not in text:
            return text
        return "\n".join(MARK.sub(self._part, line) if "\ue000" in line else line for line in text.split("\n"))

    def _part(self, match: re.Match[str]) -> str:
        if match[1] in "li":
            return match[0]
        part = self._restore(self.parts[int(match[2])])
        if "\n" not in part:
            return part
        lead = _LEAD.match(match.string)  # the line that the part stands on
        return part.replace("\n", "\n" + re.sub(r"[^\t>]", " ", lead[0] if lead else ""))

    def _inline(self, text: str) -> str:
        return inline(text, self.wiki, self.tags)

    def _blocks(self, lines: list[str]) -> str:
        return "\n".join(Blocks(lines, self.wiki, self._inline).convert())

    def _template(self, match: re.Match[str]) -> str:
        parts = [part.partition("=") for part in match[2].split("|") if part.strip()]
        if not parts or not all(equals and name.strip() for name, equals, _ in parts):
            return self._keep(code_span(match[0]))
        for name, _, value in parts:
            self._field(name.strip(), value.split("\n"))
        return ""

    def _field(self, name: str, lines: list[str]) -> None:
        """Remember a row of metadata. What its annotations say is read elsewhere."""
        bare = [re.sub("\ue000a\\d+\ue001", "", line) for line in lines]
        kept = [new for old, new in zip(lines, bare, strict=True) if old == new or new.strip(" *,;·-")]
        value = self._restore(self._blocks(kept)).strip(" \n,;·")
        if name or value:
            self.out.fields.append((self._restore(self._inline(name)), value))

    def _shown(self, match: re.Match[str]) -> str:
        return self._keep(code_span(match[0]))

    def _image(self, path: str, alt: str) -> str:
        caption = self._inline(re.sub(r"\s*\n\s*", " ", alt))
        self.out.images.append((path, self._restore(caption)))
        return mark("i", len(self.out.images) - 1)

    def _bare_url(self, match: re.Match[str]) -> str:
        url = match[0].rstrip(".,;:!?*'`")
        while url.endswith(")") and url.count(")") > url.count("("):
            url = url[:-1].rstrip(".,;:!?*'`")
        return self._keep(f"<{safe_url(url)}>") + match[0][len(url) :]

    def _tables(self, lines: list[str]) -> list[str]:
        """Replace each wikitable by one marked line, the innermost first.

        A table that is never closed ends at the next heading.
        """
        levels: list[list[str]] = [[]]
        infobox = True  # annotations in a table make it one, but only before the first section
        for line in lines:
            stripped = line.strip()
            if not stripped.startswith(_STRUCTURE):
                levels[-1].append(line)
                continue
            heading = parse_heading(line, self.wiki)
            if heading:
                while len(levels) > 1:
                    levels[-2].append(self._table(levels.pop(), infobox))
                infobox = infobox and heading[0] == 1
            if stripped.startswith("{|") and len(levels) < _DEEPEST:
                levels.append([line])
            elif len(levels) > 1 and stripped.startswith("|}"):
                levels[-2].append(self._table(levels.pop(), infobox))
                if stripped[2:].strip():
                    levels[-1].append(stripped[2:])
            else:
                levels[-1].append(line)
        while len(levels) > 1:
            levels[-2].append(self._table(levels.pop(), infobox))
        return levels[0]

    def _table(self, lines: list[str], infobox: bool) -> str:
        table = tables.parse(lines)
        if "infobox" in table.attributes or (infobox and any("\ue000a" in line for line in lines)):
            self._field("", [table.caption])
            for first, *rest in table.rows:
                name = first.text if rest else ""
                self._field(name, [line for cell in rest or [first] for line in cell.lines])
            return ""
        return self._keep(tables.render(table, self._inline, self._blocks), "b")


def _flat(paragraph: str) -> str:
    """A paragraph whose brackets, if very many are open at once, are text."""
    if paragraph.count("[") <= _DEEPEST_BRACKET:
        return paragraph
    deepest = depth = 0
    for bracket in re.findall(r"[\[\]]", paragraph):
        depth = max(0, depth + (1 if bracket == "[" else -1))
        deepest = max(deepest, depth)
    return paragraph.replace("[", "&#91;").replace("]", "&#93;") if deepest > _DEEPEST_BRACKET else paragraph


def _whole(url: str) -> str:
    return safe_url(f"https://{url}" if url.startswith("www.") else url)


def _image_tag(match: re.Match[str]) -> str:
    found = {name.lower(): value for name, value in _IMG_ATTRIBUTE.findall(match[0])}
    return f"![{found.get('alt', '')}](<{found['src']}>)" if found.get("src") else match[0]


def _not_linked(target: str) -> str:
    shown = re.sub(r'[\\"{}<>\s\ue000-\ue003]+', " ", target).strip()
    return f'{{.tw-missing title="{shown[:80]}: not linked"}}'


def _is_web(address: str) -> bool:
    return bool(re.match(r"(?:https?|ftp)://", address))


def is_safe(target: str) -> bool:
    """Whether an address runs nothing. Entities hide nothing from a browser."""
    scheme = _SCHEME.match(unescaped(unescaped(target.strip("<>"))))
    return not scheme or re.sub(r"\s", "", scheme["scheme"]).lower() in _SAFE_SCHEMES
