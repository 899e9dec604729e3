"""Write the text of a new page: the sections of its type, with a comment in each that says what to write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path

import yaml
from rapidfuzz import fuzz

from ..model import Graph, WikiPage
from ..resolve import MENTIONS
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
_SUGGESTIONS = 3
"""Pages of each type to suggest as link targets."""
_OVERVIEW = "<!-- what it is and why one opens this page, in one to three sentences -->"


@cache
def section_prompts(page_type: str, code: bool = True) -> dict[str, str]:
    """Return the sections of a page type and a prompt for each. Some depend on whether the wiki holds ``code``."""
    data = yaml.safe_load(Path(__file__).with_name("skeletons.yml").read_text(encoding="utf-8"))
    kind = "code" if code else "plain"
    written: dict[str, str | dict[str, str]] = data.get(page_type, data[ANY])
    chosen = {name: prompt if isinstance(prompt, str) else prompt.get(kind, "") for name, prompt in written.items()}
    return {name: prompt for name, prompt in chosen.items() if prompt}


def holds_code(texts: Iterable[str]) -> bool:
    """Whether any page shows a block of code other than a diagram."""
    return any(_CODE.search(text) for text in texts)


def suggest_links(
    links: Iterable[tuple[str, str]], dialect: str, pages: Iterable[WikiPage], schema: Schema, title: str
) -> list[str]:
    """Return links for a new page, ready to paste: for each edge and other type of ``links``, the existing pages with
    the most similar titles."""
    all_pages = list(pages)
    item = "*" if dialect == "mediawiki" else "-"
    lines = []
    for edge, other_type in links:
        if schema.types[other_type].by_hand:
            continue
        fitting = [page for page in all_pages if page.page_type == other_type]
        fitting.sort(key=lambda page: (-fuzz.token_set_ratio(page.page_title, title), page.id))
        names = [page.stem for page in fitting[:_SUGGESTIONS]] or ["Title"]
        lines += [f"{item} [[{edge}::{other_type}:{name}]]" for name in names]
    return lines


def possible_links(page_type: str, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the typed links that a page of this type can have: edge name as written on it, and the other type."""
    for edge in schema.edges.values():
        if edge.association:
            continue
        forward = page_type in edge.sources or (ANY in edge.sources and page_type not in edge.targets)
        if forward:
            for other_type in schema.types if ANY in edge.targets else sorted(edge.targets):
                yield edge.name, other_type
        elif page_type in edge.targets:
            name = edge.inverses[0] if edge.inverses else edge.name
            for other_type in schema.types if ANY in edge.sources else sorted(edge.sources):
                if other_type != page_type:
                    yield name, other_type


def used_links(page_type: str, graph: Graph) -> list[tuple[str, str]]:
    """Return the links that pages of a type have, the most frequent first: edge name, and the other type."""
    edges = (edge for edge in graph.edges if graph.pages[edge.source].page_type == page_type)
    counts = Counter((edge.type, graph.pages[edge.target].page_type) for edge in edges if edge.type != MENTIONS)
    return [link for link, _ in counts.most_common()]


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
    links: Sequence[tuple[str, str]] | None = None,
) -> str:
    """Return the text of a new page, with ``links`` or else all that the schema allows. Prompts stand in comments, so
    readers do not see them and the audit still reports what is missing."""
    wiki = dialect == "mediawiki"
    item, mark = ("*", "==") if wiki else ("-", "##")
    close = f" {mark}" if wiki else ""
    title_from_name = display_name(stem, namespace) == title
    heading_text = title if plain(title) == title else f"<nowiki>{title}</nowiki>" if wiki else escape(title)
    parts = [] if wiki and title_from_name else [f"= {heading_text} =" if wiki else f"# {heading_text}"]
    if wiki:
        parts.append(_INFOBOX.format(today=today).rstrip())
    parts.append(f"{mark} Overview{close}\n\n{overview or _OVERVIEW}")
    parts += [f"{mark} {name}{close}\n\n<!-- {prompt} -->" for name, prompt in section_prompts(page_type, code).items()]
    if not wiki:
        parts.append(_METADATA.format(today=today).rstrip())
    link_lines = "\n".join(
        f"{item} [[{edge}::{other_type}:Title]]"
        for edge, other_type in (possible_links(page_type, schema) if links is None else links)
    )
    connections_title = "Related Pages" if wiki else "Connections"
    prompt = f"<!-- one line for each that holds:\n{link_lines}\n-->" if link_lines else "<!-- [[edge::Title]] -->"
    parts.append(f"{mark} {connections_title}{close}\n\n{prompt}")
    if schema.types[page_type].rank == 1:
        # A Principle without an implementation is an error, but not while the page is new. The audit
        # reports the comment as soon as it is superfluous.
        parts.append(f"<!-- typedwiki: ignore S003 what implements this {page_type} is yet to be linked -->")
    return "\n\n".join(parts) + "\n"
