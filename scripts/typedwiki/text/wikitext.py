"""Convert a MediaWiki page to Pandoc Markdown.

The order is MediaWiki's: first unparsed parts (code, comments, formulas) are set aside, then brackets from the inside
out (templates, links, references), then tables, then lines. Each part set aside is a mark in the text until its line is
written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from msgspec import Struct, field

from ..regex import regex
from . import brackets, common_templates, namespaces, tables, templates
from .blocks import Blocks
from .characters import decode_entities, safe_url
from .inline import Inline
from .links import PROPERTIES, edge_name
from .markdown import guard, one_line, page_code, page_fence, page_text
from .sections import wiki_heading
from .stash import Stash, StashedPart, without_removed

_REDIRECT = regex(
    rf"\A\s*{namespaces.REDIRECT}[ \t]*:?[ \t]*\[\[[ \t]*:?(?P<target>[^\[\]|\n]*)(?:\|[^\]\n]*)?\]\]", re.IGNORECASE
)
_SECTION = regex(r"^(?:==+[^=]|##+ )", re.MULTILINE)
_SHOWS_NOTHING = regex(
    r"</?(?:noinclude|onlyinclude|translate|tvar)\b[^<>]*>|<(?:section|templatestyles|indicator|languages)\b[^<>]*/>"
    r"|</?nowiki\b[^<>]*>",
    re.IGNORECASE,
)
_BOX = regex(r"(?m)^(?:[ \t]*</?(?:div|center|p)(?:\s[^<>\n]*)?/?>)+[ \t]*")
_BOX_END = regex(r"(?m)</(?:div|center|p)[ \t]*>[ \t]*$")
_FLOAT = regex("\ue000f\\d+\ue001")
_NAME = regex(r"""\b(name|group)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/>]+))""", re.IGNORECASE)
_ADDRESS = regex(r"[ \t]*(?:(?:https?|ftp)://|mailto:[^\s@]+@)[^\s|]*")
_TRAIL = regex(r"[a-z]+")
_SPACES = regex(r"[ \t]*")


class Converted(Struct, frozen=True):
    """A page as Markdown, and its metadata."""

    markdown: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    """Names and Markdown values of the rows of infoboxes above the first section."""
    title: str = ""
    """Title given by DISPLAYTITLE, without markup."""
    redirect: str = ""
    """The target, if the page is a redirect."""


def convert(text: str, page_name: str = "") -> Converted:
    """Convert the text of a page, without its front matter. ``page_name`` is what ``{{PAGENAME}}`` shows."""
    return _Page(page_name).convert(text if text.isascii() else re.sub("[\ue000-\ue003]", "\ufffd", text))


class _Page:
    """One page: its stash, and the metadata read so far."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stash = Stash()
        self.fields: list[tuple[str, str]] = []
        self.title = ""
        self.head = 0
        self.notes: dict[str, str] = {}
        """Texts of the references, by the label of the footnote."""
        self.used: list[str] = []
        """Labels of the references that are shown."""
        self.inline = Inline("", self.stash.render)
        self.template: brackets.Pair | None = None
        """The template whose wikitext is being read. It is the place of all parts in it."""

    def convert(self, text: str) -> Converted:
        text = self.stash.store_code(text)
        text = _SHOWS_NOTHING.sub(self._stash_nothing, text)
        text = brackets.SWITCH.sub(self._stash_nothing, text) if "__" in text else text
        redirect = _REDIRECT.match(text)
        if redirect:
            text = text[redirect.end() :]
        self.inline = Inline(text, self.stash.render)
        first_section = _SECTION.search(text)
        self.head = first_section.start() if first_section else len(text)
        self.stash.text = text
        lines = self._blocks(self._prepared(brackets.replace_pairs(text, self._bracketed)))
        while lines and not lines[-1]:
            lines.pop()
        for label in self.used:  # a note may contain others, which are then added here
            lines += ["", *self._note(label, self.notes[label])]
        return Converted(
            "\n".join(lines).strip("\n"),
            self.fields,
            self.title,
            self.stash.raw(redirect["target"]).strip() if redirect else "",
        )

    def _stash_nothing(self, match: re.Match[str]) -> str:
        kind = "e" if "nowiki" in match[0].lower() else "o"
        return self.stash.store(kind, StashedPart(lambda _: "", raw=match[0]))

    def line(self, text: str, in_cell: bool = False) -> str:
        return self.inline.line(text, in_cell=in_cell)

    def _prepared(self, text: str) -> list[str]:
        """Return the lines of a text, with tables as marks."""
        text = without_removed(text)
        text = _BOX_END.sub("\n", _BOX.sub("\n", text))
        if "\ue000f" in text:
            text = "\n".join(_with_floats_apart(line) for line in text.split("\n"))
        return tables.replace_tables(text.split("\n"), _heading_level, self._table)

    def _blocks(self, lines: list[str], in_line: bool = False) -> list[str]:
        return Blocks(lines, self.inline, self.stash, in_line).convert()

    # Content of brackets

    def _bracketed(self, pair: brackets.Pair) -> str | None:
        match pair.kind:
            case "{":
                return self._template(pair)
            case "[":
                target = pair.pieces[0].partition("|")[0] if pair.pieces else ""
                return None if pair.holds_link and not brackets.is_file(target) else self._link(pair)
            case "ref":
                return self._reference(pair)
            case "gallery":
                lines = without_removed(pair.content).split("\n")
                return self._stash("b", pair, lambda _: "\n\n".join(map(self._gallery_line, filter(str.strip, lines))))
            case "poem":
                return self._stash(
                    "b", pair, partial(self._poem, without_removed(pair.content).strip("\n").split("\n"))
                )
            case "blockquote":
                return self._stash("b", pair, partial(self._quote, pair.content))
            case "tabber":
                return _tabset(pair.content)
        return ""  # parts that only other pages include, and the place for notes, which come last

    def _stash(self, kind: str, pair: brackets.Pair, to_markdown: Callable[[bool], str]) -> str:
        place = self.template or pair
        return self.stash.store(kind, StashedPart(to_markdown, place.start, place.end))

    def _template(self, pair: brackets.Pair) -> str:
        content = without_removed(pair.content)
        if not pair.in_template:
            if (sign := templates.character(content)) is not None:
                return sign
            title = templates.title(content)
            if title is not None:
                self.title = self.title or re.sub(r"'{2,}|<[^<>]*>", "", self.stash.raw(title)).strip()
            fields = templates.fields(content) if pair.start < self.head else None
            if fields is not None:
                for name, value in fields:
                    self._field(name, value.split("\n"))
            if fields is not None or templates.shows_nothing(content):
                return self._stash("o", pair, lambda _: "")
        if templates.is_page_name(content) and self.name:
            return self._stash("v", pair, lambda _: page_text(self.name))
        if shown := common_templates.shown(content) or common_templates.list_of_fields(content):
            return self._shown(pair, shown)
        return self._stash("t", pair, lambda _: page_code(self.stash.raw(self.stash.text[pair.start : pair.end])))

    def _shown(self, pair: brackets.Pair, shown: common_templates.Shown) -> str:
        """Return the wikitext that a page shows instead of a template, with its parts set aside."""
        if shown.kind == "code":
            code = decode_entities(self.stash.raw(shown.text))
            if "\n" in code:
                return self._stash("b", pair, lambda _: page_fence(code, ""))
            return self._stash("c", pair, lambda _: page_code(code))
        line = self.stash.text[self.stash.text.rfind("\n", 0, pair.start) + 1 : pair.start]
        is_block = shown.kind == "block" and (pair.in_template or not line.strip())
        outer, self.template = self.template, self.template or pair
        text = brackets.replace_pairs(shown.text if is_block else shown.in_line or shown.text, self._bracketed)
        self.template = outer
        if is_block and not outer:
            pair.trail = len(self._after(pair, _SPACES))
        return f"\n{text}\n" if is_block else text

    def _link(self, pair: brackets.Pair) -> str | None:
        content = without_removed(pair.content)
        target, bar, label = content.partition("|")
        if "\n" in target or "]" in target or "[" in target or not target.strip():
            return None
        if brackets.is_file(target):
            file = brackets.read_file(content)
            return self._stash("f" if file.floats and file.caption else "i", pair, lambda _: self._image(file))
        if "\ue000" in target:
            return None
        edge, colons, _ = target.partition("::")
        if colons and edge_name(edge) in PROPERTIES:
            return self._stash("n", pair, lambda _: f"[[{self.stash.raw(content)}]]")
        if not colons and _ADDRESS.fullmatch(label):  # GitHub's wikis write the label first
            target, label = label.strip(), target.strip()
        if not colons and _ADDRESS.match(target):
            url, _, words = target.strip().partition(" ")
            return self._stash("c", pair, lambda _: self.line(f"[{url} {label or words}]"))
        place = namespaces.place(target) if not colons else ""
        words = label.strip() or target.strip().lstrip(":").strip()
        if place == "elsewhere":
            address = namespaces.address_elsewhere(self.stash.raw(target))
            return self._stash("c", pair, lambda in_link: self.inline.line(f"[{address} {words}]", in_link))
        if place in ("words", "language"):
            kind = "l" if place == "language" and not bar else "i"
            return self._stash(kind, pair, lambda in_link: self.inline.line(words, in_link))
        if place == "category":
            return self._stash("g", pair, lambda _: f"[[{self.stash.raw(content)}]]")
        target_text = target.strip().removeprefix(":").strip()
        if place == "media":
            path = target.partition(":")[2].strip()
            return self._stash("i", pair, lambda _: f"[{self.inline.line(label.strip() or path, True)}](<{path}>)")

        def to_markdown(in_link: bool) -> str:
            if in_link:
                return self.inline.line(words, True)
            label_markdown = self.inline.label(label)
            return f"[[{target_text}|{label_markdown}]]" if label_markdown else f"[[{target_text}]]"

        trail = "" if colons or ":" in target_text else self._trail(pair)
        label = f"{label.strip() or target_text}{trail}" if trail else label
        return self._stash("w", pair, to_markdown)

    def _trail(self, pair: brackets.Pair) -> str:
        """Return the letters directly after a link, which belong to its text."""
        trail = "" if self.template else self._after(pair, _TRAIL)
        pair.trail = len(trail)
        return trail

    def _after(self, pair: brackets.Pair, pattern: re.Pattern[str]) -> str:
        """Return what a pattern matches directly after a pair."""
        match = pattern.match(self.stash.text, pair.end)
        return match[0] if match else ""

    def _gallery_line(self, line: str) -> str:
        is_picture = brackets.is_file(line.partition("|")[0]) or brackets.has_suffix(line.partition("|")[0])
        return self._image(brackets.read_file(line)) if is_picture else guard(self.line(line.strip()))

    def _image(self, file: brackets.File) -> str:
        file.name = self.stash.raw(file.name)
        caption = self.line(one_line(file.caption))
        alt = self.stash.raw(file.alt)
        image = brackets.image_markdown(file, caption, alt if caption else page_text(alt))
        leads_out = file.link.startswith(("https://", "http://")) and not file.floats
        return f"[{image}](<{safe_url(file.link)}>)" if leads_out else image

    def _quote(self, content: str, _: bool) -> str:
        lines = self._blocks(self._prepared(content))
        while lines and not lines[-1]:
            lines.pop()
        return "\n".join(f"> {line}".rstrip() for line in lines)

    def _poem(self, lines: list[str], _: bool) -> str:
        markdown_lines = [
            ("&nbsp;" * min(40, len(line) - len(line.lstrip()))) + self.line(line.strip()) for line in lines
        ]
        ends = [
            bool(line and next_line) for line, next_line in zip(markdown_lines, [*markdown_lines[1:], ""], strict=True)
        ]
        return "\n".join(f"{line}\\" if has_next else line for line, has_next in zip(markdown_lines, ends, strict=True))

    # References, infoboxes, tables

    def _reference(self, pair: brackets.Pair) -> str:
        named = {m[1].lower(): m[2] or m[3] or m[4] or "" for m in _NAME.finditer(pair.attributes)}
        name = re.sub(r"[^\w.:-]+", "-", "-".join(filter(None, (named.get("group"), named.get("name"))))).strip("-")
        if not name or not named.get("name"):
            number = len(self.notes) + 1
            while str(number) in self.notes:
                number += 1
            name = str(number)
        content = pair.content.strip()
        if content or not self.notes.get(name):
            self.notes[name] = self.notes.get(name) or content
        return self._stash("r", pair, partial(self._footnote, name))

    def _footnote(self, name: str, _: bool) -> str:
        if name not in self.used:
            self.used.append(name)
        return f"[^{name}]"

    def _note(self, label: str, content: str) -> list[str]:
        lines = self._blocks(self._prepared(content or label), in_line=True)
        first, *rest = lines or [label]
        return [f"[^{label}]: {first}", *(f"    {line}" if line else "" for line in rest)]

    def _field(self, name: str, lines: list[str]) -> None:
        value = "\n".join(self._blocks(self._prepared("\n".join(lines)))).strip(" \n,;·")
        if name or value:
            self.fields.append((self.line(name), value))

    def _table(self, table: tables.Table, above_first_section: bool) -> str:
        cells = [cell for row in table.rows for cell in row]
        annotated = any("\ue000n" in line for cell in cells for line in cell.lines)
        if "infobox" in table.attributes or (above_first_section and annotated):
            self._field("", [table.caption])
            for name_cell, *value_cells in table.rows:
                name = name_cell.text if value_cells else ""
                self._field(name, [line for cell in value_cells or [name_cell] for line in cell.lines])
            return ""
        rendered = partial(tables.render, table, self.line, partial(self._blocks, in_line=True))
        return self.stash.store("x", StashedPart(lambda _: "\n".join(rendered()), raw=""))


def _tabset(content: str) -> str:
    """Return the wikitext of a tabset for the tabs of the extension TabberNeue, ``Title=text`` between ``|-|``."""
    tabs = (tab.partition("=") for tab in content.split("|-|"))
    lines = [f"====== {title.strip()} ======\n{text.strip()}\n" for title, _, text in tabs if title.strip()]
    return "\n".join(["", "::: {.panel-tabset}", *lines, ":::", ""])


def _with_floats_apart(line: str) -> str:
    """Return a line whose floating pictures with captions, which MediaWiki puts beside the text, are moved above it."""
    if "\ue000f" not in line or line.startswith(("*", "#", ":", ";", "|", "!", "=", "{", " ", "-")):
        return line
    pictures = _FLOAT.findall(line)
    rest = " ".join(piece.strip(" \t") for piece in _FLOAT.split(line)).strip()
    return "\n\n".join(["", *pictures, rest] if rest else pictures)


def _heading_level(line: str) -> int:
    heading = wiki_heading(line)
    return heading[0] if heading else 0
