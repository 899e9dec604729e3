"""Write reading paths as pages: one for each Workflow, a table that compares them, and Markdown to download."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from ..model import Source, WikiPage
from ..notes.note_file import cited, minutes, yaml_string
from ..notes.note_links import ReadingPath, Site, path_name, path_of_note, plain_link, source_address
from ..schema import ENVIRONMENT
from ..text.markdown import attribute, escape, escape_smart
from ..text.sections import CODE_LINES_A_MINUTE, WORDS_A_MINUTE
from .long_lists import html_link, long_list
from .report import first_sentence

PATHS = "wiki/paths.qmd"
MAX_ENVIRONMENTS = 5
"""Maximum number of Environments that the list of paths names."""


class Chapter(Struct, frozen=True):
    """A phase as shown to readers."""

    title: str
    """Plain text: ``Step 1: Chain Rule``."""
    anchor: str
    pages: tuple[WikiPage, ...]
    minutes: int


def _formula(site: Site) -> str:
    return site.words("formula", words=WORDS_A_MINUTE, lines=CODE_LINES_A_MINUTE)


def _controls(site: Site) -> str:
    """Return the controls that path.js shows and fills in."""
    words = site.words
    return (
        f'```{{=html}}\n<div class="tw-path-controls" hidden><progress aria-label="{words("pages-read")}"></progress>'
        f'<output></output>\n<button type="button">{words("reset")}</button>'
        f'<button type="button">{words("print")}</button></div>\n```'
    )


def path_files(workflow: str, site: Site) -> dict[str, bytes]:
    """Return the page of a reading path, and its Markdown, by path relative to the notes folder."""
    path, name = site.paths[workflow], path_name(workflow, site)
    times = _times([path], site)
    exported = f"assets/exports/{name.replace('/', '-')}.md"
    chapters = _chapters(path, site, times)
    return {
        f"{name}.qmd": _page(path, chapters, exported, site, times).encode(),
        exported: _export(path, chapters, site, times).encode(),
    }


def paths_files(site: Site) -> dict[str, bytes]:
    """Return the list of all reading paths, by path relative to the notes folder."""
    return _index(site, _times(site.paths.values(), site))


def _times(paths: Iterable[ReadingPath], site: Site) -> dict[str, int]:
    return {page_id: minutes(site.graph.pages[page_id]) for path in paths for page_id in path.pages()}


def _chapters(path: ReadingPath, site: Site, times: Mapping[str, int]) -> list[Chapter]:
    """Return the Workflow with its own targets, then its steps."""
    phases = [(phase.step, phase.items) for phase in path.phases]
    if not phases or phases[0][0] != path.workflow:
        phases.insert(0, (path.workflow, ()))
    chapters = []
    for number, (first, targets) in enumerate(phases):
        pages = tuple(site.graph.pages[page_id] for page_id in (first, *targets))
        title = site.words("step-title", number=number, title=_line(pages[0].page_title))
        title = title if number else site.words("before-start")
        anchor = f"step-{number}" if number else "before"
        chapters.append(Chapter(title, anchor, pages, sum(times[page.id] for page in pages)))
    return chapters


def _page(path: ReadingPath, chapters: Sequence[Chapter], exported: str, site: Site, times: Mapping[str, int]) -> str:
    workflow = site.graph.pages[path.workflow]
    words = site.words
    title = words("path-title", title=_line(workflow.page_title))
    strip = f"{words('path-through', workflow=plain_link(workflow, site))} [{_takes(path, site, times)}]{{.tw-minutes}}"
    parts = [
        _head(title, workflow.overview, _former(workflow.id, site)),
        _div(".tw-strip", strip),
        _div(".tw-lead", _block(workflow.overview)) if workflow.overview else "",
        _div(".tw-path .tw-path-tools", f'{_controls(site)}\n\n[{words("download")}](../{exported}){{download=""}}'),
        _div(".tw-path-note", f"{words('path-order')} {_formula(site)}"),
    ]
    for chapter in chapters:
        takes = words.count("minutes", chapter.minutes)
        parts.append(f"## {escape(chapter.title)} [{takes}]{{.tw-minutes}} {{#{chapter.anchor}}}")
        parts.append("\n".join(_item(page, site, times[page.id]) for page in chapter.pages))
        parts.append(_checkpoint(chapter, site))
    sources = [f"- [{escape(_line(s.type))}]{{.tw-source-type}} {cited(s)}" for s in _sources(path, site)]
    parts += [f"## {words('sources')} {{#sources}}", "\n".join(sources) or words("no-path-sources")]
    return "\n\n".join(filter(None, parts)) + "\n"


def _former(workflow: str, site: Site) -> list[str]:
    """Return earlier addresses of a path, from earlier names of its Workflow."""
    return [f"/notes/{path_of_note(name, site)}.html" for name in site.redirects.get(workflow, ())]


def _head(title: str, about: str, former: Sequence[str] = ()) -> str:
    lines = ["---", f"title: {yaml_string(escape_smart(title))}"]
    if about:
        lines.append(f"description-meta: {yaml_string(attribute(about[:300]))}")
    if former:
        lines.append(f"aliases: [{', '.join(map(yaml_string, former))}]")
    return "\n".join([*lines, "---"])


def _takes(path: ReadingPath, site: Site, times: Mapping[str, int]) -> str:
    """Return the size of a path and the time it takes: ``9 steps · 34 pages · 149 min``."""
    pages = list(path.pages())
    words = site.words
    counts = [words.count("steps", _steps(path)), words.count("pages", len(pages))]
    counts.append(words.count("minutes", sum(times[p] for p in pages)))
    return " · ".join(counts)


def _steps(path: ReadingPath) -> int:
    return sum(phase.step != path.workflow for phase in path.phases)


def _item(page: WikiPage, site: Site, time: int) -> str:
    # path.js reads the page from the link and its minutes from the last span.
    takes = site.words.count("minutes", time)
    return f"- [ ] {plain_link(page, site)} [{escape(page.page_type)}]{{.tw-path-type}} [{takes}]{{.tw-minutes}}"


def _checkpoint(chapter: Chapter, site: Site) -> str:
    """Return the main points of a chapter: the step's overview, and the gist of the rest."""
    step, *targets = chapter.pages
    main_points = [(page, first_sentence(page.overview)) for page in targets]
    if chapter.anchor != "before":  # there the Workflow's overview is the page's lead
        main_points.insert(0, (step, step.overview))
    points = "\n".join(
        f"- **{escape(_line(page.page_title))}:** {escape(_line(text))}" for page, text in main_points if text.strip()
    )
    label = site.words("before-step" if chapter.anchor == "before" else "after-step")
    return _div(".tw-checkpoint", f"{label}\n\n{points}") if points else ""


def _sources(path: ReadingPath, site: Site) -> list[Source]:
    """Return the sources of a path's pages, each address once, in reading order."""
    sources: dict[str, Source] = {}
    for page_id in path.pages():
        for source in site.graph.pages[page_id].sources:
            sources.setdefault(source.url or source.title, source)
    return list(sources.values())


def _export(path: ReadingPath, chapters: Sequence[Chapter], site: Site, times: Mapping[str, int]) -> str:
    """Return a path as CommonMark with task lists.

    It links to the pages' sources, if these are published: links to notes would not work in a downloaded file.
    """
    workflow = site.graph.pages[path.workflow]
    parts = [f"# {escape(site.words('path-title', title=_line(workflow.page_title)))}", _block(workflow.overview)]
    parts.append(f"{_takes(path, site, times)}. {_formula(site)}")
    for chapter in chapters:
        parts.append(f"## {escape(chapter.title)} ({site.words.count('minutes', chapter.minutes)})")
        parts.append("\n".join(_exported_item(page, path, site, times[page.id]) for page in chapter.pages))
    sources = [f"- {escape(_line(s.type))}: {cited(s)}" for s in _sources(path, site)]
    parts += [f"## {site.words('sources')}", "\n".join(sources)] if sources else []
    return "\n\n".join(filter(None, parts)) + "\n"


def _exported_item(page: WikiPage, path: ReadingPath, site: Site, time: int) -> str:
    title = escape(_line(page.page_title))
    if address := source_address(page.path, "blob", site):
        title = f"[{title}](<{address}>)"
    about = f": {escape(_line(page.overview))}" if page.overview and page.id != path.workflow else ""
    return f"- [ ] **{title}** ({escape(page.page_type)}, {site.words.count('minutes', time)}){about}"


def _index(site: Site, times: Mapping[str, int]) -> dict[str, bytes]:
    words = site.words
    parts = [_head(words("paths"), words("paths-lead")), _div(".tw-lead", words("paths-lead"))]
    if not site.paths:
        return {PATHS: ("\n\n".join([*parts, words("no-paths")]) + "\n").encode()}
    items, types = [], site.schema.types
    for workflow, path in site.paths.items():
        page = site.graph.pages[workflow]
        pages = [site.graph.pages[page_id] for page_id in path.pages()]
        environments = [html_link(p, site) for p in pages if types[p.page_type].role == ENVIRONMENT]
        facts = [words.count("steps", _steps(path)), words.count("pages", len(pages))]
        facts.append(words.count("minutes", sum(times[p.id] for p in pages)))
        if page.namespace and site.several_namespaces:
            facts.insert(0, page.namespace)
        needs = f"<span>{words('needs')} {', '.join(environments[:MAX_ENVIRONMENTS])}</span>" if environments else ""
        title = f'<span class="tw-at">{html_link(page, site, path_name(workflow, site))}</span>'
        items.append(" ".join([title, *(f"<span>{html.escape(fact)}</span>" for fact in facts), needs]))
    path_list, files = long_list("paths", items, site, "tw-path tw-paths")
    if len(items) > 1:
        ids = {page_id for path in site.paths.values() for page_id in path.pages()}
        all_minutes = words.count("minutes", sum(times[page_id] for page_id in ids))
        parts.append(_div(".tw-size", words.count("paths-together", len(ids), paths=len(items), minutes=all_minutes)))
    page_text = "\n\n".join([*parts, path_list, _div(".tw-path-note", _formula(site))]) + "\n"
    return {PATHS: page_text.encode(), **files}


def _div(classes: str, body: str) -> str:
    return f"::: {{{classes}}}\n{body}\n:::"


def _line(text: str) -> str:
    return " ".join(text.split())


def _block(text: str) -> str:
    """Return plain text as a paragraph, with list markers at its start escaped."""
    return re.sub(r"^(?:(?=[-+=])|(\d+)(?=[.)]))", r"\1\\", escape(_line(text)))
