"""The same pages rendered by this project and by other site generators, each installed as usual.

The others get input that they can use: the pages, with front matter that gives the title. What they
make of `[[edge::Type:Name]]`, infoboxes and MediaWiki is part of the result.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from bench.measure import CommandError, Cost, measure, measure_wiki
from bench.projects import WIKI, edit_page, generated_project
from bench.renderers import measure_quarto
from bench.tables import Table, format_number, format_ratio, format_time
from bench.weight import FEATURES, Weight, weigh
from conftest import ROOT
from typedwiki.render.render import find_quarto

REQUIREMENTS = Path(__file__).with_name("requirements.txt")
HOME = ROOT / ".typedwiki" / "bench"
COLUMNS = ("by the clock", "to draft", "CPU", "to draft", "again", "edited", "HTML KB", "to draft", "all KB", "lacks")
Rival = Callable[[Path, Path, Path], tuple[list[str], Path, Path]]
"""Set up the pages of a folder in an empty folder, with the programs of another. Returns the command that builds
the site there, the folder of its pages, and the folder of the site.
"""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure each generator, with ratios to the draft."""
    pages: int = options.rivals
    table = Table(
        f"{pages:,} generated pages to HTML, seconds (calibrations); 'again' with nothing changed, "
        "'edited' with words added to one page; KB a page",
        *COLUMNS,
    )
    failed = []
    with generated_project(pages) as project:
        draft = measure_wiki(project, "draft")
        unchanged = measure_wiki(project, "draft")
        edit_page(project)
        edited = measure_wiki(project, "draft")
        base = weigh(project / "_site", project)

        def row(name: str, costs: Sequence[Cost], weight: Weight) -> None:
            table.row(name, *_cells(costs, weight, draft, base))

        row("draft", (draft, unchanged, edited), base)
        if find_quarto():
            full, weight, *_ = measure_quarto(options.quarto)
            share = pages / options.quarto
            scaled = Cost(full.seconds * share, full.cpu * share, full.peak)
            row(f"Quarto ({options.quarto:,} pages, scaled)", (scaled,), weight)
        else:
            failed.append("Quarto is not installed")
        programs = install_rivals()
        pages_folder = project.parent / "given"
        _write_pages(project / WIKI, pages_folder)
        for name, set_up in RIVALS.items():
            folder = project.parent / name.replace(" ", "-")
            folder.mkdir()
            try:
                command, source, site = set_up(pages_folder, folder, programs)
                costs = [measure(command, folder), measure(command, folder)]
                texts = sorted(source.rglob("*.md"))
                with texts[len(texts) // 2].open("a", encoding="utf-8") as text:
                    text.write("\nMore words here.\n")
                costs.append(measure(command, folder))
            except CommandError as error:
                failed.append(f"{name}: {error}")
                continue
            row(name_with_version(programs, name), costs, weigh(site, project))
    if failed:
        raise CommandError("\n".join(failed))
    return [table]


def _cells(costs: Sequence[Cost], weight: Weight, base: Cost, lightest: Weight) -> Iterator[str]:
    first, *rebuilds = costs
    yield from (format_time(first.seconds), format_ratio(first.seconds / base.seconds))
    yield from (format_time(first.cpu), format_ratio(first.cpu / base.cpu))
    yield from [format_time(rebuilt.seconds) for rebuilt in rebuilds] or ["", ""]
    yield from (format_number(weight.html / 1e3), format_ratio(weight.html / lightest.html))
    yield format_number(weight.total / 1e3)
    yield ", ".join(feature for feature in FEATURES if not weight.features[feature])


def install_rivals() -> Path:
    """Install the others' programs, once for these requirements; return their folder.

    Raises:
        CommandError: they cannot be installed.
    """
    folder = HOME / hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    marker = folder / "installed"
    if not marker.exists():
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        print("(installing the others …)", flush=True)
        measure([sys.executable, "-m", "venv", str(folder)], HOME)
        measure([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "-r", str(REQUIREMENTS)], HOME)
        marker.touch()
    return folder / "bin"


def _write_pages(pages: Path, folder: Path) -> None:
    for path in pages.rglob("*.md"):
        if not path.name.startswith("_"):
            text = path.read_text(encoding="utf-8")
            target = folder / path.relative_to(pages)
            target.parent.mkdir(parents=True, exist_ok=True)
            title = path.stem.replace("_", " ")
            target.write_text(f"---\ntitle: {title}\n---\n\n{text}", encoding="utf-8", newline="\n")
    (folder / "index.md").write_text("---\ntitle: Home\n---\n\nA wiki.\n", encoding="utf-8")


def _mkdocs(pages: Path, folder: Path, programs: Path, theme: str) -> tuple[list[str], Path, Path]:
    shutil.copytree(pages, folder / "docs")
    (folder / "mkdocs.yml").write_text(f"site_name: Bench\ntheme: {theme}\n", encoding="utf-8")
    return [str(programs / "mkdocs"), "build", "--quiet"], folder / "docs", folder / "site"


def _zensical(pages: Path, folder: Path, programs: Path) -> tuple[list[str], Path, Path]:
    shutil.copytree(pages, folder / "docs")
    (folder / "zensical.toml").write_text('[project]\nsite_name = "Bench"\n', encoding="utf-8")
    return [str(programs / "zensical"), "build"], folder / "docs", folder / "site"


def _furo(pages: Path, folder: Path, programs: Path) -> tuple[list[str], Path, Path]:
    """Sphinx, which reads Markdown through MyST and caches what it has read."""
    shutil.copytree(pages, folder / "docs")
    settings = 'project = "Bench"\nextensions = ["myst_parser"]\nhtml_theme = "furo"\n'
    (folder / "docs/conf.py").write_text(settings, encoding="utf-8")
    return [str(programs / "sphinx-build"), "-Q", "-b", "html", "docs", "site"], folder / "docs", folder / "site"


def _hugo(pages: Path, folder: Path, programs: Path) -> tuple[list[str], Path, Path]:
    """Hugo with the theme that it creates for a new site."""
    hugo = str(programs / "hugo")
    measure([hugo, "new", "site", "bench"], folder)
    site = folder / "bench"
    measure([hugo, "new", "theme", "bare"], site)
    example = site / "themes/bare/content"
    shutil.rmtree(example, ignore_errors=True)
    shutil.copytree(pages, site / "content", dirs_exist_ok=True)
    (site / "content/index.md").rename(site / "content/_index.md")
    (site / "hugo.toml").write_text(
        'baseURL = "https://example.org/"\nlanguageCode = "en"\ntitle = "Bench"\ntheme = "bare"\nrelativeURLs = true\n',
        encoding="utf-8",
    )
    return [hugo, "--source", "bench"], site / "content", site / "public"


RIVALS: Mapping[str, Rival] = {
    "Hugo": _hugo,
    "MkDocs": functools.partial(_mkdocs, theme="mkdocs"),
    "Zensical": _zensical,
    "MkDocs Material": functools.partial(_mkdocs, theme="material"),
    "Sphinx with furo": _furo,
}
_PACKAGES = {"MkDocs Material": "mkdocs-material", "Sphinx with furo": "furo"}


def name_with_version(programs: Path, name: str) -> str:
    """The name of one of ``RIVALS``, with the installed version."""
    package = _PACKAGES.get(name, name.lower())
    code = f"import importlib.metadata as m; print(m.version({package!r}))"
    result = subprocess.run([str(programs / "python"), "-c", code], capture_output=True, encoding="utf-8", check=True)
    return f"{name} {result.stdout.strip()}"
