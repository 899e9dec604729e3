"""One page of each type, with the sections of real pages of that type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.language import Language
from bench.markup import bold, bullet_list, code, heading, infobox, metadata, table
from bench.shapes import SHAPES, Quantiles, Shape, number

Sources = Sequence[tuple[str, str, str]]
Sections = list[str]
PACKAGES = {"torch": "2.2", "numpy": "1.26", "tokenizers": "0.22.0", "safetensors": "0.4.3", "accelerate": "1.1.0"}


@dataclass(frozen=True)
class Plan:
    """A page to be written."""

    kind: str
    name: str
    wiki: bool
    links: Sequence[str]
    steps: Sequence[str]
    """A Workflow's Principles."""
    sources: Sources
    domains: Sequence[str]
    updated: str
    size: float
    """0 to 1: how large it is among pages of its type."""


def page(plan: Plan, words: Language) -> str:
    """The text of a page."""
    shape = shape_of(plan.kind, plan.wiki)
    wiki = plan.wiki
    overview = words.prose(number(shape.overview, words.rng), shape.inline)
    title = "" if wiki else f"# {title_of(plan.name)}\n\n"
    infobox_text = infobox(plan.sources, plan.domains, plan.updated) if wiki else ""
    head = [part for part in (infobox_text, f"{heading(wiki, 2, 'Overview')}\n{overview}") if part]
    body = _WRITERS[plan.kind](plan, shape, words)
    tail = [] if wiki else [metadata(plan.sources, plan.domains, plan.updated)]
    return title + "\n\n".join([*head, *body, *tail, _related(plan)]) + "\n"


def shape_of(kind: str, wiki: bool) -> Shape:
    return SHAPES.get(kind if wiki else f"{kind} (Markdown)", SHAPES[kind])


def title_of(name: str) -> str:
    """A page's name without its namespace."""
    return " ".join(name.split("_")[2:])


def _related(plan: Plan) -> str:
    head = heading(plan.wiki, 2, "Related Pages")
    return f"{head}\n{bullet_list(plan.wiki, [f'[[{link}]]' for link in plan.links])}"


def _paragraphs(shape: Shape, words: Language, size: float) -> str:
    count = number(shape.paragraphs, words.rng, size)
    return "\n\n".join(words.prose(number(shape.paragraph, words.rng, size), shape.inline) for _ in range(count))


def _random_list(wiki: bool, count: int, words: Language, nested: float = 0.0) -> str:
    points = []
    for i in range(count):
        if i and words.rng.random() < nested:
            points.append(f" {words.phrase(4, 8)}")
        else:
            points.append(f"{bold(wiki, words.title())}: {words.phrase(4, 9)}" if i % 2 else words.phrase(5, 10))
    return bullet_list(wiki, points)


def _description(plan: Plan, shape: Shape, words: Language, items: int) -> Sections:
    wiki, level = plan.wiki, 3 if plan.wiki else 2
    usage = words.prose(140, shape.inline) + (f"\n\n{_random_list(wiki, items, words)}" if items else "")
    return [
        f"{heading(wiki, level, 'Description')}\n{_paragraphs(shape, words, plan.size)}",
        f"{heading(wiki, level, 'Usage')}\n{usage}",
    ]


def _rows(words: Language, rows: Quantiles, size: float, first: Callable[[], str]) -> list[list[str]]:
    count = max(1, number(rows, words.rng, size))
    return [[first(), words.name(1), words.phrase(1, 2), words.phrase(3, 8)] for _ in range(count)]


def _workflow(plan: Plan, shape: Shape, words: Language) -> Sections:
    wiki = plan.wiki
    sections = _description(plan, shape, words, number(shape.items, words.rng))
    sections.append(heading(wiki, 2, "Execution Steps"))
    for i, step in enumerate(plan.steps, 1):
        text = words.prose(number(shape.paragraph, words.rng, 0.3))
        points = bullet_list(wiki, [words.phrase(4, 9) for _ in range(words.rng.randint(4, 6))])
        label = bold(wiki, f"{words.title(1)}:")
        head = heading(wiki, 3, f"Step {i}: {title_of(step)}")
        sections.append(f"{head}\n[[step::Principle:{step}]]\n\n{text}\n\n{label}\n{points}")
    boxes = [f"{chr(65 + i)}[{title_of(step)}]" for i, step in enumerate(plan.steps)]
    arrows = "\n".join(f"    {a} --> {b[0]}" for a, b in zip(boxes, [*boxes[1:], "Z"], strict=True))
    return [*sections, f"{heading(wiki, 2, 'Execution Diagram')}\n{{{{#mermaid:graph TD\n{arrows}\n}}}}"]


def _principle(plan: Plan, shape: Shape, words: Language) -> Sections:
    items = number(shape.items, words.rng, plan.size)
    parts = [f"{heading(True, 2, 'Theoretical Basis')}\n{words.prose(150)}"]
    blocks = number(shape.code, words.rng, plan.size)
    for i in range(blocks):
        label = heading(True, 3, words.title(3)) if blocks > 6 else bold(True, words.title())
        parts.append(f"{label}\n\n{words.prose(40)}\n<pre>\n{words.block(shape.lines)}\n</pre>")
        if i == 3:
            parts.append(words.prose(300))
    if not blocks:
        numbered = [f"{i}. {bold(True, words.title())}: {words.phrase(5, 9)}" for i in range(1, 7)]
        nested = [f"{line}\n   * {words.phrase()}\n   * {words.phrase()}" for line in numbered]
        fence = words.block((7, 12, 32, 59, 64))
        parts += ["\n".join(nested), f"{bold(True, 'Pseudocode')}:\n```\n{fence}\n```"]
    return [
        *_description(plan, shape, words, min(items, 12)),
        *parts,
        _random_list(True, max(0, items - 12) or 1, words, 0.5),
    ]


def _implementation(plan: Plan, shape: Shape, words: Language) -> Sections:
    wiki, size = plan.wiki, plan.size
    items = number(shape.items, words.rng, size)
    blocks = max(3, number(shape.code, words.rng, size))
    file = f"src/{words.name(1)}/{words.name()}.py"
    first = words.rng.randrange(900)
    where = [f"{bold(wiki, 'File:')} {file}", f"{bold(wiki, 'Lines:')} {first}-{first + words.rng.randint(8, 200)}"]
    sections = _description(plan, shape, words, min(items, 12))
    sections += [
        heading(wiki, 2, "Code Reference"),
        f"{heading(wiki, 3, 'Source Location')}\n{bullet_list(wiki, where)}",
        f"{heading(wiki, 3, 'Signature')}\n{code(wiki, words.block((4, 6, 16, 36, 60)))}",
        f"{heading(wiki, 3, 'Import')}\n{code(wiki, f'from {words.name(1)}.{words.name()} import {words.name()}')}",
    ]
    points = max(0, items - 12)
    for _ in range(0 if wiki else 5):  # functions, each with its parameters
        text = (
            f"{words.prose(70)}\n\n{bold(wiki, 'Parameters')}:\n{_random_list(wiki, max(1, points // 5), words, 0.6)}"
        )
        sections.append(f"{heading(wiki, 4, f'`{words.name()}({words.name(1)}: str) -> list`')}\n\n{text}")
    sections.append(heading(wiki, 2, "I/O Contract"))
    for name in ("Inputs", "Outputs"):
        rows = _rows(words, shape.rows, size if name == "Inputs" else 0.1, lambda: f"`{words.name()}`")
        columns = ("Name", "Type", "Required", "Description")
        sections.append(f"{heading(wiki, 3, name)}\n{table(wiki, columns, rows)}")
    sections.append(heading(wiki, 2, "Usage Examples"))
    for _ in range(blocks - 2):
        sections.append(f"{heading(wiki, 3, words.title(3))}\n{code(wiki, words.block(shape.lines))}")
    return sections


def _environment(plan: Plan, shape: Shape, words: Language) -> Sections:
    wiki, rng = plan.wiki, words.rng
    needs = [["OS", "Linux, Windows, macOS", words.phrase()], ["Python", "Python >= 3.10", words.phrase()]]
    needs += [[words.title(1), words.phrase(2, 4), words.phrase()] for _ in range(number(shape.rows, rng) - 2)]
    packages = [f"`{name}` >= {version} - {words.phrase()}" for name, version in PACKAGES.items()]
    errors = [[f"`{words.title(1)}Error: {words.phrase()}`", words.phrase(), words.phrase()] for _ in range(5)]
    sections = _description(plan, shape, words, 0)
    sections_by_title = {
        "System Requirements": table(wiki, ("Category", "Requirement", "Notes"), needs),
        "Dependencies": f"{heading(wiki, 3, 'Python Packages')}\n{bullet_list(wiki, packages)}",
        "Credentials": bullet_list(wiki, [f"`{words.name().upper()}`: {words.phrase(4, 8)}" for _ in range(4)]),
        "Quick Install": code(
            wiki,
            f"# {words.phrase()}\npip install {' '.join(f'{name}>={version}' for name, version in PACKAGES.items())}",
            "bash",
        ),
    }
    evidence = [
        f"{words.phrase()} from `{words.name()}.py:L{rng.randrange(900)}`:\n\n{code(wiki, words.block(shape.lines))}"
        for _ in range(max(1, number(shape.code, rng) - 1))
    ]
    sections_by_title |= {
        "Code Evidence": "\n\n".join(evidence),
        "Common Errors": table(wiki, ("Error Message", "Cause", "Solution"), errors),
        "Compatibility Notes": _random_list(wiki, number(shape.items, rng), words),
    }
    return sections + [f"{heading(wiki, 2, head)}\n\n{text}" for head, text in sections_by_title.items()]


def _heuristic(plan: Plan, shape: Shape, words: Language) -> Sections:
    wiki, rng = plan.wiki, words.rng
    insight = [f"{bold(wiki, f'{word}:')} {words.prose(70, shape.inline)}" for word in ("Action", "Value", "Trade-off")]
    numbered = "\n".join(f"{i}. {words.phrase()}" for i in range(1, 5))
    blocks = [code(wiki, words.block(shape.lines)) for _ in range(max(2, number(shape.code, rng)))]
    rows = _rows(words, shape.rows, 0.5, words.title)
    points = _random_list(wiki, number(shape.items, rng, plan.size), words)
    sections_by_title = {
        "The Insight (Rule of Thumb)": bullet_list(wiki, insight),
        "Reasoning": f"{words.prose(150, shape.inline)}\n{numbered}\n\n{points}",
        "Code Evidence": f"From `{words.name()}.py:L{rng.randrange(900)}`:\n\n{blocks[0]}",
        "Example Usage": "\n\n".join(blocks[1:]),
        "Comparison": table(wiki, ("Option", "Kind", "Effect", "Notes"), rows),
    }
    sections = _description(plan, shape, words, 0)
    return sections + [f"{heading(wiki, 2, head)}\n\n{text}" for head, text in sections_by_title.items()]


_WRITERS = {
    "Workflow": _workflow,
    "Principle": _principle,
    "Implementation": _implementation,
    "Environment": _environment,
    "Heuristic": _heuristic,
}
