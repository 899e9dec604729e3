"""The wiki as linked data: JSON-LD 1.1 with schema.org and SKOS where their terms are true.

Every page has the class of its type and every edge its own property, in a namespace of ours, so that
one query works for all. Beside these a page has the class that the schema gives its type: a schema:HowTo has numbered
steps, a skos:Concept is one of the wiki's scheme, a schema:SoftwareSourceCode has a repository. No edge of schema.yml
means "broader" or "narrower", so none is called that.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from ..model import Source
from ..schema import Schema
from .records import Arc, Node, Records

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
    """The document: the vocabulary, the wiki itself, then a line for each page.

    A page is known by the address of its note, which begins with ``base``, that of the notes folder.
    """
    classes = {name: kind.linked_class for name, kind in schema.types.items()}
    outgoing: dict[str, list[Arc]] = defaultdict(list)
    for arc in wiki.edges:
        outgoing[arc.source].append(arc)
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
    things += (_page(node, outgoing[node.id], nodes, classes, schema) for node in wiki.nodes)
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
        other, known = nodes[arc.target], schema.edges.get(arc.type)
        thing.setdefault(_edge(arc.type), []).append({"@id": other.url})
        if kind == "schema:HowTo" and known and known.ordered:
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
