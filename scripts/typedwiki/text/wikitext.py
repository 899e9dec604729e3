"""A MediaWiki page as Pandoc Markdown.

The order is MediaWiki's: set aside what is not parsed (code, comments, formulas), then what stands in
brackets from the inside out (templates, links, references), then tables, then lines. What is set aside
is a mark in the text until the line that it stands on is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from . import brackets, images, interwiki, tables, templates
from .blocks import Blocks, parse_heading
from .characters import unescaped
from .escape import code_span, escape, fence, math
from .inline import Inline
from .protected import Protected, protected

_REDIRECT = re.compile(r"\A\s*#REDIRECT[ \t]*:?[ \t]*\[\[[ \t]*:?(?P<target>[^\[\]|\n]*)(?:\|[^\]\n]*)?\]\]", re.IGNORECASE)
_SECTION = re.compile(r"^(?:==+[^=]|##+ )", re.MULTILINE)
_SWITCH = re.compile(
    r"__(?:(?i:NOTOC|FORCETOC|TOC|NOEDITSECTION|NOGALLERY)|NEWSECTIONLINK|NONEWSECTIONLINK|HIDDENCAT|INDEX|NOINDEX"
    r"|EXPECTUNUSEDCATEGORY|EXPECTUNUSEDTEMPLATE|NOCONTENTCONVERT|NOCC|NOTITLECONVERT|NOTC|START|END|STATICREDIRECT"
    r"|NOGLOBAL|DISAMBIG|EXPECTWITHOUTSCANS|ARCHIVEDTALK|NOTALK)__"
)
_UNSEEN = re.compile(
    r"</?(?:noinclude|onlyinclude)\b[^<>]*>|<(?:section|templatestyles|indicator)\b[^<>]*/>|</?nowiki\b[^<>]*>",
    re.IGNORECASE,
)
_BOX = re.compile(r"(?m)^(?:[ \t]*</?(?:div|center|p)(?:\s[^<>\n]*)?/?>)+[ \t]*")
_BOX_END = re.compile(r"(?m)</(?:div|center|p)[ \t]*>[ \t]*$")
_FLOATING = re.compile("(?m)^(\ue000f\\d+\ue001)[ \t]*(?=[^\\s\ue000])|(?<=\\S)[ \t]*(?<!\ue001)(\ue000f\\d+\ue001)[ \t]*$")
_GONE = "\ue003"
"""In the place of what shows nothing: what begins its line behind it is no code because of a space."""
_GONE_FIRST = re.compile(rf"(?m)^[ \t]*{_GONE}[ \t{_GONE}]*")
_MARK = re.compile("\ue000([a-z])(\\d+)\ue001")
_NAME = re.compile(r"""\b(name|group)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'/>]+))""", re.IGNORECASE)
_LIST_SIGNS = re.compile(r"[ \t]*(?:(?:-|[*#:;]+|\d+[.)])[ \t]*)?")
_REST_OF_LINE = re.compile(r"[^\S\n]*(?:\n|\Z)")
_ALONE = re.compile(r"\n[ \t]*")
_LONGEST_LEAD = 1_000
"""Characters. What stands on a line before a block is looked at no further back: lines may be of any length."""
_MARKUP = re.compile(r"''|\[(?:https?:|//|mailto:)|<(?:/?[A-Za-z]+|br ?/?)>")
_TRAIL = re.compile(r"[a-z]+")
_ANNOTATIONS = ("source", "domain", "last_updated", "last updated")


@dataclass(frozen=True, slots=True)
class Converted:
    """A page as Markdown, and what it says about itself."""

    markdown: str
    fields: list[tuple[str, str]] = field(default_factory=list)
    """Names and Markdown values of the rows of infoboxes above the first section."""
    title: str = ""
    """What DISPLAYTITLE says, without markup."""
    redirect: str = ""
    """The target, if the page only leads to another."""


@dataclass(slots=True)
class _Part:
    """What has been set aside."""

    show: Callable[[bool], str]
    """Its Markdown; whether it stands in a link."""
    start: int = 0
    end: int = 0
    """Where it stands in the text whose code is set aside already, ..."""
    raw: str | None = None
    """... or how it was written there."""


def convert(text: str, page_name: str = "") -> Converted:
    """Convert the text of a page, without its front matter. ``page_name`` is what ``{{PAGENAME}}`` shows."""
    return _Page(page_name).convert(re.sub("[\ue000-\ue003]", "\ufffd", text))


class _Page:
    """One page: what has been set aside, and what was found on the way."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[_Part] = []
        self.text = ""
        self.fields: list[tuple[str, str]] = []
        self.title = ""
        self.head = 0
        self.notes: dict[str, str] = {}
        """Texts of the references, by the label of the footnote."""
        self.inline = Inline("", self._shown)

    def convert(self, text: str) -> Converted:
        text = self._code(text)
        text = _UNSEEN.sub(lambda m: self._keep("e", _Part(lambda _: "", raw="")) if "nowiki" in m[0] else _GONE, text)
        text = _SWITCH.sub(_GONE, text) if "__" in text else text
        redirect = _REDIRECT.match(text)
        if redirect:
            text = text[redirect.end() :]
        self.inline = Inline(text, self._shown)
        first = _SECTION.search(text)
        self.head = first.start() if first else len(text)
        self.text = text
        text = _GONE_FIRST.sub("", brackets.replaced(text, self._bracketed)).replace(_GONE, "")
        lines = self._blocks(self._prepared(text))
        while lines and not lines[-1]:
            lines.pop()
        for label, note in self.notes.items():  # a note may hold others, which are then added here
            lines += ["", *self._note(label, note)]
        return Converted(
            "\n".join(lines).strip("\n"), self.fields, self.title, redirect["target"].strip() if redirect else ""
        )

    def line(self, text: str, in_cell: bool = False) -> str:
        return self.inline.line(text, in_cell=in_cell)

    def block(self, mark: str) -> list[str]:
        shown = self._part(mark).show(False)
        return shown.split("\n") if shown else []

    def raw(self, text: str) -> str | None:
        kinds = {match[1] for match in _MARK.finditer(text)}
        if kinds - set("cve") or _MARKUP.search(text):
            return None
        return unescaped(_MARK.sub(lambda m: self._raw_part(m[0]), text))

    def _prepared(self, text: str) -> list[str]:
        """The lines of a text, with tables as marks."""
        text = _BOX.sub("\n", text)
        text = _BOX_END.sub("\n", text)
        text = _FLOATING.sub(lambda m: f"{m[1]}\n\n" if m[1] else f"\n\n{m[2]}", text)
        return tables.replaced(text.split("\n"), _heading_level, self._table)

    def _blocks(self, lines: list[str], in_line: bool = False) -> list[str]:
        return Blocks(lines, self, in_line).convert()

    # What is set aside, and what is shown of it

    def _keep(self, kind: str, part: _Part) -> str:
        self.parts.append(part)
        return f"\ue000{kind}{len(self.parts) - 1}\ue001"

    def _part(self, mark: str) -> _Part:
        return self.parts[int(mark[2:-1])]

    def _shown(self, mark: str, in_link: bool) -> str:
        shown = self._part(mark).show(in_link)
        return code_span(self._raw_part(mark)) if mark[1] == "b" and "\n" in shown else shown

    def _raw_part(self, mark: str) -> str:
        part = self._part(mark)
        return part.raw if part.raw is not None else self._raw_text(self.text[part.start : part.end])

    def _raw_text(self, text: str) -> str:
        return _MARK.sub(lambda m: self._raw_part(m[0]), text)

    # Code, formulas, comments

    def _code(self, text: str) -> str:
        out: list[str] = []
        position = 0
        for part in protected(text, indented_code=False, wiki=True):
            before = text[position : part.start]
            position = part.end
            if part.kind == "comment":
                if _ALONE.fullmatch(before[before.rfind("\n") :] if "\n" in before else "\n" + before if not out else "x"):
                    following = _REST_OF_LINE.match(text, part.end)  # alone on its line, which goes with it
                    if following:
                        before = before[: before.rfind("\n") + 1]
                        position = following.end()
                out.append(before)
                continue
            out += (before, self._protected(part, text))
        return "".join([*out, text[position:]])

    def _protected(self, part: Protected, text: str) -> str:
        raw = text[part.start : part.end]
        body = part.body
        match part.kind:
            case "block" | "pre" | "mermaid":
                return self._code_block(part, text)
            case "math" | "display":
                return self._keep("m", _Part(lambda _: math(body, part.kind == "display"), raw=raw))
            case "verbatim":
                return self._keep("v", _Part(lambda _: escape(unescaped(body)), raw=body))
            case "code":
                body = unescaped(body)
        if "\\|" in body:  # in a table GitHub's Markdown escapes bars in code too
            first = max(text.rfind("\n", 0, part.start) + 1, part.start - _LONGEST_LEAD)
            body = body.replace("\\|", "|") if text[first : part.start].lstrip().startswith("|") else body
        return self._keep("c", _Part(lambda _: code_span(body), raw=raw))

    def _code_block(self, part: Protected, text: str) -> str:
        body, language = part.body, part.language
        if part.kind == "pre":
            body = unescaped(re.sub(r"</?nowiki>", "", body)).removeprefix("\n").removesuffix("\n")
        elif part.kind == "mermaid":
            body, language = body.strip("\n"), "mermaid"
        first = max(0, part.start - _LONGEST_LEAD)
        before = text[max(first, text.rfind("\n", first, part.start) + 1) : part.start]
        opening = "" if _LIST_SIGNS.fullmatch(before) else "\n"
        closing = "" if _REST_OF_LINE.match(text, part.end) else "\n"
        mark = self._keep("b", _Part(lambda _: fence(body, language), raw=text[part.start : part.end]))
        return f"{opening}{mark}{closing}"

    # What stands in brackets

    def _bracketed(self, pair: brackets.Pair) -> str | None:
        match pair.kind:
            case "{":
                return self._template(pair)
            case "[":
                return None if pair.holds_link and not images.is_file("".join(pair.pieces[:1]).partition("|")[0]) else self._link(pair)
            case "ref":
                return self._reference(pair)
            case "gallery":
                files = images.gallery(pair.content)
                return self._own_line(pair, lambda _: "\n\n".join(self._image(file) for file in files))
            case "poem":
                return self._own_line(pair, partial(self._poem, pair.content.strip("\n").split("\n")))
            case "blockquote":
                return self._own_line(pair, partial(self._quote, pair.content))
        return ""  # what only other pages include, and the place for notes, which come last

    def _kept(self, kind: str, pair: brackets.Pair, show: Callable[[bool], str]) -> str:
        return self._keep(kind, _Part(show, pair.start, pair.end))

    def _own_line(self, pair: brackets.Pair, show: Callable[[bool], str]) -> str:
        return f"\n{self._kept('b', pair, show)}\n"

    def _template(self, pair: brackets.Pair) -> str:
        if not pair.in_template:
            content = pair.content
            if (sign := templates.character(content)) is not None:
                return sign
            title = templates.title(content)
            if title is not None:
                self.title = self.title or re.sub(r"'{2,}|<[^<>]*>", "", self._raw_text(title)).strip()
            found = templates.fields(content) if pair.start < self.head else None
            if found is not None:
                for name, value in found:
                    self._field(name, value.split("\n"))
            if found is not None or templates.shows_nothing(content):
                return _GONE
            if templates.is_page_name(content) and self.name:
                return self._kept("v", pair, lambda _: escape(self.name))
        return self._kept("t", pair, lambda _: code_span(self._raw_text(self.text[pair.start : pair.end])))

    def _link(self, pair: brackets.Pair) -> str | None:
        content = pair.content
        target, bar, label = content.partition("|")
        if "\n" in target or "]" in target or "[" in target or not target.strip():
            return None
        if images.is_file(target):
            file = images.read(content)
            return self._kept("f" if file.floats and file.caption else "i", pair, lambda _: self._image(file))
        if "\ue000" in target:
            return None
        edge, colons, rest = target.partition("::")
        if colons and re.sub(r"[\s-]+", "_", edge.strip()).lower() in _ANNOTATIONS:
            return self._kept("n", pair, lambda _: f"[[{self._raw_text(content)}]]")
        if not colons and re.match(r"[ \t]*(?:https?|ftp)://", target):
            url, _, words = target.strip().partition(" ")
            return self._kept("c", pair, lambda _: self.line(f"[{url} {label or words}]"))
        place = interwiki.place(target) if not colons else ""
        words = label.strip() or target.strip().lstrip(":").strip()
        if place in ("words", "language"):
            return self._kept("l" if place == "language" and not bar else "i", pair, lambda link: self.inline.line(words, link))
        if place == "category":
            return self._kept("g", pair, lambda _: f"[[{self._raw_text(content)}]]")
        written = target.strip().removeprefix(":").strip()
        if place == "media":
            path = target.partition(":")[2].strip()
            return self._kept("i", pair, lambda _: f"[{self.inline.line(label.strip() or path, True)}](<{path}>)")

        def show(in_link: bool) -> str:
            if in_link:
                return self.inline.line(words, True)
            shown = self.inline.label(label)
            return f"[[{written}|{shown}]]" if shown else f"[[{written}]]"

        trail = "" if colons or ":" in written else self._trail(pair)
        label = f"{label.strip() or written}{trail}" if trail else label
        return self._kept("w", pair, show)

    def _trail(self, pair: brackets.Pair) -> str:
        """Letters right behind a link, which belong to its words."""
        found = _TRAIL.match(self.text, pair.end)
        pair.trail = len(found[0]) if found else 0
        return found[0] if found else ""

    def _image(self, file: images.File) -> str:
        caption = self.line(re.sub(r"\s*\n\s*", " ", file.caption))
        alt = self._raw_text(file.alt)
        return images.shown(file, caption, alt if caption else escape(alt))

    def _quote(self, content: str, _: bool) -> str:
        lines = self._blocks(self._prepared(content))
        return "\n".join(f"> {line}".rstrip() for line in lines).strip("\n")

    def _poem(self, lines: list[str], _: bool) -> str:
        shown = [("&nbsp;" * min(40, len(one) - len(one.lstrip()))) + self.line(one.strip()) for one in lines]
        ended = [f"{one}\\" if one and following else one for one, following in zip(shown, [*shown[1:], ""], strict=True)]
        return "\n".join(ended)

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
        return self._kept("r", pair, lambda _: f"[^{name}]")

    def _note(self, label: str, content: str) -> list[str]:
        lines = self._blocks(self._prepared(content or label), in_line=True)
        first, *rest = lines or [label]
        return [f"[^{label}]: {first}", *(f"    {line}" if line else "" for line in rest)]

    def _field(self, name: str, lines: list[str]) -> None:
        value = "\n".join(self._blocks(self._prepared("\n".join(lines)))).strip(" \n,;·")
        if name or value:
            self.fields.append((self.line(name), value))

    def _table(self, table: tables.Table, above: bool) -> str:
        cells = [cell for row in table.rows for cell in row]
        annotated = any("\ue000n" in line for cell in cells for line in cell.lines)
        if "infobox" in table.attributes or (above and annotated):
            self._field("", [table.caption])
            for first, *rest in table.rows:
                name = first.text if rest else ""
                self._field(name, [line for cell in rest or [first] for line in cell.lines])
            return ""
        rendered = partial(tables.render, table, self.line, partial(self._blocks, in_line=True))
        return self._keep("b", _Part(lambda _: "\n".join(rendered()), raw=""))


def _heading_level(line: str) -> int:
    found = parse_heading(line, wiki=True)
    return found[0] if found else 0
