"""Parse a page, and everything else that depends on its file alone. A build caches this for the next one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from .atomic import replace_file
from .audit.check import inspect_page
from .audit.context import PageFindings
from .config import Config
from .incremental import fingerprint, program
from .model import RawFile, WikiPage
from .notes.note_links import names_of_files
from .problems import Problem, problem
from .read import PageFile
from .requirements.model import PageRequirements
from .requirements.read import read_page
from .schema import ENVIRONMENT
from .text.cost import Suspicion, find_pandoc, suspicious, too_costly
from .text.markdown import fence
from .text.parse import parse

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


class ParsedPage(Struct, frozen=True):
    """A parsed page. Only the namespace depends on other pages."""

    path: str
    """Path of the file in messages."""
    content: str
    """Fingerprint of the file."""
    fingerprint: str
    """Fingerprint of all inputs of the parsed page."""
    page: WikiPage
    problems: tuple[Problem, ...]
    """Problems of the file's characters and of its front matter."""
    alone: PageFindings
    places: tuple[str, ...]
    """File names in a repository, whose paths other pages may give (see ``notes.note_links``)."""
    suspicious: bool
    """Whether pandoc might need minutes for it (see ``text.cost``)."""
    requirements: PageRequirements | None = None
    """Requirements of an Environment page."""
    stated: str = ""
    """The type that the page states (see ``open_types``)."""

    def is_of(self, file: PageFile, namespace: str) -> bool:
        """Return whether the parsed page belongs to this file and namespace. A cache shipped with a project may be
        wrong.
        """
        page = self.page
        own = (page.path, page.stem, page.root, page.page_type, page.namespace, page.id)
        stem = file.path.stem
        return own == (file.name, stem, file.root, file.page_type, namespace, f"{file.page_type}/{stem}")


def parser(config: Config) -> str:
    """Return the fingerprint of the inputs that all pages share: the program, the schema and the settings of rules."""
    schema, settings = config.schema, (config.settings.overview_limit, config.settings.remote_images)
    return fingerprint(program(), list(schema.types.values()), list(schema.edges.values()), schema, settings)


def parsed_fingerprint(parsed_by: str, file: PageFile, namespace: str, content: str) -> str:
    """Return the fingerprint of a page before it is parsed. ``content`` is that of its file."""
    return fingerprint(parsed_by, file.name, file.page_type, file.root, file.trusted, namespace, content)


def parse_page(
    raw: RawFile, about: list[Problem], namespace: str, content: str, key: str, config: Config, stated: str = ""
) -> ParsedPage:
    """Parse a page, and find its problems that do not depend on other pages.

    ``about`` are problems of its characters, ``key`` is its fingerprint, ``stated`` the type that it states.
    """
    page, problems = parse(raw, config.schema, namespace)
    alone = inspect_page(page, raw, config.schema, config.settings)
    required = config.schema.types[page.page_type].role == ENVIRONMENT
    asks = read_page(page, raw.text, tuple(config.schema.sections.items())) if required else None
    text = pandoc_text(page)
    places, suspect = names_of_files(text, page), suspicious(text) is not None
    return ParsedPage(raw.path, content, key, page, (*about, *problems), alone, places, suspect, asks, stated)
