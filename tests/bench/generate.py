"""Writes realistic wikis of any size: both dialects, a namespace for every repository, a graph without faults.

The same seed writes the same bytes. ``python -m bench.generate FOLDER PAGES [SEED]``
"""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from bench.indexes import index_files
from bench.language import Language, frequencies, shared_words
from bench.pages import Plan, page, shape_of
from bench.shapes import DOMAIN_RANKS, MARKDOWN, PER_NAMESPACE, SHARES, number

Names = dict[str, list[str]]
Links = dict[str, list[str]]
_DOMAIN_WEIGHTS = list(accumulate(frequencies(max(DOMAIN_RANKS), DOMAIN_RANKS)))
_COMMON_DOMAINS = 15
"""All namespaces share their most frequent domains, and many of the others."""


def write_wiki(folder: Path, pages: int, seed: int = 1) -> None:
    """Write a wiki of ``pages`` pages (at least 10) below ``folder``, one sub-folder per namespace."""
    rng = random.Random(seed)
    shared = shared_words()
    common = Language(random.Random(rng.random()), shared)
    domains = list(dict.fromkeys(common.title() for _ in range(1000)))
    count = max(1, round(pages / PER_NAMESPACE))
    for i in range(count):
        words = Language(random.Random(rng.random()), shared)
        rare_domains = rng.sample(domains[_COMMON_DOMAINS:], max(DOMAIN_RANKS) - _COMMON_DOMAINS)
        size = pages * (i + 1) // count - pages * i // count
        owner = f"owner{i}_repo"
        _write_namespace(folder / owner, owner, size, [*domains[:_COMMON_DOMAINS], *rare_domains], words)


def _write_namespace(folder: Path, owner: str, size: int, domains: Sequence[str], words: Language) -> None:
    rng = words.rng
    names = _names(owner, size, words)
    links = _links(names, rng)
    documents = [("Doc", words.title(3), f"https://docs.example.org/{owner}/{i}") for i in range(29)]
    sources = [("Repo", words.title(), f"https://example.org/{owner}"), *documents]
    for kind, stems in names.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for i, name in enumerate(stems):
            wiki = kind != "Implementation" or i % MARKDOWN[0] not in MARKDOWN[1]
            shape = shape_of(kind, wiki)
            steps = [link.partition("Principle:")[2] for link in links[name]] if kind == "Workflow" else []
            cited = [sources[0], *rng.sample(documents, number(shape.sources, rng) - 1)]
            fields = rng.choices(domains, cum_weights=_DOMAIN_WEIGHTS, k=number(shape.domains, rng))
            updated = f"2026-{rng.randint(1, 9):02}-{rng.randint(1, 28):02}"
            plan = Plan(kind, name, wiki, links[name], steps, cited, list(dict.fromkeys(fields)), updated, rng.random())
            _write(folder / kind / f"{name}.md", page(plan, words))
    for file, text in index_files(owner, names, links, words).items():
        _write(folder / file, text)


def _names(owner: str, size: int, words: Language) -> Names:
    """Page names by type; no two are the same, whatever their type."""
    taken: set[str] = set()
    names: Names = {}
    total = sum(SHARES.values())
    counts = {kind: max(1, round(size * share / total)) for kind, share in SHARES.items()}
    counts["Implementation"] += size - sum(counts.values())
    for kind, count in counts.items():
        names[kind] = []
        while len(names[kind]) < count:
            name = f"{owner}_{words.title(2 if words.rng.random() < 0.6 else 3).replace(' ', '_')}"
            if name.lower() not in taken:
                taken.add(name.lower())
                names[kind].append(name)
    return names


def _links(names: Names, rng: random.Random) -> Links:
    """The links of each page. Every Principle is a step and implemented, every leaf is used."""
    links: Links = {name: [] for stems in names.values() for name in stems}
    workflows, principles, code = names["Workflow"], names["Principle"], names["Implementation"]
    environments = names["Environment"]
    for i, principle in enumerate(principles):
        implementation = code[i % len(code)]
        links[workflows[i * len(workflows) // len(principles)]].append(f"step::Principle:{principle}")
        links[principle].append(f"implemented_by::Implementation:{implementation}")
        links[implementation].append(f"implements::Principle:{principle}")
    for i, implementation in enumerate(code):
        if i < len(principles):
            environment = environments[i * len(environments) // len(principles)]
            links[implementation].append(f"requires_env::Environment:{environment}")
            links[environment].append(f"requires_env::Implementation:{implementation}")
        else:  # without a Principle
            links[implementation].append(f"related::Implementation:{rng.choice(code[:i])}")
    for heuristic in names["Heuristic"]:
        users = rng.sample(code[: len(principles)], min(2, len(principles)))
        links[heuristic] += [f"uses_heuristic::Implementation:{user}" for user in users]
        links[heuristic].append(f"uses_heuristic::Workflow:{rng.choice(workflows)}")
    return links


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    write_wiki(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:4]))
