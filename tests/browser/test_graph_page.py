"""The Graph page: the whole wiki as a drawing, and as an outline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page

from build_steps import generate
from conftest import ROOT
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.render.draft import draft
from wiki_generator import write_wiki

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser
PATH = "/notes/wiki/graph.html"


def open_graph(page: Page, url: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto(url)
    page.wait_for_selector(".tw-network[data-drawn]")
    page.dispatch_event(".tw-network", "pointerover")  # the first interaction, which loads the library
    page.wait_for_selector(".tw-network[data-drawn=true]")


def node_ids(page: Page) -> list[int]:
    ids: list[int] = page.evaluate("document.querySelector('.tw-network').network.body.nodeIndices.map(Number)")
    return ids


def node_of(page: Page, note: str) -> int:
    node: int = page.evaluate("async note => (await typedwiki.pages()).find(note)", note)
    return node


def screen_position(page: Page, node: int) -> tuple[float, float]:
    """The position of a node on the screen."""
    page.locator(".tw-stage").scroll_into_view_if_needed()
    x, y = page.evaluate(
        """id => {
          const { network } = document.querySelector(".tw-network");
          const at = network.canvasToDOM(network.getPositions([id])[id]);
          const canvas = document.querySelector(".tw-stage canvas").getBoundingClientRect();
          return [canvas.x + at.x, canvas.y + at.y];
        }""",
        node,
    )
    return x, y


def note_name(path: str) -> str:
    return path.removeprefix("/notes/").removesuffix(".html")


def focused_title(page: Page) -> Any:
    return page.evaluate("document.activeElement.lastChild.textContent")


def test_picture_is_replaced_at_the_first_interaction(site: Site, page: Page) -> None:
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.add_init_script(f"({RECORD_TEXT_SIZES})()")
    page.goto(site.url + PATH)
    page.wait_for_selector(".tw-network[data-drawn=picture]")
    page.wait_for_load_state("networkidle")
    titles = {title for title, _ in page.evaluate("window.written")}
    assert page.evaluate("typedwikiPages.pages[0][1]").split()[0] in " ".join(titles)
    assert page.locator(".tw-network form").is_visible()
    assert page.get_by_role("treeitem").first.is_visible()
    assert not [url for url in requests if "vis-network" in url or "/network.js" in url]
    page.get_by_label("Find a page").focus()
    page.wait_for_selector(".tw-network[data-drawn=true]")
    assert node_ids(page)
    assert page.locator(".tw-stage canvas").count() == 1


def test_picture_follows_theme_size_and_controls(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(site.url + PATH)
    page.wait_for_selector(".tw-network[data-drawn=picture]")
    picture = "document.querySelector('.tw-stage canvas').toDataURL()"
    seen = [page.evaluate(picture)]
    page.locator(site.toggle).first.click()
    page.wait_for_function(f"!{seen!r}.includes({picture})")
    page.wait_for_timeout(700)  # the theme's style sheet
    seen.append(page.evaluate(picture))
    page.set_viewport_size({"width": 800, "height": 700})
    page.wait_for_function(f"!{seen!r}.includes({picture})")
    seen.append(page.evaluate(picture))
    page.evaluate("document.querySelector('[name=types]').checked = false")
    page.dispatch_event("[name=types]", "change", {"bubbles": True})
    page.wait_for_function(f"!{seen!r}.includes({picture})")
    assert page.locator(".tw-network").get_attribute("data-drawn") == "picture"


def test_click_before_loading_is_applied_after_loading(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    scale = "document.querySelector('.tw-network').network.getScale()"
    fitted = page.evaluate(scale)
    page.goto(f"{site.url}{PATH}?again")
    page.wait_for_selector(".tw-network[data-drawn=picture]")
    page.evaluate("document.querySelector('[name=in]').click()")
    page.dispatch_event(".tw-network", "pointerover")
    page.wait_for_selector(".tw-network[data-drawn=true]")
    assert page.evaluate(scale) == pytest.approx(1.5 * fitted, rel=0.01)


def test_types_can_be_hidden_and_shown(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    all_nodes = node_ids(page)
    assert len(all_nodes) == page.evaluate("typedwikiPages.pages.length")
    page.get_by_label("Heuristics").uncheck()
    heuristics = page.evaluate("typedwikiPages.pages.filter(p => typedwikiPages.types[p[2]][0] === 'heuristic').length")
    assert len(node_ids(page)) == len(all_nodes) - heuristics
    page.get_by_label("Heuristics").check()
    assert sorted(node_ids(page)) == sorted(all_nodes)


def test_hovering_a_page_counts_pages_above_and_below(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    node = node_of(page, note_name(site.hub))
    x, y = screen_position(page, node)
    page.mouse.move(x - 2, y)
    page.mouse.move(x, y)
    card = page.locator(".tw-network-card")
    card.wait_for()
    assert page.evaluate("n => typedwikiPages.pages[n][1]", node) in card.inner_text()
    before = card.locator("p").last.inner_text()
    assert before.startswith("0 above, ")
    page.mouse.move(x, y - 60)
    assert card.is_hidden()
    page.get_by_label("Steps").uncheck()
    page.mouse.move(x, y)
    card.wait_for()
    assert card.locator("p").last.inner_text() != before


def test_page_is_found_by_title(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    node = node_of(page, note_name(site.note))
    title = page.evaluate("n => typedwikiPages.pages[n][1]", node)
    search = page.get_by_label("Find a page")
    search.fill(title[:4].lower())
    assert any(title in offer for offer in page.locator("datalist option").all_text_contents())
    search.fill(f"{title} (Principle)")
    assert title in page.locator(".tw-network output").inner_text()
    assert page.url.endswith(f"#focus={note_name(site.note)}")
    x, y = screen_position(page, node)
    stage = page.locator(".tw-stage").bounding_box()
    assert stage is not None
    assert stage["x"] < x < stage["x"] + stage["width"]
    assert stage["y"] < y < stage["y"] + stage["height"]
    search.fill("")
    assert page.url.endswith(PATH)
    assert page.locator(".tw-network-card").is_hidden()


def test_address_selects_the_page(site: Site, page: Page) -> None:
    open_graph(page, f"{site.url}{PATH}#focus={note_name(site.note)}")
    title = page.evaluate("n => typedwikiPages.pages[n][1]", node_of(page, note_name(site.note)))
    assert title in page.locator(".tw-network-card").inner_text()
    page.evaluate("note => { location.hash = `#focus=${note}` }", note_name(site.hub))
    page.wait_for_function("title => !document.querySelector('.tw-network-card').innerText.includes(title)", arg=title)
    page.evaluate("location.hash = '#focus=%E0%A4%A'")  # no page, and not UTF-8


def test_click_opens_the_note(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    x, y = screen_position(page, node_of(page, note_name(site.hub)))
    with page.context.expect_page() as other:
        page.keyboard.down("Control")
        page.mouse.click(x, y)
        page.keyboard.up("Control")
    other.value.close()
    with page.expect_navigation():
        page.mouse.click(x, y)
    assert page.url == site.url + site.hub


def test_first_tap_selects_and_second_opens(site: Site, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 740}, has_touch=True)
    page = context.new_page()
    open_graph(page, site.url + PATH)
    assert page.locator(".tw-network details").get_attribute("open") is None
    node = node_of(page, note_name(site.hub))
    page.touchscreen.tap(*screen_position(page, node))
    page.locator(".tw-network-card a").wait_for()
    assert page.url.startswith(site.url + PATH)
    with page.expect_navigation():
        page.touchscreen.tap(*screen_position(page, node))
    assert page.url == site.url + site.hub
    context.close()


def test_drawing_follows_the_theme(site: Site, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    open_graph(page, site.url + PATH)
    pixel = """() => {
      const { network } = document.querySelector(".tw-network");
      const { x, y } = network.canvasToDOM(Object.values(network.getPositions())[0]);
      const drawn = document.querySelector(".tw-stage canvas");
      const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
      context.drawImage(drawn, -x * drawn.width / drawn.clientWidth, -y * drawn.height / drawn.clientHeight);
      return context.getImageData(0, 0, 1, 1).data.join();
    }"""
    page.wait_for_timeout(200)
    light = page.evaluate(pixel)
    page.evaluate("scrollTo(0, 0)")
    page.locator(site.toggle).first.click()
    page.wait_for_function(f"({pixel})() !== {light!r}")


def test_outline_keyboard_navigation(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    page.get_by_role("tree").locator("[tabindex='0']").focus()
    first = focused_title(page)
    assert page.get_by_role("treeitem").first.get_attribute("aria-expanded") == "false"
    page.keyboard.press("ArrowRight")  # opens
    assert focused_title(page) == first
    page.keyboard.press("ArrowRight")  # goes in
    step = page.evaluate("document.activeElement")
    assert step is not None
    assert page.evaluate("document.activeElement.ariaLevel") == "2"
    assert "Steps" in page.evaluate("document.activeElement.textContent")
    assert focused_title(page) in page.locator(".tw-network-card").inner_text()  # and the drawing follows
    page.keyboard.press("ArrowLeft")  # back
    assert focused_title(page) == first
    page.keyboard.press("ArrowLeft")  # closes
    assert page.get_by_role("treeitem").first.get_attribute("aria-expanded") == "false"
    page.keyboard.press("End")
    last = focused_title(page)
    page.keyboard.press("Home")
    assert focused_title(page) == first
    page.keyboard.press(last[0].lower())
    assert focused_title(page)[0].lower() == last[0].lower()
    assert page.locator("[role=tree] [tabindex='0']").count() == 1
    page.keyboard.press("Home")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/notes/workflow/" in page.url


def test_outline_contains_every_page(site: Site, page: Page) -> None:
    open_graph(page, site.url + PATH)
    actual = page.evaluate(
        """async () => {
          const tree = document.querySelector("[role=tree]");
          for (let closed; (closed = tree.querySelector("[aria-expanded=false] > i"));) closed.click();
          return new Set([...tree.querySelectorAll("a")].map((a) => a.href)).size;
        }"""
    )
    assert actual == page.evaluate("typedwikiPages.pages.length")


def test_fit_button_works_by_keyboard(draft_site: Path, page: Page) -> None:
    open_graph(page, (draft_site / PATH[1:]).as_uri())
    inside = """() => {
      const { network } = document.querySelector(".tw-network");
      const { width, height } = document.querySelector(".tw-stage").getBoundingClientRect();
      return Object.values(network.getPositions()).map(at => network.canvasToDOM(at))
        .every(({ x, y }) => x >= 0 && y >= 0 && x <= width && y <= height);
    }"""
    assert page.evaluate(inside)
    for _ in range(4):
        page.get_by_role("button", name="Zoom in").click()
    assert not page.evaluate(inside)
    page.keyboard.press("Tab")  # from "Zoom in" to "Zoom out"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "fit"
    page.keyboard.press("Enter")
    page.wait_for_function(inside)


@pytest.mark.parametrize("width", [360, 1280, 2560])
def test_page_fits_the_window(site: Site, page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    open_graph(page, site.url + PATH)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_page_works_from_disk(site: Site, page: Page) -> None:
    open_graph(page, f"file://{site.folder}{PATH}")
    assert node_ids(page)


def test_page_without_scripts_links_to_the_home_page(site: Site, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(site.url + PATH)
    assert "JavaScript" in page.locator(".tw-network").inner_text()
    assert page.locator(".tw-network form").is_hidden()
    page.locator(".tw-network a[href]").last.click()
    assert page.url == f"{site.url}/index.html"
    context.close()


@pytest.fixture(scope="module")
def large_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Graph page of a wiki that is too large to be drawn at once."""
    folder = tmp_path_factory.mktemp("large")
    write_wiki(folder / "wiki", 1200)
    config = load_config(ROOT, [folder / "wiki"])
    notes, _ = generate(load_wiki(config), config)
    files = {n: data for n, data in notes.items() if n.startswith(("wiki/graph.qmd", "assets/"))}
    draft(config, files, folder / "site", lambda done, total: None, hand_written=False)
    return folder / "site"


def test_large_wiki_starts_collapsed(large_site: Path, page: Page) -> None:
    open_graph(page, f"file://{large_site}{PATH}")
    collapsed = node_ids(page)
    assert len(collapsed) == 8
    assert page.get_by_role("button", name="Collapse all").is_hidden()
    page.mouse.click(*screen_position(page, -3))
    assert len(node_ids(page)) == 7 + 150
    page.get_by_role("button", name="Collapse all").click()
    assert sorted(node_ids(page)) == sorted(collapsed)
    page.get_by_label("Find a page").fill("weight")
    page.keyboard.press("Enter")
    assert len(node_ids(page)) > 100
    assert "weight" in page.locator(".tw-network-card a").inner_text().lower()


@pytest.mark.parametrize(
    "note_name", ["__proto__", "constructor", "http://[", "//", "%", "x%zz/y", "principle/__proto__"]
)
def test_unknown_page_in_the_address_selects_nothing(draft_site: Path, page: Page, note_name: str) -> None:
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    open_graph(page, f"file://{draft_site}{PATH}#focus={note_name}")
    assert page.locator(".tw-network-card").inner_text() == ""
    assert errors == []


RECORD_TEXT_SIZES = """() => {
  window.written = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    window.written.push([text, parseFloat(this.font) * this.getTransform().a / devicePixelRatio]);
    return fillText.call(this, text, ...place);
  };
}"""
"""Records each text that is drawn, with its size in pixels."""


@pytest.mark.parametrize(("width", "minimum"), [(1280, 70), (360, 5)])
def test_titles_are_readable_when_all_pages_are_in_view(draft_site: Path, page: Page, width: int, minimum: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(f"({RECORD_TEXT_SIZES})()")
    open_graph(page, f"file://{draft_site}{PATH}")
    page.evaluate("window.written = []; document.querySelector('.tw-network').network.redraw()")
    sizes = dict(page.evaluate("window.written"))
    assert len(sizes) >= minimum
    assert min(sizes.values()) > 8.9


@pytest.mark.parametrize("state", ["picture", "true"])
def test_names_of_collapsed_groups_are_readable_in_small_windows(large_site: Path, page: Page, state: str) -> None:
    page.set_viewport_size({"width": 240, "height": 400})
    page.add_init_script(f"({RECORD_TEXT_SIZES})()")
    page.goto(f"file://{large_site}{PATH}")
    page.wait_for_selector(".tw-network[data-drawn=picture]")
    if state == "true":
        page.evaluate("window.written = []")
        page.dispatch_event(".tw-network", "pointerover")
        page.wait_for_selector(".tw-network[data-drawn=true]")
    sizes = page.evaluate("window.written")
    assert len([text for text, _ in sizes if text.startswith("owner")]) >= 8
    assert min(size for _, size in sizes) > 8.9


RECORD_TEXT_BOXES = """() => {
  window.placed = [];
  const { fillText } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...rest) {
    const { a, d, e, f } = this.getTransform();
    const [width, height] = [a * this.measureText(text).width, d * parseFloat(this.font) * 0.7]; // of letters
    window.placed.push([text, a * x + e - width / 2, d * y + f - height / 2, width, height]);
    return fillText.call(this, text, x, y, ...rest);
  };
}"""
"""Records each text that is drawn, with left, top, width and height in pixels of the drawing."""
NODE_BOXES = """() => {
  const { network } = document.querySelector(".tw-network");
  return network.body.nodeIndices.map((id) => {
    const { left, top, right, bottom } = network.getBoundingBox(id);
    const [from, to] = [{ x: left, y: top }, { x: right, y: bottom }].map((at) => network.canvasToDOM(at));
    return [from.x, from.y, to.x - from.x, to.y - from.y];
  });
}"""
Rectangle = tuple[float, float, float, float]


def overlap(first: Rectangle, second: Rectangle) -> bool:
    (x, y, width, height), (left, top, wide, high) = first, second
    return x < left + wide and x + width > left and y < top + high and y + height > top


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
@pytest.mark.parametrize("opened", [False, True])
def test_titles_overlap_no_box_and_no_other_title(
    draft_site: Path, large_site: Path, page: Page, width: int, opened: bool
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(f"({RECORD_TEXT_BOXES})()")
    open_graph(page, f"file://{large_site if opened else draft_site}{PATH}")
    if opened:
        page.mouse.click(*screen_position(page, -3))
    page.evaluate("window.placed = []; document.querySelector('.tw-network').network.redraw()")
    boxes = [tuple(box) for box in page.evaluate(NODE_BOXES)]
    titles = [(text, (x, y, wide, high)) for text, x, y, wide, high in page.evaluate("window.placed")]
    assert titles
    for i, (text, at) in enumerate(titles):
        assert sum(overlap(at, box) for box in boxes) <= 1, text  # the title's own
        assert not any(overlap(at, other) for _, other in titles[:i]), text
