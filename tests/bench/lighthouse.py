"""Lighthouse's scores of pages of the sample wiki, in the draft and in Quarto's site, beside a bare Quarto page
of the same theme: all in one run, because the scores depend on the load of the machine.
"""

from __future__ import annotations

import argparse
import gzip
import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from bench.measure import CommandError, measure, measure_wiki
from bench.tables import Table
from browser.conftest import QuietHandler, serve
from conftest import ROOT, copy_project
from typedwiki.render.render import find_quarto

PACKAGE = "lighthouse@12.8.2"
SCRIPT = Path(__file__).with_name("lighthouse.mjs")
HOME = ROOT / ".typedwiki/bench/lighthouse"
"""The folder where the package is installed."""
PAGES = {
    "home": "index",
    "note": "notes/principle/Low_Rank_Adaptation",
    "note, Mermaid": "notes/principle/Backpropagation",
    "Explore": "notes/wiki/explore",
    "Graph": "notes/wiki/graph",
}
SCORES = ("performance", "accessibility", "best-practices", "seo")
COLUMNS = ("performance", "to bare", "access.", "best pr.", "SEO", "requests", "KB", "shift", "not passed")
COMPRESSED = (".html", ".js", ".css", ".json", ".svg")
"""Files that are compressed, as hosts do."""
Result = dict[str, Any]


def main(options: argparse.Namespace) -> list[Table]:
    """Measure each page on phones and on desktops, with ratios to the bare page."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    programs = {"node": shutil.which("node"), "npm": shutil.which("npm"), "Chromium": browser, "Quarto": find_quarto()}
    if missing := [name for name, path in programs.items() if not path]:
        raise CommandError(f"{', '.join(missing)} is not installed")
    _install()
    table = Table("Lighthouse's scores from 0 to 100, on phones / on desktops; KB as compressed", *COLUMNS)
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder:
        sites = _sites(Path(folder))
        [bare] = _run(str(browser), sites.pop("bare"), ["index"])
        table.row("bare Quarto page", *_cells(bare, bare))
        for name, site in sites.items():
            for results in _run(str(browser), site, list(PAGES.values())):
                table.row(f"{name}, {_page(results[0])}", *_cells(results, bare))
    return [table]


def _page(result: Result) -> str:
    return next(page for page, name in PAGES.items() if str(result["address"]).endswith(f"/{name}.html"))


def _install() -> None:
    """Install Lighthouse below ``HOME`` unless it is there.

    Raises:
        CommandError: npm fails.
    """
    HOME.mkdir(parents=True, exist_ok=True)
    if not (HOME / "node_modules/lighthouse").is_dir():
        measure(["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(HOME), PACKAGE], HOME)
    shutil.copy(SCRIPT, HOME)  # a module finds packages relative to its own folder


def _sites(folder: Path) -> dict[str, Path]:
    """The sites to measure, by name."""
    return {
        "bare": _bare(folder / "bare"),
        "Quarto": _sample(folder / "quarto", "render", "--renderer=quarto"),
        "draft": _sample(folder / "draft", "draft"),
    }


def _sample(project: Path, *command: str) -> Path:
    measure_wiki(copy_project(project, ROOT / "data/wikis"), *command)
    return project / "_site"


def _bare(folder: Path) -> Path:
    """One page of a Quarto website with this project's theme, navigation and search, without its own scripts."""
    folder.mkdir()
    settings = yaml.safe_load((ROOT / "_quarto.yml").read_text(encoding="utf-8"))
    html = settings["format"]["html"]
    html["theme"] = {name: sheets[0] for name, sheets in html["theme"].items()}
    del html["css"]
    bare_settings = {
        "project": {"type": "website", "render": ["index.qmd"]},
        "website": {name: settings["website"][name] for name in ("title", "description", "search")},
        "format": settings["format"],
    }
    bare_settings["website"] |= {"navbar": {"title": "Bare"}, "favicon": "favicon.svg"}
    shutil.copy(ROOT / settings["website"]["favicon"], folder)
    (folder / "_quarto.yml").write_text(yaml.safe_dump(bare_settings), encoding="utf-8")
    page = (ROOT / "data/wikis/Principle/Backpropagation.md").read_text(encoding="utf-8")
    text = page.partition("\n## ")[2].partition("```")[0]
    head = "---\ntitle: A page\ndescription-meta: A page of a website\n---\n"
    (folder / "index.qmd").write_text(f"{head}\n## {text}\n", encoding="utf-8")
    measure([find_quarto() or "quarto", "render"], folder)
    return folder / "_site"


class _CompressingHandler(QuietHandler):
    def do_GET(self) -> None:  # noqa: N802 - the name is given by the library
        path = Path(self.translate_path(self.path))
        if not path.is_file() or path.suffix not in COMPRESSED:
            return super().do_GET()
        data = gzip.compress(path.read_bytes(), 6)
        self.send_response(200)
        for name, value in (
            ("Content-Type", f"{self.guess_type(str(path))}; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Content-Length", str(len(data))),
            ("Cache-Control", "max-age=600"),
        ):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        return None


def _run(browser: str, site: Path, names: list[str]) -> Iterator[Sequence[Result]]:
    """The results of each page: on phones, on desktops.

    Raises:
        CommandError: Lighthouse fails.
    """
    with serve(site, _CompressingHandler) as url:
        command = ["node", SCRIPT.name, browser, *(f"{url}/{name}.html" for name in names)]
        with subprocess.Popen(
            command, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as process:
            assert process.stdout
            assert process.stderr
            results = (json.loads(line) for line in process.stdout if line.startswith("{"))
            yield from zip(results, results, strict=False)
            if process.wait():
                raise CommandError(f"Lighthouse: {process.stderr.read().strip()[-300:]}")


def _cells(results: Sequence[Result], bare: Sequence[Result]) -> Iterator[str]:
    def both(name: str, form: str = "{:.0f}") -> str:
        return " / ".join(dict.fromkeys(form.format(result[name]) for result in results))

    performance, *others = SCORES
    yield " / ".join(str(result[performance]) for result in results)
    ratios = (result[performance] / max(1, base[performance]) for result, base in zip(results, bare, strict=True))
    yield " / ".join(f"{ratio:.2f}" for ratio in ratios)
    yield from map(both, (*others, "requests", "kb"))
    yield both("shift", "{:.3f}")
    yield ", ".join(sorted({audit for result in results for audit, _ in result["failed"]}))
