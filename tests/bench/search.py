"""Whether the search finds what people type, for queries whose right pages are known. Part of the bench.

Each row is a kind of query; a cell counts the queries that found their page among the first results. Queries are
derived from the sources alone, with a fixed seed, so that any wiki and any program can be measured. Other programs
answer the same queries in the same run.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import shutil
import sys
import tempfile
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Error, Page, TimeoutError, sync_playwright

from bench.languages import write_languages
from bench.measure import CommandError, measure
from bench.rivals import RIVALS, install_rivals, name_with_version
from bench.searchers import SEARCHERS, Answer, settle, write_pages
from bench.tables import Table
from browser.conftest import serve
from conftest import ROOT, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.render import find_quarto

FIRST = 5
"""Results among which the page must be; for a whole title it must be the first."""
MOST_QUERIES = 20
"""The maximal number of queries of a kind."""
COMPOUNDS = "part of a compound, word without accents"
UNKNOWN_WORDS = [
    "kubernetes", "xylophone", "zeppelin", "marmalade", "quokka", "blorptastic", "fjordling", "snorkeling",
    "trombone", "wombat", "parallelepiped", "brunchify", "gazpacho", "didgeridoo", "hovercraft", "kaleidoscope",
    "rhododendron", "sauerkraut", "tiramisu", "yodeling",
]  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{4,}")
_NAME = re.compile(r"\b(?:[a-z]+_[a-z_]{3,}|(?:[A-Z][a-z]+){2,})\b")
_METHOD_CALL = re.compile(r"\b[a-z]\w*\.([a-z]\w{3,})\(")
_CAMEL_CASE = re.compile(r"(?:[A-Z]+[a-z]+){3,}")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{5,}")
_ARABIC = re.compile("\\bال[\u0621-\u064a]{3,}\\b")
_LONG = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]{13,}\b")


@dataclass(frozen=True)
class Query:
    """A query, and the titles that are right; none if nothing is."""

    text: str
    titles: frozenset[str]
    first: int = FIRST


Rows = Mapping[str, list[tuple[Query, bool]]]
"""Queries by kind, with whether each found its page."""


def queries(wiki: Path) -> Mapping[str, list[Query]]:
    """Known-item queries by kind."""
    rng = random.Random(7)
    pages = load_wiki(load_config(ROOT, [wiki])).graph.pages.values()
    texts = {page.id: f"{page.page_title}\n{page.lead}\n{page.content}" for page in pages}
    titles = {page.id: page.page_title for page in pages}
    by_kind: dict[str, list[Query]] = defaultdict(list)

    def holders(word: str) -> frozenset[str]:
        return frozenset(titles[key] for key, text in texts.items() if word in text)

    all_text = "\n".join(texts.values()).lower()
    for key, title in titles.items():
        right_title = frozenset([title])
        by_kind["exact title, first"].append(Query(title, right_title, 1))
        words = title.split()
        if len(words) > 1:
            by_kind["title words reversed"].append(Query(" ".join(reversed(words)), right_title))
        for name in _CAMEL_CASE.findall(title):
            humps = re.findall("[A-Z]+[a-z]+", name)
            part = "".join(humps[1:])
            by_kind["part of an identifier in a title"].append(
                Query(part, frozenset(t for t in titles.values() if part in t))
            )
        for word in _WORD.findall(title):
            candidates = frozenset(t for t in titles.values() if word.lower() in t.lower())
            if len(word) > 5 and len(candidates) <= FIRST and not _UNSPACED.search(word):
                by_kind["one typing error in a title's word"].append(Query(_mistype(word, rng), candidates))
        text = texts[key]
        for row, pattern in (
            ("identifier that one or two pages hold", _NAME),
            ("name written as x.name(", _METHOD_CALL),
        ):
            for name in sorted(set(pattern.findall(text))):
                if len(pages_found := holders(name)) <= 2:
                    by_kind[row].append(Query(name, pages_found))
        for run in sorted(set(_UNSPACED.findall(text))):
            at = rng.randrange(len(run) - 3)
            by_kind[COMPOUNDS].append(Query(run[at : at + 4], holders(run[at : at + 4])))
        for word in sorted({*_ARABIC.findall(text)}):
            by_kind[COMPOUNDS].append(Query(word[2:], frozenset(t for k, t in titles.items() if word[2:] in texts[k])))
        for word in sorted(set(_LONG.findall(text))):
            by_kind[COMPOUNDS].append(Query(word[len(word) // 2 :], holders(word[len(word) // 2 :])))
        for word in sorted(set(_WORD.findall(text))):
            without_accents = "".join(
                c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)
            ).replace("ß", "ss")
            if without_accents != word and len(pages_found := holders(word)) <= 2 and word.upper() != word.lower():
                by_kind[COMPOUNDS].append(Query(without_accents, pages_found))
    by_kind["word that stands nowhere"] = [Query(word, frozenset()) for word in UNKNOWN_WORDS if word not in all_text]
    return {row: rng.sample(pages_found, min(len(pages_found), MOST_QUERIES)) for row, pages_found in by_kind.items()}


def _mistype(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 2)
    return rng.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + rng.choice("aeiorst") + word[at + 1 :],
        ]
    )


@contextmanager
def dialog(page: Page, address: str) -> Iterator[Answer]:
    """The search dialog."""
    page.goto(f"{address}/index.html")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    page.wait_for_selector("dialog.tw-search[open]")
    page.wait_for_timeout(800)

    def answer(query: str) -> list[str]:
        page.locator("dialog.tw-search input").fill(query)
        page.wait_for_selector("dialog.tw-search ol[aria-busy=false]", state="attached")
        return page.locator("dialog.tw-search a.tw-hit").all_inner_texts()

    yield answer


@contextmanager
def explore(page: Page, address: str) -> Iterator[Answer]:
    """The search field of the Explore page."""
    page.goto(f"{address}/notes/wiki/explore.html")
    page.wait_for_selector(".tw-explore[data-ready]")

    def answer(query: str) -> list[str]:
        page.locator(".tw-explore input[type=search]").fill(query)
        settle(page.locator(".tw-explore"))
        return page.locator(".tw-rows .tw-item:not(:first-child) a").all_inner_texts()

    yield answer


def finds_page(search: Answer, query: Query) -> bool:
    """Whether a query finds its page, or nothing if it has none."""
    try:
        results = [" ".join(hit.split()) for hit in search(query.text)]
    except TimeoutError:
        return False
    return bool(query.titles.intersection(results[: query.first])) if query.titles else not results


def main(options: argparse.Namespace) -> list[Table]:
    """Measure the wiki of ``--wiki``, by default one in six languages, the sample and a real one.

    What options narrow down is only printed.
    """
    programs = install_rivals() if options.peers else None
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        wikis = {"Wiki in six languages": Path(folder, "languages"), "Sample wiki": ROOT / "data/wikis"}
        write_languages(wikis["Wiki in six languages"])
        if corpus := os.environ.get("TYPEDWIKI_CORPUS"):
            wikis["Real wiki"] = Path(corpus)
        if options.wiki:
            wikis = {options.wiki.name: options.wiki.absolute()}
        tables = []
        for number, (name, wiki) in enumerate(wikis.items()):
            project = Path(folder, str(number))
            project.mkdir()
            tables.append(_table(name, _columns(wiki, project, browser, options, programs)))
        browser.close()
    return [] if options.wiki or options.site or not programs else tables


def _columns(
    wiki: Path, folder: Path, browser: Browser, options: argparse.Namespace, programs: Path | None
) -> Mapping[str, Rows]:
    """Run all queries with each program, on sites that it builds in an empty folder.

    Raises:
        CommandError: a program cannot be measured.
    """
    queries_by_kind = queries(wiki)
    columns: dict[str, Rows] = {}

    def run_queries(name: str, site: Path, open_search: Callable[[Page, str], AbstractContextManager[Answer]]) -> None:
        page = browser.new_page()
        with serve(site) as address, open_search(page, address) as answer:
            columns[name] = {row: [(q, finds_page(answer, q)) for q in group] for row, group in queries_by_kind.items()}
        page.close()

    project = copy_project(folder / "project", wiki)
    site = options.site or project / "_site"
    if not options.site:
        build_draft(project)
    run_queries("dialog", site, dialog)
    run_queries("Explore", site, explore)
    if options.quarto and not options.site and find_quarto():
        measure([sys.executable, "scripts/wiki.py", "site", "--renderer", "quarto", "--engine", "quarto"], project)
        run_queries("dialog on Quarto's site", site, dialog)
    pages = list(load_wiki(load_config(ROOT, [wiki])).graph.pages.values())
    titles = [page.page_title for page in pages]
    if programs:
        write_pages(pages, folder / "docs")
        for name, (build, open_search) in SEARCHERS.items():
            head = name_with_version(programs, name) if name in RIVALS else name
            try:
                built = build(folder, programs)
                run_queries(head, built, lambda page, address, o=open_search: o(page, address, titles))  # type: ignore[misc]
            except Error as error:
                raise CommandError(f"{head}: {error}") from error
    return columns


def _table(name: str, columns: Mapping[str, Rows]) -> Table:
    title = f"{name}: queries that find their page among the first {FIRST} hits, or nothing if there is no page"
    table = Table(title, "queries", *columns)
    own = next(iter(columns.values()))
    for row, results in own.items():
        table.row(
            row, *map(str, (len(results), *(sum(success for _, success in column[row]) for column in columns.values())))
        )
    sums = [sum(success for results in column.values() for _, success in results) for column in columns.values()]
    table.row("all", *map(str, (sum(map(len, own.values())), *sums)))
    for column, rows in columns.items():
        missed = [q.text for results in rows.values() for q, success in results if not success]
        if missed and column in ("dialog", "Explore", "dialog on Quarto's site"):
            print(f"  {column} missed: {', '.join(missed)}", flush=True)
    return table
