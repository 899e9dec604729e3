"""What a page shows instead of the templates that nearly every MediaWiki wiki has.

A wiki defines its templates itself, and its pages come without the definitions. The names and parameters here are those
of Wikipedia's templates, which other wikis copy, and of the wikis of Arch and Gentoo. A template that is not here is
shown as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

from ..regex import regex
from .templates import character, fields, is_page_name, shows_nothing, spaced, title


class Shown(NamedTuple):
    """What a page shows instead of a template."""

    text: str
    """Wikitext, or code as it is."""
    kind: Literal["line", "block", "code"] = "line"
    """Whether the text is part of a line, stands on lines of its own, or is code."""
    in_line: str = ""
    """The wikitext of a block where it cannot begin a line, as in a list item."""


def list_of_fields(content: str) -> Shown | None:
    """Return what a page shows instead of an infobox below its first heading; None for any other template."""
    rows = fields(content)
    return Shown("\n".join(f"* '''{name}''': {value}" for name, value in rows), "block") if rows else None


class _Call(NamedTuple):
    """A template with its parameters, as MediaWiki numbers them."""

    name: str
    """In lower case, with spaces."""
    values: list[str]
    """The parameters without a name, or with a number for one."""
    named: dict[str, str]

    def value(self, number: int, *names: str) -> str:
        """Return a parameter by the first of its names, or by its number from 1 (0: it has none)."""
        named = next((self.named[name] for name in names if self.named.get(name)), "")
        return named or (self.values[number - 1] if 0 < number <= len(self.values) else "")


_PARAMETER_NAME = regex(r"[\w -]{1,30}")


def _named(part: str) -> tuple[str, str]:
    """Return name and value of a parameter; its name is empty if it has none."""
    name, equals, value = part.partition("=")
    return (name.strip(), value.strip()) if equals and _PARAMETER_NAME.fullmatch(name.strip()) else ("", part.strip())


def _read(content: str) -> _Call:
    name, *parts = content.split("|")
    call = _Call(spaced(name).casefold().removeprefix("template:").strip(), [], {})
    for part in parts:
        name, value = _named(part)
        if name.isdecimal() and 0 < int(name) < 20:
            number = int(name)
            call.values.extend([""] * (number - len(call.values)))
            call.values[number - 1] = value
        elif name:
            call.named[name.casefold()] = value
        else:
            call.values.append(value)
    return call


_PERIODICALS = ("journal", "work", "website", "newspaper", "magazine", "periodical", "encyclopedia")


def _citation(call: _Call) -> Shown | None:
    values = {name: " ".join(value.split()) for name, value in call.named.items()}

    def first(*names: str) -> str:
        return next((values[name] for name in names if values.get(name)), "")

    people = [
        ", ".join(filter(None, (first(f"last{n}", f"author{n}"), first(f"first{n}")))) for n in ("", *range(1, 9))
    ]
    authors = first("vauthors", "authors") or "; ".join(filter(None, people)) or first("editor", "editor-last")
    title = re.sub(r"[\[\]]", lambda m: f"&#{ord(m[0])};", first("title", "chapter", "script-title", "url"))
    url = first("url", "chapter-url", "archive-url", "archiveurl")
    number = f"({issue})" if (issue := first("issue", "number")) else ""
    place = ": ".join(filter(None, (first("volume") + number, first("pages", "page"))))
    periodical = first(*_PERIODICALS)
    shown = (
        f"{authors} ({date})" if (date := first("date", "year")) and authors else authors or date,
        (f"[{url} {title}]" if url.startswith(("http://", "https://")) else title if periodical else f"<i>{title}</i>"),
        f"<i>{periodical}</i>" if periodical else "",
        place,
        first("publisher"),
        f"ISBN {isbn}" if (isbn := first("isbn")) else "",
        f"doi {doi}" if (doi := first("doi")) else "",
    )
    return Shown(". ".join(text.rstrip(".") for text in shown if text) + ".") if title else None


_Row = Callable[[_Call], Shown | None]


def _text(pattern: str) -> _Row:
    """Return a row that shows the first parameter within ``pattern``, whose ``{}`` stands for it."""

    def show(call: _Call) -> Shown | None:
        value = call.value(1)
        return Shown(pattern.replace("{}", value)) if value else None

    return show


def _last(call: _Call) -> Shown | None:
    return Shown(call.values[-1]) if call.values and call.values[-1] else None


def _code(call: _Call) -> Shown | None:
    text = call.value(1, "code", "cmd")
    return Shown(text, "code") if text else None


def _template_name(call: _Call) -> Shown | None:
    return Shown(f"{{{{{'|'.join(call.values)}}}}}", "code") if call.values else None


def _keys(call: _Call) -> Shown | None:
    return Shown("+".join(f"<kbd>{key}</kbd>" for key in call.values if key)) if call.values else None


def _address(call: _Call) -> Shown | None:
    url, words = call.value(1, "url"), call.value(2, "title", "name")
    if not url or "\ue000" in url:
        return None
    url = url if "://" in url else f"https://{url}"
    return Shown(f"[{url} {words or ('Official website' if 'official' in call.name else url.partition('://')[2])}]")


def _date(call: _Call) -> Shown | None:
    numbers = [value for value in call.values if value.isdecimal()]
    if not numbers:
        return _last(call)
    return Shown("-".join([numbers[0], *(number.zfill(2) for number in numbers[1:3])]))


def _quantity(call: _Call) -> Shown | None:
    return Shown(f"{call.values[0]}&nbsp;{call.values[1]}") if len(call.values) > 1 else None


def _remark(call: _Call) -> Shown | None:
    return Shown(f"<sup>&#91;''{'citation needed' if call.name in ('cn', 'fact') else call.name}''&#93;</sup>")


def _short_reference(call: _Call) -> Shown | None:
    pages = call.value(0, "p", "pp", "loc")
    names = " ".join(call.values) + (f", {'p. ' if 'p' in call.named else ''}{pages}" if pages else "")
    anchor = re.sub(r"\W+", "-", names)
    return Shown(f'<ref name="{anchor}">{names}.</ref>') if call.values else None


def _note(call: _Call) -> Shown | None:
    text = call.value(1)
    name = re.sub(r"\W+", "-", call.named.get("name", "")).strip("-")
    return Shown(f'<ref name="{name}">{text}</ref>' if name else f"<ref>{text}</ref>") if text else None


def _list(call: _Call) -> Shown | None:
    if len(call.values) == 1 and "\n" in call.values[0]:
        return Shown(call.values[0], "block")
    items = [value for value in call.values if value]
    if not items:
        return None
    if call.name in ("hlist", "flatlist"):
        return Shown(" · ".join(items))
    return Shown("\n".join(f"* {item}" for item in items), "block", ", ".join(items))


def _quotation(call: _Call) -> Shown | None:
    text = call.value(1, "text", "quote", "content")
    by = ", ".join(filter(None, (call.value(2, "author", "by", "sign"), call.value(3, "source", "title", "cite"))))
    block = f"<blockquote>\n{text}\n" + (f"\n— {by}\n" if by else "") + "</blockquote>"
    return Shown(block, "block", f"“{text}”" + (f" ({by})" if by else "")) if text else None


_BOXES = {
    "note": "note info information notice notiz hinweis remarque nota bemerkung anmerkung opmerking примечание 注意 注",
    "tip": "tip hint tipp astuce consejo dica suggerimento совет 提示",
    "warning": "warning danger achtung warnung avertissement advertencia aviso avviso waarschuwing внимание 警告",
    "important": "important wichtig importante belangrijk важно 重要",
    "caution": "caution attention vorsicht atención attenzione atenção",
}
_BOX_KINDS = {name: kind for kind, names in _BOXES.items() for name in names.split()}


def _box(call: _Call) -> Shown | None:
    """A box has a sentence; a single word is the label of a footnote."""
    text = call.value(1, "text", "content", "message", "msg")
    if not (re.search(r"\s|\ue000", text) or len(text) > 20 or not text.isascii()):
        return None
    kind = _BOX_KINDS[call.name]
    heading = call.value(0, "title", "heading") or ("" if call.name == kind else call.name.capitalize())
    title = f' title="{heading}"' if re.fullmatch(r"[\w ,.!?:-]+", heading) else ""
    words = heading or kind.capitalize()
    return Shown(f"::: {{.callout-{kind}{title}}}\n{text}\n:::", "block", f"'''{words}:''' {text}")


_HATNOTES = {
    name: words
    for words, names in {
        "Main article": "main, main article, main page",
        "See also": "see also, seealso, also",
        "Further information": "further, further information, further reading, details",
        "Hauptartikel": "hauptartikel",
        "Siehe auch": "siehe auch",
        "Article détaillé": "article détaillé, article principal, article connexe",
        "Voir aussi": "voir aussi",
        "Artículo principal": "artículo principal, ap",
        "Véase también": "véase también, vt, ver también",
        "Artigo principal": "artigo principal",
        "Ver também": "ver também, vertambém",
        "Voce principale": "voce principale",
        "Vedi anche": "vedi anche",
        "Hoofdartikel": "hoofdartikel",
        "Zie ook": "zie ook",
        "Основная статья": "основная статья, главная статья",
        "См. также": "см. также",
        "主条目": "主条目",
        "参见": "参见, 参看",
        "関連項目": "関連項目",
    }.items()
    for name in names.split(", ")
}
"""Templates that lead to other pages, and their words."""


def _hatnote(call: _Call) -> Shown | None:
    links = [f"[[{value}]]" if "\ue000" not in value else value for value in call.values if value]
    text = f"''{_HATNOTES[call.name]}: {', '.join(links)}''"
    return Shown(f"::: {{.hatnote}}\n{text}\n:::", "block", text) if links else None


def _folded(call: _Call) -> Shown | None:
    first, second = call.value(1, "text", "content"), call.value(2, "title", "header", "head")
    heading, text = (first, second) if call.name.startswith("hid") and second else (second, first)
    title = heading if re.fullmatch(r"[\w ,.!?:()'-]+", heading) else "Details"
    block = f'::: {{.callout-note collapse="true" title="{title}"}}\n{text}\n:::'
    return Shown(block, "block", f"'''{title}:''' {text}") if text else None


def _heading(call: _Call) -> Shown | None:
    title = call.value(1, "title", "header")
    return Shown(f"'''{title}'''\n", "block", f"'''{title}'''") if title else None


def _anchors(call: _Call) -> Shown | None:
    spans = "".join(f'<span id="{name}"></span>' for name in call.values if name)
    return Shown(spans + (call.value(1) if call.name.startswith("v") else "")) if spans else None


def _fixed(text: str) -> _Row:
    return lambda _call: Shown(text)


def _rows(names: str, row: _Row) -> dict[str, _Row]:
    return dict.fromkeys(names.split(", "), row)


_ROWS: dict[str, _Row] = {
    **_rows("nbsp, spaces", _fixed("&nbsp;")),
    **_rows("ndash, en dash, snd, spaced ndash, spnd", _fixed(" – ")),
    **_rows("mdash, em dash", _fixed("—")),
    **_rows("dot, middot, ·, •, bull, bullet", _fixed(" · ")),
    **_rows("'", _fixed("&#39;")),
    **_rows("pipe", _fixed("&#124;")),
    **_rows("nowrap, nobr, nobold, noitalic, plain text, larger, smallcaps, sc", _text("{}")),
    **_rows("small, smaller", _text("<small>{}</small>")),
    **_rows("big", _text("<big>{}</big>")),
    **_rows("em, emphasis, italics", _text("''{}''")),
    **_rows("strong, bold", _text("'''{}'''")),
    **_rows("underline", _text("<u>{}</u>")),
    **_rows("strike, strikethrough", _text("<del>{}</del>")),
    **_rows("sub", _text("<sub>{}</sub>")),
    **_rows("sup", _text("<sup>{}</sup>")),
    **_rows("var", _text("<var>{}</var>")),
    **_rows("samp", _text("<samp>{}</samp>")),
    **_rows("abbr, tooltip", _text("{}")),
    **_rows("lang, transl, transliteration, color, font color, colored, resize", _last),
    **_rows("kbd, key, keypress, key press, keys", _keys),
    **_rows("code, tt, mono, ic, bc, path, file, filename, cmd, command, rootcmd, pkg, package, aur", _code),
    **_rows("tl, tlx, tlp, tlc, template, template link", _template_name),
    **_rows("url, official website, official site, official url, official", _address),
    **_rows("start date, end date, start date and age, end date and age, start-date, birth date, death date", _date),
    **_rows("birth date and age, death date and age, release date, dts, date", _date),
    **_rows("convert, cvt", _quantity),
    **_rows("anchor, anchors, visible anchor, vanchor", _anchors),
    **_rows("citation needed, cn, fact, clarify, when, who, which, dubious, vague, by whom", _remark),
    **_rows(
        "better source needed, failed verification, page needed, disputed inline, original research inline", _remark
    ),
    **_rows("sfn, sfnp, harvnb, harv", _short_reference),
    **_rows("efn, refn", _note),
    **_rows("plainlist, plain list, unbulleted list, ubl, ublist, bulleted list, hlist, flatlist", _list),
    **_rows("quote, quotation, blockquote, cquote, quote box, zitat, citation bloc, cita", _quotation),
    **_rows("hidden, collapse, collapsible, spoiler", _folded),
    **_rows("collapse top, hidden top, hidden begin, hidden start", _heading),
    **dict.fromkeys(_BOX_KINDS, _box),
    **dict.fromkeys(_HATNOTES, _hatnote),
    "citation": _citation,
}
_CITATION = regex(r"cite \w[\w ]*")
_FUNCTION = regex(r"\s*(?P<name>lc|uc|lcfirst|ucfirst|formatnum|nowrap)\s*:(?P<text>[^|]*)", re.DOTALL)
_FUNCTIONS: dict[str, Callable[[str], str]] = {
    "lc": str.lower,
    "uc": str.upper,
    "lcfirst": lambda text: text[:1].lower() + text[1:],
    "ucfirst": lambda text: text[:1].upper() + text[1:],
}


def shown(content: str) -> Shown | None:
    """Return what a page shows instead of a template that nearly every wiki has; None for any other template."""
    if match := _FUNCTION.fullmatch(content):
        change = _FUNCTIONS.get(match["name"], str)
        text = match["text"].strip()
        return Shown(text if "\ue000" in text else change(text))
    call = _read(content)
    row = _citation if _CITATION.fullmatch(call.name) else _ROWS.get(call.name)
    return row(call) if row else None


_HATNOTE = regex(r"\{\{(?P<name>[^{}|<>\[\]]{1,40})(?P<values>\|[^{}\[\]]*)\}\}")


def linked_pages(text: str) -> Iterator[tuple[str, int]]:
    """Yield the name of each page that ``{{main|Page}}`` and similar templates lead to, and its offset."""
    for match in _HATNOTE.finditer(text) if "{{" in text else ():
        if spaced(match["name"]).casefold() not in _HATNOTES:
            continue
        offset = match.start("values")
        for value in match["values"].split("|"):
            name = value.strip()
            if name and not _named(value)[0]:
                yield name, offset + len(value) - len(value.lstrip())
            offset += len(value) + 1


def is_known(content: str) -> bool:
    """Return whether a page shows something else, or nothing, instead of the template."""
    return (
        character(content) is not None
        or is_page_name(content)
        or title(content) is not None
        or shows_nothing(content)
        or fields(content) is not None
        or shown(content) is not None
    )
