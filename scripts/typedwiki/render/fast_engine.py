"""The fast engine: Quarto renders a few notes of each kind; their pages serve as templates for all others.

Notes of a kind share a page template, filled with bodies that pandoc makes in batches from the same Markdown.
Quarto renders everything that may come out differently: hand-written notes, pages about the whole wiki, and notes
with constructs that quarto.lua does not know. Each run verifies the result: of every kind it compares some filled
pages, chosen at random, with Quarto's own. If any of them differs, Quarto renders everything.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from pathlib import Path, PurePosixPath
from random import Random

from msgspec import Struct, field

from ..atomic import replace_file
from ..notes.link_table import reader_of
from . import SITE
from .bodies import Body, Converter, DraftError, Notes, Progress, convert_notes
from .merge import SITEMAP
from .page_template import (
    Kind,
    PageTemplate,
    PageTemplateError,
    appendix,
    extract_template,
    fill_template,
    kind_of,
    quarto_redirects,
)
from .quarto import PartialRender, inputs, output_of, quarto_settings, site_url
from .quarto_pages import (
    Entry,
    contents_depth,
    first_difference,
    has_unknown_card,
    index_entries,
    left_to_quarto,
    unknown_setting,
)

RenderPart = Callable[[Sequence[str]], list[PartialRender]]
"""Renders inputs with Quarto."""
WIKI_PAGES = "notes/wiki/"
"""Folder of the pages about the whole wiki. They are few, and unlike any note."""
STAMPED = ".typedwiki/stamped.json"
"""The notes that the last run made from templates; tests and benchmarks read it."""
_SITEMAP_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


class Assignment(Struct):
    """The notes that can use a template, by kind, and the notes that Quarto must render."""

    kinds: dict[Kind, list[str]] = field(default_factory=dict)
    quarto: list[str] = field(default_factory=list)


class FastRun(Struct, frozen=True):
    """The settings of one run."""

    project: Path
    quarto: str
    work: Path
    """The folder for the part of the site that is made from templates."""
    print_status: Callable[[str], None]
    progress: Progress
    rng: Random
    """Chooses the notes to compare."""


def render_inputs(run: FastRun, names: Sequence[str], render_with_quarto: RenderPart) -> list[PartialRender]:
    """Render inputs: most from templates, the others with ``render_with_quarto``. Return the parts of the site."""
    parts, stamped = _render(run, names, render_with_quarto)
    replace_file(run.project / STAMPED, json.dumps(stamped, indent=0).encode())
    return parts


def _render(
    run: FastRun, names: Sequence[str], render_with_quarto: RenderPart
) -> tuple[list[PartialRender], list[str]]:
    pandoc = bundled_pandoc(run.quarto)
    if reason := unknown_setting(run.project) or ("" if pandoc else "where this Quarto has its pandoc"):
        run.print_status(f"Quarto renders every note: the fast engine does not know {reason}")
        return render_with_quarto(names), []
    depth = contents_depth(run.project)
    converter = Converter(run.project, pandoc, "quarto", depth)
    try:
        assignment = _assign(run, converter, names)
    except DraftError as error:
        run.print_status(f"Quarto renders every note: {error}")
        return render_with_quarto(names), []
    if not assignment.kinds:
        return render_with_quarto(names), []
    examples = {page_kind: _examples(notes, run.rng) for page_kind, notes in assignment.kinds.items()}
    first = len(assignment.quarto) + sum(map(len, examples.values()))
    run.print_status(f"Quarto renders {first} of {len(names)} notes; the fast engine makes the others from them")
    rendered = render_with_quarto(
        sorted([*assignment.quarto, *(name for chosen in examples.values() for name in chosen)])
    )
    remaining = sorted(
        n for page_kind, notes in assignment.kinds.items() for n in set(notes).difference(examples[page_kind])
    )
    pages = {name: folder / output_of(name) for folder, group in rendered for name in group}
    try:
        templates = {
            page_kind: extract_template(pages[chosen[0]].read_text(encoding="utf-8"))
            for page_kind, chosen in examples.items()
        }
        index = _read_index([folder for folder, _ in rendered])
        compared = [name for chosen in examples.values() for name in chosen]
        difference = _first_difference(run, converter, templates, compared, pages, index)
    except PageTemplateError as error:
        difference = f"a page of Quarto's has {error}"
    if difference:
        run.print_status(f"Quarto renders every note, because one that was stamped differs: {difference}")
        return [*rendered, *render_with_quarto(remaining)], []
    return [*rendered, (_write_part(run, converter, templates, remaining, index is not None), remaining)], remaining


def bundled_pandoc(quarto: str) -> str:
    """Return the path of the pandoc in a Quarto installation; empty if it is not found."""
    process = subprocess.run([quarto, "--paths"], capture_output=True, encoding="utf-8", check=False)
    tools = Path((process.stdout.splitlines() or [""])[0], "tools")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    return next(filter(None, (shutil.which("pandoc", path=str(folder)) for folder in (tools / machine, tools))), "")


def _assign(run: FastRun, converter: Converter, names: Sequence[str]) -> Assignment:
    """Decide which inputs can use a template. This converts them, so their bodies are cached."""
    assignment = Assignment()
    left_constructs = left_to_quarto(run.project)
    website = quarto_settings(run.project)["website"]
    title = str(website.get("title", ""))
    generated = [n for n in names if n.endswith(".qmd") and n.count("/") > 1 and not n.startswith(WIKI_PAGES)]
    assignment.quarto += sorted(set(names).difference(generated))
    is_whole_site = len(names) == len(inputs(run.project))
    for name, body in convert_notes(converter, _notes(run.project, generated), run.progress, all_notes=is_whole_site):
        needs_quarto = "odd" in body or body["pagetitle"] == title or left_constructs.keys() & body["uses"]
        needs_quarto = needs_quarto or has_unknown_card(website, body)
        (assignment.quarto if needs_quarto else assignment.kinds.setdefault(kind_of(body), [])).append(name)
    for page_kind in [page_kind for page_kind, notes in assignment.kinds.items() if len(notes) <= 2]:
        assignment.quarto += assignment.kinds.pop(page_kind)
    return assignment


def _notes(project: Path, names: Sequence[str]) -> Notes:
    def read(name: str) -> str:
        return (project / name).read_text(encoding="utf-8")

    return Notes(tuple(names), read, {name: reader_of(name) for name in names})


def _examples(names: Sequence[str], rng: Random) -> list[str]:
    """Choose the notes of a kind that Quarto renders: one for the template, and one of each type to compare."""
    chosen = rng.sample(sorted(names), len(names))
    types: dict[PurePosixPath, str] = {}
    for name in chosen[1:]:
        types.setdefault(PurePosixPath(name).parent, name)
    return [chosen[0], *sorted(types.values())]


def _read_index(folders: Sequence[Path]) -> dict[str, list[Entry]] | None:
    """Return the entries of Quarto's search index by page; None if the site has no search index."""
    files = [path for folder in folders if (path := folder / "search.json").is_file()]
    entries_by_page: dict[str, list[Entry]] = {}
    for path in files:
        for entry in json.loads(path.read_bytes()):
            entries_by_page.setdefault(str(entry["href"]).partition("#")[0], []).append(entry)
    return entries_by_page if files else None


def _first_difference(
    run: FastRun,
    converter: Converter,
    templates: Mapping[Kind, PageTemplate],
    names: Sequence[str],
    pages: Mapping[str, Path],
    index: Mapping[str, list[Entry]] | None,
) -> str:
    """Describe the first difference between filled pages and Quarto's own; empty if there is none."""
    for name, page, body in _filled_pages(run, converter, templates, names):
        target = output_of(name)
        if difference := first_difference(page, pages[name].read_text(encoding="utf-8")):
            return f"{name}: {difference}"
        if index is not None and list(index_entries(target, body, appendix(body))) != index.get(target, []):
            return f"{name}: in the search index"
    return ""


def _filled_pages(
    run: FastRun, converter: Converter, templates: Mapping[Kind, PageTemplate], names: Sequence[str]
) -> Iterator[tuple[str, str, Body]]:
    website = quarto_settings(run.project)["website"]
    title, description = escape(str(website.get("title", "")), quote=False), str(website.get("description") or "")
    base = site_url(run.project)
    for name, body in convert_notes(converter, _notes(run.project, names), lambda count, total: None, all_notes=False):
        page = fill_template(templates[kind_of(body)], body, title, description, base, output_of(name))
        yield name, page, body


def _write_part(
    run: FastRun, converter: Converter, templates: Mapping[Kind, PageTemplate], names: Sequence[str], indexed: bool
) -> Path:
    """Write a part of the site: the pages of notes, their entries in the site map and, if ``indexed``, in the search
    index. Return its folder."""
    site = run.work / SITE
    if run.work.exists():
        shutil.rmtree(run.work)
    for folder in {PurePosixPath(name).parent for name in names}:
        (site / folder).mkdir(parents=True)
    base = site_url(run.project)
    with (site / "search.json").open("w", encoding="utf-8") as index, (site / SITEMAP).open("w") as sitemap:
        index.write("[\n")
        sitemap.write(_SITEMAP_HEAD)
        separator = ""
        for name, page, body in _filled_pages(run, converter, templates, names):
            target = output_of(name)
            (site / target).write_text(page, encoding="utf-8")
            for redirect_path, text in quarto_redirects(target, body):
                if not (site / redirect_path).exists():  # never replace a page
                    (site / redirect_path).parent.mkdir(parents=True, exist_ok=True)
                    (site / redirect_path).write_text(text, encoding="utf-8")
            for entry in index_entries(target, body, appendix(body)) if indexed else ():
                lines = json.dumps(entry, ensure_ascii=False, indent=2).replace("\n", "\n  ")
                index.write(f"{separator}  {lines}")
                separator = ",\n"
            sitemap.write(f"  <url>\n    <loc>{base}/{target}</loc>\n  </url>\n")
        index.write("\n]")
        sitemap.write("</urlset>\n")
    if not indexed:
        (site / "search.json").unlink()
    return site
