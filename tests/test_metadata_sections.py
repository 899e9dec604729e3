"""Metadata that is written as sections, in Markdown and as MediaWiki is converted to it."""

from __future__ import annotations

from datetime import date

import pytest

from typedwiki.model import Source
from typedwiki.text.metadata_sections import metadata_of, overview_below


@pytest.mark.parametrize(
    ("line", "source"),
    [
        ("- **Repository:** [The mill](https://example.org/mill)", Source("Repo", "The mill", "https://example.org/mill")),
        ("-   **Repository:** [The mill](<https://example.org/mill>)", Source("Repo", "The mill", "https://example.org/mill")),
        ("* **Documentation**: [Milling](https://example.org/docs)", Source("Doc", "Milling", "https://example.org/docs")),
        ("* **Repository:** [https://example.org/mill The mill]", Source("Repo", "The mill", "https://example.org/mill")),
        ("- Paper: [On Grain](https://example.org/p.pdf)", Source("Paper", "On Grain", "https://example.org/p.pdf")),
        ("- [The mill](https://github.com/a/mill)", Source("Repo", "The mill", "https://github.com/a/mill")),
        ("- **Field notes:** [Day one](https://example.org/1)", Source("Field notes", "Day one", "https://example.org/1")),
        ("- [[source::Repo|The mill|https://example.org/mill]]", Source("Repo", "The mill", "https://example.org/mill")),
        ("- **Book:** The Miller's Guide", Source("Book", "The Miller's Guide", "")),
        ("**Repository:** https://github.com/a/mill", Source("Repo", "a/mill", "https://github.com/a/mill")),
    ],
)  # fmt: skip
@pytest.mark.parametrize("title", ["Knowledge Sources", "Sources", "References"])
def test_sources(title: str, line: str, source: Source) -> None:
    read = metadata_of([(0, "", []), (2, title, ["", line, ""])])
    assert read.sources == (source,)
    assert read.consumed == {1}


def test_a_label_with_items_below_it_names_their_type_and_what_is_no_source_is_left() -> None:
    body = [
        "- **Papers:**",
        "    - [One](https://example.org/1)",
        "    - [Two](https://example.org/2)",
        "- ask the miller",
    ]
    read = metadata_of([(2, "Knowledge Sources", body)])
    assert [(s.type, s.title) for s in read.sources] == [("Paper", "One"), ("Paper", "Two")]
    assert read.remaining[0] == ("- ask the miller",)
    assert not read.consumed


def test_what_a_line_says_beside_its_source_is_left_and_so_are_definitions() -> None:
    body = [
        "- A. Miller, [On grain](https://example.org/g). Mill Press, 1999.",
        "- Book: [Flour](https://example.org/f)",
        "[^1]: [Bran](https://example.org/b)",
        "    more at https://example.org/more",
        "[k]: https://example.org/k",
    ]
    read = metadata_of([(2, "References", body)])
    assert [source.title for source in read.sources] == ["On grain", "Flour"]
    assert read.remaining[0] == (body[0], *body[2:])


@pytest.mark.parametrize(
    ("body", "domains"),
    [
        (["- [[Grain Handling]]", "- [[Baking]]"], ("Grain Handling", "Baking")),
        (["-   [[Grain_Handling]]"], ("Grain Handling",)),
        (["* [[:Category:Baking|Baking]]"], ("Baking",)),
        (["[[domain::Baking]], [[domain::Grain_Handling]]"], ("Baking", "Grain Handling")),
        (["Baking, Grain Handling, Baking"], ("Baking", "Grain Handling")),
        (["- Baking", "- `Grain_Handling`"], ("Baking", "Grain Handling")),
        (["- [Baking](../Topic/Baking.md)"], ("Baking",)),
        (["**Baking** · Milling"], ("Baking", "Milling")),
    ],
)
@pytest.mark.parametrize("title", ["Domains", "Domain", "Tags"])
def test_domains(title: str, body: list[str], domains: tuple[str, ...]) -> None:
    read = metadata_of([(2, title, ["", *body, ""])])
    assert read.domains == domains
    assert read.consumed == {0}


@pytest.mark.parametrize(
    "line",
    [
        "2025-12-18",
        "2025-12-18 14:00 GMT",
        "- 18 December 2025",
        "[[last_updated::2025-12-18 14:00 GMT]]",
        "**2025-12-18**",
    ],
)
def test_dates(line: str) -> None:
    read = metadata_of([(2, "Last Updated", ["", line])])
    assert read.last_updated == date(2025, 12, 18)
    assert read.consumed == {0}


@pytest.mark.parametrize(
    "section",
    [
        (2, "Domains", ["The domains of a function are the values that it takes. They matter here."]),
        (2, "Last Updated", ["Somebody should update this page soon."]),
        (2, "Sources", ["Grain comes from many sources."]),
        (3, "Domains", ["- Baking"]),
        (2, "Domains of grain", ["- Baking"]),
        (2, "Domains", [""]),
    ],
)
def test_sections_that_only_sound_like_metadata_stay(section: tuple[int, str, list[str]]) -> None:
    read = metadata_of([section])
    assert (read.domains, read.sources, read.last_updated, dict(read.remaining)) == ((), (), None, {})


def test_the_first_date_counts_and_everything_once() -> None:
    read = metadata_of(
        [
            (2, "Last Updated", ["2025-01-01"]),
            (2, "Updated", ["2026-01-01"]),
            (2, "Tags", ["a"]),
            (2, "Domains", ["A, b"]),
        ]
    )
    assert read.last_updated == date(2025, 1, 1)
    assert read.domains == ("a", "b")


@pytest.mark.parametrize(
    ("sections", "found"),
    [
        ([(2, "Overview", [""]), (3, "A", ["", "Mills grind.", "Slowly.", "", "More."])], (1, "Mills grind.\nSlowly.")),
        ([(2, "Overview", []), (3, "A", ["- list"]), (3, "B", ["Mills grind."])], (2, "Mills grind.")),
        ([(2, "Overview", ["Own words."]), (3, "A", ["Mills grind."])], None),
        ([(2, "Overview", []), (2, "Details", ["Mills grind."])], None),
        ([(2, "Details", []), (3, "A", ["Mills grind."])], None),
    ],
)  # fmt: skip
def test_an_overview_of_subsections_takes_its_summary_from_below(
    sections: list[tuple[int, str, list[str]]], found: tuple[int, str] | None
) -> None:
    assert overview_below(sections) == found
