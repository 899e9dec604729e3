"""What stand-ins, marks of links and marks of images become in a dialect."""

from __future__ import annotations

import html
import re

from ..model import Link
from ..text import tables
from ..text.links import MARK, scan
from ..text.markdown import code_span, escape, math
from ..text.protected import Protected, protected
from ..text.wikitext import label
from .convert_parts import STAND_IN, Parts, take_apart
from .to_mediawiki import blocks, mediawiki
from .to_mediawiki_inline import inline as wiki_inline

_BLOCK = re.compile(
    rf"""^(?P<lead>[ >]*(?:(?:-|\d+\.)[ ]+)?)
         (?:```|<syntaxhighlight>)\n[ >]*(?P<token>{STAND_IN})\n[ >]*(?:```|</syntaxhighlight>)""",
    re.MULTILINE | re.VERBOSE,
)
_INLINE = re.compile(
    rf"""`(?P<ticks>{STAND_IN})`|<code>(?P<code>{STAND_IN})</code>|(?P<dollars>\${{1,2}})(?P<dollar>{STAND_IN})(?P=dollars)
      |<math(?:[ ]display="block")?>(?P<math>{STAND_IN})</math>|(?P<bare>{STAND_IN})""",
    re.VERBOSE,
)


def restored(text: str, parts: Parts, wiki: bool) -> str:
    """A page's converted text with everything in its native form again."""

    def block(match: re.Match[str]) -> str:
        part = parts.tokens.get(match["token"])
        return _block(part, match["lead"], wiki) if part else match[0]

    def inline(match: re.Match[str]) -> str:
        part = parts.tokens.get(match[match.lastgroup or 0])
        return _inline(part, match, parts, wiki) if part else match[0]

    return MARK.sub(lambda m: _mark(m, parts, wiki), _INLINE.sub(inline, _BLOCK.sub(block, text)))


def _block(part: Protected, lead: str, wiki: bool) -> str:
    body = part.body
    if part.language == "wikitable":
        return _table(body, wiki)
    if part.kind == "pre":
        body = html.unescape(body).removeprefix("\n").removesuffix("\n")
    if part.kind == "mermaid" or part.language == "mermaid":
        body = body.strip("\n")
        diagram = f"{{{{#mermaid:{body}\n}}}}"
        if wiki and not lead.strip() and _is_one(diagram, "mermaid", body):
            return lead + diagram
        return _fenced(body, "mermaid", lead)
    if wiki and not lead.strip() and "</syntaxhighlight" not in body.lower():
        language = f' lang="{part.language}"' if part.language else ""
        return f"{lead}<syntaxhighlight{language}>\n{body}\n</syntaxhighlight>"
    return _fenced(body, part.language, lead)


def _table(written: str, wiki: bool) -> str:
    """A wikitable, which pages of both dialects may hold, with the other dialect in its cells."""
    found = scan(written, indented_code=False)
    spans = sorted({(p.start, p.end) for p in found.protected} | {(k.span.start, k.span.end) for k in found.links})
    hidden: dict[str, str] = {}
    out, position = "", 0
    for start, end in spans:
        if start >= position:
            word = f"\ue002{len(hidden)}\ue003"
            hidden[word] = written[start:end]
            out += written[position:start] + word
            position = end
    lines = (out + written[position:]).split("\n")[:-1]
    if any(line.lstrip().startswith("{|") for line in lines[1:]):
        return written

    def native(text: str) -> str:
        parts = take_apart(re.sub("\ue002\\d+\ue003", lambda m: hidden[m[0]], text), not wiki)
        said = "\n\n".join(mediawiki(block).text for block in blocks(parts.markdown)) if wiki else parts.markdown
        return restored(said, parts, wiki)

    table = tables.parse(lines)
    made = [lines[0], *([f"|+ {native(table.caption)}"] if table.caption else [])]
    for row in table.rows:
        made.append("|-")
        for cell in row:
            text = native("\n".join(cell.lines))
            spread = [f'{n}="{v}"' for n, v in (("colspan", cell.colspan), ("rowspan", cell.rowspan)) if v > 1]
            before = f" {' '.join(spread)} |" if spread else ""
            made.append(f"{'!' if cell.header else '|'}{before}{chr(10) if chr(10) in text else ' '}{text}")
    return "\n".join([*made, "|}"])


def _fenced(body: str, language: str, lead: str) -> str:
    longest = max((len(run) for run in re.findall(r"^\s*(`{3,})", body, re.MULTILINE)), default=2)
    ticks = "`" * (longest + 1)
    return "\n".join(
        (lead + line).rstrip() if not line else lead + line for line in (f"{ticks}{language}", *body.split("\n"), ticks)
    )


def _inline(part: Protected, match: re.Match[str], parts: Parts, wiki: bool) -> str:
    match part.kind:
        case "math" | "display":
            shown = math(part.body, part.kind == "display")
            plain = shown.strip("$")
            text = match.string
            beside = text[max(0, match.start() - 1) : match.start()] + text[match.end() : match.end() + 1]
            if not wiki and not re.search(r"[\w$\\]", beside) and _is_one(shown, part.kind, plain):
                return shown
            tag = '<math display="block">' if part.kind == "display" else "<math>"
            return f"{tag}{plain}</math>"
        case "inline" | "code":
            code = html.unescape(part.body) if part.kind == "code" else part.body
            if part.kind == "inline" and _in_table(part, parts):
                code = code.replace("\\|", "|")  # there GitHub's Markdown escapes bars in code too
            code = re.sub(r"\s*\n\s*", " ", code)
            return f"<code>{html.escape(code, quote=False)}</code>" if wiki else _ticked(code)
        case "verbatim" if part.language != "image":
            return f"<nowiki>{part.body}</nowiki>" if wiki else escape(part.body)
    return parts.text[part.start : part.end]


def _in_table(part: Protected, parts: Parts) -> bool:
    return parts.text[parts.text.rfind("\n", 0, part.start) + 1 : part.start].lstrip().startswith("|")


def _ticked(code: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{space}{code}{space}{ticks}" if code.strip() else code_span(code)


def _is_one(text: str, kind: str, body: str) -> bool:
    """Whether a text is one protected stretch with this content, and nothing else."""
    found = protected(text, indented_code=False)
    return (
        len(found) == 1
        and (found[0].start, found[0].end, found[0].kind) == (0, len(text), kind)
        and (found[0].body.strip() == body.strip())
    )


def _mark(match: re.Match[str], parts: Parts, wiki: bool) -> str:
    if match[1] == "i":
        path, caption = parts.images[int(match[2])]
        shown = f"<{path}>" if re.search(r"[\s()]", path) else path
        if wiki and not re.search(r"[|\[\]]", caption + path):
            return f"[[File:{path}|{wiki_inline(caption)}]]" if caption else f"[[File:{path}]]"
        return f"![{caption}]({shown})"
    return linked(parts.links[int(match[2])], parts, wiki)


def linked(link: Link, parts: Parts, wiki: bool) -> str:
    """A link as it is written, its label in the other dialect."""
    written = parts.text[link.span.start : link.span.end]
    if not link.label:
        return written
    shown = label(link.label, not wiki)
    native = wiki_inline(shown) if wiki else shown
    if native == link.label or label(native, wiki) != shown:
        return written
    return native.join(written.rsplit(link.label, 1)) if not link.is_path else written.replace(link.label, native, 1)
