"""The text of a new page: the sections of its type, with comments where something is to be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from ..model import WikiPage
from ..schema import ANY, Schema
from ..text.markdown import escape
from ..text.names import display_name
from ..text.plain import plain

_INFOBOX = """{{| class="wikitable" style="float:right; margin-left:1em; width:300px;"
|-
! Knowledge Sources
|
<!-- * [[source::Paper|Title|https://…]] -->
|-
! Domains
| <!-- [[domain::Name]], [[domain::Name]] -->
|-
! Last Updated
| [[last_updated::{today}]]
|}}
"""
_METADATA = """## Metadata

- **Domains**: <!-- Name, Name -->
- **Sources**: <!-- [Paper: Title](https://…) -->
- **Last Updated**: {today}
"""
_CODE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*(?!\{?mermaid)|<(?:syntaxhighlight|source lang)", re.MULTILINE)
_OFFERED = 3
"""Pages of a type that a new page is offered to link to."""
_OVERVIEW = "<!-- what it is and why one opens this page, in one to three sentences -->"


@cache
def sections(page_type: str, code: bool = True) -> dict[str, str]:
    """The sections of a type of page, and what each is to say, in a wiki that holds ``code`` or none."""
    data = yaml.safe_load(Path(__file__).with_name("skeletons.yml").read_text(encoding="utf-8"))
    kind = "code" if code else "plain"
    written: dict[str, str | dict[str, str]] = data.get(page_type, data[ANY])
    chosen = {name: says if isinstance(says, str) else says.get(kind, "") for name, says in written.items()}
    return {name: says for name, says in chosen.items() if says}


def holds_code(texts: Iterable[str]) -> bool:
    """Whether a wiki is about code: some page shows a block of it. Diagrams are none."""
    return any(_CODE.search(text) for text in texts)


def to_make(page_type: str, dialect: str, pages: Iterable[WikiPage], schema: Schema, title: str) -> list[str]:
    """Links that a new page can state, ready to paste: to the pages that there are, those named most like it first."""
    known = list(pages)
    item = "*" if dialect == "mediawiki" else "-"
    lines = []
    for edge, other in links(page_type, schema):
        if schema.types[other].by_hand:
            continue
        fitting = [page for page in known if page.page_type == other]
        fitting.sort(key=lambda page: (-fuzz.token_set_ratio(page.page_title, title), page.id))
        names = [page.stem for page in fitting[:_OFFERED]] or ["Title"]
        lines += [f"{item} [[{edge}::{other}:{name}]]" for name in names]
    return lines


def links(page_type: str, schema: Schema) -> Iterator[tuple[str, str]]:
    """The typed links that a page of this type can state: edge name as written on it, other type."""
    for edge in schema.edges.values():
        if edge.association:
            continue
        forward = page_type in edge.sources or (ANY in edge.sources and page_type not in edge.targets)
        if forward:
            for other in schema.types if ANY in edge.targets else sorted(edge.targets):
                yield edge.name, other
        elif page_type in edge.targets:
            name = edge.inverses[0] if edge.inverses else edge.name
            for other in schema.types if ANY in edge.sources else sorted(edge.sources):
                if other != page_type:
                    yield name, other


def skeleton(
    page_type: str,
    title: str,
    stem: str,
    namespace: str,
    dialect: str,
    schema: Schema,
    today: date,
    overview: str = "",
    code: bool = True,
) -> str:
    """The text of a page. What an author has yet to say stands in comments: no reader sees it, and
    the audit goes on saying what is missing."""
    wiki = dialect == "mediawiki"
    item, mark = ("*", "==") if wiki else ("-", "##")
    close = f" {mark}" if wiki else ""
    named = display_name(stem, namespace) == title
    shown = title if plain(title) == title else f"<nowiki>{title}</nowiki>" if wiki else escape(title)
    parts = [] if wiki and named else [f"= {shown} =" if wiki else f"# {shown}"]
    if wiki:
        parts.append(_INFOBOX.format(today=today).rstrip())
    parts.append(f"{mark} Overview{close}\n\n{overview or _OVERVIEW}")
    parts += [f"{mark} {name}{close}\n\n<!-- {prompt} -->" for name, prompt in sections(page_type, code).items()]
    if not wiki:
        parts.append(_METADATA.format(today=today).rstrip())
    known = "\n".join(f"{item} [[{edge}::{other}:Title]]" for edge, other in links(page_type, schema))
    heading = "Related Pages" if wiki else "Connections"
    parts.append(f"{mark} {heading}{close}\n\n<!-- one line for each that holds:\n{known}\n-->")
    if schema.types[page_type].rank == 1:
        # An error by itself, but not of a page that has just begun; the audit reports the comment
        # as soon as it is no longer needed.
        parts.append(f"<!-- typedwiki: ignore S003 what implements this {page_type} is yet to be linked -->")
    return "\n\n".join(parts) + "\n"
