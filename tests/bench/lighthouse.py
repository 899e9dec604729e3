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
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bench.measure import CommandError, measure, measure_wiki
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
COLUMNS = (*(("perf.", 7), ("ratio", 7), ("access.", 9), ("best pr.", 10), ("SEO", 5)), ("requests", 10), ("KB", 7))
COMPRESSED = (".html", ".js", ".css", ".json", ".svg")
"""Files that are compressed, as hosts do."""
Result = dict[str, Any]


def main(options: argparse.Namespace) -> None:
    """Print a row for each page on phones and on desktops, with ratios to the bare page."""
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    missing = [name for name, path in (("node", shutil.which("node")), ("npm", shutil.which("npm"))) if not path]
    if missing or not browser:
        print(f"\nLighthouse is not run: {', '.join([*missing, *([] if browser else ['Chromium'])])} is not installed")
        return
    try:
        _install()
    except CommandError as error:
        print(f"\nLighthouse is not run: it could not be installed: {str(error).splitlines()[-1]}")
        return
    print("\nLighthouse, scores from 0 to 100; requests and KB, compressed; layout shift")
    head = "".join(f"{column:>{width}}" for column, width in COLUMNS)
    print(f"  {'':24}{'':8}{head}{'shift':>8}  not passed", flush=True)
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder:
        sites = _sites(Path(folder))
        bare = {result["form"]: result for result in _run(browser, sites.pop("bare"), ["index"])} if sites else {}
        for form in bare:
            _row("bare Quarto page", bare[form], bare)
        for name, site in sites.items():
            for result in _run(browser, site, list(PAGES.values())):
                _row(f"{name}, {_page(result)}", result, bare)


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
    sites = {}
    if find_quarto():
        sites = {"bare": _bare(folder / "bare"), "Quarto": _sample(folder / "quarto", "render", "--renderer=quarto")}
    else:
        print("  Quarto's site is not measured: Quarto is not installed")
    return {**sites, "draft": _sample(folder / "draft", "draft")}


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


def _run(browser: str, site: Path, names: list[str]) -> Iterator[Result]:
    with serve(site, _CompressingHandler) as url:
        command = ["node", SCRIPT.name, browser, *(f"{url}/{name}.html" for name in names)]
        with subprocess.Popen(
            command, cwd=HOME, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        ) as process:
            assert process.stdout
            assert process.stderr
            for line in process.stdout:
                if line.startswith("{"):
                    yield json.loads(line)
            if process.wait():
                print(f"  Lighthouse failed: {process.stderr.read().strip()[-300:]}")


def _row(name: str, result: Result, bare: dict[str, Result]) -> None:
    base = bare.get(str(result["form"]))
    ratio = f"{result['performance'] / base['performance']:.2f}x" if base and base["performance"] else ""
    performance, *others = (str(result[score]) for score in SCORES)
    cells = (performance, ratio, *others, str(result["requests"]), f"{result['kb']:.0f}")
    columns = "".join(f"{cell:>{width}}" for cell, (_, width) in zip(cells, COLUMNS, strict=True))
    failed = ", ".join(sorted({audit for audit, _ in result["failed"]}))
    print(f"  {name:24}{result['form']:>8}{columns}{result['shift']:>8.3f}  {failed}".rstrip(), flush=True)
