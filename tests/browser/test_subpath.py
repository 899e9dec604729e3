"""The site below a path of a host, as on GitHub Pages: https://user.github.io/repo/."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page

from .conftest import serve

if TYPE_CHECKING:
    from .conftest import Site

pytestmark = pytest.mark.browser


@pytest.fixture
def subpath_address(site: Site) -> Iterator[str]:
    with serve(site.folder.parent) as url:
        yield f"{url}/{site.folder.name}"


def test_site_works_below_a_path(site: Site, page: Page, subpath_address: str) -> None:
    failed: list[str] = []
    page.on("response", lambda response: failed.append(response.url) if response.status >= 400 else None)
    for path in [*site.note_pages, "/notes/wiki/graph.html"]:
        page.goto(subpath_address + path)
        page.wait_for_load_state("networkidle")
    page.goto(f"{subpath_address}/notes/wiki/explore.html")
    link = page.locator(".tw-item a.tw-link[href]:visible").first
    title = link.inner_text()
    link.click()
    page.wait_for_load_state()
    assert page.url.startswith(f"{subpath_address}/notes/")
    assert page.locator("h1.title").inner_text() == title
    assert failed == []
