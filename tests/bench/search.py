"""Whether the search finds what people type: queries made from a wiki, for which we know the page. Part of the bench.

Each row is a kind of query; a cell says how many of them found their page among the first hits. Queries are made
from the sources alone, by a fixed seed, so that any wiki and any program can be asked the same. The others' programs
answer in the same run.
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
from bench.measured import CommandError, cost
from bench.rivals import installed
from bench.searchers import SEARCHERS, Answer, give, settle
from browser.conftest import serve
from conftest import ROOT, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.render import find_quarto

FIRST = 5
"""Hits among which the page must be; for a whole title it must be the first."""
A_ROW = 20
"""Queries of a kind at most."""
NOWHERE = [
    "kubernetes", "xylophone", "zeppelin", "marmalade", "quokka", "blorptastic", "fjordling", "snorkeling",
    "trombone", "wombat", "parallelepiped", "brunchify", "gazpacho", "didgeridoo", "hovercraft", "kaleidoscope",
    "rhododendron", "sauerkraut", "tiramisu", "yodeling",
]  # fmt: skip
_WORD = re.compile(r"[^\W\d_]{4,}")
_NAME = re.compile(r"\b(?:[a-z]+_[a-z_]{3,}|(?:[A-Z][a-z]+){2,})\b")
_CALLED = re.compile(r"\b[a-z]\w*\.([a-z]\w{3,})\(")
_HUMPED = re.compile(r"(?:[A-Z]+[a-z]+){3,}")
_UNSPACED = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]{5,}")
_ARABIC = re.compile("\\bال[\u0621-\u064a]{3,}\\b")
_LONG = re.compile(r"\b[A-ZÄÖÜ][a-zäöüß]{13,}\b")


@dataclass(frozen=True)
class Query:
    """What is typed, and the titles that are right; none if nothing is."""

    text: str
    titles: frozenset[str]
    first: int = FIRST


Rows = Mapping[str, list[tuple[Query, bool]]]
"""Queries by kind, with whether each found its page."""


def queries(wiki: Path) -> Mapping[str, list[Query]]:
    """Known-item queries by kind."""
    chance = random.Random(7)
    pages = load_wiki(load_config(ROOT, [wiki])).graph.pages.values()
    texts = {page.id: f"{page.page_title}\n{page.lead}\n{page.content}" for page in pages}
    titles = {page.id: page.page_title for page in pages}
    made: dict[str, list[Query]] = defaultdict(list)

    def holders(word: str) -> frozenset[str]:
        return frozenset(titles[key] for key, text in texts.items() if word in text)

    everything = "\n".join(texts.values()).lower()
    for key, title in titles.items():
        only = frozenset([title])
        made["exact title, first"].append(Query(title, only, 1))
        words = title.split()
        if len(words) > 1:
            made["title words reversed"].append(Query(" ".join(reversed(words)), only))
        for name in _HUMPED.findall(title):
            humps = re.findall("[A-Z]+[a-z]+", name)
            part = "".join(humps[1:])
            made["part of an identifier in a title"].append(
                Query(part, frozenset(t for t in titles.values() if part in t))
            )
        for word in _WORD.findall(title):
            among = frozenset(t for t in titles.values() if word.lower() in t.lower())
            if len(word) > 5 and len(among) <= FIRST and not _UNSPACED.search(word):
                made["one typing error in a title's word"].append(Query(_mistyped(word, chance), among))
        text = texts[key]
        for row, pattern in (("identifier that one or two pages hold", _NAME), ("name written as x.name(", _CALLED)):
            for name in sorted(set(pattern.findall(text))):
                if len(found := holders(name)) <= 2:
                    made[row].append(Query(name, found))
        for run in sorted(set(_UNSPACED.findall(text))):
            at = chance.randrange(len(run) - 3)
            made["languages"].append(Query(run[at : at + 4], holders(run[at : at + 4])))
        for word in sorted({*_ARABIC.findall(text)}):
            made["languages"].append(Query(word[2:], frozenset(t for k, t in titles.items() if word[2:] in texts[k])))
        for word in sorted(set(_LONG.findall(text))):
            made["languages"].append(Query(word[len(word) // 2 :], holders(word[len(word) // 2 :])))
        for word in sorted(set(_WORD.findall(text))):
            bare = "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)).replace(
                "ß", "ss"
            )
            if bare != word and len(found := holders(word)) <= 2 and word.upper() != word.lower():
                made["languages"].append(Query(bare, found))
    made["word that stands nowhere"] = [Query(word, frozenset()) for word in NOWHERE if word not in everything]
    return {row: chance.sample(found, min(len(found), A_ROW)) for row, found in made.items()}


def _mistyped(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 2)
    return chance.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at] + word[at:],
            word[:at] + chance.choice("aeiorst") + word[at + 1 :],
        ]
    )


@contextmanager
def dialog(page: Page, address: str) -> Iterator[Answer]:
    """Our dialog."""
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
    """The box of the Explore page."""
    page.goto(f"{address}/notes/wiki/explore.html")
    page.wait_for_selector(".tw-explore[data-ready]")

    def answer(query: str) -> list[str]:
        page.locator(".tw-explore input[type=search]").fill(query)
        settle(page.locator(".tw-explore"))
        return page.locator(".tw-rows .tw-item:not(:first-child) a").all_inner_texts()

    yield answer


def found(answer: Answer, asked: Query) -> bool:
    """Whether a query leads to its page, or to nothing if it has none."""
    try:
        hits = [" ".join(hit.split()) for hit in answer(asked.text)]
    except TimeoutError:
        return False
    return bool(asked.titles.intersection(hits[: asked.first])) if asked.titles else not hits


def main(options: argparse.Namespace) -> None:
    """Print a table for the wiki that ``--wiki`` names; or for one in six languages, the sample wiki and a real one."""
    programs = installed() if options.peers else None
    with tempfile.TemporaryDirectory(prefix="typedwiki-bench-") as folder, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        wikis = [options.wiki.absolute()] if options.wiki else [Path(folder, "languages"), ROOT / "data/wikis"]
        if not options.wiki:
            write_languages(wikis[0])
            if real := os.environ.get("TYPEDWIKI_CORPUS"):
                wikis.append(Path(real))
        for number, wiki in enumerate(wikis):
            here = Path(folder, str(number))
            here.mkdir()
            _table(wiki, _columns(wiki, here, browser, options, programs))
        browser.close()


def _columns(
    wiki: Path, here: Path, browser: Browser, options: argparse.Namespace, programs: Path | None
) -> Mapping[str, Rows]:
    """Ask each program all queries, on sites that it makes in an empty folder."""
    asked = queries(wiki)
    columns: dict[str, Rows] = {}

    def ask(name: str, site: Path, open_it: Callable[[Page, str], AbstractContextManager[Answer]]) -> None:
        page = browser.new_page()
        with serve(site) as address, open_it(page, address) as answer:
            columns[name] = {row: [(q, found(answer, q)) for q in some] for row, some in asked.items()}
        page.close()

    ours = copy_project(here / "project", wiki)
    site = options.site or ours / "_site"
    if not options.site:
        build_draft(ours)
    ask("dialog", site, dialog)
    ask("Explore", site, explore)
    if options.quarto and not options.site and find_quarto():
        cost([sys.executable, "scripts/wiki.py", "site", "--renderer", "quarto", "--engine", "quarto"], ours)
        ask("by Quarto", site, dialog)
    pages = list(load_wiki(load_config(ROOT, [wiki])).graph.pages.values())
    titles = [page.page_title for page in pages]
    if programs:
        give(pages, here / "docs")
        for name, (build, open_it) in SEARCHERS.items():
            try:
                ask(name, build(here, programs), lambda page, address, o=open_it: o(page, address, titles))  # type: ignore[misc]
            except (CommandError, Error) as error:
                print(f"  {name} is not measured: {str(error).splitlines()[-1]}", flush=True)
    return columns


def _table(wiki: Path, columns: Mapping[str, Rows]) -> None:
    print(f"\n{wiki.name}: queries that find their page among the first {FIRST} hits, or nothing if there is nothing")
    print(f"  {'':42}{'of':>6}" + "".join(f"{name:>11}" for name in columns))
    first = next(iter(columns.values()))
    for row, some in first.items():
        print(f"  {row:42}{len(some):6}" + "".join(f"{sum(ok for _, ok in of[row]):11}" for of in columns.values()))
    sums = [sum(ok for some in of.values() for _, ok in some) for of in columns.values()]
    print(f"  {'all':42}{sum(map(len, first.values())):6}" + "".join(f"{number:11}" for number in sums))
    for name, rows in columns.items():
        missed = [q.text for some in rows.values() for q, ok in some if not ok]
        if missed and name in ("dialog", "Explore", "by Quarto"):
            print(f"  {name} missed: {', '.join(missed)}", flush=True)
