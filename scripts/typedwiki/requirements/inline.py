"""One line of Markdown as text in which only code is marked, by single backticks."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Sequence

from ..model import Link
from ..regex import regex

_MARK = regex("\ue000([a-z])(\\d+)\ue001")
_WIKI_LINK = regex(r"\[\[(?P<target>[^\[\]|\n]{1,300})(?:\|(?P<label>[^\[\]\n]{0,300}))?\]\]")
_LINK = regex(r"!?\[(?P<label>[^\[\]\n]{0,300})\]\((?P<address><[^<>\n]{0,500}>|[^()\s]{0,500})[^()\n]{0,200}\)")
_CODE = regex(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_CODE_ELEMENT = regex(r"<code>([^<\n]*(?:<(?!/?code>)[^<\n]*)*)</code>")
_TAG = regex(r"</?[A-Za-z][^<>\n]{0,200}>")
_STAR = "\ue004"
_EMPHASIS = regex(r"\*{1,3}(?=\S|\Z)|(?<=\S)\*{1,3}|\A\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=[\w)])_{1,2}(?!\w)")
_ESCAPE = regex(r"\\([!-/:-@\[-`{-~])")
_SUFFIX = regex(r"(?<=.)\.(?:md|mediawiki|qmd|html)\Z")


def text_of(markdown: str, links: Sequence[Link] = (), name_links: bool = False) -> str:
    """Plain text, but for code in single backticks.

    ``links`` are those of the page, for Markdown in which marks stand for them. With ``name_links`` a link to
    a page is shown as code that names the page, otherwise as its label.
    """
    markdown = re.sub(r"(?<=\w)\$\$([\w, -]{1,80})\$\$", r"[\1]", markdown)  # `\\[` begins a formula in some dialects
    shown = _with_links(markdown, links, name_links)
    parts: list[str] = []
    done = 0
    if "<code>" in shown:
        shown = _CODE_ELEMENT.sub(lambda m: f"`{html.unescape(m[1])}`", shown)
    for code in _CODE.finditer(shown):
        parts += [_prose(shown[done : code.start()]), f"`{code[2].strip().replace('`', '')}`"]
        done = code.end()
    parts.append(_prose(shown[done:]))
    return " ".join("".join(parts).split())


def plain(text: str) -> str:
    """A text as ``text_of`` makes it, without the marks of code."""
    return text.replace("`", "")


def _with_links(markdown: str, links: Sequence[Link], named: bool) -> str:
    """Links in the forms that a page's text may have, each as its label or its page's name."""

    def marked(match: re.Match[str]) -> str:
        if match[1] != "l" or int(match[2]) >= len(links):
            return ""
        link = links[int(match[2])]
        target = _page(link.target) or link.target if link.is_path else link.target
        return f"`{target}`" if named else link.label or target.replace("_", " ")

    def wiki(match: re.Match[str]) -> str:
        target = re.sub(r"^.*::", "", match["target"]).partition("#")[0]
        name = target.rpartition(":")[2].strip()
        return f"`{name}`" if named else match["label"] or name.replace("_", " ")

    def address(match: re.Match[str]) -> str:
        page = _page(match["address"].strip("<>"))
        return f"`{page}`" if named and page and ":" not in match["address"] else match["label"]

    for pattern, shown in ((_MARK, marked), (_WIKI_LINK, wiki), (_LINK, address)):
        markdown = _outside_code(markdown, pattern, shown)
    return markdown


def _page(path: str) -> str:
    """The name of the page that a path leads to; empty if it names none."""
    return _SUFFIX.sub("", path.rpartition("/")[2].partition("#")[0])


def _outside_code(text: str, pattern: re.Pattern[str], shown: Callable[[re.Match[str]], str]) -> str:
    codes = [(code.start(), code.end()) for code in _CODE.finditer(text)]

    def change(match: re.Match[str]) -> str:
        # A link may hold code in its label; code may hold what looks like a link.
        return match[0] if any(start < match.start() and match.end() < end for start, end in codes) else shown(match)

    return pattern.sub(change, text)


def _prose(text: str) -> str:
    if not text:
        return text
    text = re.sub(r"(?<=\d)\.\\?\*(?!\*)", f".{_STAR}", text)  # the star of ``2.*`` is no emphasis
    text = _EMPHASIS.sub("", _TAG.sub("", text))
    text = _ESCAPE.sub(r"\1", text).replace("`", "")
    return html.unescape(text).replace(_STAR, "*").replace("\xa0", " ")
