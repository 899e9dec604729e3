"""The wiki for other programs: graph.json, JSON-LD, GraphML, CSV, llms.txt and bundles.

All are derived from the same records, so they agree with one another.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields

from ..config import Config
from ..model import Source
from ..notes.note_links import Site
from ..regex import regex
from . import LLMS
from .graphml import graphml
from .jsonld import jsonld
from .llms import bundle_text, bundles, llms_txt
from .records import Arc, Node, Records, records

FOLDER = "assets/exports"
"""Below the notes folder; Quarto publishes it as it is."""
FORMATS = {
    "graph.json": ("graph.json",),
    "jsonld": ("wiki.jsonld",),
    "graphml": ("graph.graphml",),
    "csv": ("nodes.csv", "edges.csv"),
}
"""Files of each format beside those of ``llms``, whose names depend on the wiki."""
_FORMULA = regex("((?:^|;)[\\s\u200b\ufeff]*)(?=[=+@＝＋＠－-])")
"""Where a formula begins, also one in the full-width characters that spreadsheets take for others."""
_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in (Node, Arc, Source)}


def export_files(site: Site, config: Config) -> dict[str, bytes]:
    """Every export by path relative to the notes folder."""
    texts: dict[str, bytes] = {}
    files = shared_files(site, config)
    for workflow in site.paths:
        files |= bundle_file(workflow, site, texts)
    return files


def bundle_file(workflow: str, site: Site, texts: dict[str, bytes]) -> dict[str, bytes]:
    """The bundle of a reading path, by path relative to the notes folder; ``texts`` are those of pages, as far as
    they have been made for other bundles."""
    return {f"{FOLDER}/{bundle.file}": bundle_text(bundle, site, texts) for bundle in bundles(site, [workflow])}


def shared_files(site: Site, config: Config) -> dict[str, bytes]:
    """The exports of the whole wiki, which have no text of pages."""
    wiki = records(site, config.title, config.description)
    full_texts = bundles(site)
    prefix = f"{config.site_url}/" if config.site_url else ""
    files = {
        "graph.json": graph_json(wiki),
        "wiki.jsonld": jsonld(wiki, site.schema, f"{prefix}notes/" if prefix else "../../"),
        "graph.graphml": graphml(wiki),
        "nodes.csv": nodes_csv(wiki),
        "edges.csv": _csv(("source", "target", "relation"), ((e.source, e.target, e.type) for e in wiki.edges)),
    }
    published = {f"{FOLDER}/{name}": data for name, data in files.items()}
    return {**published, LLMS: llms_txt(wiki, site.schema, full_texts, prefix, f"notes/{FOLDER}").encode()}


def graph_json(wiki: Records) -> bytes:
    """Node-link JSON, which networkx and D3 read, a line for each node and each edge.

    - graph: title, description
    - nodes: id, type, title, overview, [domain …], namespace, url (of the note, relative to the notes
      folder), updated (ISO 8601 or empty), minutes, [{type, title, url} …] of the sources, [alias …]
    - edges: source, type, target
    """
    about = json.dumps({"title": wiki.title, "description": wiki.description}, ensure_ascii=False)
    write = json.JSONEncoder(ensure_ascii=False, default=_as_dict).encode
    nodes, edges = ",\n".join(map(write, wiki.nodes)), ",\n".join(map(write, wiki.edges))
    head = f'"directed": true, "multigraph": true, "graph": {about}'
    return f'{{{head},\n"nodes": [\n{nodes}\n],\n"edges": [\n{edges}\n]}}\n'.encode()


def _as_dict(record: Node | Arc | Source) -> dict[str, object]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}


def nodes_csv(wiki: Records) -> bytes:
    """A row for each page, lists joined by semicolons."""
    head = ("id", "label", "type", "overview", "domains", "namespace", "url", "updated", "minutes", "sources")
    return _csv(head, map(_row, wiki.nodes))


def _row(node: Node) -> tuple[str, ...]:
    sources = "; ".join(source.url or source.title for source in node.sources)
    about = (node.id, node.title, node.type, node.overview, "; ".join(node.domains))
    return (*about, node.namespace, node.url, node.updated, str(node.minutes), sources)


def _csv(head: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """RFC 4180 in UTF-8. "relation" because Gephi takes a column "type" for directed or not."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(head)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: pages are not ours, and a formula can fetch an
    address. An apostrophe before it makes it text, as OWASP advises; graph.json has the text as it is.

    Every part of a list has one too: where lists are separated by semicolons, some programs make cells
    of the parts, quoted or not.
    """
    if ";" not in cell and cell.lstrip(" \t\r\n")[:1].isalnum():
        return cell  # most are, and the search takes ten times as long
    return _FORMULA.sub(r"\1'", cell)
