"""The search: matches and ranking in the dialog, in Explore and on the page for missing addresses;
highlights on the target page; keys; from disk and from a server.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.languages import write_languages
from conftest import ROOT, build_draft, copy_project
from typedwiki.render.search_index import index_files
from typedwiki.render.search_pages import Entry, Section
from typedwiki.render.search_terms import fold, plain_words, spelling, tokens

from .conftest import serve

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser

DIALOG = "dialog.tw-search"
PAGES = {
    "Principle/Attention": "# Attention\n\n## Overview\nWeighs the parts of an input.\n\n## Scaling\nText of it.",
    "Principle/Sparse": "# Sparse Attention\n\n## Overview\nFor long inputs.\n\n## Windows\nText.",
    "Principle/Focus": "---\naliases: [Attention span]\n---\n# Focus\n\n## Overview\nA gaze.\n\n## Text\nWords.",
    "Principle/Layers": "# Layers\n\n## Overview\nStacked.\n\n## On attention\nWords.\n\n## Other\nWords.",
    "Principle/Inputs": "# Inputs\n\n## Overview\nWhat attention reads.\n\n## Text\nWords.",
    "Principle/Prose": "# Prose\n\n## Overview\nA page.\n\n## One\nIt needs attention.\n\n## Two\nMore attention.\n\n"
    "## Three\nAttention again, and the brown fox.\n\n"
    "<details><summary>More</summary>\n\nA folded platypus.\n\n</details>",
    "Implementation/Snippet": "# Snippet\n\n## Overview\nOnly code.\n\n## Use\n```python\n"
    "attention = model.bind_tools(x)\n"
    "torch.nn.functional.cross_entropy(y)\nHttpParser().feedAllBytes(z)\npip install --no-cache-dir\nerror[E0425]\n```",
    "Implementation/Store": "# ConversationEntityMemory\n\n## Overview\nRemembers tools.\n\n"
    "## Use\nC# or `std::vector`, "
    "from `.env`; the fox is brown. It makes memories of moderation.",
    "Heuristic/Moderation": "# Moderation first\n\n## Overview\nCheck what goes in.\n\n## Why\nA tool less.",
    "Heuristic/init_chat_model": "# init_chat_model\n\n## Overview\nAsk once.\n\n## Why\nWords.",
}


def open_page(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_load_state("networkidle")


def open_dialog(page: Page, address: str) -> None:
    open_page(page, address)
    page.locator(".tw-search-open, #quarto-search button").first.click()
    expect(page.locator(DIALOG)).to_be_visible()
    expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("pages")


def search(page: Page, query: str) -> list[str]:
    """Enter a query in the open dialog; return the titles of the results."""
    page.locator(f"{DIALOG} input").fill(query)
    page.wait_for_selector(f"{DIALOG} ol[aria-busy=false]", state="attached")
    return [" ".join(text.split()) for text in page.locator(f"{DIALOG} a.tw-hit").all_inner_texts()]


def status_text(page: Page) -> str:
    return page.locator(f"{DIALOG} [role=status]").inner_text()


@pytest.fixture(scope="module")
def ranking_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A draft whose pages contain one word in every place where a word can be."""
    wiki = tmp_path_factory.mktemp("probe") / "wiki"
    for name, text in PAGES.items():
        (wiki / name).parent.mkdir(parents=True, exist_ok=True)
        (wiki / f"{name}.md").write_text(f"{text}\n", encoding="utf-8")
    project = copy_project(wiki.parent / "project", wiki)
    settings = project / "_quarto.yml"
    text = settings.read_text(encoding="utf-8").replace(
        "website:\n", "website:\n  site-url: https://example.org/w\n", 1
    )
    settings.write_text(text, encoding="utf-8")
    build_draft(project)
    return project / "_site"


@pytest.fixture(scope="module")
def address(ranking_site: Path) -> Iterator[str]:
    with serve(ranking_site) as url:
        yield url


@pytest.fixture(scope="module")
def dialog(browser: Browser, address: str) -> Iterator[Page]:
    """The open dialog of that draft, used for one query after the other."""
    page = browser.new_page()
    open_dialog(page, address)
    yield page
    page.close()


@pytest.fixture(scope="module")
def language_dialog(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The open dialog of a draft in six languages."""
    project = tmp_path_factory.mktemp("languages")
    write_languages(project / "wiki")
    command = [
        sys.executable,
        "scripts/wiki.py",
        "draft",
        "--source",
        str(project / "wiki"),
        "--site",
        str(project / "site"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    with serve(project / "site") as url:
        page = browser.new_page()
        open_dialog(page, url)
        yield page
        page.close()


RANKED = ["Attention", "Sparse Attention", "Focus", "Layers", "Inputs", "Prose", "Snippet"]
"""The results for a word, in order of where it matches: exact title, title, alias, heading, overview, text, code."""


def test_dialog_explore_and_address_have_the_same_ranking(dialog: Page, address: str, page: Page) -> None:
    assert search(dialog, "attention") == RANKED
    page.goto(f"{address}/notes/wiki/explore.html?q=attention")
    page.wait_for_selector(".tw-explore[data-ready]")
    assert page.locator(".tw-rows a").all_inner_texts()[1:] == RANKED
    page.get_by_label("Find pages").fill("attention layers")
    expect(page.locator(".tw-rows a").nth(1)).to_have_text("Layers")


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Attention Sparse", "Sparse Attention"),
        ("EntityMemory", "ConversationEntityMemory"),
        ("entitymemory", "ConversationEntityMemory"),
        ("conversation memory", "ConversationEntityMemory"),
        ("init chat model", "init_chat_model"),
        ("init_chat_model(", "init_chat_model"),
        ("bind_tools", "Snippet"),
        ("model.bind_tools(", "Snippet"),
        ("bind tools", "Snippet"),
        ("HttpParser().feedAllBytes", "Snippet"),
        ("feedAllBytes", "Snippet"),
        ("all bytes", "Snippet"),
        ("--no-cache-dir", "Snippet"),
        ("torch.nn.functional.cross_entropy", "Snippet"),
        ("nn.functional", "Snippet"),
        ("cross_entropy", "Snippet"),
        ("entropy", "Snippet"),
        ("E0425", "Snippet"),
        ("std::vector", "ConversationEntityMemory"),
        ("C#", "ConversationEntityMemory"),
        (".env", "ConversationEntityMemory"),
        ("memory", "ConversationEntityMemory"),
        ("tool", "ConversationEntityMemory"),
        ("attentions", "Attention"),
    ],
)
def test_titles_and_code_match_as_a_whole_and_by_parts(dialog: Page, query: str, first: str) -> None:
    assert [title.replace("_", " ") for title in search(dialog, query)[:1]] == [first.replace("_", " ")]


def test_plural_and_singular_match_each_other(dialog: Page) -> None:
    assert "ConversationEntityMemory" in search(dialog, "tool")
    assert "Moderation first" in search(dialog, "tools")


def test_inflected_forms_match_but_derived_words_do_not(dialog: Page) -> None:
    same = "([word, other]) => typedwikiTerms.sameWord(word, other)"
    for word, other in (
        ("runs", "running"),
        ("memories", "memory"),
        ("computes", "computation"),
        ("rotate", "rotation"),
    ):
        assert dialog.evaluate(same, [word, other])
    for word, other in (("pagation", "pages"), ("notation", "note"), ("tool", "toolbox")):
        assert not dialog.evaluate(same, [word, other])


@pytest.mark.parametrize("query", ["moderatoin", "moderaton", "moderattion", "mpderation", "Sparse Atention"])
def test_typos_are_corrected_with_a_notice(dialog: Page, query: str) -> None:
    assert search(dialog, query)[0] in ("Moderation first", "Sparse Attention")
    expect(dialog.locator(f"{DIALOG} .tw-search-hint")).to_contain_text("Showing “")


@pytest.mark.parametrize("query", ["kubernetes", "xylophone", "asdfqwer", "C++", "zzz qqq", "?!"])
def test_unknown_words_match_nothing(dialog: Page, query: str) -> None:
    assert search(dialog, query) == []
    assert status_text(dialog) == "0 pages"
    hint = dialog.locator(f"{DIALOG} .tw-search-hint")
    expect(hint).to_contain_text("lists all pages")
    assert str(hint.locator("a").last.get_attribute("href")).partition("?")[0].endswith("explore.html")


def test_no_match_suggests_the_nearest_titles(dialog: Page) -> None:
    assert search(dialog, "moderatrix") == []
    expect(dialog.locator(f"{DIALOG} .tw-search-hint a").first).to_have_text("Moderation first")


def test_partial_match_names_the_missing_word(dialog: Page) -> None:
    assert search(dialog, "attention kubernetes")[0] == "Attention"
    expect(dialog.locator(f"{DIALOG} li .tw-lacks").first).to_have_text("Without kubernetes")
    expect(dialog.locator(f"{DIALOG} .tw-search-hint")).to_contain_text("“kubernetes” is nowhere in the wiki")
    assert status_text(dialog).startswith("0 pages: 7 without one of the words")


def test_stop_words_are_ignored(dialog: Page) -> None:
    assert search(dialog, "how do i use the attention")[0] == "Attention"
    assert dialog.locator(f"{DIALOG} .tw-lacks").count() == 0
    marked = {text.lower() for text in dialog.locator(f"{DIALOG} mark").all_inner_texts()}
    assert marked == {"attention"}


def test_phrases_and_exclusions(dialog: Page, address: str, page: Page) -> None:
    assert set(search(dialog, "brown fox")) == {"Prose", "ConversationEntityMemory"}
    assert search(dialog, '"brown fox"') == ["Prose"]
    assert "Prose" not in search(dialog, "attention -fox")
    page.goto(f"{address}/notes/wiki/explore.html")
    page.wait_for_selector(".tw-explore[data-ready]")
    page.get_by_label("Find pages").fill('"brown fox"')
    expect(page.locator(".tw-state")).to_have_text("1 of 10 pages")
    page.get_by_label("Find pages").fill("attention -fox")
    expect(page.locator(".tw-state")).to_have_text("6 of 10 pages")


def test_sections_are_collapsed_under_their_page(dialog: Page) -> None:
    search(dialog, "attention prose")
    item = dialog.locator(f"{DIALOG} ol > li").first
    expect(item.locator("summary")).to_have_text("2 more on this page")
    item.locator("summary").click()
    assert len(item.locator("details a").all_inner_texts()) == 2
    assert "#" in str(item.locator("details a").first.get_attribute("href"))
    expect(item.locator("p mark").first).to_have_text("attention")


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("grosse", "Gradientenabstieg"),
        ("Größe", "Gradientenabstieg"),
        ("Groesse", "Gradientenabstieg"),
        ("speicherung", "Gradientenabstieg"),
        ("Speicherbedarf", "Gradientenabstieg"),
        ("decodeur", "Réseaux de neurones"),
        ("réseau", "Réseaux de neurones"),
        ("多头注意力", "注意力机制"),
        ("置编", "注意力机制"),
        ("学習率", "勾配降下法の基礎"),
        ("メモリ使用", "勾配降下法の基礎"),
        ("미세조정", "경량미세조정"),
        ("체크포인팅", "경량미세조정"),
        ("شبكات", "الشبكات العصبية"),
        ("الذاكرة", "الشبكات العصبية"),
        ("ذاكرة", "الشبكات العصبية"),
        ("$HOME", "Shell settings"),
    ],
)
def test_search_in_other_languages(language_dialog: Page, query: str, title: str) -> None:
    assert search(language_dialog, query)[:1] == [title]


@pytest.mark.parametrize("query", ["力意注", "率習"])
def test_character_order_matters(language_dialog: Page, query: str) -> None:
    assert search(language_dialog, query) == []


TOKENS = (
    "One word, two-part naïve Größe; x.name(y) HttpParser().feedAllBytes torch.nn.functional C# C++ .env $HOME "
    "--no-cache-dir -v std::vector src/kit/loss.py __init__ snake_case CamelCaseName E0425 **kwargs 注意力LoRA "
    "メモリ 미세조정 الشبكات كتابٌ ﬁne don't 3.10 a->b f() हिन्दी หน่วย v2.0-rc1 @property node.js 用 A1"
)


def test_browser_and_index_split_words_alike(dialog: Page) -> None:
    expression = """(text) => (text.match(typedwikiTerms.token) ?? []).map((token) =>
      [token, typedwikiTerms.fold(token), typedwikiTerms.spelling(token),
       typedwikiTerms.isRun(token) ? [token] : typedwikiTerms.parts(token).map(([part]) => part)])"""
    expected = [[token, fold(token), spelling(token), plain_words(token)] for token in tokens(TOKENS)]
    assert dialog.evaluate(expression, TOKENS) == expected


def test_filters_show_counts_and_narrow_results(dialog: Page) -> None:
    assert len(search(dialog, "attention")) == 7
    types = dialog.locator(f"{DIALOG} select[name=type]")
    expect(types.locator("option", has_text="Implementation (1)")).to_have_count(1)
    types.select_option("Implementation")
    expect(dialog.locator(f"{DIALOG} a.tw-hit")).to_have_text(["Snippet"])
    expect(types.locator("option", has_text="Principle (6)")).to_have_count(1)  # the others can still be chosen
    types.select_option("")
    expect(dialog.locator(f"{DIALOG} a.tw-hit")).to_have_count(7)


def test_target_page_highlights_the_words(address: str, page: Page) -> None:
    open_dialog(page, address)
    search(page, "platypus")
    page.keyboard.press("Enter")
    page.wait_for_url("**/Prose.html?q=platypus*")
    mark = page.locator("mark.tw-mark")
    expect(mark).to_have_text("platypus")
    expect(mark).to_be_in_viewport()  # its section was collapsed
    page.goto(page.url.replace("platypus", "attention"))
    bar = page.get_by_role("region", name="Words of your search")
    expect(bar.get_by_role("status")).to_have_text("1 of 3")
    bar.get_by_role("button", name="Next").click()
    expect(bar.get_by_role("status")).to_have_text("2 of 3")
    assert "q=attention" in page.url
    bar.get_by_role("button", name="Clear").click()
    expect(page.locator("mark.tw-mark")).to_have_count(0)
    assert "q=" not in page.url


def test_missing_address_is_used_as_a_query(ranking_site: Path, page: Page) -> None:
    text = (ranking_site / "404.html").read_text(encoding="utf-8")
    assert ' src="/w/assets/boot.js"' in text
    page.route("**/*", lambda route: route.fallback())
    with serve(ranking_site) as url:
        page.route(f"{url}/w/**", lambda route: route.continue_(url=route.request.url.replace("/w/", "/", 1)))
        page.route(f"{url}/w/old/sparse-attention", lambda route: route.fulfill(body=text, content_type="text/html"))
        page.goto(f"{url}/w/old/sparse-attention")
        page.wait_for_selector(".tw-explore[data-ready]")
        expect(page.locator("h1.title")).to_have_text("Page not found")
        expect(page.locator(".tw-rows a").nth(1)).to_have_text("Sparse Attention")


def test_opensearch_description_is_linked(ranking_site: Path, address: str, page: Page) -> None:
    page.goto(f"{address}/index.html")
    assert page.locator("link[rel=search]").get_attribute("href") == f"{address}/opensearch.xml"
    assert "https://example.org/w/notes/wiki/explore.html?q={searchTerms}" in (
        ranking_site / "opensearch.xml"
    ).read_text("utf-8")


def test_results_from_disk_are_the_same(ranking_site: Path, page: Page) -> None:
    open_dialog(page, (ranking_site / "notes/principle/Prose.html").as_uri())
    assert search(page, "attention") == RANKED
    assert search(page, "cross_entropy") == ["Snippet"]
    page.keyboard.press("Enter")
    page.wait_for_url("file://**/Snippet.html?q=cross_entropy*")
    expect(page.locator("mark.tw-mark").first).to_be_attached()


def _sections(n: int) -> list[Section]:
    return [Section("", "", f"common {'other ' * (n % 2)} own{n} w{n}_common", "", "")]


LARGE = 5000
"""The number of pages in an index of many files."""


@pytest.fixture(scope="module")
def large_site_address(ranking_site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a site with a large index. All pages have one word in common, half of them another."""
    site = tmp_path_factory.mktemp("large") / "site"
    shutil.copytree(ranking_site, site, ignore=shutil.ignore_patterns("search-index"))
    (site / "search-index").mkdir()
    pages = (
        Entry(
            f"x/p{n}", f"Page w{n}", f"T{n % 3}", f"n{n % 40}", "", [f"d{n % 90}"], [], f"p{n}", partial(_sections, n)
        )
        for n in range(LARGE)
    )
    for name, text in index_files(pages, "en"):
        (site / "search-index" / name).write_text(text, encoding="utf-8")
    with serve(site) as url:
        yield url


def test_large_index_loads_few_files_per_query(large_site_address: str, page: Page) -> None:
    loaded: list[tuple[str, int]] = []
    page.on("requestfinished", lambda r: loaded.append((r.url.rpartition("/")[2], r.sizes()["responseBodySize"])))
    open_dialog(page, large_site_address)
    page.wait_for_load_state("networkidle")
    assert sum(size for _, size in loaded) < 200_000, loaded
    loaded.clear()
    result_count = "document.querySelectorAll('dialog a.tw-hit').length"
    # Names of the files that are loaded when the hits appear: not those that only corrections and filters need.
    page.evaluate(f"""new MutationObserver(() => {{ if ({result_count}) window.loadedBefore ??=
      performance.getEntriesByType("resource").map(({{ name }}) => name.replace(/.*[/]/, "")); }})
      .observe(document.querySelector("dialog ol"), {{ childList: true }})""")
    search(page, "common other")
    before = page.evaluate("loadedBefore.filter((name) => /^(terms|pages|names|facets|vocabulary)/.test(name))")
    assert len(before) <= 16
    assert not {"facets.js", "vocabulary.js", "names.js"}.intersection(before)
    types = page.locator(f"{DIALOG} select[name=type] option")
    expect(types).to_have_text(["Any type", "T0 (833)", "T1 (834)", "T2 (833)"])
    page.locator(f"{DIALOG} select[name=type]").select_option("T1")
    expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("834 pages")


def test_equal_matches_keep_the_order_of_the_wiki(large_site_address: str, page: Page) -> None:
    open_dialog(page, large_site_address)
    expression = "typedwikiFind.ask('common').then(({ hits }) => hits)"
    assert page.evaluate(expression) == list(range(LARGE))
    expression = "typedwikiFind.ask('other common -own4999').then(({ hits }) => hits)"
    assert page.evaluate(expression) == list(range(1, LARGE - 1, 2))


# Keys, with every renderer


def ignore_initial_mouse_events(page: Page) -> None:
    """Ignore the mouse events at 0, 0 that headless Chromium reports to each page."""
    page.add_init_script(
        "for (const type of ['pointerover', 'pointermove']) addEventListener(type, (event) => {"
        " if (!event.clientX && !event.clientY) event.stopImmediatePropagation(); }, true)"
    )


def test_little_is_loaded_before_the_first_query(site: Site, page: Page) -> None:
    ignore_initial_mouse_events(page)
    requests: list[str] = []
    sizes: list[int] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on(
        "response", lambda r: sizes.append(len(r.body())) if "search-index" in r.url or "find.js" in r.url else None
    )
    open_page(page, site.url + site.note)
    assert not [url for url in requests if "search-index" in url or "search.json" in url or "/search.js" in url]
    page.keyboard.press("/")  # also a key of Quarto's search
    expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("pages")
    assert page.locator(".aa-DetachedOverlay").count() == 0
    assert sum(sizes) < 200_000


def test_search_script_loads_at_the_first_mouse_move(site: Site, page: Page) -> None:
    ignore_initial_mouse_events(page)
    open_page(page, site.url + site.note)
    loaded = "[...document.scripts].some(({ src }) => src.endsWith('/search.js'))"
    assert not page.evaluate(loaded)
    page.mouse.move(300, 300)
    page.wait_for_function(loaded)


def test_a_single_namespace_is_not_repeated(site: Site, page: Page) -> None:
    open_dialog(page, site.url + site.note)
    page.locator(f"{DIALOG} input").fill("a")
    expect(page.locator(f"{DIALOG} a.tw-hit").first).to_be_visible()
    assert "acme" not in page.locator(f"{DIALOG} ol").inner_text()
    assert page.locator(f"{DIALOG} select[name=namespace]").is_hidden()
    page.goto(f"{site.url}/notes/wiki/explore.html")
    page.wait_for_selector(".tw-explore[data-ready]")
    assert "acme" not in " ".join(page.locator(".tw-rows .tw-item-facts").all_inner_texts())


def test_results_show_the_type_of_each_note(site: Site, page: Page) -> None:
    small = "acme_kit" in site.note
    query, title, kind = ("squared", "Squared Error", "Implementation") if small else (
        "nf4 double quantization", "NF4 with Double Quantization", "Heuristic"
    )  # fmt: skip
    open_dialog(page, site.url + site.note)
    page.keyboard.type(query)
    first = page.locator(f"{DIALOG} ol > li").first
    expect(first.locator("a.tw-hit")).to_have_text(title)
    expect(first.locator("> span")).to_have_text(kind)
    expect(first.locator("mark").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(first.locator("a.tw-hit")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.locator(f"{DIALOG} input")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/**")
    expect(page.locator("h1.title")).to_have_text(title)
    expect(page.locator("mark.tw-mark").first).to_be_attached()
    page.wait_for_url("**q=*")


@pytest.mark.parametrize("where", ["note", "explore"])
def test_keys_open_and_close_the_dialog(site: Site, page: Page, where: str) -> None:
    open_page(page, site.url + (site.note if where == "note" else "/notes/wiki/explore.html"))
    for key in ("f", "s", "/", "Control+k", "Meta+k"):
        page.locator("a[href]").nth(2).focus()
        page.keyboard.press(key)
        expect(page.locator(DIALOG)).to_be_visible()
        expect(page.locator(f"{DIALOG} input")).to_be_focused()
        expect(page.locator(f"{DIALOG} input")).to_have_value("")
        assert page.locator(".aa-DetachedOverlay").count() == 0  # Quarto's own stays closed
        page.keyboard.press("Escape")
        expect(page.locator(DIALOG)).to_be_hidden()
        assert page.evaluate("document.activeElement === document.querySelectorAll('a[href]')[2]")
    page.keyboard.press("Control+s")
    expect(page.locator(DIALOG)).to_be_hidden()


def test_enter_opens_the_first_hit_of_what_is_typed_now(address: str, page: Page) -> None:
    open_dialog(page, address)
    assert search(page, "sparse attention")[0] == "Sparse Attention"
    page.locator(f"{DIALOG} input").fill("moderation first")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/**")
    expect(page.locator("h1.title")).to_have_text("Moderation first")


def test_enter_during_input_composition_opens_nothing(address: str, page: Page) -> None:
    open_dialog(page, address)
    search(page, "attention")
    page.evaluate("""() => document.querySelector("dialog input").dispatchEvent(
      new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))""")
    page.wait_for_timeout(200)
    assert page.url.endswith(("/", "index.html")) or "notes/" not in page.url
    expect(page.locator(DIALOG)).to_be_visible()


def test_result_on_the_same_page_closes_the_dialog_and_keeps_the_query(address: str, page: Page) -> None:
    open_dialog(page, f"{address}/notes/principle/Prose.html")
    assert search(page, "attention prose")[0] == "Prose"
    page.keyboard.press("Enter")
    expect(page.locator(DIALOG)).to_be_hidden()
    expect(page.locator("mark.tw-mark").first).to_be_attached()
    page.keyboard.press("/")
    expect(page.locator(f"{DIALOG} input")).to_have_value("attention prose")
    page.goto(f"{address}/notes/principle/Layers.html")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.locator(f"{DIALOG} input")).to_have_value("attention prose")


def test_empty_query_shows_recent_pages(address: str, page: Page) -> None:
    for name in ("Prose", "Layers", "Focus"):
        open_page(page, f"{address}/notes/principle/{name}.html")
    page.keyboard.press("/")
    expect(page.locator(f"{DIALOG} a.tw-hit")).to_have_text(["Layers", "Prose"])
    expect(page.locator(f"{DIALOG} [role=status]")).to_contain_text("You have read")


def test_result_count_is_a_status_message(dialog: Page) -> None:
    search(dialog, "attention")
    assert dialog.locator(f"{DIALOG} [role=status]").inner_text() == "7 pages"


def test_running_query_is_shown(address: str, page: Page) -> None:
    open_dialog(page, address)
    search(page, "attention")
    held_requests: list[Any] = []
    page.route("**/search-index/terms-*", lambda route: held_requests.append(route))
    page.reload()
    page.wait_for_load_state("networkidle")
    page.keyboard.press("/")
    expect(page.locator(f"{DIALOG} [role=status]")).to_have_text("Looking for “attention” …")
    expect(page.locator(f"{DIALOG} a.tw-hit")).to_have_count(0)
    for route in held_requests:
        route.continue_()
    page.unroute("**/search-index/terms-*")
    expect(page.locator(f"{DIALOG} [role=status]")).to_have_text("7 pages")


@pytest.mark.parametrize("width", [360, 1280])
def test_dialog_fits_the_window(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    open_dialog(page, site.url + site.note)
    page.keyboard.type("a")
    expect(page.locator(f"{DIALOG} a.tw-hit").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(f"(d => d.scrollWidth <= d.clientWidth)(document.querySelector('{DIALOG}'))")


def test_page_declares_its_language(site: Site, page: Page) -> None:
    page.goto(site.url + site.note)
    assert page.locator("html").get_attribute("lang") == "en"


def test_missing_index_is_reported(address: str, browser: Browser) -> None:
    page = browser.new_page()  # unlike the fixture, it may report missing files
    page.route("**/search-index/**", lambda route: route.abort())
    open_page(page, address)
    page.click(".tw-search-open")
    status = page.locator(f"{DIALOG} [role=status]")
    expect(status).to_contain_text("no index")
    assert str(status.locator("a").get_attribute("href")).endswith("/notes/wiki/explore.html")
    page.goto(f"{address}/notes/wiki/explore.html?q=attention")
    page.wait_for_selector(".tw-explore[data-ready]")
    expect(page.locator(".tw-hint")).to_contain_text("no index")
    page.close()
