"""GraphML (http://graphml.graphdrawing.org/specification.html), as Gephi, yEd and networkx read it."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from .records import Node, Records

_NODE_KEYS = {
    "label": "string",  # the name under which Gephi looks for it
    "type": "string",
    "overview": "string",
    "domains": "string",
    "namespace": "string",
    "url": "string",
    "updated": "string",
    "minutes": "int",
    "sources": "string",
}


def graphml(wiki: Records) -> bytes:
    """The graph as typed GraphML; lists are joined by semicolons."""
    return ("\n".join(_lines(wiki)) + "\n").encode()


def _lines(wiki: Records) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">'
    for name, kind in _NODE_KEYS.items():
        yield f'<key id="{name}" for="node" attr.name="{name}" attr.type="{kind}"/>'
    yield '<key id="edge" for="edge" attr.name="label" attr.type="string"/>'
    yield '<graph id="wiki" edgedefault="directed">'
    for node in wiki.nodes:
        data = "".join([f'<data key="{key}">{_text(value)}</data>' for key, value in _data(node).items() if value])
        yield f'<node id="{escape(node.id)}">{data}</node>'
    for i, edge in enumerate(wiki.edges):
        ends = f'source="{escape(edge.source)}" target="{escape(edge.target)}"'
        yield f'<edge id="e{i}" {ends}><data key="edge">{_text(edge.type)}</data></edge>'
    yield "</graph>"
    yield "</graphml>"


def _text(value: str) -> str:
    return value if value.isalnum() else escape(value, quote=False)


def _data(node: Node) -> dict[str, str]:
    return {
        "label": node.title,
        "type": node.type,
        "overview": node.overview,
        "domains": "; ".join(node.domains),
        "namespace": node.namespace,
        "url": node.url,
        "updated": node.updated,
        "minutes": str(node.minutes),
        "sources": "; ".join(source.url or source.title for source in node.sources),
    }
