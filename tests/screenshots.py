"""`make screenshots`: takes the README's pictures of the built sample site with the installed Chromium."""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1280, 800
QUALITY = 75
"""Of WebP: text stays sharp and a picture stays below 100 KB."""


def main() -> int:
    """Take the pictures; return 1 if there is no site or no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", type=Path, default=ROOT / "_site", metavar="DIR", help="default: _site")
    parser.add_argument("--to", type=Path, default=ROOT / "docs/images", metavar="DIR", help="default: docs/images")
    options = parser.parse_args()
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not browser or not (options.site / "index.html").is_file():
        print("build the sample site first (`make site`) and install Chromium", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    site = options.site.resolve().as_uri()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = launched.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{site}/index.html")
        page.wait_for_load_state("networkidle")
        save(page, options.to / "home.webp")
        page.goto(f"{site}/notes/principle/Low_Rank_Adaptation.html")
        connections = page.locator("#connections")
        connections.scroll_into_view_if_needed()
        page.locator(".tw-graph canvas").wait_for()
        connections.evaluate("section => window.scrollTo(0, section.getBoundingClientRect().top + scrollY - 80)")
        page.wait_for_timeout(1000)  # the graph and the labels of its edges are drawn
        save(page, options.to / "note.webp")
        launched.close()
    return 0


def save(page: Page, path: Path) -> None:
    """Save a screenshot as WebP, a format that Playwright's own screenshots lack."""
    session = page.context.new_cdp_session(page)
    shot = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    path.write_bytes(base64.b64decode(shot["data"]))
    session.detach()
    print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    sys.exit(main())
