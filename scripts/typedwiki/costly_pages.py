"""Pages that would hold pandoc for minutes: shown as text, so that all others are built."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from .atomic import replace_file
from .model import RawFile, WikiPage
from .problems import Problem, problem
from .text.cost import Suspicion, find_pandoc, suspicious, too_costly
from .text.markdown import fence

VERDICTS = Path(".typedwiki/cost.json")
"""What pandoc has said of suspicious texts, by a hash of each: to find out costs up to five seconds."""


def text_of(page: WikiPage) -> str:
    """Everything of a page that pandoc reads."""
    return "\n\n".join(filter(None, (page.lead, page.content, page.connections_text, page.sources_text)))


def with_costly_as_text(
    pages: Iterable[WikiPage], suspects: Collection[str], files: Mapping[str, RawFile], project: Path
) -> tuple[list[WikiPage], list[Problem]]:
    """The pages, those that would cost too much as one block of code each, and what is to be said of them.

    ``suspects`` are the paths of pages that are ``suspicious``."""
    known = _verdicts(project)
    asked: dict[str, str] = {}
    kept: list[WikiPage] = []
    problems: list[Problem] = []
    for page in pages:
        if page.path not in suspects:
            kept.append(page)
            continue
        text = text_of(page)
        suspicion = suspicious(text)
        verdict = ""
        if suspicion:
            key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            verdict = asked[key] = known[key] if key in known else _verdict(text, suspicion)
        if not suspicion or not verdict:
            kept.append(page)
            continue
        file = files[page.id]
        line = _line(text, suspicion.offset, file.text)
        message = f"{suspicion.reason}: to show it {verdict}; the page shows it as text"
        problems.append(
            problem("H004", page.path, line, 1, message, "close the brackets, or split the table or the page")
        )
        shown = fence(file.text.strip("\n"))
        kept.append(replace(page, lead="", content=shown, connections_text="", sources_text="", minutes=0))
    if asked != known and (asked or known):
        replace_file(project / VERDICTS, json.dumps(asked, indent=1).encode())
    return kept, problems


def _verdict(text: str, suspicion: Suspicion) -> str:
    pandoc = find_pandoc()
    return too_costly(text, pandoc) if pandoc else f"may take minutes, since it {suspicion.reason}"


def _verdicts(project: Path) -> dict[str, str]:
    try:
        data = json.loads((project / VERDICTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}


def _line(text: str, offset: int, source: str) -> int:
    """The line of a file at which what stands at an offset of its Markdown begins, as near as its words tell."""
    words = text[offset : offset + 40].strip().partition("\n")[0]
    at = source.find(words) if words else -1
    return source.count("\n", 0, at) + 1 if at >= 0 else 1
