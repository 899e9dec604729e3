"""The text of a new page: the sections of its type, with comments where something is to be written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import yaml

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
_OVERVIEW = "<!-- what it is and why one opens this page, in one to three sentences -->"


@cache
def sections(page_type: str) -> dict[str, str]:
    """The sections of a type of page, and what each is to say."""
    data = yaml.safe_load(Path(__file__).with_name("skeletons.yml").read_text(encoding="utf-8"))
    return dict(data.get(page_type, data[ANY]))


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
    page_type: str, title: str, stem: str, namespace: str, dialect: str, schema: Schema, today: date, overview: str = ""
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
    parts += [f"{mark} {name}{close}\n\n<!-- {prompt} -->" for name, prompt in sections(page_type).items()]
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
