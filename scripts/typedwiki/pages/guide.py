"""The author's guide on the site: what a page of each type says, and the pages of docs/ that are for authors."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from ..author.new import possible_links, section_prompts
from ..parts import GUIDE, root
from ..schema import Schema
from ..text.markdown import code_span, escape

_HEADING = re.compile(r"^(#{1,5}) +(.+)$", re.MULTILINE)
_LINK = re.compile(r"\[([^\[\]\n]+)\]\(([\w./-]*)(#[\w-]+)?\)")
_ON_THE_SITE = {"audit.md": "rules.html"}
"""Pages of the documentation that the site has as pages of its own."""
_ABOUT_TYPES = (
    "The folder decides the type of a page. These sections and links are what the audit looks for;"
    " its [rules](rules.html) say what each problem means, and the [audit](audit.html) lists those of this wiki."
)
_LEAD = "How to write a page of each type, link it, give its sources, and find out what is missing."


def guide_texts(ranked: bool = True) -> list[str]:
    """The pages of the documentation that the guide is made from; those that a project has deleted are left out, and
    what only concerns types with ranks where there are none."""
    paths = [root() / name for name in GUIDE if ranked or PurePosixPath(name).stem != "requirements"]
    return [path.read_text(encoding="utf-8") for path in paths if path.is_file()]


def guide_page(schema: Schema, texts: list[str]) -> str:
    """The text of the guide."""
    names = {name.rpartition("/")[2] for name in GUIDE}
    parts = [
        f'---\ntitle: Guide\ndescription-meta: "{_LEAD}"\ntoc: true\n---',
        f"::: {{.tw-lead}}\n{_LEAD}\n:::",
        *(["## A page of each type", _ABOUT_TYPES] if schema.ranked else []),
        *(_type(name, schema) for name, kind in schema.types.items() if kind.ranked and not kind.by_hand),
        *(_shifted(text, names).strip() for text in texts),
    ]
    return "\n\n".join(parts) + "\n"


def _type(name: str, schema: Schema) -> str:
    kind = schema.types[name]
    listed = [f"- **{escape(title)}**: {says}" for title, says in section_prompts(name).items()]
    own = dict.fromkeys(
        f"[[{edge}::{other}:Title]]" for edge, other in possible_links(name, schema) if not _by_hand(other, schema)
    )
    stated = [f"- {code_span(link)}" for link in own]
    about = f"\n\n{escape(kind.about[:1].upper() + kind.about[1:])}." if kind.about else ""
    return f"### {escape(name)}{about}\n\n" + "\n".join(listed) + "\n\nIts links:\n\n" + "\n".join(stated)


def _by_hand(name: str, schema: Schema) -> bool:
    return name in schema.types and schema.types[name].by_hand


def _shifted(text: str, names: set[str]) -> str:
    """A page of the documentation as a part of the guide: headings one level down, links that lead somewhere here."""
    out, fence = [], ""
    for line in text.splitlines():
        if fence:
            fence = "" if line.startswith(fence) else fence
            out.append(line)
        else:
            fence = line[:3] if line.startswith(("```", "~~~")) else ""
            out.append(line if fence else _prose(line, names))
    return "\n".join(out)


def _prose(text: str, names: set[str]) -> str:
    return _LINK.sub(lambda match: _link(match, names), _HEADING.sub(r"#\1 \2", text))


def _link(match: re.Match[str], names: set[str]) -> str:
    words, path, anchor = match[1], match[2], match[3] or ""
    if path in _ON_THE_SITE:
        return f"[{words}]({_ON_THE_SITE[path]})"
    return f"[{words}]({anchor})" if anchor and (not path or path in names) else words
