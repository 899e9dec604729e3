"""Places in source files, linked to the repository that a page names."""

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
AT = f"{REPO}/blob/abc123"


@pytest.mark.parametrize(
    ("text", "leads_to"),
    [
        ("`src/kit/loss.py:L3-9`", f"{AT}/src/kit/loss.py#L3-L9"),
        ("`src/kit/loss.py:12`", f"{AT}/src/kit/loss.py#L12-L12"),
        ("`trainer.py:L279-284`", f"{AT}/src/kit/trainer.py#L279-L284"),
        ("**File:** src/kit/loss.py:L1-9, and", f"{AT}/src/kit/loss.py#L1-L9"),
        (r"src/kit/my\_loss.py:L4", f"{AT}/src/kit/my_loss.py#L4-L4"),
        ("`unknown.py:L3`", ""),
        ("src/kit/loss.py:12", ""),
        ("https://example.org/src/loss.py:L3", ""),
        ("[here](src/kit/loss.py:L3)", ""),
        ("```\nsrc/kit/loss.py:L3\n```", ""),
    ],
)
def test_places_lead_to_the_repository(text: str, leads_to: str) -> None:
    assert list(locations(text, PAGE, file_index([PAGE])).values()) == ([leads_to] if leads_to else [])


def test_without_a_repository_nothing_is_linked() -> None:
    page = WikiPage("Heuristic/B", "B", "Heuristic", "", "")
    assert locations("`src/kit/loss.py:L3`", page, {}) == {}
