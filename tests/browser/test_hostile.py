"""Attacks in a real browser: none works, every page is readable, and the site obeys its own policy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request

from attacks import ATTACKS, attack_names, attack_pages
from conftest import ALL_CASES
from typedwiki.render.policy import policy

from .conftest import QuietHandler, serve

pytestmark = pytest.mark.browser

_RECORD_EVENTS = """(() => {
  const fired = [];
  Object.defineProperty(window, "__canary", { set: () => fired.push("a canary"), get: () => undefined });
  addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sample }) =>
    fired.push(`${effectiveDirective} ${blockedURI} ${sample}`));
  Object.defineProperty(window, "__fired", { get: () => fired });
})()"""
"""Runs before a page's own scripts: records what attacks set, and what the policy blocks."""
_TRIGGER_EVENTS = """() => {
  const found = [];
  for (const box of document.querySelectorAll("details")) box.open = true;
  for (const link of document.querySelectorAll("a[href], area[href]")) {
    const address = link.href.baseVal ?? link.href;
    if (/^(https?|ftp|mailto):/.test(address)) continue;
    found.push(`the address ${address}`);
    link.click();
  }
  for (const element of document.querySelectorAll("main, main *")) {
    for (const name of element.getAttributeNames()) {
      if (/^on/i.test(name) && /canary|alert/.test(element.getAttribute(name))) found.push(`the handler ${name}`);
    }
    for (const type of ["mouseover", "focus"]) element.dispatchEvent(new Event(type));
  }
  return found;
}"""
"""Hovers, opens and clicks everything that could run a script."""
_IS_VISIBLE = """text => {
  const all = document.evaluate(`//main//*[text()[contains(., "${text}")]]`, document, null, 7, null);
  return [...Array(all.snapshotLength).keys()].some((i) => all.snapshotItem(i).getBoundingClientRect().height > 0);
}"""


class _PolicyHandler(QuietHandler):
    policy = ""

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()


def serve_with_policy(folder: Path, header: str) -> AbstractContextManager[str]:
    """Serve a folder under a policy; yield the address, without a slash at the end."""
    return serve(folder, type("Handler", (_PolicyHandler,), {"policy": header}))


class WatchedPage:
    """A page, and the forbidden events in it."""

    def __init__(self, page: Page, home: str, under_policy: bool = False) -> None:
        self.page = page
        self.under_policy = under_policy
        self.home = home
        self.events: list[str] = []
        page.context.add_init_script(_RECORD_EVENTS)
        page.context.on("request", self._request)
        page.on("dialog", self._dialog)
        page.on("popup", lambda other: self.events.append(f"a window: {other.url}"))
        page.on(
            "pageerror", lambda error: None if _is_mermaid_error(str(error)) else self.events.append(str(error)[:200])
        )

    def _dialog(self, dialog: Dialog) -> None:
        self.events.append("a dialog")
        dialog.dismiss()

    def _request(self, request: Request) -> None:
        if not request.url.startswith((f"{self.home}/", "data:", "blob:")):
            self.events.append(f"a request: {request.url}")

    def open(self, path: str) -> list[str]:
        """Open a page and trigger its events; return everything forbidden that happens."""
        self.events.clear()
        self.page.goto(f"{self.home}/{quote(path, safe='/?=')}")
        found_by_script = self.page.evaluate(_TRIGGER_EVENTS)
        self.page.wait_for_timeout(30)
        return [f"{path}: {event}" for event in (*found_by_script, *self.events, *self.script_events())]

    def script_events(self) -> list[str]:
        """The events that the script of the page has recorded."""
        return list(self.page.evaluate("window.__fired"))


def _is_mermaid_error(error: str) -> bool:
    """Whether Mermaid reports an invalid diagram."""
    return error.startswith(("Parse error", "Lexical error", "No diagram type", "Expecting", "Syntax error"))


@pytest.fixture(scope="module", params=["draft", "quarto"])
def hostile_site(request: pytest.FixtureRequest) -> Path:
    return Path(request.getfixturevalue(f"hostile_{request.param}")) / "_site"


@pytest.fixture(params=["open", "guarded"])
def watched_page(request: pytest.FixtureRequest, hostile_site: Path, browser: Browser) -> Iterator[WatchedPage]:
    """A page with and without the policy that a host may set: neither may depend on the other."""
    with serve_with_policy(hostile_site, policy(hostile_site) if request.param == "guarded" else "") as url:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        yield WatchedPage(context.new_page(), url, request.param == "guarded")
        context.close()


def test_no_attack_works_and_every_page_is_readable(hostile_site: Path, watched_page: WatchedPage) -> None:
    hidden = {attack for page in attack_pages(ATTACKS) for attack in attack_names(page)}
    assert len(hidden) >= 190
    failures: list[str] = []
    for number, file in enumerate(sorted(hostile_site.rglob("*.html"))):
        if watched_page.under_policy and number % 6 and "wiki" not in file.parts and not ALL_CASES:
            continue
        if "quarto-document-content" not in file.read_text(encoding="utf-8"):
            continue  # a redirect from an alias
        failures += watched_page.open(file.relative_to(hostile_site).as_posix())
        text = watched_page.page.locator("body").text_content() or ""
        for attack in [attack for attack in hidden if f"The end of {attack}." in text]:
            if watched_page.page.evaluate(_IS_VISIBLE, f"The end of {attack}."):
                hidden.remove(attack)
        assert "PWNED" not in watched_page.page.title(), file.name
    assert failures == []
    assert watched_page.under_policy or hidden == {"visibility"}, (
        "no attack's text is hidden"
    )  # except on a draft page, which is not published


def test_scripts_of_the_site_show_attacks_as_text(hostile_site: Path, watched_page: WatchedPage) -> None:
    page = watched_page.page
    failures = watched_page.open("notes/wiki/explore.html?q=element")
    page.wait_for_selector(".tw-explore[data-ready] .tw-item a:not(:empty)")
    failures += watched_page.script_events()
    failures += watched_page.open("notes/wiki/graph.html")
    page.wait_for_selector(".tw-network[data-drawn]")
    page.locator("[role=treeitem]").first.focus()
    page.wait_for_selector(".tw-network[data-drawn=true]")
    page.keyboard.press("ArrowRight")
    failures += watched_page.script_events()
    failures += watched_page.open("notes/workflow/loop.html")
    page.locator("#connections").scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    for link in page.locator("main a.tw-link:visible").all()[:8]:
        link.hover()
        page.wait_for_timeout(350)
    assert page.locator("#tw-preview").count() == 1
    failures += watched_page.script_events()
    failures += watched_page.open("notes/path/loop.html")
    page.locator(".task-list input").first.check()
    failures += watched_page.script_events()
    assert failures == []


def test_element_names_do_not_break_scripts(hostile_site: Path, watched_page: WatchedPage) -> None:
    failures = watched_page.open("notes/principle/of-scripts.html")
    page = watched_page.page
    page.locator("#connections").last.scroll_into_view_if_needed()
    page.wait_for_selector(".tw-graph[data-drawn]")
    page.locator("main a.tw-link:visible").first.hover()
    page.wait_for_selector("#tw-preview")
    assert [*failures, *watched_page.script_events()] == []


def test_search_shows_attacks_as_text(hostile_site: Path, watched_page: WatchedPage) -> None:
    page = watched_page.page
    failures = watched_page.open("index.html")
    page.locator(".tw-search-open, #quarto-search button").first.click()
    page.locator("dialog.tw-search input").fill("canary")
    page.wait_for_selector("dialog.tw-search li")
    page.wait_for_timeout(400)
    assert [*failures, *watched_page.events, *watched_page.script_events()] == []


def test_no_attack_works_from_disk(hostile_site: Path, browser: Browser) -> None:
    context = browser.new_context()
    watched_page = WatchedPage(context.new_page(), f"file://{quote(str(hostile_site))}")
    paths = ["index.html", "notes/wiki/explore.html", "notes/workflow/loop.html"]
    failures = []
    for path in paths:
        watched_page.events.clear()
        watched_page.page.goto(f"{watched_page.home}/{path}")
        watched_page.page.wait_for_timeout(200)
        failures += [*watched_page.script_events(), *watched_page.events]
    context.close()
    assert [event for event in failures if "quarto" not in event] == []
