"""A page as it was parsed, with all else that its file alone decides: what a build keeps of it for the next."""

from __future__ import annotations

from dataclasses import dataclass

from .audit.check import inspect_page
from .audit.context import PageFindings
from .config import Config
from .costly_pages import pandoc_text
from .fingerprint import fingerprint, program
from .model import RawFile, WikiPage
from .notes.code_references import names_of_files
from .problems import Problem
from .read import PageFile
from .requirements.model import PageRequirements
from .requirements.read import read_page
from .schema import ENVIRONMENT
from .text.cost import suspicious
from .text.parse import parse


@dataclass(frozen=True, slots=True)
class ParsedPage:
    """Nothing here depends on other pages, but for the namespace."""

    path: str
    """As messages name the file."""
    content: str
    """Fingerprint of the file."""
    fingerprint: str
    """Of all that decides what follows."""
    page: WikiPage
    problems: tuple[Problem, ...]
    """Of the file's characters and of its front matter."""
    alone: PageFindings
    places: tuple[str, ...]
    """Names of files of a repository whose paths other pages may know (see ``notes.code_references``)."""
    suspicious: bool
    """Whether pandoc might need minutes for it (see ``text.cost``)."""
    requirements: PageRequirements | None = None
    """What an Environment asks for."""
    stated: str = ""
    """The type that the page states itself (see ``open_types``)."""

    def is_of(self, file: PageFile, namespace: str) -> bool:
        """Whether the page says of itself what its file does. A cache that came with a project may say anything."""
        page = self.page
        own = (page.path, page.stem, page.root, page.page_type, page.namespace, page.id)
        stem = file.path.stem
        return own == (file.name, stem, file.root, file.page_type, namespace, f"{file.page_type}/{stem}")


def parser(config: Config) -> str:
    """The fingerprint of what decides how any page is parsed: the program, the schema, and what rules go by."""
    schema, settings = config.schema, (config.settings.overview_limit, config.settings.remote_images)
    return fingerprint(program(), list(schema.types.values()), list(schema.edges.values()), schema, settings)


def parsed_fingerprint(parsed_by: str, file: PageFile, namespace: str, content: str) -> str:
    """The fingerprint of a page before it is parsed; ``content`` is that of its file."""
    return fingerprint(parsed_by, file.name, file.page_type, file.root, file.trusted, namespace, content)


def parse_page(
    raw: RawFile, about: list[Problem], namespace: str, content: str, key: str, config: Config, stated: str = ""
) -> ParsedPage:
    """Parse a page, and look for all that can be said of it by itself. ``about`` are problems of its characters,
    ``key`` is its fingerprint, ``stated`` the type that it states."""
    page, problems = parse(raw, config.schema, namespace)
    alone = inspect_page(page, raw, config.schema, config.settings)
    required = config.schema.types[page.page_type].role == ENVIRONMENT
    asks = read_page(page, raw.text, tuple(config.schema.sections.items())) if required else None
    text = pandoc_text(page)
    places, suspect = names_of_files(text, page), suspicious(text) is not None
    return ParsedPage(raw.path, content, key, page, (*about, *problems), alone, places, suspect, asks, stated)
