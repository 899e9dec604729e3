"""What a note needs of the whole wiki: addresses, reading paths, references to code, and one record of all of it."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, urlsplit

from ..model import Graph, WikiPage
from ..regex import regex
from ..requirements.model import Requirement
from ..schema import ADVICE, ENVIRONMENT, Schema
from ..text.markdown import escape
from ..text.sections import pieces
from ..words import Words, words


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of a Workflow: the Principle, then all that it leads to and no earlier phase has met."""

    step: str
    """Page id of the Principle; that of the Workflow for what hangs off the Workflow itself."""
    items: tuple[str, ...]
    """Page ids by type, from the top of the schema down, those of one type in the order in which they are met."""


@dataclass(frozen=True, slots=True)
class ReadingPath:
    """A guide down the DAG: every page below a Workflow, once, where it is first met."""

    workflow: str
    phases: tuple[Phase, ...]

    def pages(self) -> Iterator[str]:
        """The Workflow and every page of its path, in reading order."""
        yield self.workflow
        for phase in self.phases:
            if phase.step != self.workflow:
                yield phase.step
            yield from phase.items


def reading_paths(graph: Graph, schema: Schema) -> dict[str, ReadingPath]:
    """The reading path of each page of the top rank that leads anywhere, by its id."""
    if not schema.ranked:
        return {}
    types = sorted(schema.types.values(), key=lambda t: t.rank)
    layers = {page_type.name: layer for layer, page_type in enumerate(types)}
    places = {page.id: layers[page.page_type] for page in graph.pages.values()}
    found = {}
    for page_id, place in places.items():
        if types[place].rank == types[0].rank and (phases := tuple(_phases(page_id, graph, schema, places))):
            found[page_id] = ReadingPath(page_id, phases)
    return found


def absent_pages(graph: Graph, schema: Schema, paths: Mapping[str, ReadingPath]) -> frozenset[str]:
    """The pages about the whole wiki that have nothing to show where pages have types without ranks: ``paths`` without
    reading paths, ``report`` without a page that it is about."""
    kinds = [schema.types[name] for name in {page.page_type for page in graph.pages.values()}]
    if all(kind.ranked for kind in kinds):
        return frozenset()
    top = min(kind.rank for kind in schema.types.values())
    reported = any(kind.ranked and (kind.rank == top or kind.role in (ENVIRONMENT, ADVICE)) for kind in kinds)
    return frozenset(({"paths"} if not paths else set()) | ({"report"} if not reported else set()))


def _phases(workflow: str, graph: Graph, schema: Schema, places: dict[str, int]) -> Iterator[Phase]:
    steps: list[str] = []
    others: list[str] = []
    for edge in graph.outgoing.get(workflow, ()):
        if schema.leads_down(edge.type):
            (steps if schema.edges[edge.type].ordered else others).append(edge.target)
    seen = {workflow, *steps}
    # What the Workflow itself names is good to know before the first step.
    direct = [page for page in dict.fromkeys(others) if page not in seen]
    seen.update(direct)
    if direct:
        items = [*direct, *_unseen(direct, seen, graph, schema)]
        yield Phase(workflow, tuple(sorted(items, key=places.__getitem__)))
    for step in dict.fromkeys(steps):
        yield Phase(step, tuple(sorted(_unseen([step], seen, graph, schema), key=places.__getitem__)))


def _unseen(starts: list[str], seen: set[str], graph: Graph, schema: Schema) -> Iterator[str]:
    """What lies below some pages and has not been seen, nearest first; it is seen then."""
    todo = deque(starts)
    while todo:
        for edge in graph.outgoing.get(todo.popleft(), ()):
            if schema.leads_down(edge.type) and edge.target not in seen:
                seen.add(edge.target)
                yield edge.target
                todo.append(edge.target)


def trails(graph: Graph, schema: Schema) -> dict[str, tuple[str, ...]]:
    """The shortest way from a Workflow down to each page that one leads to, both ends included.

    Of equally short ways the one whose Workflow, and then whose edge, is written first.
    """
    if not schema.ranked:
        return {}
    top = min(page_type.rank for page_type in schema.types.values())
    starts = [page.id for page in graph.pages.values() if schema.types[page.page_type].rank == top]
    found: dict[str, tuple[str, ...]] = {start: (start,) for start in starts}
    todo = deque(starts)
    while todo:
        here = todo.popleft()
        for edge in graph.outgoing.get(here, ()):
            if schema.leads_down(edge.type) and edge.target not in found:
                found[edge.target] = (*found[here], edge.target)
                todo.append(edge.target)
    return found


def below(page_id: str, graph: Graph, schema: Schema) -> list[str]:
    """Every page that typed edges lead to from a page, itself first, nearest first."""
    found = {page_id: None}
    todo = deque([page_id])
    while todo:
        for edge in graph.outgoing.get(todo.popleft(), ()):
            if schema.leads_down(edge.type) and edge.target not in found:
                found[edge.target] = None
                todo.append(edge.target)
    return list(found)


_SUFFIX = r"(?:py|pyi|ipynb|c|cc|cpp|cu|h|hpp|go|rs|js|ts|tsx|java|md|toml|yml|yaml|cfg|json|sh|txt)"
_LINES = r"L?(?P<first{0}>\d+)(?:\s*[-–]\s*L?(?P<last{0}>\d+))?"
# In code, or bare with an L before the number. Whole Markdown links come first, to pass unchanged.
_LOCATION = regex(
    r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\([^)\s]{0,2000}\)"
    rf"|(?<![`\w/\[])`(?P<path>(?:[\w.-]+/)*[\w.-]+\.{_SUFFIX}):{_LINES.format('')}`(?![`{{\]])"
    r"|(?<![`\w/\[:.\\!-])(?=[\w.\\-]+/)"  # what is no path is soon given up
    rf"(?P<bare>(?:[\w.-]|\\_)+/(?:[\w./-]|\\_)*\.{_SUFFIX}):(?=L){_LINES.format('_')}(?![\w`{{\]])"
)
_SIGN = regex(rf"\.{_SUFFIX}:L?\d")
"""What each place holds. It begins with a literal, so that a text is searched many times faster for it."""
_MENTION = regex(rf"(?<![\w/.:-])((?:[\w.-]+/)+[\w.-]+\.{_SUFFIX})\b")
_HOSTS = {
    "github.com": "{repo}/blob/{revision}/{path}#L{first}-L{last}",
    "gitlab.com": "{repo}/-/blob/{revision}/{path}#L{first}-{last}",
}

FileIndex = Mapping[tuple[str, str], frozenset[str]]
"""Full paths by (repository, file name), as the pages of the wiki name them."""


def repository(page: WikiPage) -> str:
    """The address of the one repository that a page describes, or empty."""
    found = []
    for source in page.sources:
        try:
            parts = urlsplit(source.url)
        except ValueError:
            continue
        segments = [s for s in parts.path.split("/") if s]
        if parts.hostname in _HOSTS and len(segments) >= 2:
            found.append(f"https://{parts.hostname}/{segments[0]}/{segments[1].removesuffix('.git')}")
    named = [s.url.rstrip("/") for s in page.sources if s.type.lower() in ("repo", "repository", "code")]
    return next((repo for repo in found if repo in named), found[0] if len(set(found)) == 1 else "")


def mentions(page: WikiPage) -> set[str]:
    """The files that a page names by their full paths."""
    return set(_MENTION.findall(page.content))


def file_index(pages: Iterable[WikiPage]) -> FileIndex:
    """Where the wiki says that each file of a repository lies."""
    index: dict[tuple[str, str], set[str]] = defaultdict(set)
    for page in pages:
        repo = repository(page)
        for path in mentions(page) if repo else ():
            index[repo, path.rsplit("/", 1)[1]].add(path)
    return {key: frozenset(paths) for key, paths in index.items()}


def locations(markdown: str, page: WikiPage, files: FileIndex) -> dict[str, str]:
    """The addresses of the places that a page's Markdown names, by how they are written there.

    A place whose full path is unknown has no address.
    """
    repo = repository(page) if ":" in markdown else ""
    if not repo:
        return {}
    result: dict[str, str] = {}
    for match, path in _places(markdown):
        first, last = match["first"] or match["first_"], match["last"] or match["last_"]
        if "/" not in path:
            known = files.get((repo, path), frozenset())
            if len(known) != 1:
                continue
            (path,) = known
        result[match[0].strip("`").replace("\\_", "_")] = _HOSTS[urlsplit(repo).hostname or ""].format(
            repo=repo,
            revision=page.commit or "HEAD",
            path=quote(path),
            first=first,
            last=last or first,
        )
    return result


def names_of_files(markdown: str, page: WikiPage) -> tuple[str, ...]:
    """The files in which a page's Markdown names places and whose full paths other pages may know."""
    if ":" not in markdown or not repository(page):
        return ()
    return tuple(sorted({path for _, path in _places(markdown) if "/" not in path}))


def _places(markdown: str) -> Iterator[tuple[re.Match[str], str]]:
    """The places that a text names, with the path or the name of each one's file."""
    for text, is_code in pieces(markdown):
        if is_code or not _SIGN.search(text):
            continue
        for match in _LOCATION.finditer(text):
            if match["path"] or match["bare"]:
                yield match, (match["path"] or match["bare"].replace("\\_", "_")).removeprefix("./")


@dataclass(frozen=True, slots=True)
class Site:
    """What emitting one note needs to know of all others."""

    graph: Graph
    schema: Schema
    names: Mapping[str, str]
    """Note of each page relative to the notes folder, without suffix: ``workflow/QLoRA``."""
    files: FileIndex
    assets: Mapping[tuple[str, str], str]
    """Copied file of each (page path, relative path), relative to the notes folder."""
    repositories: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Where the sources of pages are (see ``repository``)."""
    requirements: Mapping[str, Sequence[Requirement]] = field(default_factory=dict)
    """What each Environment asks for, by page id."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """How many problems each page has, by path, where it has any."""
    paths: Mapping[str, ReadingPath] = field(default_factory=dict)
    """Reading paths by the id of their Workflow."""
    trails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The shortest way from a Workflow to each page, by page id."""
    redirects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further addresses of pages, which lead to theirs, by page id: as names of notes (``../old/index``: outside)."""
    trusted: frozenset[str] = frozenset()
    """Ids of the pages whose cells may run."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Pages with similar overviews that no edge joins with a page, by its id."""
    remote_images: Sequence[str] = ()
    """Hosts whose pictures pages may show."""
    words: Words = field(default_factory=words)
    """In the language of the site."""
    several_namespaces: bool = False
    """Whether it tells readers anything to which namespace a page belongs."""
    contents: frozenset[str] = frozenset()
    """Folders of bundles whose index files are shown on a page of their own."""
    changes: bool = False
    """Whether a page shows what the logs of bundles say."""
    ways: bool = False
    """Whether each note leads to Explore, Graph and Paths, because the navigation of the site does not."""
    absent: frozenset[str] = frozenset()
    """Pages about the whole wiki that would have nothing to show, such as ``paths``."""


def relative(name: str, here: str) -> str:
    """One note's path as seen from another, both relative to the notes folder."""
    folder, slash, _ = here.partition("/")
    if not slash:  # written by hand: it stands in the notes folder itself
        return name
    return name.removeprefix(f"{folder}/") if name.startswith(f"{folder}/") else f"../{name}"


def path_name(workflow: str, site: Site) -> str:
    """The page of a Workflow's reading path, relative to the notes folder: ``path/QLoRA``.

    Should a site have several types on top, the others' names say which one they are of; no
    name of a note has a tilde.
    """
    slug, _, stem = site.names[workflow].partition("/")
    first = min(site.schema.types.values(), key=lambda t: t.rank)
    return f"path/{stem}" if slug == first.slug else f"path/{slug}~{stem}"


def page_address(target: WikiPage, page: WikiPage, site: Site, fragment: str = "") -> str:
    """The address of another note's page, relative to a page's."""
    name = site.names[target.id]
    address = relative(name if "/" in name else quote(name), site.names[page.id])
    return f"{address}.html#{fragment}" if fragment else f"{address}.html"


def page_link(target: WikiPage, page: WikiPage, site: Site, label: str = "", fragment: str = "") -> str:
    """A typed link to another note, as Markdown; ``label`` is plain text."""
    words = escape(label or target.page_title)
    classes = " ".join(f".{name}" for name in link_classes(target, site))
    return f"[{words}]({page_address(target, page, site, fragment)}){{{classes}}}"


def link_classes(target: WikiPage, site: Site) -> list[str]:
    """The classes of a link to a page: what type it has, and whether it is no longer current."""
    classes = ["tw-link", f"tw-{site.schema.types[target.page_type].slug}"]
    return [*classes, "tw-deprecated"] if target.is_deprecated else classes


def source_address(path: str, action: Literal["edit", "blob"], site: Site) -> str:
    """Where the file of a page is edited, or shown, in its repository; empty if it is in none that is known."""
    for prefix, (address, below) in site.repositories.items():
        if path.startswith(prefix) and (prefix or not PurePosixPath(path).is_absolute()):
            return f"{address}/{action}/{below}{quote(path.removeprefix(prefix))}"
    return ""


def own_heading(page: WikiPage, section: str, site: Site) -> str:
    """The heading of ``sources`` or ``connections``, as the page calls it."""
    title = dict(page.written).get(section) or site.words(section)
    return f"## {escape(title)} {{#{section}}}"


def attached(path: str, page: WikiPage, site: Site, here: WikiPage | None = None) -> str:
    """The site's copy of a file beside a page, relative to the note of ``here``, the page itself unless it is
    given; "" if there is none."""
    copied = site.assets.get((page.path, path))
    return relative(copied, site.names[(here or page).id]) if copied else ""
