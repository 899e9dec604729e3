"""Tables of single lines, and of stretches from an opening mark to a closing one."""

from __future__ import annotations

import re
from collections.abc import Callable

from ...regex import regex
from .boxes import title_in
from .callouts import CALLOUTS, opening
from .cursor import DEEPEST, Lines, dedent, strip
from .directives import code_fence

Region = Callable[[Lines, str, list[str]], list[str]]
"""Given the cursor, the opening mark and the lines up to the closing one: what they become."""

_EMOJI = {
    **dict.fromkeys("💡✅✨", "tip"),
    **dict.fromkeys("⚠🚧❌⛔", "warning"),
    **dict.fromkeys("🚨❗‼🔥📢", "important"),
    **dict.fromkeys("🛑☢☣", "caution"),
}
_LEADING_EMOJI = regex(r"\s*([\u203c\u2139\u2600-\u27bf\U0001f300-\U0001faff])\ufe0f?\s*")
_KIND = regex(r"""\b(?:type|style)\s*=\s*\W?(\w+)|<(\w+)""")
_LANGUAGE = regex(r"""\blang\s*=\s*["']?([\w+#-]+)|\{%-?\s*highlight\s+([\w+#-]+)""")


def _gone(_s: Lines, _opened: str, _body: list[str]) -> list[str]:
    return []


def _aside(s: Lines, _opened: str, body: list[str]) -> list[str]:
    """Notion's box: its sign says which callout it is."""
    first = body[0] if body else ""
    sign = _LEADING_EMOJI.match(first)
    kind = _EMOJI.get(sign[1], "note") if sign else "note"
    inner = s.inner([first[sign.end() :] if sign else first, *dedent(body[1:])])
    return [*opening(kind, bare=True), *inner, "", ":::"]


def _component(s: Lines, opened: str, body: list[str]) -> list[str]:
    """``<Tip warning={true}>``, ``<Callout type="info" title="x">`` and the like, and GitBook's hint."""
    kinds = [found[1] or found[2] for found in _KIND.finditer(opened)]
    name = "warning" if re.search(r"\bwarning\b", opened) else kinds[-1].lower() if kinds else "note"
    head = opening(name if name in CALLOUTS else "note", title_in(opened))
    return [*head, *s.inner(dedent(body)), "", ":::"]


def _code(_s: Lines, opened: str, body: list[str]) -> list[str]:
    language = _LANGUAGE.search(opened)
    return code_fence((language[1] or language[2]) if language else "", "", body)


def _gitlab_quote(s: Lines, _opened: str, body: list[str]) -> list[str]:
    return [f"> {line}".rstrip() for line in s.inner(body)]


REGIONS: tuple[tuple[str, str, Region | None], ...] = (
    (r"<!-- *START doctoc\b.*?-->", "<!-- END doctoc", _gone),
    (r"<!-- *(?:toc|TOC)\b[^>]*-->", "<!-- tocstop -->", _gone),
    (r"<!-- *(?:toc|TOC)\b[^>]*-->", "<!-- /TOC -->", _gone),
    (r"<!-- *MarkdownTOC\b[^>]*-->", "<!-- /MarkdownTOC -->", _gone),
    (r"<aside>", "</aside>", _aside),
    *(
        (rf"<{name}(?:\s[^<>]*)?>", f"</{name}>", _component)
        for name in ("Tip", "Note", "Warning", "Info", "Caution", "Danger", "Check", "Callout", "Admonition")
    ),
    (r"\{%-?\s*hint\b[^%]*%\}", "{% endhint %}", _component),
    (r"\{%-?\s*highlight\b[^%]*%\}", "{% endhighlight %}", _code),
    (r"\{%-?\s*comment\s*-?%\}", "{% endcomment %}", _gone),
    (r"\{::comment\}", "{:/comment}", _gone),
    (r"\{::comment\}", "{:/}", _gone),
    (r"<syntaxhighlight\b[^<>/]*>", "</syntaxhighlight>", _code),
    (r"<source\b[^<>/]*>", "</source>", _code),
    (r"%%(?!.*%%)", "%%", _gone),
    (r">>>[ \t]*$", ">>>", _gitlab_quote),
    (r"<!--", "-->", None),
    (r"<pre\b[^<>]*>", "</pre>", None),
    (r"<script\b[^<>]*>", "</script>", None),
    (r"<style\b[^<>]*>", "</style>", None),
)
"""An opening mark, which begins a line; its closing mark; and what becomes of them, None if they stay."""

_REGIONS = tuple((regex(rf"\A(?:{opened})"), closer, become) for opened, closer, become in REGIONS)


def regions(s: Lines, line: str) -> bool:
    """From an opening mark to its closing one, on one line or several."""
    if s.depth > DEEPEST:
        return False
    text = line.lstrip(" \t")
    for pattern, closer, become in _REGIONS:
        match = pattern.match(text)
        if match and closer not in s.hopeless and _region(s, match, line[: len(line) - len(text)], closer, become):
            return True
    return False


def _region(s: Lines, match: re.Match[str], indent: str, closer: str, become: Region | None) -> bool:
    head = match.string[match.end() :]
    end, tail = s.at, head
    while closer not in tail:
        end += 1
        if end >= len(s.lines):
            s.hopeless.add(closer)
            return False
        tail = s.lines[end]
    last, _, rest = tail.partition(closer)
    if closer.startswith("<!--"):
        rest = rest.partition("-->")[2] if "-->" in rest else rest
    if become is None:
        if rest.strip() and end == s.at:
            return False  # a mark within a paragraph
        s.flush()
        s.out += s.lines[s.at : end + 1]
        s.at = end + 1
        return True
    body = [head, *s.lines[s.at + 1 : end], last] if end > s.at else [last]
    s.flush()
    s.at = end + 1
    if rest.strip():
        s.at = end
        s.lines[end] = rest.lstrip()
    s.put(become(s, match[0], strip(dedent(body, len(indent)))), indent)
    return True


_CONTENTS = regex(
    r"\s*(?:\[\[_?TOC_?\]\]|\[TOCM?\]|@\[TOC\](?:\(.*\))?|\$\{toc\}|\{\{\s*>?toc\s*\}\}|\{toc\}|__(?:NO|FORCE)?TOC__"
    r"|\+\+\+)\s*",
    re.IGNORECASE,
)
"""A table of contents, which the note has anyway, and MyST's break between cells."""

_TABSET = ["::: {.panel-tabset}"]
LINES: tuple[tuple[str, Callable[[re.Match[str]], list[str]]], ...] = (
    (r"\{:[^{}]*\}|\{\s*[.#][A-Za-z_][^{}]*\}", lambda _: []),
    (r"\{::[^{}]*\}|\{:/\w*\}", lambda _: []),
    (r"\((?P<label>[A-Za-z][\w:.-]*)\)=", lambda match: [f"[]{{#{match['label']}}}"]),
    (r"\*\[[^\[\]]+\]:.*", lambda _: []),
    (r"import [^'\"();]+ from (?:'[^']+'|\"[^\"]+\");?", lambda _: []),
    (r"<(?:Tabs|tabs)(?:\s[^<>]*)?>|\{% *tabs *%\}", lambda _: _TABSET),
    (r"</(?:Tabs|tabs)>|\{% *endtabs *%\}", lambda _: [":::"]),
    (
        r"<Tab(?:Item)?\s(?:[^<>]*\s)?(?:label|title)=[\"'](?P<tab>[^\"'<>]*)[\"'][^<>]*>",
        lambda match: [f"###### {match['tab']}"],
    ),
    (r"\{% *tab title=\"(?P<gitbook>[^\"]*)\" *%\}", lambda match: [f"###### {match['gitbook']}"]),
    (r"</Tab(?:Item)?>|\{% *endtab *%\}|\{% *(?:end)?code\b[^%]*%\}", lambda _: []),
    (r"\^|<TOCInline\b[^<>]*>", lambda _: []),
)
"""What a line becomes that holds nothing else."""

_LINES = regex("|".join(f"(?P<line{i}>{pattern})" for i, (pattern, _) in enumerate(LINES)))


def single(s: Lines, line: str) -> bool:
    """A line by the table above."""
    if _CONTENTS.fullmatch(line) and s.alone():
        s.at += 1
        return True
    stripped = line.strip()
    match = _LINES.fullmatch(stripped)
    if not match:
        return False
    if (
        re.match(r"\{:\s*toc\b", stripped)
        and len(s.paragraph) == 1
        and re.match(r"\s*(?:[*+-]|\d+\.)\s", s.paragraph[0])
    ):
        s.paragraph.clear()  # kramdown puts its table of contents in the place of this item
    became = next(become for i, (_, become) in enumerate(LINES) if match[f"line{i}"] is not None)(match)
    if became == [":::"] and not s.divs:
        return False
    s.at += 1
    if became == _TABSET:
        s.divs.append([":::", ""])
    elif became == [":::"]:
        became = [text for text in s.divs.pop() if text]
    s.put(became, line[: len(line) - len(line.lstrip())])
    following = s.lines[s.at] if s.at < len(s.lines) else ""
    if not became and following.strip() and not re.match(r"\s*(?:[-*+]|\d+[.)])\s", following):
        s.part()  # it has ended the paragraph
    return True
