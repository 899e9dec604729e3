"""The cost of browsing large wikis: Explore and Graph in headless Chromium. Part of `make bench`."""

from __future__ import annotations

import argparse
import gzip
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
from playwright.sync_api import Browser, Error, sync_playwright

from bench.generate import write_wiki
from bench.measure import CommandError
from bench.tables import Table
from conftest import GOLDEN, ROOT, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pages.overview import overview_files
from typedwiki.pages.site import pages_js
from typedwiki.pipeline import load_wiki, site_context

COLUMNS = ("data MB", "gzip MB", "shown", "ready", "keystroke", "click", "graph MB", "graph")
SIZES = (1_000, 5_000, 25_000)
TYPED = ("gradient", "gradeint", "memory kernel", "qunatized tensr", "xylophone")
KEYSTROKES = """queries => {
  const field = document.querySelector(".tw-explore input");
  const spent = [];
  for (const query of queries) {
    for (let typed = 1; typed <= query.length; typed++) {
      field.value = query.slice(0, typed);
      const before = performance.now();
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      document.body.getBoundingClientRect();  // layout is part of it
      spent.push(performance.now() - before);
    }
  }
  return spent;
}"""
CLICKS = """() => [...document.querySelectorAll(".tw-facets input")].slice(0, 12).map((box) => {
  const before = performance.now();
  box.click();
  document.body.getBoundingClientRect();
  return performance.now() - before;
})"""


def main(options: argparse.Namespace) -> list[Table]:
    """Measure each size of wiki."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not browser_path:
        raise CommandError("Chromium is not installed")
    table = Table("Browsing, in milliseconds; keystrokes and clicks: median, and what one of twenty exceeds", *COLUMNS)
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        project = copy_project(Path(folder, "site"), GOLDEN / "two_dialects/wiki")
        build_draft(project)  # its pages get other wikis' data
        for size in SIZES:
            table.row(f"{size:,} pages", *_cells(browser, project, Path(folder, f"wiki{size}"), size))
        browser.close()
    return [table]


def _cells(browser: Browser, project: Path, wiki: Path, size: int) -> Iterator[str]:
    write_wiki(wiki, size)
    config = msgspec.structs.replace(load_config(ROOT), sources=(wiki,))
    site = site_context(load_wiki(config), config)
    data, layers = pages_js(site).encode(), overview_files(site)["assets/layers.js"]
    assets = project / "_site/notes/assets"
    (assets / "pages.js").write_bytes(data)
    (assets / "layers.js").write_bytes(layers)
    address = f"file://{project}/_site/notes/wiki"
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    started = time.perf_counter()
    page.goto(f"{address}/explore.html", wait_until="commit")
    page.wait_for_selector(".tw-rows li:nth-child(2)")
    shown_after = time.perf_counter() - started
    page.wait_for_selector(".tw-explore[data-ready]")
    ready_after = time.perf_counter() - started
    yield from (f"{len(data) / 1e6:.1f}", f"{len(gzip.compress(data)) / 1e6:.1f}")
    yield from (f"{shown_after * 1000:.0f}", f"{ready_after * 1000:.0f}")
    yield _percentiles(page.evaluate(KEYSTROKES, TYPED))
    yield _percentiles(page.evaluate(CLICKS))
    yield f"{len(layers) / 1e6:.1f}"
    started = time.perf_counter()
    try:
        page.goto(f"{address}/graph.html", wait_until="commit")
        page.wait_for_selector(".tw-network[data-drawn]", timeout=60_000)
        yield f"{(time.perf_counter() - started) * 1000:.0f}"
    except Error:
        yield "-"
    page.close()


def _percentiles(milliseconds: list[float]) -> str:
    """The median and the 95th percentile; the maximum depends more on the machine."""
    return f"{statistics.median(milliseconds):.0f} / {statistics.quantiles(milliseconds, n=20)[-1]:.0f}"
