"""The wikis that `make bench` generates: reproducible, without faults, and similar to real ones."""

from __future__ import annotations

from collections import Counter, defaultdict
from pathlib import Path
from statistics import mean

import pytest

from bench.generate import write_wiki
from bench.shapes import DOMAIN_RANKS, SHARES, draw
from typedwiki.author.page_names import dialect_of
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent
WEIGHTS = {"Workflow": 6188, "Principle": 5596, "Implementation": 10981, "Environment": 5865, "Heuristic": 4279}
"""Average bytes of a page of a real wiki, by type."""


def generate(folder: Path, pages: int, seed: int) -> dict[str, bytes]:
    write_wiki(folder, pages, seed)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.md")}


def test_seed_determines_every_byte(tmp_path: Path) -> None:
    first, repeated, other = (generate(tmp_path / str(i), 150, seed) for i, seed in enumerate((3, 3, 4)))
    assert first == repeated
    assert not set(first.values()) & set(other.values())


@pytest.mark.parametrize("pages", [10, 100, 400])
def test_generated_wiki_has_the_given_size_and_no_problems(tmp_path: Path, pages: int) -> None:
    write_wiki(tmp_path, pages)
    wiki = load_wiki(load_config(ROOT, [tmp_path]))
    assert wiki.problems == ()
    assert len(wiki.graph.pages) == pages
    assert {dialect_of(file) for file in wiki.context.files.values()} == {"markdown", "mediawiki"}
    assert len(wiki.context.indexes) == len(SHARES) * max(1, round(pages / 143))
    assert {edge.type for edge in wiki.graph.edges} > {"step", "implemented_by", "requires_env", "uses_heuristic"}


def test_generated_wiki_resembles_a_real_one(tmp_path: Path) -> None:
    write_wiki(tmp_path, 715)
    graph = load_wiki(load_config(ROOT, [tmp_path])).graph
    sizes = defaultdict(list)
    for page in graph.pages.values():
        sizes[page.page_type].append((ROOT / page.path).stat().st_size)
    assert {kind: len(values) for kind, values in sizes.items()} == {kind: 5 * n for kind, n in SHARES.items()}
    assert {kind: mean(values) for kind, values in sizes.items()} == pytest.approx(WEIGHTS, rel=0.15)
    assert max(sizes["Implementation"]) > 4 * min(sizes["Implementation"])
    steps = Counter(edge.source for edge in graph.edges if edge.type == "step")
    assert set(steps.values()) == {7, 8}
    domains = Counter(domain for page in graph.pages.values() for domain in page.domains)
    assert domains.most_common(1)[0][1] > 5 * domains.most_common(12)[-1][1]
    assert len(domains) > max(DOMAIN_RANKS)


def test_drawn_values_interpolate_measured_ones() -> None:
    expected = {0: 1, 0.05: 1.5, 0.1: 2, 0.3: 3, 0.5: 4, 0.9: 8, 0.95: 14, 1: 20}
    assert {quantile: draw((1, 2, 4, 8, 20), quantile) for quantile in expected} == pytest.approx(expected)
