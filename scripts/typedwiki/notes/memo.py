"""What one build leaves for the next in the same process, so that an edit costs what it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .linking import Site, source_address
from ..model import Ambiguous, Found, RawFile, WikiPage
from ..problems import Problem
from ..requirements.merge import environments_on_path

if TYPE_CHECKING:
    from ..build import Built
    from ..unchanged import Record


@dataclass
class Memo:
    """Pages by the file they were parsed from, and notes by what they depend on."""

    parsed: dict[tuple[RawFile, str], tuple[WikiPage, list[Problem]]] = field(default_factory=dict)
    """By file and namespace."""
    notes: dict[str, tuple[object, bytes]] = field(default_factory=dict)
    """By page id: the dependencies of the note and its text."""
    bodies: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What pandoc made of notes for the draft, by a hash of what decides that."""
    drafted: dict[str, tuple[object, bytes]] = field(default_factory=dict)
    """By page of the draft: what decides it and the page."""
    last: tuple[Built, Record] | None = None
    """The last build."""

    def forget(self) -> None:
        """Do so with what a change of the settings may change. Bodies depend on their notes alone."""
        self.parsed.clear()
        self.notes.clear()
        self.last = None


def dependencies(page: WikiPage, site: Site, minutes: int) -> object:
    """Everything that decides a page's note beside the settings: equal ones mean an equal note.

    ``minutes`` is the length of the page's reading path. Of other pages a note shows titles and
    addresses only; headings too where a link names one.
    """
    graph = site.graph
    resolutions = graph.resolutions[page.id]
    outgoing, incoming = graph.outgoing.get(page.id, ()), graph.incoming.get(page.id, ())
    trail, similar = site.trails.get(page.id, ()), site.related.get(page.id, ())
    steps = [
        graph.outgoing[edge.source]
        for edge in incoming
        if (known := site.schema.edges.get(edge.type)) and known.ordered
    ]
    environments = environments_on_path(page.id, graph, site.schema)
    shown = {end for edges in (outgoing, incoming, *steps) for edge in edges for end in (edge.source, edge.target)}
    taken = (row.origin.page for one in environments for row in site.requirements.get(one, ()))
    shown.update(trail, similar, environments, taken)
    headed: list[object] = []
    for link, resolution in zip(page.outgoing_links, resolutions, strict=True):
        match resolution:
            case Found(page_id):
                shown.add(page_id)
                if link.embed:
                    headed.append((page_id, graph.pages[page_id], graph.resolutions[page_id]))
                elif link.fragment:
                    headed.append(graph.pages[page_id].content)
            case Ambiguous(candidates):
                shown.update(candidates)
    paths = {*page.images} | {link.target for link in page.outgoing_links if link.is_path}
    return (
        page,
        resolutions,
        outgoing,
        incoming,
        steps,
        trail,
        similar,
        headed,
        minutes,
        site.problems.get(page.path, 0),
        [(o, graph.pages[o].page_title, graph.pages[o].page_type, site.names[o]) for o in sorted(shown)],
        [(environment, site.requirements.get(environment)) for environment in environments],
        [site.assets.get((page.path, path)) for path in sorted(paths)],
        site.names[page.id],
        site.redirects.get(page.id),
        source_address(page.path, "edit", site),
        site.files,
    )
