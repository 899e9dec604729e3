"""The fast engine: Quarto renders a few notes of each kind, and all others are stamped into their shells.

A note's page is the shell that Quarto gives all notes of its kind around a body that pandoc makes,
in batches, from the same Markdown. Whatever is not known to come out equal is left to Quarto: notes
that people write, pages about the whole wiki, and notes that hold anything but what quarto.lua knows.
Each run proves it: of every kind it stamps some notes that Quarto has rendered as well, others each
time, and if one of them differs anywhere, Quarto renders everything.
"""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path, PurePosixPath
from random import Random

from ..atomic import replace_file
from ..notes.link_table import reader_of
from . import SITE
from .bodies import Body, Converter, DraftError, Notes, Progress, convert
from .dom_diff import first_difference
from .merge import SITEMAP
from .options import contents_depth, left_to_quarto, unknown
from .page_template import Kind, PageTemplate, PageTemplateError, appendix, cut, kind, stamp
from .partial_render import PartialRender
from .project_inputs import inputs, output_of, settings
from .redirects import as_quartos
from .search_entries import Entry, entries

RenderPart = Callable[[Sequence[str]], list[PartialRender]]
"""Has Quarto render some inputs."""
WHOLE = "notes/wiki/"
"""Pages about the whole wiki, which are few and unlike any note."""
STAMPED = ".typedwiki/stamped.json"
"""The notes that the last run has stamped, for who wants to know."""
_SITEMAP_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'


@dataclass
class Assignment:
    """Which notes can be stamped, by kind, and which Quarto must render."""

    kinds: dict[Kind, list[str]] = field(default_factory=dict)
    quarto: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FastRun:
    """What one run of the engine needs."""

    project: Path
    quarto: str
    work: Path
    """Where the part with the stamped pages is made."""
    print_status: Callable[[str], None]
    progress: Progress
    dice: Random
    """Chooses the notes that are compared."""


def parts(run: FastRun, names: Sequence[str], by_quarto: RenderPart) -> list[PartialRender]:
    """The pages of some inputs: most of them stamped, the others rendered ``by_quarto``."""
    made, stamped = _made(run, names, by_quarto)
    replace_file(run.project / STAMPED, json.dumps(stamped, indent=0).encode())
    if stamped:
        run.print_status(f"{len(stamped)} notes stamped, {len(names) - len(stamped)} rendered by Quarto")
    return made


def _made(run: FastRun, names: Sequence[str], by_quarto: RenderPart) -> tuple[list[PartialRender], list[str]]:
    pandoc = bundled_pandoc(run.quarto)
    if reason := unknown(run.project) or ("" if pandoc else "where this Quarto has its pandoc"):
        run.print_status(f"Quarto renders every note: the fast engine does not know {reason}")
        return by_quarto(names), []
    depth = contents_depth(run.project)
    converter = Converter(run.project, pandoc, "quarto", depth)
    try:
        found = _sort(run, converter, names)
    except DraftError as error:
        run.print_status(f"Quarto renders every note: {error}")
        return by_quarto(names), []
    if not found.kinds:
        return by_quarto(names), []
    examples = {of: _examples(notes, run.dice) for of, notes in found.kinds.items()}
    rendered = by_quarto(sorted([*found.quarto, *(name for chosen in examples.values() for name in chosen)]))
    rest = sorted(n for of, notes in found.kinds.items() for n in set(notes).difference(examples[of]))
    pages = {name: folder / output_of(name) for folder, group in rendered for name in group}
    try:
        shells = {of: cut(pages[chosen[0]].read_text(encoding="utf-8")) for of, chosen in examples.items()}
        index = _index([folder for folder, _ in rendered])
        compared = [name for chosen in examples.values() for name in chosen]
        said = _difference(run, converter, shells, compared, pages, index)
    except PageTemplateError as error:
        said = f"a page of Quarto's has {error}"
    if said:
        run.print_status(f"Quarto renders every note, because one that was stamped differs: {said}")
        return [*rendered, *by_quarto(rest)], []
    return [*rendered, (_stamped(run, converter, shells, rest, index is not None), rest)], rest


def bundled_pandoc(quarto: str) -> str:
    """The pandoc that a Quarto uses on this machine; empty if it does not say where that is."""
    done = subprocess.run([quarto, "--paths"], capture_output=True, encoding="utf-8", check=False)
    tools = Path((done.stdout.splitlines() or [""])[0], "tools")
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine())
    return next(filter(None, (shutil.which("pandoc", path=str(folder)) for folder in (tools / machine, tools))), "")


def _sort(run: FastRun, by: Converter, names: Sequence[str]) -> Assignment:
    """Which of some inputs can be stamped; this converts them."""
    found = Assignment()
    left = left_to_quarto(run.project)
    title = str(settings(run.project)["website"].get("title", ""))
    generated = [n for n in names if n.endswith(".qmd") and n.count("/") > 1 and not n.startswith(WHOLE)]
    found.quarto += sorted(set(names).difference(generated))
    every = len(names) == len(inputs(run.project))
    for name, body in convert(by, _notes(run.project, generated), run.progress, every=every):
        odd = "odd" in body or body["pagetitle"] == title or left.keys() & body["uses"]
        (found.quarto if odd else found.kinds.setdefault(kind(body), [])).append(name)
    for of in [of for of, notes in found.kinds.items() if len(notes) <= 2]:
        found.quarto += found.kinds.pop(of)
    return found


def _notes(project: Path, names: Sequence[str]) -> Notes:
    def read(name: str) -> str:
        return (project / name).read_text(encoding="utf-8")

    return Notes(tuple(names), read, {name: reader_of(name) for name in names})


def _examples(names: Sequence[str], dice: Random) -> list[str]:
    """The notes of a kind that Quarto renders: one for the shell, and one of each type to compare."""
    chosen = dice.sample(sorted(names), len(names))
    types: dict[PurePosixPath, str] = {}
    for name in chosen[1:]:
        types.setdefault(PurePosixPath(name).parent, name)
    return [chosen[0], *sorted(types.values())]


def _index(folders: Sequence[Path]) -> dict[str, list[Entry]] | None:
    """What Quarto's search index has of each page that it has rendered; None if the site has no such index."""
    files = [path for folder in folders if (path := folder / "search.json").is_file()]
    found: dict[str, list[Entry]] = {}
    for path in files:
        for entry in json.loads(path.read_bytes()):
            found.setdefault(str(entry["href"]).partition("#")[0], []).append(entry)
    return found if files else None


def _difference(
    run: FastRun,
    by: Converter,
    shells: Mapping[Kind, PageTemplate],
    names: Sequence[str],
    pages: Mapping[str, Path],
    index: Mapping[str, list[Entry]] | None,
) -> str:
    """The first note of those that Quarto has rendered whose stamped page is another, and in what."""
    for name, page, body in _pages(run, by, shells, names):
        target = output_of(name)
        if said := first_difference(page, pages[name].read_text(encoding="utf-8")):
            return f"{name}: {said}"
        if index is not None and list(entries(target, body, appendix(body))) != index.get(target, []):
            return f"{name}: in the search index"
    return ""


def _pages(
    run: FastRun, by: Converter, shells: Mapping[Kind, PageTemplate], names: Sequence[str]
) -> Iterator[tuple[str, str, Body]]:
    website = settings(run.project)["website"]
    title = escape(str(website.get("title", "")), quote=False)
    for name, body in convert(by, _notes(run.project, names), lambda done, total: None, every=False):
        yield name, stamp(shells[kind(body)], body, title, f"{_base(website)}/{output_of(name)}"), body


def _base(website: Mapping[str, object]) -> str:
    return str(website.get("site-url") or "").rstrip("/")


def _stamped(
    run: FastRun, by: Converter, shells: Mapping[Kind, PageTemplate], names: Sequence[str], indexed: bool
) -> Path:
    """A part of the site with the pages of some notes, their entries in the site map and, if the site has one,
    in the search index."""
    site = run.work / SITE
    if run.work.exists():
        shutil.rmtree(run.work)
    for folder in {PurePosixPath(name).parent for name in names}:
        (site / folder).mkdir(parents=True)
    base = _base(settings(run.project)["website"])
    with (site / "search.json").open("w", encoding="utf-8") as index, (site / SITEMAP).open("w") as sitemap:
        index.write("[\n")
        sitemap.write(_SITEMAP_HEAD)
        comma = ""
        for name, page, body in _pages(run, by, shells, names):
            target = output_of(name)
            (site / target).write_text(page, encoding="utf-8")
            for old, text in as_quartos(target, body):
                if not (site / old).exists():  # else it is a page
                    (site / old).parent.mkdir(parents=True, exist_ok=True)
                    (site / old).write_text(text, encoding="utf-8")
            for entry in entries(target, body, appendix(body)) if indexed else ():
                lines = json.dumps(entry, ensure_ascii=False, indent=2).replace("\n", "\n  ")
                index.write(f"{comma}  {lines}")
                comma = ",\n"
            sitemap.write(f"  <url>\n    <loc>{base}/{target}</loc>\n  </url>\n")
        index.write("\n]")
        sitemap.write("</urlset>\n")
    if not indexed:
        (site / "search.json").unlink()
    return site
