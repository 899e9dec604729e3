"""llms.txt (https://llmstxt.org) and the full text of each Workflow's reading path, as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..model import Found, WikiPage
from ..notes.note_links import Site, path_name
from ..pages.report import first_sentence
from ..regex import regex
from ..schema import Schema
from ..text.links import scan
from ..text.markdown import escape
from ..text.sections import pieces
from .records import Records, clean, writable

BUNDLE_LIMIT = 1_000_000
"""Bytes of a bundle; further pages of the path are named without their text. It keeps the sum of
the bundles linear even where every Workflow leads to everything."""
_HEADING = regex(r"^(#{1,6}) (.*?)(?:\s*\{#[\w-]+\})?$", re.MULTILINE)
_LEVEL = regex(r"^#{1,6}(?= )", re.MULTILINE)
_CALLOUT = regex(r'^:{3,} \{\.callout-(\w+)(?: title="([^"]*)")?[^}\n]*\}$', re.MULTILINE)
_DIV = regex(r"^:{3,}[^\n]*\n?", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A Workflow and every page of its reading path as one Markdown text."""

    file: str
    title: str
    pages: tuple[str, ...]
    """Their ids."""


def llms_txt(wiki: Records, schema: Schema, full_texts: list[Bundle], prefix: str, folder: str) -> str:
    """The index. Addresses begin with ``prefix``; that of the bundles goes on with ``folder``."""
    parts = [f"# {wiki.title}"]
    if wiki.description:
        parts.append(f"> {wiki.description}")
    met = {node.type for node in wiki.nodes}
    kinds = ", ".join(f"{t.plural} ({t.about})" for t in schema.types.values() if t.name in met)
    parts.append(f"A typed knowledge graph of {len(wiki.nodes)} pages and {len(wiki.edges)} edges: {kinds}.")
    if full_texts:
        parts.append("## Full text\n")
        parts[-1] += "".join(
            f"\n- [{_label(b.title)}]({prefix}{folder}/{quote(b.file)}): the Workflow and all that it leads to, "
            f"{len(b.pages)} pages"
            for b in full_texts
        )
    for page_type in schema.types.values():
        listed = [node for node in wiki.nodes if node.type == page_type.name]
        if listed:
            lines = (
                f"\n- [{_label(node.title)}]({prefix}notes/{node.url})"
                + (f": {first_sentence(node.overview)}" if node.overview else "")
                for node in listed
            )
            parts.append(f"## {clean(page_type.plural)}\n" + "".join(lines))
    data = {"graph.json": "every page and edge", "wiki.jsonld": "the same as linked data"}
    parts.append(
        "## Optional\n" + "".join(f"\n- [{name}]({prefix}{folder}/{name}): {text}" for name, text in data.items())
    )
    return "\n\n".join(parts) + "\n"


def _label(text: str) -> str:
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def bundles(site: Site, workflows: Iterable[str] | None = None) -> list[Bundle]:
    """The bundle of each reading path, or of those of these Workflows."""
    made = []
    for workflow in site.paths if workflows is None else workflows:
        name = path_name(workflow, site).removeprefix("path/")
        ids = tuple(site.paths[workflow].pages())
        made.append(Bundle(f"bundle-{name}.md", clean(site.graph.pages[workflow].page_title), ids))
    return made


def bundle_text(bundle: Bundle, site: Site, texts: dict[str, bytes]) -> bytes:
    """A bundle as UTF-8. ``texts`` of pages that are on several paths are made once."""
    parts = [f"# {escape(bundle.title)}\n".encode()]
    length = 0
    left: list[str] = []
    for page_id in bundle.pages:
        page = site.graph.pages[page_id]
        if page_id not in texts:
            texts[page_id] = page_markdown(page, site).encode()
        if left or (length and length + len(texts[page_id]) > BUNDLE_LIMIT):
            left.append(f"- {escape(clean(page.page_title))}")
            continue
        length += len(texts[page_id])
        parts.append(texts[page_id])
    if left:
        parts.append(("## Further pages\n\n" + "\n".join(left) + "\n").encode())
    return b"\n".join(parts)


def page_markdown(page: WikiPage, site: Site) -> str:
    """A page as plain Markdown below a heading of level 2: content, connections in words, sources."""
    parts = [f"## {page.page_type}: {escape(clean(page.page_title))}"]
    parts += [plain_markdown(text, page, site) for text in (page.lead, page.content) if text]
    if connections := list(_connections(page, site)):
        parts.append("### Connections\n\n" + "\n".join(connections))
    named = [
        f"- {escape(s.type)}: {escape(s.title)}" + (f" <{s.url}>" if s.url else "")
        for s in page.sources
        if not s.url or s.url not in page.sources_text
    ]
    own = plain_markdown(page.sources_text, page, site)
    if named or own:
        parts.append("### Sources\n\n" + "\n\n".join(filter(None, ("\n".join(named), own))))
    return writable("\n\n".join(parts)) + "\n"


def plain_markdown(markdown: str, page: WikiPage, site: Site) -> str:
    """Our Pandoc Markdown for readers of any other: links by their names, headings from level 3 on."""
    cut = list(pieces(markdown))
    levels = [len(found) for text, is_code in cut if not is_code and "#" in text for found in _LEVEL.findall(text)]
    shift = 3 - min(levels, default=3)

    def prose(text: str) -> str:
        if "#" in text:
            text = _HEADING.sub(lambda m: f"{'#' * min(6, len(m[1]) + shift)} {m[2]}", text)
        if ":::" in text:
            text = _DIV.sub("", _CALLOUT.sub(lambda m: f"**{m[2] or m[1].capitalize()}**\n", text))
        return _with_names(text, names)

    names = _names(page, site)
    return "".join(text if is_code else prose(text) for text, is_code in cut)


def _names(page: WikiPage, site: Site) -> dict[str, str]:
    """What links and annotations show that have no label, by what is written in them."""
    names = {written: words for written, words, _ in page.annotations}
    for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
        title = link.target.replace("_", " ") or link.fragment or ""
        if isinstance(resolution, Found):
            title = link.target if resolution.swapped else site.graph.pages[resolution.page_id].page_title
        names[link.written] = title
    return names


def _with_names(text: str, names: Mapping[str, str]) -> str:
    """Links into the wiki and images as the words that stand for them: elsewhere they lead nowhere."""
    if "[" not in text:
        return text
    result = scan(text)
    edits = [
        (k.span, k.label or escape(names.get(k.written, k.target)))
        for k in result.links
        if k.label or k.written in names
    ]
    edits += [(a.span, escape(names.get(a.written, ""))) for a in result.annotations if a.name != "image"]
    edits += [(i.span, i.alt or escape(i.address[:80])) for i in result.images if not i.address.startswith("http")]
    out: list[str] = []
    position = 0
    for span, words in sorted(edits, key=lambda edit: edit[0].start):
        if span.start >= position and not text.startswith("]:", span.start - 2):
            out += (text[position : span.start], words)
            position = span.end
    return "".join([*out, text[position:]])


def _connections(page: WikiPage, site: Site) -> Iterator[str]:
    """The typed edges that lead on from a page, a line for each type."""
    named: dict[str, list[str]] = {}
    for edge in site.graph.outgoing.get(page.id, ()):
        named.setdefault(edge.type, []).append(escape(clean(site.graph.pages[edge.target].page_title)))
    for name, titles in named.items():
        known = site.schema.edges.get(name)
        label = known.label if known else name.replace("_", " ").capitalize()
        yield f"- {escape(label)}: {'; '.join(titles)}"
