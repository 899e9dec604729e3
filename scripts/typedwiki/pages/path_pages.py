"""Reading paths as pages: one for each Workflow, a table that compares them, and Markdown to take away."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ..model import Source, WikiPage
from ..notes.note_file import cited, minutes, yaml_string
from ..notes.note_links import Site, path_name, source_address
from ..text.markdown import attribute, escape, escape_smart
from ..text.reading_time import CODE_LINES_A_MINUTE, WORDS_A_MINUTE
from ..text.tables import pipe_lines
from .paths import ReadingPath
from .report import first_sentence

ENVIRONMENT = "Environment"
FORMULA = (
    f"Minutes count {WORDS_A_MINUTE} words of prose or {CODE_LINES_A_MINUTE} lines of code a minute; "
    "each page takes at least one."
)
_CONTROLS = """```{=html}
<div class="tw-path-controls" hidden><progress aria-label="Pages read"></progress><output></output>
<button type="button">Reset</button><button type="button">Print</button></div>
```"""
"""What path.js shows and fills in."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A phase as readers see it."""

    title: str
    """Plain text: ``Step 1: Chain Rule``."""
    anchor: str
    pages: tuple[WikiPage, ...]
    minutes: int


def path_files(workflow: str, site: Site) -> dict[str, bytes]:
    """The page of a reading path, and its Markdown, by path relative to the notes folder."""
    path, name = site.paths[workflow], path_name(workflow, site)
    times = _times([path], site)
    exported = f"assets/exports/{name.replace('/', '-')}.md"
    chapters = _chapters(path, site, times)
    return {
        f"{name}.qmd": _page(path, chapters, exported, site, times).encode(),
        exported: _export(path, chapters, site, times).encode(),
    }


def paths_page(site: Site) -> str:
    """The table that compares all reading paths."""
    return _index(site, _times(site.paths.values(), site))


def _times(paths: Iterable[ReadingPath], site: Site) -> dict[str, int]:
    return {page_id: minutes(site.graph.pages[page_id]) for path in paths for page_id in path.pages()}


def _chapters(path: ReadingPath, site: Site, times: Mapping[str, int]) -> list[Chapter]:
    """The Workflow itself with what it names, then its steps."""
    phases = [(phase.step, phase.items) for phase in path.phases]
    if not phases or phases[0][0] != path.workflow:
        phases.insert(0, (path.workflow, ()))
    chapters = []
    for number, (first, others) in enumerate(phases):
        pages = tuple(site.graph.pages[page_id] for page_id in (first, *others))
        title = f"Step {number}: {_line(pages[0].page_title)}" if number else "Before you start"
        anchor = f"step-{number}" if number else "before"
        chapters.append(Chapter(title, anchor, pages, sum(times[page.id] for page in pages)))
    return chapters


def _page(path: ReadingPath, chapters: Sequence[Chapter], exported: str, site: Site, times: Mapping[str, int]) -> str:
    workflow = site.graph.pages[path.workflow]
    title = f"Reading path: {_line(workflow.page_title)}"
    strip = f"A reading path through {_link(workflow, site)} [{_takes(path, site, times)}]{{.tw-minutes}}"
    parts = [
        _head(title, workflow.overview, _former(workflow.id, site)),
        _div(".tw-strip", strip),
        _div(".tw-lead", _block(workflow.overview)) if workflow.overview else "",
        _div(".tw-path .tw-path-tools", f'{_CONTROLS}\n\n[Download as Markdown](../{exported}){{download=""}}'),
        _div(".tw-path-note", f"Every page stands where the path first meets it. {FORMULA}"),
    ]
    for chapter in chapters:
        parts.append(f"## {escape(chapter.title)} [{chapter.minutes} min]{{.tw-minutes}} {{#{chapter.anchor}}}")
        parts.append("\n".join(_item(page, site, times[page.id]) for page in chapter.pages))
        parts.append(_checkpoint(chapter))
    sources = [f"- [{escape(_line(s.type))}]{{.tw-source-type}} {cited(s)}" for s in _sources(path, site)]
    parts += ["## Sources {#sources}", "\n".join(sources) or "The pages of this path name no sources."]
    return "\n\n".join(filter(None, parts)) + "\n"


def _former(workflow: str, site: Site) -> list[str]:
    """Earlier addresses of a path: those of a Workflow that had another name."""
    first = min(site.schema.types.values(), key=lambda t: t.rank)
    split = [name.partition("/") for name in site.redirects.get(workflow, ())]
    return [f"/notes/path/{stem if slug == first.slug else f'{slug}~{stem}'}.html" for slug, _, stem in split]


def _head(title: str, about: str, former: Sequence[str] = ()) -> str:
    lines = ["---", f"title: {yaml_string(escape_smart(title))}"]
    if about:
        lines.append(f"description-meta: {yaml_string(attribute(about[:300]))}")
    if former:
        lines.append(f"aliases: [{', '.join(map(yaml_string, former))}]")
    return "\n".join([*lines, "---"])


def _takes(path: ReadingPath, site: Site, times: Mapping[str, int]) -> str:
    """What a path asks of its reader: ``9 steps · 34 pages · 149 min``."""
    pages = list(path.pages())
    counts = [_count(_steps(path), "step"), _count(len(pages), "page"), f"{sum(times[p] for p in pages)} min"]
    return " · ".join(counts)


def _steps(path: ReadingPath) -> int:
    return sum(phase.step != path.workflow for phase in path.phases)


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def _item(page: WikiPage, site: Site, time: int) -> str:
    # path.js takes the page from the link and its minutes from the last span.
    return f"- [ ] {_link(page, site)} [{escape(page.page_type)}]{{.tw-path-type}} [{time} min]{{.tw-minutes}}"


def _link(page: WikiPage, site: Site) -> str:
    slug = site.schema.types[page.page_type].slug
    return f"[{escape(_line(page.page_title))}](../{site.names[page.id]}.html){{.tw-link .tw-{slug}}}"


def _checkpoint(chapter: Chapter) -> str:
    """What whoever has read a chapter should be able to say: the step's overview, the gist of the rest."""
    step, *others = chapter.pages
    said = [(page, first_sentence(page.overview)) for page in others]
    if chapter.anchor != "before":  # there the Workflow's overview is the page's lead
        said.insert(0, (step, step.overview))
    listed = "\n".join(
        f"- **{escape(_line(page.page_title))}:** {escape(_line(text))}" for page, text in said if text.strip()
    )
    label = "Before the first step" if chapter.anchor == "before" else "After this step"
    return _div(".tw-checkpoint", f"{label} you understand\n\n{listed}") if listed else ""


def _sources(path: ReadingPath, site: Site) -> list[Source]:
    """The sources of a path's pages, each address once, in reading order."""
    found: dict[str, Source] = {}
    for page_id in path.pages():
        for source in site.graph.pages[page_id].sources:
            found.setdefault(source.url or source.title, source)
    return list(found.values())


def _export(path: ReadingPath, chapters: Sequence[Chapter], site: Site, times: Mapping[str, int]) -> str:
    """A path as CommonMark with task lists. It leads to the pages' sources, where these are published:
    links to notes would lead nowhere from where readers keep the file.
    """
    workflow = site.graph.pages[path.workflow]
    parts = [f"# Reading path: {escape(_line(workflow.page_title))}", _block(workflow.overview)]
    parts.append(f"{_takes(path, site, times)}. {FORMULA}")
    for chapter in chapters:
        parts.append(f"## {escape(chapter.title)} ({chapter.minutes} min)")
        parts.append("\n".join(_exported_item(page, path, site, times[page.id]) for page in chapter.pages))
    sources = [f"- {escape(_line(s.type))}: {cited(s)}" for s in _sources(path, site)]
    parts += ["## Sources", "\n".join(sources)] if sources else []
    return "\n\n".join(filter(None, parts)) + "\n"


def _exported_item(page: WikiPage, path: ReadingPath, site: Site, time: int) -> str:
    title = escape(_line(page.page_title))
    if address := source_address(page.path, "blob", site):
        title = f"[{title}](<{address}>)"
    about = f": {escape(_line(page.overview))}" if page.overview and page.id != path.workflow else ""
    return f"- [ ] **{title}** ({escape(page.page_type)}, {time} min){about}"


def _index(site: Site, times: Mapping[str, int]) -> str:
    lead = "Each Workflow as a guide: what to read, in which order, and how long it takes."
    parts = [_head("Reading paths", lead), _div(".tw-lead", lead)]
    if not site.paths:
        return "\n\n".join([*parts, "No Workflow leads to other pages yet."]) + "\n"
    spaces = any(site.graph.pages[workflow].namespace for workflow in site.paths)
    head = ["Workflow", *(["Namespace"] if spaces else []), "Steps", "Pages", "Minutes", "Environments"]
    rows = []
    for workflow, path in site.paths.items():
        page = site.graph.pages[workflow]
        slug = site.schema.types[page.page_type].slug
        title = escape(_line(page.page_title))
        link = f"[{title}](../{path_name(workflow, site)}.html){{.tw-link .tw-{slug}}}"
        space = [f"[{escape(page.namespace)}]{{.tw-namespace}}" if page.namespace else ""] if spaces else []
        pages = [site.graph.pages[page_id] for page_id in path.pages()]
        environments = ", ".join(_link(page, site) for page in pages if page.page_type == ENVIRONMENT)
        took = sum(times[page.id] for page in pages)
        rows.append([link, *space, str(_steps(path)), str(len(pages)), str(took), environments])
    if len(rows) > 1:
        ids = {page_id for path in site.paths.values() for page_id in path.pages()}
        steps = {phase.step for id_, path in site.paths.items() for phase in path.phases if phase.step != id_}
        kinds = sum(site.graph.pages[page_id].page_type == ENVIRONMENT for page_id in ids)
        total = [str(len(steps)), str(len(ids)), str(sum(times[page_id] for page_id in ids)), str(kinds)]
        rows.append(["Together, shared pages once", *([""] if spaces else []), *total])
    sides = ["", *([""] if spaces else []), "-:", "-:", "-:", ""]
    table = "\n".join(pipe_lines([head, *rows], sides))
    return "\n\n".join([*parts, _div(".tw-path .tw-paths", table), _div(".tw-path-note", FORMULA)]) + "\n"


def _div(classes: str, body: str) -> str:
    return f"::: {{{classes}}}\n{body}\n:::"


def _line(text: str) -> str:
    return " ".join(text.split())


def _block(text: str) -> str:
    """Plain text as a paragraph: what would begin a list there does not."""
    return re.sub(r"^(?:(?=[-+=])|(\d+)(?=[.)]))", r"\1\\", escape(_line(text)))
