"""Inline rules: one line of wiki text, code and links already masked, to Pandoc Markdown.

Pages are data: whatever pandoc, Quarto or a browser would act on, and is not on the short list of
harmless markup, is escaped here and so shown as written.
"""

from __future__ import annotations

import re

from .characters import unescaped
from .links import MARK
from .markdown import shown_code

ALLOWED_TAGS = frozenset(
    re.findall(
        r"\w+",
        "abbr b big blockquote br caption cite dd del details dfn div dl dt em h1 h2 h3 h4 h5 h6 hr i ins kbd"
        " li mark ol p q samp small span strong sub summary sup table tbody td tfoot th thead tr tt u ul var wbr",
    )
)
_DEEPEST = 50
"""Elements within one another; more are text."""
VOID_TAGS = frozenset({"br", "hr", "wbr"})
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?![\w-])(?P<attrs>[^<>\ue000]*)>")
_EXTERNAL = re.compile(
    r"(?<!\[)\[(?P<url>(?:https?|ftp)://[^\s\[\]<>\ue000]+|mailto:[^\s\[\]]+)(?:\s+(?P<label>[^\[\]\n]+))?\](?!\()"
)
_ANCHOR = re.compile(r"""<a\s[^<>]*?href\s*=\s*["'](?P<url>https?://[^"'<>\s]+)["'][^<>]*>(?P<label>[^<>]*)</a>""")
_QUOTES = re.compile(r"('{2,})")
_IMAGE_SIZE = re.compile(r"\{(?:\s*(?:width|height)=\"?[\d.]+(?:%|px|em)?\"?)+\s*\}")
_MARKUP = re.compile(r"[`*<\[\\&\ue000]")
_AUTOLINK = r"(?:(?:https?|ftp)://|mailto:)[^\s<>\"'{}`\ue000]+>|[\w.+-]+@[\w-]+\.[\w.-]+>"
"""To its end: an element may be called ``https:x`` as well."""


def inline(text: str, wiki: bool, tags: frozenset[str] = ALLOWED_TAGS) -> str:
    """Convert the inline markup of one line.

    ``wiki`` says that the page is in the MediaWiki dialect, where a backslash, an underscore and a
    star between letters stand for themselves. ``tags`` are the HTML elements that this page may
    keep: those of ``ALLOWED_TAGS`` that it also closes.
    """
    if wiki and "\\" in text:
        text = re.sub(r"\\(?=[!-/:-@\[-`{-~])", r"\\\\", text)
    if wiki and "*" in text:
        text = re.sub(r"(?<=\w)\*(?=\w)", r"\\*", text)
    if wiki and "_" in text:
        text = re.sub(r"(?<!\w)_+(?=\w)|(?<=\w)_+(?!\w)", lambda m: "\\_" * len(m[0]), text)
    if "://" in text or "mailto:" in text:
        text = _EXTERNAL.sub(_external, text)
        text = _ANCHOR.sub(_external, text)
    if "''" in text:
        text = _emphasis(text, wiki)
    if "<" in text:
        text = _escape_html(text, tags)
    if "{" in text:
        text = _neutralise_braces(text)
    if "[[" in text:
        text = text.replace("[[", "\\[\\[")
    if "!" in text:  # images have been masked: this one would ask another host, or be none
        text = _escaped(r"!(?=\\?\[|\ue000[^i])", text)
    if "&&" in text:  # a run of them takes pandoc time that grows with its square
        text = _escaped("&(?=&)", text)
    if "`" in text:  # whatever is code has been masked: pandoc must not pair what is left
        text = _escaped("`", text)
    return _escaped(r"\$", text) if "$" in text else text


def _escaped(what: str, text: str) -> str:
    """Escape what is not escaped; an even number of backslashes escapes only themselves."""
    return re.sub(rf"(?<!\\)((?:\\\\)*)({what})", r"\1\\\2", text)


def safe_url(url: str) -> str:
    """An address that neither Markdown, HTML nor Quarto's shortcodes can misread."""
    return re.sub(r"[\s<>\"{}`\\\ue000-\ue003]", lambda m: "".join(f"%{b:02X}" for b in m[0].encode()), url)


def _external(match: re.Match[str]) -> str:
    url = safe_url(re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", match["url"]))  # its punctuation has been escaped before
    return f"[{match['label'].strip()}](<{url}>)" if match["label"] else f"<{url}>"


def _emphasis(text: str, italics: bool) -> str:
    """MediaWiki's quotes to stars. Runs without a partner, or around nothing, stay as they are."""
    parts = _QUOTES.split(text)
    opened: dict[int, int] = {}  # stars by index of the run that opened them
    for index in range(1, len(parts), 2):
        run = len(parts[index])
        stars = {2: 1 if italics else 0, 3: 2, 5: 3}.get(run, 0)
        if not stars:
            continue
        start = opened.pop(stars, None)
        if start is None:
            opened[stars] = index
            continue
        inside = parts[start + 1 : index]
        if not "".join(inside).strip():
            continue
        # Markdown's stars must touch what they stress: spaces move outside.
        first, last = inside[0], inside[-1]
        parts[start] = first[: len(first) - len(first.lstrip())] + "*" * stars
        parts[start + 1] = first.lstrip()
        tail = parts[index - 1]
        parts[index - 1] = tail.rstrip()
        parts[index] = "*" * stars + last[len(last.rstrip()) :]
    return "".join(parts)


def _escape_html(text: str, tags: frozenset[str]) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        name = match["name"].lower()
        if name not in tags:
            return match[0]
        # The attributes go: none that a page needs, many that run script.
        kept.append(f"<{name}>" if name in VOID_TAGS else f"<{match['close']}{name}>")
        return f"\ue002{len(kept) - 1}\ue003"

    text = _TAG.sub(keep, text)
    text = _escaped(rf"<(?!{_AUTOLINK})", text)
    return re.sub("\ue002(\\d+)\ue003", lambda m: kept[int(m[1])], text)


def _neutralise_braces(text: str) -> str:
    """Attributes may only size an image. All other braces are text: pandoc takes attributes after links,
    code, headings, captions and formulas, on the next line even; Quarto takes shortcodes anywhere."""
    sizes: list[str] = []

    def keep(match: re.Match[str]) -> str:
        sizes.append(match[0])
        return f"\ue002{len(sizes) - 1}\ue003"

    text = _IMAGE_SIZE.sub(keep, text) if "](" in text or "\ue000" in text else text
    text = _escaped(r"\{", text)
    return re.sub("\ue002(\\d+)\ue003", lambda m: sizes[int(m[1])], text)


def balanced_tags(text: str) -> frozenset[str]:
    """The allowed elements that a text closes as often as it opens them: one left open would
    swallow, hide or restyle the rest of the page."""
    opened: dict[str, int] = {}
    deep: set[str] = set()
    for match in _TAG.finditer(text):
        name = match["name"].lower()
        opened[name] = opened.get(name, 0) + (-1 if match["close"] else 1)
        if opened[name] > _DEEPEST:
            deep.add(name)
    return VOID_TAGS | {n for n in ALLOWED_TAGS - deep if opened.get(n, 0) == 0}


def plain(markdown: str) -> str:
    """Markdown as plain text on one line: for descriptions, listings and search."""
    if not _MARKUP.search(markdown):
        return " ".join(markdown.split())
    code: list[str] = []

    def keep(match: re.Match[str]) -> str:
        code.append(shown_code(match[2]))
        return f"\ue002{len(code) - 1}\ue003"

    text = re.sub(r"(`+)\s?(.+?)\s?\1", keep, markdown)
    if "](" in text:
        text = re.sub(r"!?\[((?:[^\[\]\\]|\\.)*)\]\((?:<[^<>]*>|[^()]*)\)", r"\1", text)
    if "<" in text:
        text = re.sub(r"<((?:https?|ftp)://[^<>]*)>", r"\1", text)
    if "*" in text:
        text = re.sub(r"(?<![\\\w])\*+(?=\S)|(?<=\S)(?<!\\)\*+(?!\w)", "", text)
    if "<" in text:
        text = re.sub(r"(?<!\\)</?[a-z0-9]+>", "", text)
    text = unescaped(MARK.sub("", text))
    text = re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", text)
    text = re.sub("\ue002(\\d+)\ue003", lambda m: code[int(m[1])], text) if code else text
    return " ".join(text.split())
