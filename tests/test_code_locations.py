"""Locations in source files are linked to the repository that a page names."""

from __future__ import annotations

import pytest

from typedwiki.model import Source, WikiPage
from typedwiki.notes.note_links import file_index, locations

REPO = "https://github.com/acme/kit"
PAGE = WikiPage(
    id="Implementation/A",
    page_title="A",
    page_type="Implementation",
    overview="",
    content="See `src/kit/trainer.py`.",
    sources=(Source("Repo", "acme/kit", REPO),),
    commit="abc123",
)
BLOB = f"{REPO}/blob/abc123"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("`src/kit/loss.py:L3-9`", f"{BLOB}/src/kit/loss.py#L3-L9"),
        ("`src/kit/loss.py:12`", f"{BLOB}/src/kit/loss.py#L12-L12"),
        ("`trainer.py:L279-284`", f"{BLOB}/src/kit/trainer.py#L279-L284"),
        ("**File:** src/kit/loss.py:L1-9, and", f"{BLOB}/src/kit/loss.py#L1-L9"),
        (r"src/kit/my\_loss.py:L4", f"{BLOB}/src/kit/my_loss.py#L4-L4"),
        ("`unknown.py:L3`", ""),
        ("src/kit/loss.py:12", ""),
        ("https://example.org/src/loss.py:L3", ""),
        ("[here](src/kit/loss.py:L3)", ""),
        ("```\nsrc/kit/loss.py:L3\n```", ""),
    ],
)
def test_location_links_to_the_repository(text: str, address: str) -> None:
    assert list(locations(text, PAGE, file_index([PAGE])).values()) == ([address] if address else [])


def test_no_location_is_linked_without_a_repository() -> None:
    page = WikiPage("Heuristic/B", "B", "Heuristic", "", "")
    assert locations("`src/kit/loss.py:L3`", page, {}) == {}
