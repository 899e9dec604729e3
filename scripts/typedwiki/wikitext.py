"""Wiki text of either dialect, and their mixtures, to Pandoc Markdown.

The order is: mask what is protected, then templates, images and addresses, then tables, then the
line rules, then restore. Links stay masked: only the whole wiki knows where they lead.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from . import tables
from .blocks import Blocks, parse_heading
from .inline import balanced_tags, inline
from .links import MARK, Annotation, Protected, Scan, mark

_TEMPLATE = re.compile(r"\{\{\s*([A-Za-z][\w ]*?)\s*\|([^{}]*)\}\}")
_URL = r"(?:https?|ftp)://[^\s<>()]*(?:\([^\s<>()]*\)[^\s<>()]*)*|mailto:[^\s<>()]+"
_LINK_URL = re.compile(rf"(?<=\]\()\s*<?({_URL})>?")
_BARE_URL = re.compile(r"(?<![\w\"'=(<\[])https?://[^\s<>\"|\ue000\])]+(?<![.,;:!?*'`])")
_UNSAFE_URL = re.compile(r"(?<=\]\()\s*<?\s*(?!https?:|ftp:|mailto:)[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)
_IMAGE = re.compile(
    r"!\[(?P<alt>[^\[\]\n]*)\]\(\s*<?(?P<path>(?![a-zA-Z][a-zA-Z0-9+.-]*:|/|\#)[^()\s<>]+)>?"
    r"(?:\s+\"[^\"\n]*\")?\)"
)
_PUNCTUATION = re.compile(r"([\\`*_{}\[\]<>|$@^~#&])")


@dataclass(slots=True)
class Converted:
    """A page's text as Markdown, and what was found on the way."""

    markdown: str = ""
    fields: list[tuple[str, str]] = field(default_factory=list)
    """Names and Markdown values of the rows of an infobox or template."""
    images: list[str] = field(default_factory=list)
    """Relative paths of images; in ``markdown`` each is a mark of kind ``i``."""


def convert(text: str, found: Scan, wiki: bool) -> Converted:
    """Convert one page. ``wiki`` says that its dialect is MediaWiki's."""
    return _Converter(wiki).run(text, found)


def fence(body: str, language: str = "") -> str:
    """A fenced code block that holds ``body`` byte for byte, and runs nothing.

    Quarto expands shortcodes in code too, unless the block says no.
    """
    longest = max((len(run) for run in re.findall(r"^\s*(`{3,})", body, re.MULTILINE)), default=2)
    ticks = "`" * (longest + 1)
    if "{{<" in body and language != "{mermaid}":
        language = f'{{{f".{language} " if language else ""}shortcodes="false"}}'
    return f"{ticks}{language}\n{body}\n{ticks}"


def code_span(body: str) -> str:
    """Inline code that shows ``body``."""
    text = re.sub(r"\s*\n\s*", " ", body)
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    guard = '{shortcodes="false"}' if "{{<" in text else ""
    return f"{ticks}{space}{text}{space}{ticks}{guard}" if text.strip() else ""


def escape(text: str) -> str:
    """Plain text as Markdown that shows it."""
    return _PUNCTUATION.sub(r"\\\1", text)


def escape_smart(text: str) -> str:
    """``escape`` for where Quarto reads with its own reader, which curls quotes and joins dashes."""
    return re.sub(r"[\"']|-(?=-)|\.(?=\.)", r"\\\g<0>", escape(text))


class _Converter:
    """The masked parts of one page."""

    def __init__(self, wiki: bool) -> None:
        self.wiki = wiki
        self.tags: frozenset[str] = frozenset()
        self.parts: list[str] = []
        self.out = Converted()

    def run(self, text: str, found: Scan) -> Converted:
        masked = self._mask(text, found)
        self.tags = balanced_tags(masked)
        masked = _TEMPLATE.sub(self._template, masked)
        masked = _IMAGE.sub(self._image, masked)
        masked = _LINK_URL.sub(lambda m: self._keep(f"<{m[1]}>"), masked)
        masked = _UNSAFE_URL.sub("unsafe:", masked)
        masked = _BARE_URL.sub(lambda m: self._keep(f"<{m[0]}>"), masked)
        self.out.markdown = self._restore(self._blocks(self._tables(masked.split("\n"))))
        self.out.fields = [(name, self._restore(value)) for name, value in self.out.fields]
        return self.out

    def _keep(self, markdown: str, kind: str = "c") -> str:
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
            case "math":
                return self._keep(f"${part.body.strip()}$")
            case "display":
                return self._keep(f"$${part.body.strip()}$$")
            case "verbatim":
                return self._keep(escape(part.body))
            case _:
                return self._keep(code_span(part.body))

    def _code_block(self, part: Protected, text: str) -> str:
        body, language = part.body, part.language
        if part.kind == "pre":
            body = html.unescape(body).removeprefix("\n").removesuffix("\n")
        if part.kind == "mermaid" or language == "mermaid":
            body, language = body.strip("\n"), "{mermaid}"
        line_start = text.rfind("\n", 0, part.start) + 1
        line_end = text.find("\n", part.end)
        alone_before = not text[line_start : part.start].strip()
        alone_after = not text[part.end : line_end if line_end >= 0 else None].strip()
        block = self._keep(fence(body, language), "b")
        return f"{part.indent if alone_before else chr(10)}{block}{'' if alone_after else chr(10)}"

    def _annotation(self, annotation: Annotation) -> str:
        """What an annotation shows when it stands in prose."""
        if annotation.name == "source" and len(annotation.values) > 2:
            return self._keep(f"[{escape(annotation.values[1])}](<{annotation.values[2]}>)", "a")
        return self._keep(escape(annotation.values[0].replace("_", " ")), "a")

    def _restore(self, text: str) -> str:
        if "\ue000" not in text:
            return text
        lines = []
        for line in text.split("\n"):
            if "\ue000" in line:
                indent = line[: len(line) - len(line.lstrip(" \t>"))]
                line = MARK.sub(lambda m: self._part(m, indent), line)  # noqa: B023
            lines.append(line)
        return "\n".join(lines)

    def _part(self, match: re.Match[str], indent: str) -> str:
        if match[1] in "li":
            return match[0]
        return self._restore(self.parts[int(match[2])]).replace("\n", f"\n{indent}")

    def _inline(self, text: str) -> str:
        return inline(text, self.wiki, self.tags)

    def _blocks(self, lines: list[str]) -> str:
        return "\n".join(Blocks(lines, self.wiki, self._inline).convert())

    def _template(self, match: re.Match[str]) -> str:
        parts = [part.partition("=") for part in match[2].split("|") if part.strip()]
        if not parts or not all(equals and name.strip() for name, equals, _ in parts):
            return self._keep(code_span(match[0]))
        self.out.fields += [(name.strip(), value.strip()) for name, _, value in parts if value.strip()]
        return ""

    def _image(self, match: re.Match[str]) -> str:
        self.out.images.append(match["path"])
        return f"![{match['alt']}]({mark('i', len(self.out.images) - 1)})"

    def _tables(self, lines: list[str]) -> list[str]:
        """Replace each wikitable by one marked line, the innermost first.

        A table that is never closed ends at the next heading.
        """
        levels: list[list[str]] = [[]]
        for line in lines:
            stripped = line.strip()
            if len(levels) > 1 and parse_heading(line, self.wiki):
                while len(levels) > 1:
                    levels[-2].append(self._table(levels.pop()))
            if stripped.startswith("{|"):
                levels.append([line])
            elif len(levels) > 1 and stripped.startswith("|}"):
                levels[-2].append(self._table(levels.pop()))
                if stripped[2:].strip():
                    levels[-1].append(stripped[2:])
            else:
                levels[-1].append(line)
        while len(levels) > 1:
            levels[-2].append(self._table(levels.pop()))
        return levels[0]

    def _table(self, lines: list[str]) -> str:
        table = tables.parse(lines)
        if "infobox" in table.attributes or any("\ue000a" in line for line in lines):
            for row in table.rows:
                self.out.fields.append((row[0].text, "\n".join(cell.text for cell in row[1:])))
            return ""
        return self._keep(tables.render(table, self._inline, self._blocks), "b")
