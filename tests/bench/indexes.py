"""The index files of a namespace, ``_<Type>Index.md``: as large as real ones, and correct."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from bench.language import Language
from bench.markup import heading, table
from bench.pages import title_of

Names = Mapping[str, Sequence[str]]
Links = Mapping[str, Sequence[str]]
_SHORT = {"Implementation": "Impl"}


def index_files(owner: str, names: Names, links: Links, words: Language) -> dict[str, str]:
    """The text of each index by file name."""
    files = {}
    for kind, stems in names.items():
        if kind == "Workflow":
            body = "\n\n---\n\n".join(_workflow(name, links, words) for name in stems)
        else:
            rows = [_row(kind, name, links[name], words) for name in stems]
            body = f"## Pages\n\n{table(False, ('Page', 'File', 'Connections', 'Notes'), rows)}"
        files[f"_{kind}Index.md"] = f"# {kind} Index: {owner}\n\n> {words.phrase(6, 12)}.\n\n{body}\n"
    return files


def _row(kind: str, name: str, links: Iterable[str], words: Language) -> list[str]:
    marks = []
    for link in links:
        page_type, _, other = link.rpartition("::")[2].partition(":")
        marks.append(f"✅{_SHORT.get(page_type, page_type)}:{other}")
    return [name, f"[→](./{kind}/{name}.md)", ", ".join(marks), words.phrase(4, 8)]


def _workflow(name: str, links: Links, words: Language) -> str:
    """A workflow, and a table of what each of its steps calls, needs and returns."""
    steps = [link.partition("Principle:")[2] for link in links[name]]
    rows = [[str(i), title_of(step), step, f"`{words.name()}()`", words.name()] for i, step in enumerate(steps, 1)]
    overview = table(False, ("#", "Step Name", "Principle", "Rough API", "Related Files"), rows)
    parts = [
        f"{heading(False, 2, f'Workflow: {name}')}\n\n**File:** [→](./Workflow/{name}.md)\n"
        f"**Description:** {words.phrase(10, 16)}.\n\n### Steps Overview\n\n{overview}"
    ]
    for i, step in enumerate(steps, 1):
        attributes = {
            "**Principle**": f"`{step}`",
            "**API Call**": f"`{words.name()}({', '.join(words.name(1) + ': str' for _ in range(5))})`",
            "**Source Location**": f"`src/{words.name(1)}/{words.name()}.py:L{10 * i}-{20 * i}`",
            "**Key Parameters**": ", ".join(f"`{words.name()}: int` - {words.phrase()}" for _ in range(4)),
            "**Inputs**": words.phrase(4, 9),
            "**Outputs**": words.phrase(4, 9),
        }
        attribute_table = table(False, ("Attribute", "Value"), list(map(list, attributes.items())))
        parts.append(f"### Step {i}: {title_of(step).replace(' ', '_')}\n\n{attribute_table}")
    return "\n\n".join(parts)
