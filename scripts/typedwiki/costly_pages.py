"""Replace pages on which pandoc would spend minutes by their plain text, so all others are built."""

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
"""Results for suspicious texts, by hash. Measuring one takes up to five seconds."""


def pandoc_text(page: WikiPage) -> str:
    """Return all text of a page that pandoc reads."""
    return "\n\n".join(filter(None, (page.lead, page.content, page.connections_text, page.sources_text)))


def replace_costly_pages(
    pages: Iterable[WikiPage], suspects: Collection[str], files: Mapping[str, RawFile], project: Path
) -> tuple[list[WikiPage], list[Problem]]:
    """Replace the content of pages that cost too much by one block of code. Return all pages, and the problems.

    ``suspects`` are the paths of pages that are ``suspicious``.
    """
    old_verdicts = _load_verdicts(project)
    new_verdicts: dict[str, str] = {}
    result: list[WikiPage] = []
    problems: list[Problem] = []
    for page in pages:
        if page.path not in suspects:
            result.append(page)
            continue
        text = pandoc_text(page)
        suspicion = suspicious(text)
        verdict = ""
        if suspicion:
            key = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
            verdict = new_verdicts[key] = old_verdicts[key] if key in old_verdicts else _measure(text, suspicion)
        if not suspicion or not verdict:
            result.append(page)
            continue
        file = files[page.id]
        line = _line(text, suspicion.offset, file.text)
        message = f"{suspicion.reason}: to show it {verdict}; the page shows it as text"
        problems.append(
            problem("H004", page.path, line, 1, message, "close the brackets, or split the table or the page")
        )
        code = fence(file.text.strip("\n"))
        result.append(replace(page, lead="", content=code, connections_text="", sources_text="", minutes=0))
    if new_verdicts != old_verdicts and (new_verdicts or old_verdicts):
        replace_file(project / VERDICTS, json.dumps(new_verdicts, indent=1).encode())
    return result, problems


def _measure(text: str, suspicion: Suspicion) -> str:
    pandoc = find_pandoc()
    return too_costly(text, pandoc) if pandoc else f"may take minutes, since it {suspicion.reason}"


def _load_verdicts(project: Path) -> dict[str, str]:
    try:
        data = json.loads((project / VERDICTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}


def _line(text: str, offset: int, source: str) -> int:
    """Return the line of a file that an offset in its Markdown comes from, found by its first words."""
    words = text[offset : offset + 40].strip().partition("\n")[0]
    at = source.find(words) if words else -1
    return source.count("\n", 0, at) + 1 if at >= 0 else 1
