"""Metadata written as sections, in Markdown and in converted MediaWiki."""

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
    metadata = metadata_of([(0, "", []), (2, title, ["", line, ""])])
    assert metadata.sources == (source,)
    assert metadata.consumed == {1}


def test_label_gives_the_type_of_its_items_and_other_items_remain() -> None:
    body = [
        "- **Papers:**",
        "    - [One](https://example.org/1)",
        "    - [Two](https://example.org/2)",
        "- ask the miller",
    ]
    metadata = metadata_of([(2, "Knowledge Sources", body)])
    assert [(s.type, s.title) for s in metadata.sources] == [("Paper", "One"), ("Paper", "Two")]
    assert metadata.remaining[0] == ("- ask the miller",)
    assert not metadata.consumed


def test_text_beside_a_source_and_definitions_remain() -> None:
    body = [
        "- A. Miller, [On grain](https://example.org/g). Mill Press, 1999.",
        "- Book: [Flour](https://example.org/f)",
        "[^1]: [Bran](https://example.org/b)",
        "    more at https://example.org/more",
        "[k]: https://example.org/k",
    ]
    metadata = metadata_of([(2, "References", body)])
    assert [source.title for source in metadata.sources] == ["On grain", "Flour"]
    assert metadata.remaining[0] == (body[0], *body[2:])


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
    metadata = metadata_of([(2, title, ["", *body, ""])])
    assert metadata.domains == domains
    assert metadata.consumed == {0}


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
    metadata = metadata_of([(2, "Last Updated", ["", line])])
    assert metadata.last_updated == date(2025, 12, 18)
    assert metadata.consumed == {0}


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
def test_sections_that_resemble_metadata_are_kept(section: tuple[int, str, list[str]]) -> None:
    metadata = metadata_of([section])
    assert (metadata.domains, metadata.sources, metadata.last_updated, dict(metadata.remaining)) == ((), (), None, {})


def test_first_date_counts_and_domains_are_deduplicated() -> None:
    metadata = metadata_of(
        [
            (2, "Last Updated", ["2025-01-01"]),
            (2, "Updated", ["2026-01-01"]),
            (2, "Tags", ["a"]),
            (2, "Domains", ["A, b"]),
        ]
    )
    assert metadata.last_updated == date(2025, 1, 1)
    assert metadata.domains == ("a", "b")


@pytest.mark.parametrize(
    ("sections", "expected"),
    [
        ([(2, "Overview", [""]), (3, "A", ["", "Mills grind.", "Slowly.", "", "More."])], (1, "Mills grind.\nSlowly.")),
        ([(2, "Overview", []), (3, "A", ["- list"]), (3, "B", ["Mills grind."])], (2, "Mills grind.")),
        ([(2, "Overview", ["Own words."]), (3, "A", ["Mills grind."])], None),
        ([(2, "Overview", []), (2, "Details", ["Mills grind."])], None),
        ([(2, "Details", []), (3, "A", ["Mills grind."])], None),
    ],
)  # fmt: skip
def test_overview_without_text_uses_its_first_subsection(
    sections: list[tuple[int, str, list[str]]], expected: tuple[int, str] | None
) -> None:
    assert overview_below(sections) == expected
