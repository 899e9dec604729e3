"""Collect what a note needs from the whole wiki: addresses, reading paths, references to code. ``Site`` holds it
all."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Literal
from urllib.parse import quote, urlsplit

from msgspec import Struct, field

from ..model import Graph, WikiPage
from ..regex import regex
from ..requirements.model import Requirement
from ..schema import ADVICE, ENVIRONMENT, Schema
from ..text.markdown import escape
from ..text.sections import pieces
from ..words import Words, words


class Phase(Struct, frozen=True):
    """One step of a Workflow: the Principle, then all pages below it that no earlier phase contains."""

    step: str
    """Page id of the Principle, or of the Workflow for its own targets."""
    items: tuple[str, ...]
    """Page ids by type, in the order of the schema; within a type in the order in which they are found."""


class ReadingPath(Struct, frozen=True):
    """A walk down the DAG: every page below a Workflow, once, at its first occurrence."""

    workflow: str
    phases: tuple[Phase, ...]

    def pages(self) -> Iterator[str]:
        """Yield the Workflow and every page of its path, in reading order."""
        yield self.workflow
        for phase in self.phases:
            if phase.step != self.workflow:
                yield phase.step
            yield from phase.items


def reading_paths(graph: Graph, schema: Schema) -> dict[str, ReadingPath]:
    """Return the reading path of each page of the top rank that has targets, by its id."""
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
    """Return the pages about the whole wiki that would be empty, if some page has a type without a rank.

    These are ``paths`` without reading paths, and ``report`` without a page to report on.
    """
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
    # The Workflow's own targets are useful before the first step.
    direct = [page for page in dict.fromkeys(others) if page not in seen]
    seen.update(direct)
    if direct:
        items = [*direct, *graph.below(direct, schema, seen)]
        yield Phase(workflow, tuple(sorted(items, key=places.__getitem__)))
    for step in dict.fromkeys(steps):
        yield Phase(step, tuple(sorted(graph.below([step], schema, seen), key=places.__getitem__)))


def trails(graph: Graph, schema: Schema) -> dict[str, tuple[str, ...]]:
    """Return the shortest path from a Workflow to each page that one leads to, both ends included.

    Among equally short paths, the first Workflow and then the first edge in source order wins.
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


_SUFFIX = r"(?:py|pyi|ipynb|c|cc|cpp|cu|h|hpp|go|rs|js|ts|tsx|java|md|toml|yml|yaml|cfg|json|sh|txt)"
_LINES = r"L?(?P<first{0}>\d+)(?:\s*[-–]\s*L?(?P<last{0}>\d+))?"
# In code, or bare with an L before the number. Whole Markdown links come first, to pass unchanged.
_LOCATION = regex(
    r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\([^)\s]{0,2000}\)"
    rf"|(?<![`\w/\[])`(?P<path>(?:[\w.-]+/)*[\w.-]+\.{_SUFFIX}):{_LINES.format('')}`(?![`{{\]])"
    r"|(?<![`\w/\[:.\\!-])(?=[\w.\\-]+/)"  # fails fast on text without a path
    rf"(?P<bare>(?:[\w.-]|\\_)+/(?:[\w./-]|\\_)*\.{_SUFFIX}):(?=L){_LINES.format('_')}(?![\w`{{\]])"
)
_SIGN = regex(rf"\.{_SUFFIX}:L?\d")
"""Occurs in every location. It begins with a literal, so that searching a text is many times faster."""
_MENTION = regex(rf"(?<![\w/.:-])((?:[\w.-]+/)+[\w.-]+\.{_SUFFIX})\b")
_HOSTS = {
    "github.com": "{repo}/blob/{revision}/{path}#L{first}-L{last}",
    "gitlab.com": "{repo}/-/blob/{revision}/{path}#L{first}-{last}",
}

FileIndex = Mapping[tuple[str, str], frozenset[str]]
"""Full paths by (repository, file name), as the pages of the wiki name them."""


def repository(page: WikiPage) -> str:
    """Return the address of the only repository that a page describes, or an empty string."""
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
    """Return the files that a page names by their full paths."""
    return set(_MENTION.findall(page.content))


def file_index(pages: Iterable[WikiPage]) -> FileIndex:
    """Return the full paths of each file of a repository, as pages name them."""
    index: dict[tuple[str, str], set[str]] = defaultdict(set)
    for page in pages:
        repo = repository(page)
        for path in mentions(page) if repo else ():
            index[repo, path.rsplit("/", 1)[1]].add(path)
    return {key: frozenset(paths) for key, paths in index.items()}


def locations(markdown: str, page: WikiPage, files: FileIndex) -> dict[str, str]:
    """Return the addresses of the locations in a page's Markdown, by their text.

    A location whose full path is unknown is left out.
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
    """Return the files in a page's locations whose full paths other pages may know."""
    if ":" not in markdown or not repository(page):
        return ()
    return tuple(sorted({path for _, path in _places(markdown) if "/" not in path}))


def _places(markdown: str) -> Iterator[tuple[re.Match[str], str]]:
    """Yield the locations in a text, each with the path or the name of its file."""
    for text, is_code in pieces(markdown):
        if is_code or not _SIGN.search(text):
            continue
        for match in _LOCATION.finditer(text):
            if match["path"] or match["bare"]:
                yield match, (match["path"] or match["bare"].replace("\\_", "_")).removeprefix("./")


class Site(Struct, frozen=True):
    """The data of the whole wiki that writing a note needs."""

    graph: Graph
    schema: Schema
    names: Mapping[str, str]
    """Note of each page relative to the notes folder, without suffix: ``workflow/QLoRA``."""
    files: FileIndex
    assets: Mapping[tuple[str, str], str]
    """Copied file of each (page path, relative path), relative to the notes folder."""
    repositories: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Repositories with the sources of pages (see ``repository``)."""
    requirements: Mapping[str, Sequence[Requirement]] = field(default_factory=dict)
    """The requirements of each Environment, by page id."""
    problems: Mapping[str, int] = field(default_factory=dict)
    """Number of problems of each page that has any, by path."""
    paths: Mapping[str, ReadingPath] = field(default_factory=dict)
    """Reading paths by the id of their Workflow."""
    trails: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The shortest path from a Workflow to each page, by page id."""
    redirects: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Further addresses that redirect to pages, by page id, as names of notes (``../old/index``: outside)."""
    trusted: frozenset[str] = frozenset()
    """Ids of the pages whose cells may run."""
    related: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Similar pages without a connecting edge, by page id."""
    remote_images: Sequence[str] = ()
    """Hosts whose images pages may show."""
    words: Words = field(default_factory=words)
    """In the language of the site."""
    several_namespaces: bool = False
    """Whether the namespace of a page is worth showing."""
    contents: frozenset[str] = frozenset()
    """Folders of bundles whose index files are shown on a page of their own."""
    changes: bool = False
    """Whether a page shows the logs of bundles."""
    ways: bool = False
    """Whether each note links to Explore, Graph and Paths, because the site's navigation does not."""
    absent: frozenset[str] = frozenset()
    """Pages about the whole wiki that would be empty, such as ``paths``."""
    cards: tuple[str, ...] = ()
    """Quarto's settings that describe pages for other sites, where they are on (see ``settings.CARDS``)."""
    has_address: bool = False
    """Whether the site's settings say where it will be published."""
    pictures: Mapping[str, str] = field(default_factory=dict)
    """The picture of each page for other sites, by page id, relative to the notes folder."""


def relative(name: str, here: str) -> str:
    """Return the path of one note relative to another, both given relative to the notes folder."""
    folder, slash, _ = here.partition("/")
    if not slash:  # hand-written: directly in the notes folder
        return name
    return name.removeprefix(f"{folder}/") if name.startswith(f"{folder}/") else f"../{name}"


def path_name(workflow: str, site: Site) -> str:
    """Return the page of a Workflow's reading path, relative to the notes folder: ``path/QLoRA``.

    If a site has several top types, the name of all but the first is part of the path; no name of a note has a tilde.
    """
    return path_of_note(site.names[workflow], site)


def path_of_note(name: str, site: Site) -> str:
    """Return the page of a reading path, relative to the notes folder, by the name of its Workflow's note."""
    slug, _, stem = name.partition("/")
    first = min(site.schema.types.values(), key=lambda t: t.rank)
    return f"path/{stem}" if slug == first.slug else f"path/{slug}~{stem}"


def page_address(target: WikiPage, page: WikiPage, site: Site, fragment: str = "") -> str:
    """Return the address of another note's page, relative to a page's."""
    name = site.names[target.id]
    address = relative(name if "/" in name else quote(name), site.names[page.id])
    return f"{address}.html#{fragment}" if fragment else f"{address}.html"


def page_link(target: WikiPage, page: WikiPage, site: Site, label: str = "") -> str:
    """Return a typed link to another note, as Markdown; ``label`` is plain text."""
    words = escape(label or target.page_title)
    classes = " ".join(f".{name}" for name in link_classes(target, site))
    return f"[{words}]({page_address(target, page, site)}){{{classes}}}"


def plain_link(page: WikiPage, site: Site) -> str:
    """Return a typed link to a note, as Markdown, from a page one folder below the notes folder."""
    slug, title = site.schema.types[page.page_type].slug, " ".join(page.page_title.split())
    return f"[{escape(title)}](../{site.names[page.id]}.html){{.tw-link .tw-{slug}}}"


def link_classes(target: WikiPage, site: Site) -> list[str]:
    """Return the classes of a link to a page: its type, and whether it is out of date."""
    classes = ["tw-link", f"tw-{site.schema.types[target.page_type].slug}"]
    return [*classes, "tw-deprecated"] if target.is_deprecated else classes


def source_address(path: str, action: Literal["edit", "blob"], site: Site) -> str:
    """Return the address at which a page's file is edited or shown; empty if its repository is unknown."""
    for prefix, (address, below) in site.repositories.items():
        if path.startswith(prefix) and (prefix or not PurePosixPath(path).is_absolute()):
            return f"{address}/{action}/{below}{quote(path.removeprefix(prefix))}"
    return ""


def own_heading(page: WikiPage, section: str, site: Site) -> str:
    """Return the page's own heading for ``sources`` or ``connections``."""
    title = dict(page.written).get(section) or site.words(section)
    return f"## {escape(title)} {{#{section}}}"


def attached(path: str, page: WikiPage, site: Site, here: WikiPage | None = None) -> str:
    """Return the address of the site's copy of a file beside a page; "" if there is none.

    It is relative to the note of ``here``, by default the page itself.
    """
    copied = site.assets.get((page.path, path))
    return relative(copied, site.names[(here or page).id]) if copied else ""
