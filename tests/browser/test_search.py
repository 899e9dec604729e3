"""Full-text search by Pagefind in its dialog, and Quarto's own results with what we know of each note."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import generate, load_wiki
from typedwiki.search.finish import finish
from typedwiki.search.fulltext import FLAG
from typedwiki.write import write

from .conftest import served

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser

DIALOG = "dialog.tw-search"


@pytest.fixture(scope="module")
def searched(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a site that Pagefind searches: the draft always, Quarto's from some size on."""
    if (site.folder / "pagefind").exists():
        yield site.url
        return
    with indexed(site, tmp_path_factory.mktemp("searched")) as address:
        yield address


@contextmanager
def indexed(site: Site, here: Path) -> Iterator[str]:
    """The address of a copy of a site, with a new index."""
    shutil.copytree(site.folder, here / "_site", ignore=shutil.ignore_patterns("pagefind"))
    config = load_config(site.folder.parent)
    (here / "_quarto.yml").write_text("typedwiki: {pagefind-from: 1}\n", encoding="utf-8")
    large = load_config(here, config.sources)
    files, origins = generate(load_wiki(large), large)
    write(large.output, files, origins)
    assert "indexed" in finish(large, here / "_site")
    with served(here / "_site") as address:
        yield address


def opened(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("document.querySelector('script[src$=\"search.js\"]')")
    page.wait_for_load_state("networkidle")


def open_dialog(page: Page, address: str) -> None:
    opened(page, address)
    page.locator(".tw-search-open, #quarto-search button").first.click()
    expect(page.locator(DIALOG)).to_be_visible()
    expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("notes")


def words(site: Site) -> tuple[str, str, str]:
    """What to search for, the title that must come first, and its type."""
    if "acme_kit" in site.note:
        return "squared", "Squared Error", "Implementation"
    return "nf4 double quantization", "NF4 with Double Quantization", "Heuristic"


def test_nothing_is_loaded_before_it_is_asked_for(site: Site, searched: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    opened(page, searched + site.note)
    assert not [url for url in asked if "/pagefind/" in url or "search.json" in url]


def test_opening_it_loads_little_of_the_index(site: Site, searched: str, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    open_dialog(page, searched + site.note)
    page.locator(f"{DIALOG} select[name=type]").select_option("Environment")
    expect(page.locator(f"{DIALOG} li > span").first).to_have_text("Environment")
    assert len([url for url in asked if url.endswith(".pf_index")]) == 1


def test_typing_finds_notes_with_what_they_are(site: Site, searched: str, page: Page) -> None:
    term, title, kind = words(site)
    open_dialog(page, searched + site.note)
    page.keyboard.type(term)
    first = page.locator(f"{DIALOG} li").first
    expect(first.locator("a.tw-hit")).to_have_text(title)
    expect(first.locator("span")).to_have_text(kind)
    expect(first.locator("mark").first).to_be_visible()
    assert "\ua66e" not in page.locator(f"{DIALOG} ol").inner_text()
    page.keyboard.press("ArrowDown")
    expect(first.locator("a.tw-hit")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"{DIALOG} input")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/**")
    expect(page.locator("h1.title")).to_have_text(title)


@pytest.fixture(scope="module")
def unspaced(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a draft whose pages are written without spaces."""
    here = tmp_path_factory.mktemp("unspaced")
    pages = {
        "Cost": "# 训练成本\n\n## Overview\n概述。\n\n## 显存占用\n批量越大，显存占用就越高；梯度检查点能省一半。",
        "Data": "# 数据\n\n## Overview\n概述。\n\n## 清洗\n存储格式很明显，占多少空间用工具量。",
        "Speed": "# 速い学習\n\n## Overview\n概要。\n\n## 注意\nとてもどんどん速くなる。",
        "Small": "# 작은 모델\n\n## Overview\n개요.\n\n## 방법\n경량미세조정 방법을 쓴다.",
    }
    for name, text in pages.items():
        path = here / f"wiki/Principle/{name}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{text}\n", encoding="utf-8")
    command = [sys.executable, "scripts/wiki.py", "draft", "--source", str(here / "wiki"), "--site", str(here / "site")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with served(here / "site") as address:
        yield address


@pytest.mark.parametrize(
    ("term", "titles", "marked"),
    [
        ("显存占用", ["训练成本"], "批量越大，显存占用就越高"),
        ("训练成本", ["训练成本"], ""),
        ("度检", ["训练成本"], "梯度检查点能省一半"),
        ("とても", ["速い学習"], "とてもどんどん速くなる"),
        ("미세조정", ["작은 모델"], "경량미세조정 방법을 쓴다"),
        ("占显", [], ""),
    ],
)
def test_words_are_found_within_a_run(page: Page, unspaced: str, term: str, titles: list[str], marked: str) -> None:
    open_dialog(page, unspaced)
    page.keyboard.type(term)
    status = page.locator(f"{DIALOG} [role=status]")
    expect(status).to_have_text(f"{len(titles)} note{'s' * (len(titles) != 1)}")
    assert page.locator(f"{DIALOG} a.tw-hit").all_inner_texts() == titles
    assert marked in page.locator(f"{DIALOG} ol").inner_text()
    if marked:
        assert "".join(page.locator(f"{DIALOG} mark").all_inner_texts()).startswith(term)


def test_facets_count_and_narrow(site: Site, searched: str, page: Page) -> None:
    open_dialog(page, searched + site.home)
    types = page.locator(f"{DIALOG} select[name=type]")
    expect(types.locator("option", has_text="Workflow (")).to_have_count(1)
    before = types.locator("option").all_inner_texts()
    types.select_option("Environment")
    kinds = page.locator(f"{DIALOG} li > span")
    expect(kinds.first).to_have_text("Environment")
    assert set(kinds.all_inner_texts()) == {"Environment"}
    assert types.locator("option").all_inner_texts() == before  # the others can still be chosen
    count = next(text for text in before if text.startswith("Environment"))
    assert f"({kinds.count()})" in count
    page.locator(f"{DIALOG} input").fill("no such word anywhere")
    expect(page.locator(f"{DIALOG} [role=status]")).to_have_text("0 notes")


def test_an_index_in_parts_answers_as_one(
    site: Site, page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def answers(address: str) -> list[object]:
        open_dialog(page, address + site.note)
        facets = page.locator(f"{DIALOG} select").all_text_contents()
        page.locator(f"{DIALOG} select[name=type]").select_option("Principle")
        expect(page.locator(f"{DIALOG} li > span").first).to_have_text("Principle")
        said = page.locator(f"{DIALOG} [role=status]").inner_text()
        page.locator(f"{DIALOG} select[name=type]").select_option("")
        page.locator(f"{DIALOG} input").fill(words(site)[0])
        expect(page.locator(f"{DIALOG} a.tw-hit").first).to_have_text(words(site)[1])
        return [facets, said]

    with indexed(site, tmp_path / "whole") as address:
        whole = answers(address)
    monkeypatch.setattr("typedwiki.search.fulltext.PART", 1_500 if "acme_kit" in site.note else 40_000)
    with indexed(site, tmp_path / "parts") as address:
        assert (tmp_path / "parts/_site/pagefind/part2/pagefind-entry.json").exists()
        assert answers(address) == whole
        # Whoever closes and opens it while it is loading must not have it loaded twice.
        opened(page, address + site.note)
        for key in ("/", "Escape", "/"):
            page.keyboard.press(key)
        expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("notes")
        assert page.locator(f"{DIALOG} select").all_text_contents() == whole[0]


@pytest.mark.parametrize("key", ["f", "s", "/"])
def test_keys_open_and_close_it(site: Site, searched: str, page: Page, key: str) -> None:
    opened(page, searched + site.note)
    page.keyboard.press(key)
    expect(page.locator(DIALOG)).to_be_visible()
    expect(page.locator(f"{DIALOG} input")).to_be_focused()
    expect(page.locator(f"{DIALOG} input")).to_have_value("")
    assert page.locator(".aa-DetachedOverlay").count() == 0  # Quarto's own stays closed
    page.keyboard.type("something")
    page.keyboard.press("Escape")
    expect(page.locator(DIALOG)).to_be_hidden()
    page.keyboard.press("Control+s")
    expect(page.locator(DIALOG)).to_be_hidden()


@pytest.mark.parametrize("width", [360, 1280])
def test_the_dialog_fits(site: Site, searched: str, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    open_dialog(page, searched + site.note)
    page.keyboard.type("a")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(f"(d => d.scrollWidth <= d.clientWidth)(document.querySelector('{DIALOG}'))")


def test_what_notes_say_cannot_run(browser: Browser, tmp_path: Path) -> None:
    """The excerpt is HTML that Pagefind made of hostile text: only text and marks of it may arrive."""
    script = Path(__file__).parents[2] / "_extensions/typedwiki/assets"
    (tmp_path / "pagefind").mkdir()
    evil = "<img src=x onerror='document.title=1'><mark>loss<b>y</b></mark><script>document.title=2</script>"
    (tmp_path / "pagefind/pagefind.js").write_text(
        "export const filters = async () => ({});\n"
        f"const hit = {{raw_url: '/notes/x/y.html', excerpt: {evil!r}, sub_results: [], "
        f"meta: {{title: {evil!r}, type: {evil!r}, overview: {evil!r}}}}};\n"
        "export const search = async () => ({results: [{data: async () => hit}], filters: {}});\n",
        encoding="utf-8",
    )
    (tmp_path / "pagefind/parts.json").write_text("[]", encoding="utf-8")
    (tmp_path / "index.html").write_text(
        "<title>safe</title><button class='tw-search-open'>Search</button><script src='boot.js'></script>",
        encoding="utf-8",
    )
    for name in ("boot.js", "search.js"):
        shutil.copy(script / name, tmp_path / name)
    with served(tmp_path) as address:
        page = browser.new_page()
        page.goto(f"{address}/index.html")
        page.wait_for_function("document.querySelector('script[src$=\"search.js\"]')")
        page.wait_for_load_state("networkidle")
        page.click("button")
        page.keyboard.type("loss")
        expect(page.locator("dialog li mark")).to_have_text("lossy")
        page.wait_for_timeout(300)
        assert page.locator("dialog img, dialog script, dialog b").count() == 0
        assert page.title() == "safe"
        page.close()


def test_without_a_server_it_says_what_to_do(draft_site: Path, browser: Browser) -> None:
    page = browser.new_page()  # not the watchful one: Chromium complains of the refused import
    page.goto((draft_site / "notes/workflow/QLoRA_Finetuning.html").as_uri())
    page.wait_for_function("document.querySelector('script[src$=\"search.js\"]')")
    page.wait_for_load_state("networkidle")
    page.click(".tw-search-open")
    status = page.locator(f"{DIALOG} [role=status]")
    expect(status).to_contain_text("needs a server, such as python -m http.server -d _site")
    assert str(status.locator("a").get_attribute("href")).endswith("/_site/notes/wiki/explore.html")
    page.close()


def test_results_of_quarto_say_what_they_are(site: Site, page: Page) -> None:
    index = site.folder / "index.html"
    if "quarto-search" not in index.read_text(encoding="utf-8"):
        pytest.skip("the draft has no search of Quarto's")
    if "acme_kit" not in site.note:
        pytest.skip("looks for notes of the small wiki")
    assert FLAG not in (site.folder / "notes/assets/types.css").read_text(encoding="utf-8")
    opened(page, site.url + site.note)
    page.click("#quarto-search button")
    page.keyboard.type("squared")
    title = page.locator(".search-result-title", has_text="Squared Error").first
    expect(title).to_have_attribute("data-tw-facts", "Implementation · acme_kit")
    text = page.locator(".search-result-doc.tw-implementation .search-result-text-container").first
    expect(text).to_have_attribute("data-tw-overview", "squared_error in src/kit/loss.py:10-12.")
    page.keyboard.press("Control+A")
    page.keyboard.type("descent")  # what a result says goes with the result
    expect(page.locator(".search-result-title").first).to_contain_text("Descent")
    expect(page.locator(".search-result-title").first).to_have_attribute("data-tw-facts", "Principle · acme_kit")
