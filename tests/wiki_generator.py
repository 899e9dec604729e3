"""Writes realistic wikis of any size: both dialects, several namespaces, and a graph without faults.

The shares of page types and the lengths of pages follow a real wiki: of 100 pages about 4 are Workflows,
30 Principles, 55 Implementations, 5 Environments and 6 Heuristics; a page has some 400 words of
prose, 30 lines of code and a table. The same seed writes the same bytes.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

SHARES = {"Workflow": 4, "Principle": 30, "Implementation": 55, "Environment": 5, "Heuristic": 6}
PER_NAMESPACE = 150
_WORDS = re.findall(
    r"\w+",
    "model layer weight gradient batch token loss memory device kernel cache shard tensor adapter rank scale"
    " quantized training inference pipeline config schedule optimizer attention checkpoint precision the of and"
    " to in for with each every when before after over under is are has keeps computes stores loads merges splits",
)


def write_wiki(folder: Path, pages: int, seed: int = 1) -> None:
    """Write a wiki of about ``pages`` pages below ``folder``, one sub-folder per namespace."""
    rng = random.Random(seed)
    count = 0
    while count < pages:
        size = min(PER_NAMESPACE, max(10, pages - count))
        owner = f"owner{count // PER_NAMESPACE}_repo"
        count += _write_namespace(folder / owner, owner, size, rng)


def _write_namespace(folder: Path, owner: str, size: int, rng: random.Random) -> int:
    names = {
        kind: [f"{owner}_{_name(rng)}_{kind[0]}{i}" for i in range(max(2, round(size * share / 100)))]
        for kind, share in SHARES.items()
    }
    links = _links(names, rng)
    for kind, stems in names.items():
        (folder / kind).mkdir(parents=True, exist_ok=True)
        for name in stems:
            write = _mediawiki if rng.random() < 0.85 else _markdown
            text = write(name, kind, links[name], rng)
            (folder / kind / f"{name}.md").write_text(text, encoding="utf-8", newline="\n")
    return sum(map(len, names.values()))


def _links(names: dict[str, list[str]], rng: random.Random) -> dict[str, list[str]]:
    """The links of each page; every Principle is a step and implemented, every leaf is used."""
    links: dict[str, list[str]] = {name: [] for stems in names.values() for name in stems}
    workflows, principles, code = names["Workflow"], names["Principle"], names["Implementation"]
    for i, principle in enumerate(principles):
        links[workflows[i % len(workflows)]].append(f"step::Principle:{principle}")
        links[principle].append(f"implemented_by::Implementation:{code[i % len(code)]}")
    for i, implementation in enumerate(code):
        links[implementation].append(f"implements::Principle:{principles[i % len(principles)]}")
        links[implementation].append(f"requires_env::Environment:{names['Environment'][i % len(names['Environment'])]}")
    for heuristic in names["Heuristic"]:
        for user in rng.sample(code, min(3, len(code))):
            links[heuristic].append(f"uses_heuristic::Implementation:{user}")
    return links


def _name(rng: random.Random) -> str:
    return "_".join(rng.choice(_WORDS[:26]).capitalize() for _ in range(2))


def _prose(rng: random.Random, words: int) -> str:
    chosen = [rng.choice(_WORDS) for _ in range(words)]
    for i in range(7, words, 17):
        chosen[i] = f"`{chosen[i]}_{i}`"
    return " ".join(chosen).capitalize() + "."


def _code(rng: random.Random, lines: int) -> str:
    return "\n".join(f"    {rng.choice(_WORDS)}_{i} = {rng.choice(_WORDS)}({i}, x=[[{i}]])" for i in range(lines))


def _mediawiki(name: str, kind: str, links: list[str], rng: random.Random) -> str:
    table = "\n".join(
        f"|-\n| `{rng.choice(_WORDS)}` || {rng.choice(_WORDS)} | None || {_prose(rng, 6)}" for _ in range(5)
    )
    items = "\n".join(f"* '''{rng.choice(_WORDS)}''': {_prose(rng, 10)}" for _ in range(8))
    related = "\n".join(f"* [[{link}]]" for link in links)
    return f"""{{| class="wikitable" style="float:right; width:300px;"
|-
! Knowledge Sources
|
* [[source::Repo|{name.split("_")[0]}|https://example.org/{name.split("_")[0]}]]
|-
! Domains
| [[domain::{rng.choice(_WORDS).capitalize()}]], [[domain::{kind}s]]
|-
! Last Updated
| [[last_updated::2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)} 14:00 GMT]]
|}}

== Overview ==
{_prose(rng, 25)}

=== Description ===
{_prose(rng, 120)}

=== Usage ===
{items}

== Code Reference ==
<syntaxhighlight lang="python">
def {rng.choice(_WORDS)}(x):
{_code(rng, 25)}
</syntaxhighlight>

== I/O Contract ==
{{| class="wikitable"
! Name !! Type !! Meaning
{table}
|}}

== Theoretical Basis ==
{_prose(rng, 120)}

== Related Pages ==
{related}
"""


def _markdown(name: str, kind: str, links: list[str], rng: random.Random) -> str:
    table = "\n".join(f"| `{rng.choice(_WORDS)}` | {rng.choice(_WORDS)} | {_prose(rng, 6)} |" for _ in range(5))
    items = "\n".join(f"- **{rng.choice(_WORDS)}**: {_prose(rng, 10)}\n  - {_prose(rng, 8)}" for _ in range(6))
    related = "\n".join(f"- [[{link}]]" for link in links)
    return f"""# {" ".join(name.split("_")[2:])}

## Overview

{_prose(rng, 25)}

## Description

{_prose(rng, 150)}

{items}

## Code

```python
def {rng.choice(_WORDS)}(x):
{_code(rng, 25)}
```

| Name | Type | Meaning |
|------|------|---------|
{table}

## Metadata

- **Domains**: {rng.choice(_WORDS).capitalize()}, {kind}s
- **Sources**: [Repo: {name.split("_")[0]}](https://example.org/{name.split("_")[0]})
- **Last Updated**: 2026-0{rng.randint(1, 9)}-1{rng.randint(0, 9)}

## Connections

{related}
"""
