"""Export the wiki for other programs: by format, as texts for language models, and as requirements of Workflows."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import quote

from msgspec import Struct

from ..config import Config
from ..model import Found, Source, WikiPage
from ..notes.note_links import Site, path_name
from ..regex import regex
from ..requirements.install import environment_yml, merged_record, requirements_txt
from ..requirements.merge import merge_on_path
from ..schema import Schema
from ..text.links import scan
from ..text.markdown import escape
from ..text.sections import pieces
from ..words import count
from .feed import LLMS
from .graph_exports import NODE_KEYS, Arc, Node, Records, clean, graphml, jsonld, node_data, records, writable
from .report import first_sentence


def requirement_files(site: Site) -> dict[str, bytes]:
    """Return a folder for each Workflow with ``requirements.txt``, ``requirements.json`` with the source of every row,
    and ``environment.yml`` if a page names conda packages."""
    files: dict[str, bytes] = {}
    for page in site.graph.pages.values():
        if site.schema.types[page.page_type].rank != 0:
            continue
        merged = merge_on_path(page.id, site.graph, site.schema, site.requirements)
        folder = site.names[page.id].partition("/")[2]
        files[f"{folder}/requirements.txt"] = requirements_txt(merged, page.page_title).encode()
        if conda := environment_yml(merged, page.page_title):
            files[f"{folder}/environment.yml"] = conda.encode()
        record = json.dumps({"workflow": page.id, **merged_record(merged)}, ensure_ascii=False, indent=2)
        files[f"{folder}/requirements.json"] = f"{record}\n".encode()
    return files


BUNDLE_LIMIT = 1_000_000
"""Maximum number of bytes of a bundle. Further pages of the path are listed without their text. It keeps the sum of the
bundles linear even where every Workflow leads to everything."""
_HEADING = regex(r"^(#{1,6}) (.*?)(?:\s*\{#[\w-]+\})?$", re.MULTILINE)
_LEVEL = regex(r"^#{1,6}(?= )", re.MULTILINE)
_CALLOUT = regex(r'^:{3,} \{\.callout-(\w+)(?: title="([^"]*)")?[^}\n]*\}$', re.MULTILINE)
_DIV = regex(r"^:{3,}[^\n]*\n?", re.MULTILINE)


class Bundle(Struct, frozen=True):
    """A Workflow and every page of its reading path as one Markdown text."""

    file: str
    title: str
    pages: tuple[str, ...]
    """Their ids."""


def llms_txt(wiki: Records, schema: Schema, full_texts: list[Bundle], prefix: str, folder: str) -> str:
    """Return llms.txt. Addresses begin with ``prefix``, those of bundles with ``prefix`` and ``folder``."""
    parts = [f"# {wiki.title}"]
    if wiki.description:
        parts.append(f"> {wiki.description}")
    used_types = {node.type for node in wiki.nodes}
    kinds = ", ".join(
        f"{t.plural} ({t.about})" if t.about else t.plural for t in schema.types.values() if t.name in used_types
    )
    size = f"{count(len(wiki.nodes), 'page')} and {count(len(wiki.edges), 'edge')}"
    parts.append(f"A typed knowledge graph of {size}: {kinds}. Each note is also Markdown: add `.md` to its address.")
    if full_texts:
        parts.append("## Full text\n")
        parts[-1] += "".join(
            f"\n- [{_label(b.title)}]({prefix}{folder}/{quote(b.file)}): the Workflow and all that it leads to, "
            f"{len(b.pages)} pages"
            for b in full_texts
        )
    for page_type in schema.types.values():
        nodes = [node for node in wiki.nodes if node.type == page_type.name]
        if nodes:
            lines = (
                f"\n- [{_label(node.title)}]({prefix}notes/{node.url})"
                + (f": {first_sentence(node.overview)}" if node.overview else "")
                for node in nodes
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
    """Return the bundle of each reading path, or of those of ``workflows``."""
    result = []
    for workflow in site.paths if workflows is None else workflows:
        name = path_name(workflow, site).removeprefix("path/")
        ids = tuple(site.paths[workflow].pages())
        result.append(Bundle(f"bundle-{name}.md", clean(site.graph.pages[workflow].page_title), ids))
    return result


def bundle_text(bundle: Bundle, site: Site, texts: dict[str, bytes]) -> bytes:
    """Return a bundle as UTF-8. ``texts`` caches pages that are on several paths."""
    parts = [f"# {escape(bundle.title)}\n".encode()]
    length = 0
    further_pages: list[str] = []
    for page_id in bundle.pages:
        page = site.graph.pages[page_id]
        if page_id not in texts:
            texts[page_id] = page_markdown(page, site).encode()
        if further_pages or (length and length + len(texts[page_id]) > BUNDLE_LIMIT):
            further_pages.append(f"- {escape(clean(page.page_title))}")
            continue
        length += len(texts[page_id])
        parts.append(texts[page_id])
    if further_pages:
        parts.append(("## Further pages\n\n" + "\n".join(further_pages) + "\n").encode())
    return b"\n".join(parts)


def page_markdown(page: WikiPage, site: Site) -> str:
    """Return a page as plain Markdown below a heading of level 2: content, connections in words, sources."""
    parts = [f"## {page.page_type}: {escape(clean(page.page_title))}"]
    parts += [plain_markdown(text, page, site) for text in (page.lead, page.content) if text]
    if connections := list(_connections(page, site)):
        parts.append("### Connections\n\n" + "\n".join(connections))
    citations = [
        f"- {escape(s.type)}: {escape(s.title)}" + (f" <{s.url}>" if s.url else "")
        for s in page.sources
        if not s.url or s.url not in page.sources_text
    ]
    own_text = plain_markdown(page.sources_text, page, site)
    if citations or own_text:
        parts.append("### Sources\n\n" + "\n\n".join(filter(None, ("\n".join(citations), own_text))))
    return writable("\n\n".join(parts)) + "\n"


def plain_markdown(markdown: str, page: WikiPage, site: Site) -> str:
    """Return Pandoc Markdown as Markdown for any reader: links as their names, headings from level 3 on."""
    cut = list(pieces(markdown))
    levels = [len(marks) for text, is_code in cut if not is_code and "#" in text for marks in _LEVEL.findall(text)]
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
    """Return the text of links and annotations without a label, by their source text."""
    names = {link_text: words for link_text, words, _ in page.annotations}
    for link, resolution in site.graph.links(page):
        title = link.target.replace("_", " ") or link.fragment or ""
        if isinstance(resolution, Found):
            title = link.target if resolution.swapped else site.graph.pages[resolution.page_id].page_title
        names[link.written] = title
    return names


def _with_names(text: str, names: Mapping[str, str]) -> str:
    """Replace links into the wiki, and images, by their names, because they have no target elsewhere."""
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
    parts: list[str] = []
    position = 0
    for span, words in sorted(edits, key=lambda edit: edit[0].start):
        if span.start >= position and not text.startswith("]:", span.start - 2):
            parts += (text[position : span.start], words)
            position = span.end
    return "".join([*parts, text[position:]])


def _connections(page: WikiPage, site: Site) -> Iterator[str]:
    """Yield the outgoing typed edges of a page, a line for each type."""
    titles_by_type: dict[str, list[str]] = {}
    for edge in site.graph.outgoing.get(page.id, ()):
        titles_by_type.setdefault(edge.type, []).append(escape(clean(site.graph.pages[edge.target].page_title)))
    for name, titles in titles_by_type.items():
        yield f"- {escape(site.schema.edge_label(name))}: {'; '.join(titles)}"


FOLDER = "assets/exports"
"""Relative to the notes folder. Quarto publishes it unchanged."""
FORMATS = {
    "graph.json": ("graph.json",),
    "jsonld": ("wiki.jsonld",),
    "graphml": ("graph.graphml",),
    "csv": ("nodes.csv", "edges.csv"),
}
"""Files of each format except ``llms``, whose names depend on the wiki."""
_FORMULA = regex("((?:^|;)[\\s\u200b\ufeff]*)(?=[=+@＝＋＠－-])")
"""The start of a formula, including the full-width characters that spreadsheets accept."""


def export_files(site: Site, config: Config) -> dict[str, bytes]:
    """Return every export by path relative to the notes folder."""
    texts: dict[str, bytes] = {}
    files = shared_files(site, config)
    for workflow in site.paths:
        files |= bundle_file(workflow, site, texts)
    return files


def bundle_file(workflow: str, site: Site, texts: dict[str, bytes]) -> dict[str, bytes]:
    """Return the bundle of a reading path, by path relative to the notes folder.

    ``texts`` caches the texts of pages across bundles.
    """
    return {f"{FOLDER}/{bundle.file}": bundle_text(bundle, site, texts) for bundle in bundles(site, [workflow])}


def shared_files(site: Site, config: Config) -> dict[str, bytes]:
    """Return the exports of the whole wiki, which contain no text of pages."""
    wiki = records(site, config.title, config.description)
    full_texts = bundles(site)
    prefix = f"{config.site_url}/" if config.site_url else ""
    files = {
        "graph.json": graph_json(wiki),
        "wiki.jsonld": jsonld(wiki, site.schema, f"{prefix}notes/" if prefix else "../../"),
        "graph.graphml": graphml(wiki),
        "nodes.csv": _csv(("id", *NODE_KEYS), ((node.id, *node_data(node).values()) for node in wiki.nodes)),
        "edges.csv": _csv(("source", "target", "relation"), ((e.source, e.target, e.type) for e in wiki.edges)),
    }
    published = {f"{FOLDER}/{name}": data for name, data in files.items()}
    return {**published, LLMS: llms_txt(wiki, site.schema, full_texts, prefix, f"notes/{FOLDER}").encode()}


def graph_json(wiki: Records) -> bytes:
    """Return node-link JSON, which networkx and D3 read, with a line for each node and each edge.

    - graph: title, description
    - nodes: id, type, title, overview, [domain …], namespace, url (of the note, relative to the notes
      folder), updated (ISO 8601 or empty), minutes, [{type, title, url} …] of the sources, [alias …]
    - edges: source, type, target
    """
    about = json.dumps({"title": wiki.title, "description": wiki.description}, ensure_ascii=False)
    names = {kind: kind.__struct_fields__ for kind in (Node, Arc, Source)}
    encoder = json.JSONEncoder(ensure_ascii=False, default=lambda one: {n: getattr(one, n) for n in names[type(one)]})
    write = encoder.encode
    nodes, edges = ",\n".join(map(write, wiki.nodes)), ",\n".join(map(write, wiki.edges))
    head = f'"directed": true, "multigraph": true, "graph": {about}'
    return f'{{{head},\n"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]}}\n'.encode()


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """Return a table as RFC 4180 in UTF-8. "relation" because Gephi reads a column "type" as directed or not."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    """Return a cell that no spreadsheet reads as a formula. Pages are untrusted, and a formula can fetch an address.

    An apostrophe before it makes it text, as OWASP advises; graph.json has the original text. Every part of a list has
    one too: where lists are separated by semicolons, some programs split them into cells, quoted or not.
    """
    if ";" not in cell and cell.lstrip(" \t\r\n")[:1].isalnum():
        return cell  # the common case, ten times as fast as the search
    return _FORMULA.sub(r"\1'", cell)
