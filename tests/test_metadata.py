"""Dates, sources and domains in all the forms that authors use."""

from __future__ import annotations

from datetime import date

import pytest

from typedwiki.model import RawFile, Source
from typedwiki.schema import load
from typedwiki.text.metadata import Metadata, parse_date, parse_source, repository_url, title_of
from typedwiki.text.parse import parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-12-18", date(2025, 12, 18)),
        ("2025-12-18 14:00 GMT", date(2025, 12, 18)),
        ("2025-12-18T14:00:00Z", date(2025, 12, 18)),
        ("2025/12/18", date(2025, 12, 18)),
        ("18 December 2025", date(2025, 12, 18)),
        ("December 18, 2025", date(2025, 12, 18)),
        ("Dec. 18, 2025", date(2025, 12, 18)),
        ("December 18th, 2025", date(2025, 12, 18)),
        ("18.12.2025", date(2025, 12, 18)),
        ("03/04/2025", date(2025, 4, 3)),
        ("12/18/2025", date(2025, 12, 18)),
        ("December 2025", date(2025, 12, 1)),
        ("2025-12", date(2025, 12, 1)),
        ("2025", date(2025, 1, 1)),
        ("1655277913934", date(2022, 6, 15)),
        ("2025-13-40", None),
        ("last week", None),
        ("", None),
    ],
)
def test_parse_date(text: str, expected: date | None) -> None:
    assert parse_date(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("[Paper: QLoRA](https://arxiv.org/abs/2305.14314)", Source("Paper", "QLoRA", "https://arxiv.org/abs/2305.14314")),
        ("[QLoRA](https://arxiv.org/abs/2305.14314)", Source("Paper", "QLoRA", "https://arxiv.org/abs/2305.14314")),
        ("**Doc**: [Guide](https://x.org/g)", Source("Doc", "Guide", "https://x.org/g")),
        ("- Guide: <https://x.org/a_(b)>", Source("Web", "Guide", "https://x.org/a_(b)")),
        ("https://arxiv.org/abs/2305.14314", Source("Paper", "arXiv:2305.14314", "https://arxiv.org/abs/2305.14314")),
        ("https://github.com/huggingface/peft", Source("Repo", "huggingface/peft", "https://github.com/huggingface/peft")),
        ("https://x.org/some-long_title.html", Source("Web", "some long title (x.org)", "https://x.org/some-long_title.html")),
        ("Book: Deep Learning", Source("Book", "Deep Learning")),
        ("Note: this is prose", None),
        ("nothing", None),
    ],
)  # fmt: skip
def test_parse_source(text: str, expected: Source | None) -> None:
    assert parse_source(text) == expected


def test_title_of_a_bare_host() -> None:
    assert title_of("https://www.example.org/") == "example.org"


def test_domains_are_split_and_deduplicated() -> None:
    metadata = Metadata()
    assert metadata.add_field("**Domains**", "Deep_Learning, deep learning; Data")
    assert metadata.domains == ["Deep Learning", "Data"]


def test_unknown_fields_are_refused() -> None:
    metadata = Metadata()
    assert not metadata.add_field("Confidence", "high")
    assert not metadata.add_field("Last Updated", "last week")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("huggingface/peft", "https://github.com/huggingface/peft"),
        ("[peft](https://gitlab.com/a/b.git)", "https://gitlab.com/a/b"),
        ("our own", ""),
    ],
)
def test_repository_url(text: str, expected: str) -> None:
    assert repository_url(text) == expected


@pytest.mark.parametrize("name", ["Connections", "Sources", "Metadata", "Overview"])
@pytest.mark.parametrize("mark", ["## {}", "== {} =="])
def test_page_may_end_with_an_empty_section(name: str, mark: str) -> None:
    text = f"{mark.format('Notes')}\n\nText.\n\n{mark.format(name)}"
    page, _ = parse(RawFile("w/Principle/A.md", "Principle", "A", "w", text), load(), "")
    assert page.content.strip().endswith("Text.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$\\eta$ is the heat\nthat $\\frac{a}{b}$ loses.", "… is the heat that … loses."),
        ("$$\n\\alpha = 1\n$$\n\nThe law of ovens.", "The law of ovens."),
        ("The sum $$\n\\sum_i x_i\n$$ of it.", "The sum … of it."),
        ("At $x$ and $y_1$, in `$\\x$`, from $5 to $6.", "At x and y_1, in $\\x$, from $5 to $6."),
        ("$\\eta$", ""),
    ],
)
def test_formulas_in_overviews_are_replaced(text: str, expected: str) -> None:
    raw = RawFile("w/Principle/Oven.md", "Principle", "Oven", "w", f"# Oven\n\n## Overview\n{text}\n\n## Use\nx\n")
    assert parse(raw, load())[0].overview == expected
