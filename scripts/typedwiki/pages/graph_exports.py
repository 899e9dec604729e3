"""Export the graph to other programs: records of pages and edges, as GraphML and JSON-LD."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from html import escape
from typing import Any
from urllib.parse import quote

from msgspec import Struct

from ..model import Source, WikiPage, grouped
from ..notes.note_file import minutes
from ..notes.note_links import Site
from ..regex import regex
from ..schema import Schema
from .site import in_reading_order

_UNWRITABLE = regex("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 forbids or discourages, and surrogates, which UTF-8 cannot encode."""


class Node(Struct, frozen=True):
    """A page. Every text is a single line that every format can represent."""

    id: str
    type: str
    title: str
    overview: str
    domains: tuple[str, ...]
    namespace: str
    url: str
    """Address of the note, relative to the notes folder."""
    updated: str
    """ISO 8601, or empty."""
    minutes: int
    sources: tuple[Source, ...]
    aliases: tuple[str, ...]


class Arc(Struct, frozen=True):
    """An edge between two nodes, given by their ids."""

    source: str
    type: str
    target: str


class Records(Struct, frozen=True):
    """All nodes in reading order, and all edges ordered by source."""

    title: str
    description: str
    nodes: tuple[Node, ...]
    edges: tuple[Arc, ...]


def records(site: Site, title: str, description: str) -> Records:
    """Return the records of a wiki."""
    edges = (Arc(clean(e.source), clean(e.type), clean(e.target)) for e in site.graph.edges)
    nodes = (_node(page, site) for page in in_reading_order(site))
    return Records(clean(title), clean(description), tuple(nodes), tuple(edges))


def clean(text: str) -> str:
    """Return a text as one line, without characters that some format cannot represent."""
    return text if text.isprintable() else " ".join(writable(text).split())


def writable(text: str) -> str:
    """Return a text without characters that some format cannot represent, with its lines unchanged."""
    return _UNWRITABLE.sub(" ", text)


def _node(page: WikiPage, site: Site) -> Node:
    return Node(
        clean(page.id),
        page.page_type,
        clean(page.page_title),
        clean(page.overview),
        _clean_all(page.domains),
        clean(page.namespace),
        f"{quote(site.names[page.id])}.html",
        page.last_updated.isoformat() if page.last_updated else "",
        minutes(page),
        tuple(Source(clean(s.type), clean(s.title), clean(s.url)) for s in page.sources),
        _clean_all(page.other_names),
    )


def _clean_all(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(None, map(clean, texts))))


NODE_KEYS = ("label", "type", "overview", "domains", "namespace", "url", "updated", "minutes", "sources")
"""What tables and GraphML say of a page. Gephi expects the name "label"."""


def graphml(wiki: Records) -> bytes:
    """Return the graph as typed GraphML, with lists joined by semicolons."""
    return ("\n".join(_lines(wiki)) + "\n").encode()


def _lines(wiki: Records) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for name in NODE_KEYS:
        kind = "int" if name == "minutes" else "string"
        yield f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>'
    yield '<key id="edge" for="edge" attr.name="label" attr.type="string"/>'
    yield '<graph id="wiki" edgedefault="directed">'
    for node in wiki.nodes:
        data = "".join([f'<data key="{key}">{_text(value)}</data>' for key, value in node_data(node).items() if value])
        yield f'<node id="{escape(node.id)}">{data}</node>'
    for i, edge in enumerate(wiki.edges):
        ends = f'source="{escape(edge.source)}" target="{escape(edge.target)}"'
        yield f'<edge id="e{i}" {ends}><data key="edge">{_text(edge.type)}</data></edge>'
    yield "</graph>"
    yield "</graphml>"


def _text(value: str) -> str:
    return value if value.isalnum() else escape(value, quote=False)


def node_data(node: Node) -> dict[str, str]:
    """Return the data of a page by ``NODE_KEYS``, with lists joined by semicolons."""
    domains, sources = "; ".join(node.domains), "; ".join(source.url or source.title for source in node.sources)
    about = (node.title, node.type, node.overview, domains, node.namespace, node.url, node.updated, str(node.minutes))
    return dict(zip(NODE_KEYS, (*about, sources), strict=True))


Thing = dict[str, Any]

CONTEXT: Mapping[str, Any] = {
    "@version": 1.1,
    "schema": "https://schema.org/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "type": "urn:typedwiki:type:",
    "edge": "urn:typedwiki:edge:",
    "name": "schema:name",
    "description": "schema:description",
    "identifier": "schema:identifier",
    "keywords": "schema:keywords",
    "namespace": "urn:typedwiki:namespace",
    "updated": {"@id": "schema:dateModified", "@type": "xsd:date"},
    "timeRequired": {"@id": "schema:timeRequired", "@type": "xsd:duration"},
    "partOf": {"@id": "schema:isPartOf", "@type": "@id"},
    "citation": "schema:citation",
    "url": "schema:url",
    "repository": "schema:codeRepository",
    "steps": "schema:step",
    "position": "schema:position",
    "item": {"@id": "schema:item", "@type": "@id"},
    "label": "rdfs:label",
    "comment": "rdfs:comment",
    "subClassOf": {"@id": "rdfs:subClassOf", "@type": "@id"},
}
_SOURCES = {"paper": "ScholarlyArticle", "book": "Book", "repo": "SoftwareSourceCode", "blog": "BlogPosting"}
_WIKI = "../index.html"


def jsonld(wiki: Records, schema: Schema, base: str) -> bytes:
    """Return the JSON-LD document: the vocabulary, the wiki itself, then a line for each page.

    A page's identifier is the address of its note; ``base`` is the address of the notes folder.
    """
    classes = {name: kind.linked_class for name, kind in schema.types.items()}
    outgoing = grouped(wiki.edges, lambda arc: arc.source)
    nodes = {node.id: node for node in wiki.nodes}
    edges = sorted({arc.type for arc in wiki.edges} - schema.edges.keys())
    about: Thing = {"@id": _WIKI, "@type": ["schema:WebSite", "skos:ConceptScheme"], "name": wiki.title}
    if wiki.description:
        about["description"] = wiki.description
    things: list[Thing] = [about]
    for name, page_type in schema.types.items():
        things.append(
            {"@id": _type(name), "@type": "rdfs:Class", "label": name, "comment": page_type.about}
            | {"subClassOf": classes[name]}
        )
    for name in (*schema.edges, *edges):
        label = schema.edges[name].label if name in schema.edges else name
        things.append({"@id": _edge(name), "@type": "rdf:Property", "label": label})
    things += (_page(node, outgoing.get(node.id, []), nodes, classes, schema) for node in wiki.nodes)
    lines = ",\n".join(map(json.JSONEncoder(ensure_ascii=False).encode, things))
    context = json.dumps({**CONTEXT, "@base": base})
    return f'{{"@context": {context},\n"@graph": [\n{lines}\n]}}\n'.encode()


@lru_cache(maxsize=1 << 8)
def _type(name: str) -> str:
    return f"type:{quote(name, safe='')}"


@lru_cache(maxsize=1 << 8)
def _edge(name: str) -> str:
    return f"edge:{quote(name, safe='')}"


def _page(
    node: Node, outgoing: list[Arc], nodes: Mapping[str, Node], classes: Mapping[str, str], schema: Schema
) -> Thing:
    kind = classes[node.type]
    thing: Thing = {"@id": node.url, "@type": [_type(node.type), kind], "identifier": node.id, "name": node.title}
    thing |= {"description": node.overview, "keywords": list(node.domains), "namespace": node.namespace}
    thing |= {"updated": node.updated, "timeRequired": f"PT{node.minutes}M", "partOf": _WIKI}
    thing["citation"] = [_citation(source) for source in node.sources]
    if kind == "schema:SoftwareSourceCode":
        thing["repository"] = [s.url for s in node.sources if s.type.lower() == "repo" and _is_address(s.url)]
    if kind == "skos:Concept":
        thing |= {"skos:prefLabel": node.title, "skos:altLabel": list(node.aliases), "skos:inScheme": {"@id": _WIKI}}
        thing["skos:definition"] = node.overview
    steps: list[Thing] = []
    for arc in outgoing:
        other, edge_type = nodes[arc.target], schema.edges.get(arc.type)
        thing.setdefault(_edge(arc.type), []).append({"@id": other.url})
        if kind == "schema:HowTo" and edge_type and edge_type.ordered:
            step = {"@type": "schema:HowToStep", "position": len(steps) + 1, "name": other.title, "item": other.url}
            steps.append(step)
        if arc.type == "source":
            thing.setdefault("schema:isBasedOn", []).append({"@id": other.url})
        if arc.type == "related" and kind == classes[other.type] == "skos:Concept":
            thing.setdefault("skos:related", []).append({"@id": other.url})
    thing["steps"] = steps
    return {key: value for key, value in thing.items() if value not in ("", [])}


def _citation(source: Source) -> Thing:
    kind = _SOURCES.get(source.type.lower(), "CreativeWork")
    cited: Thing = {"@type": f"schema:{kind}", "name": source.title}
    return cited | ({"url": source.url} if _is_address(source.url) else {})


def _is_address(url: str) -> bool:
    return bool(re.match(r"(?:https?|ftp)://", url))
