"""Convert one line of wikitext to Pandoc Markdown. Code, links and templates have already been set aside.

Markdown's bold, italics, links and images stay unchanged if they are unambiguous. Other text that only Markdown would
read as markup is escaped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import lru_cache

from ..regex import regex
from . import emphasis
from .characters import safe_url
from .emphasis import Piece, read_apostrophes, with_asterisks
from .markdown import one_line, page_text

_TAGS = frozenset(
    re.findall(
        r"\w+",
        "abbr b bdi bdo big br caption center cite data dd del details dfn div dl dt em font h1 h2 h3 h4 h5 h6 hr i ins"
        " kbd li mark ol p q rp rt ruby s samp small span strike strong sub summary sup table tbody td tfoot th thead"
        " time tr tt u ul var wbr",
    )
)
"""Elements that have an effect in a line."""
_IMPLIED = {"table": {"tr", "td", "th"}, "ul": {"li"}, "ol": {"li"}, "dl": {"dt", "dd"}}
"""Elements whose parts need no end tags."""
_CONTENT_ONLY = frozenset({"bdi", "bdo", "center", "data", "div", "font", "p", "span", "time"})
"""Elements of which only the content is shown."""
VOID_TAGS = frozenset({"br", "hr", "wbr"})
_TAG = regex(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9]*)(?![\w:.-])(?P<attributes>[^<>\ue000]*)>")
_PROTOCOL = r"(?:(?:https?|ftps?|sftp|ircs?|git|ssh|svn|news|nntp|telnet|xmpp|magnet|geo|urn|tel|sms|mailto):|//)"
_TOKEN = regex(
    rf"""(?P<mark>\ue000[a-z]\d+\ue001)
      | (?P<quotes>'{{2,}})
      | \[(?P<url>{_PROTOCOL}(?!\s)[^\s\[\]<>"\ue000]+)(?=[\s\]\ue000<"])(?P<label>[^\[\]\n]*)\](?!\()
      | (?P<image>!?)\[(?P<text>(?:[^\[\]\n]|\[[^\[\]\n]*\])*)\]
        \([ ]*(?P<target><[^<>\n]+>|[^\s()<>\ue000]+(?:\([^\s()<>]*\)[^\s()<>]*)*)
        (?P<title>[ ]+(?:"[^"\n]*"|'[^'\n]+'))?[ ]*\)(?P<size>\{{[ ]*(?:(?:width|height)=[\w."%]+[ ]*)+\}})?
      | <(?P<autolink>(?:https?|ftp|mailto):[^\s<>\ue000]+)>
      | <a\s(?P<anchor>[^<>\n\ue000]*)>(?P<words>[^<>\n]*)</a>
      | <img\s(?P<picture>[^<>\n\ue000]*)>
      | {_TAG.pattern}
      | (?<![^\W_])(?P<address>(?:(?:https?|ftp)://|mailto:(?=\S+@))[^\s<>"|\[\]\ue000]+)
      | (?P<stars>\*+)
      | (?P<edge>_+)
      | (?P<run>={{2,}}|%{{2,}}|&+(?=&)|!(?=[\[\ue000])|(?<=[A-Za-z]):(?!\s|\Z|''|\*+(?:\s|\Z)))""",
    re.VERBOSE,
)
_OPENER = regex("\ue000|''|\\[|<|https?://|ftp://|mailto:|\\*|_|==|%%|&&|!|:")
"""The starts of tokens. Each alternative begins with a literal, which makes the search many times faster."""
_SIGN = regex(r"[\\`~^$@{\[\]]|<(?=[A-Za-z/!?])")
"""Characters that Markdown may read as markup anywhere."""
_MARKUP = regex(r"[\\`~^$@{\[\]<*_=%&!:\ue000]|''")
_ATTRIBUTE = regex(r"""\b(href|src|alt|id)\s*=\s*["']?([^"'<>\n]*)["']?""", re.IGNORECASE)
_SPAN = regex(r"""\b((?:col|row)span|start)\s*=\s*["']?(\d{1,3})""", re.IGNORECASE)
_LONGEST_STRUCK = 300
_STRUCK = regex(r"<s>(?=\w)[^<>\n]*(?<=\w)</s>")
_BARS = regex(r"\\.|\|")
_ESCAPE = regex(r"\\(.)")

RenderPart = Callable[[str, bool], str]
"""Returns the Markdown of the part under a mark. The argument says whether it is inside a link, where no other link may
be.
"""


class Inline:
    """The inline rules of one page. They count in its whole text which elements are closed as often as opened."""

    def __init__(self, text: str, part: RenderPart) -> None:
        self.part = part
        count: Counter[str] = Counter()
        for match in _TAG.finditer(text):
            count[match["name"].lower()] += -1 if match["close"] else 1
        self.tags = VOID_TAGS | {name for name in _TAGS if not count[name]}
        for container, parts in _IMPLIED.items():
            self.tags |= parts if container in count and not count[container] else set()

    def line(self, text: str, in_link: bool = False, in_cell: bool = False) -> str:
        """Return one line as Markdown. ``in_link``: as the text of a link; ``in_cell``: in a pipe table."""
        if not _MARKUP.search(text):
            return text.replace("|", "\\|") if in_cell else text
        pieces: list[Piece] = []
        runs: list[emphasis.Stars] = []
        position = 0
        while match := _token(text, position):
            if match.start() > position:
                pieces.append(Piece(_SIGN.sub(r"\\\g<0>", text[position : match.start()])))
            position = match.end()
            if match["mark"]:
                markdown = self._mark(match, pieces, in_link)
                pieces.append(Piece(markdown, match["mark"][1] in "bcmt"))
            elif match["quotes"]:
                pieces.append(Piece("", False, len(match[0]), text[max(0, match.start() - 2) : match.start()]))
            elif match["stars"]:
                pieces.append(Piece(""))
                runs.append(emphasis.read_asterisks(match, pieces[-1]))
            elif match["edge"]:
                pieces.append(Piece(_underscores(match)))
            elif match["run"]:
                pieces.append(Piece(_run(match)))
            elif match["address"]:
                url = _trim_address(match["address"])
                position = match.start() + len(url)
                pieces.append(Piece(url.replace(":", "\\:", 1) if in_link else f"<{_address(url)}>"))
            else:
                element = self._element(match, in_link)
                position = position if element is not None else match.start() + 1
                pieces.append(Piece(element if element is not None else f"\\{match[0][0]}"))
        pieces.append(Piece(_SIGN.sub(r"\\\g<0>", text[position:])))
        if len(runs) > 1:
            emphasis.pair_asterisks(runs)
        if in_cell:
            for piece in pieces:
                if not piece.is_code and "|" in piece.markdown:
                    piece.markdown = _BARS.sub(lambda m: "\\|" if m[0] == "|" else m[0], piece.markdown)
        return _join_pieces(pieces)

    def label(self, text: str) -> str:
        """Return the label of a link in double brackets, which ends at the next two."""
        markdown = self.line(one_line(text.strip()), in_link=True)
        markdown = _ESCAPE.sub(lambda m: f"&#{ord(m[1])};" if m[1] in "[]" else m[0], markdown)
        return markdown if "]]" not in markdown else re.sub(r"[\[\]]", lambda m: f"&#{ord(m[0])};", page_text(text))

    def _mark(self, match: re.Match[str], pieces: list[Piece], in_link: bool) -> str:
        kind = match["mark"][1]
        markdown = self.part(match["mark"], in_link)
        next_character = match.string[match.end() : match.end() + 1]
        if kind == "m" and next_character.isdigit():  # pandoc reads a dollar before a digit as money
            return f"{markdown}<!-- -->" if markdown else ""
        if next_character == ":" and kind in "nrw" and not any(piece.markdown.strip() for piece in pieces):
            return f"{markdown}\\"  # otherwise it would define the link reference
        return markdown

    def _element(self, match: re.Match[str], in_link: bool) -> str | None:
        """Return a link, an image or an HTML element; None if it is text."""
        if match["url"]:
            words = self.line(match["label"].strip(), in_link=True)
            url = f"https:{match['url']}" if match["url"].startswith("//") else match["url"]
            if in_link:
                return words or page_text(url)
            return f"[{words}](<{_address(url)}>)" if words else f"<{_address(url)}>"
        if match["target"]:
            return self._markdown_link(match, in_link)
        if match["autolink"]:
            return page_text(match["autolink"]) if in_link else f"<{_address(match['autolink'])}>"
        if match["name"]:
            return self._tag(match)
        attributes = {
            name.lower(): value.strip() for name, value in _ATTRIBUTE.findall(match["anchor"] or match["picture"])
        }
        if match["picture"]:
            return (
                f"![{page_text(attributes.get('alt', ''))}](<{_address(attributes['src'])}>)"
                if attributes.get("src")
                else None
            )
        if not attributes.get("href") or in_link:
            return None
        return f"[{self.line(match['words'], in_link=True)}](<{_address(attributes['href'])}>)"

    def _markdown_link(self, match: re.Match[str], in_link: bool) -> str | None:
        target = match["target"]
        before = match.string[match.start() - 1 : match.start()]
        if before.isalnum() and "://" not in target:
            return None  # as in `f[i](x)`
        words = self.line(match["text"], in_link=True)
        if in_link and not match["image"]:
            return words
        target = f"<https://{target}>" if target.startswith("www.") else target
        return f"{match['image']}[{words}]({target}{match['title'] or ''}){match['size'] or ''}"

    def _tag(self, match: re.Match[str]) -> str | None:
        name = match["name"].lower()
        if match["close"] and name == "img":
            return ""
        if name == "s":  # a token in texts on language models, rather than struck text
            end = match.end()
            start = match.string.rfind("<s>", max(0, end - _LONGEST_STRUCK), end) if match["close"] else match.start()
            return f"<{match['close']}del>" if start >= 0 and _STRUCK.match(match.string, start) else None
        if name not in self.tags and not (name in _TAGS and match.start() in _paired(match.string, name)):
            return None
        if name in VOID_TAGS:
            return f"<{name}>"
        if name in _CONTENT_ONLY:
            attribute_values = {key.lower(): value for key, value in _ATTRIBUTE.findall(match["attributes"])}
            anchor = re.sub(r"\s+", "_", attribute_values.get("id", "").strip())
            return f"[]{{#{anchor}}}" if re.fullmatch(r"\w[\w.:-]*", anchor) and not match["close"] else ""
        name = "del" if name == "strike" else name
        spans = _SPAN.findall(match["attributes"]) if name in ("td", "th", "ol") else ()
        attributes = "".join(f' {key.lower()}="{n}"' for key, n in spans)
        return f"<{match['close']}{name}{attributes}>"


@lru_cache(maxsize=16)  # each element of a line asks
def _paired(line: str, name: str) -> frozenset[int]:
    """Return the places of an element's tags that are pairs within a line. Elsewhere on the page one may be missing."""
    places: list[int] = []
    opened: list[int] = []
    for tag in _TAG.finditer(line):
        if tag["name"].lower() == name and not tag["close"]:
            opened.append(tag.start())
        elif tag["name"].lower() == name and opened:
            places += (opened.pop(), tag.start())
    return frozenset(places)


def _token(text: str, position: int) -> re.Match[str] | None:
    """Return the next token of a line."""
    while opener := _OPENER.search(text, position):
        if token := _TOKEN.match(text, opener.start()):
            return token
        position = opener.start() + 1
    return None


def _address(url: str) -> str:
    return safe_url(url).replace("|", "%7C")


def _trim_address(address: str) -> str:
    """Return an address without trailing punctuation, as MediaWiki does."""
    url = address.partition("''")[0].rstrip(".,;:!?*'`\\")
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(".,;:!?*'`\\")
    return url


def _join_pieces(pieces: list[Piece]) -> str:
    texts: list[list[str]] = [[]]
    runs: list[int] = []
    before: list[str] = []
    for piece in pieces:
        if piece.apostrophes:
            runs.append(piece.apostrophes)
            before.append(piece.before)
            texts.append([])
        else:
            texts[-1].append(piece.markdown)
    joined = ["".join(text) for text in texts]
    return with_asterisks(read_apostrophes(joined, runs, before)) if runs else joined[0]


def _underscores(match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    in_word = before.isalnum() and after.isalnum()
    return match[0] if in_word or not (before.strip() or after.strip()) else "\\_" * len(match[0])


def _run(match: re.Match[str]) -> str:
    """Return a run of characters that might open or close markup in Markdown."""
    neighbours = match.string[match.start() - 1 : match.start()] + match.string[match.end() : match.end() + 1]
    if match[0][0] == "=" and neighbours.isspace() and len(neighbours) == 2:
        return match[0]
    return "".join(f"\\{sign}" for sign in match[0])
