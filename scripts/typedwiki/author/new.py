"""Create pages and sites: skeletons, snippets for editors, settings, home page and first pages."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from rapidfuzz import fuzz

from ..atomic import replace_if_changed
from ..config import Config, Settings, absolute, check_sources
from ..model import Graph, WikiPage
from ..problems import load_own_yaml
from ..program import EXTENSION, machinery
from ..resolve import MENTIONS
from ..schema import ANY, Schema, load
from ..text.markdown import escape, plain
from ..text.names import display_name

_INFOBOX = """{{| class="wikitable" style="float:right; margin-left:1em; width:300px;"
|-
! Knowledge Sources
|
<!-- * [[source::Paper|Title|https://…]] -->
|-
! Domains
| <!-- [[domain::Name]], [[domain::Name]] -->
|-
! Last Updated
| [[last_updated::{today}]]
|}}
"""
_METADATA = """## Metadata

- **Domains**: <!-- Name, Name -->
- **Sources**: <!-- [Paper: Title](https://…) -->
- **Last Updated**: {today}
"""
_CODE = re.compile(r"^[ \t]*(?:```|~~~)[ \t]*(?!\{?mermaid)|<(?:syntaxhighlight|source lang)", re.MULTILINE)
_SUGGESTIONS = 3
"""Pages of each type to suggest as link targets."""
_OVERVIEW = "<!-- what it is and why one opens this page, in one to three sentences -->"


@cache
def _skeletons() -> dict[str, Any]:
    data: dict[str, Any] = load_own_yaml("author/skeletons.yml")
    return data


@cache
def section_prompts(page_type: str, code: bool = True) -> dict[str, str]:
    """Return the sections of a page type and a prompt for each. Some depend on whether the wiki contains ``code``."""
    data = _skeletons()
    kind = "code" if code else "plain"
    sections: dict[str, str | dict[str, str]] = data.get(page_type, data[ANY])
    chosen = {name: prompt if isinstance(prompt, str) else prompt.get(kind, "") for name, prompt in sections.items()}
    return {name: prompt for name, prompt in chosen.items() if prompt}


def holds_code(texts: Iterable[str]) -> bool:
    """Return whether any page shows a block of code other than a diagram."""
    return any(_CODE.search(text) for text in texts)


def suggest_links(
    links: Iterable[tuple[str, str]], dialect: str, pages: Iterable[WikiPage], schema: Schema, title: str
) -> list[str]:
    """Return links for a new page, ready to paste: for each edge and other type of ``links``, the existing pages with
    the most similar titles."""
    all_pages = list(pages)
    item = "*" if dialect == "mediawiki" else "-"
    lines = []
    for edge, other_type in links:
        if schema.types[other_type].by_hand:
            continue
        fitting = [page for page in all_pages if page.page_type == other_type]
        fitting.sort(key=lambda page: (-fuzz.token_set_ratio(page.page_title, title), page.id))
        names = [page.stem for page in fitting[:_SUGGESTIONS]] or ["Title"]
        lines += [f"{item} [[{edge}::{other_type}:{name}]]" for name in names]
    return lines


def possible_links(page_type: str, schema: Schema) -> Iterator[tuple[str, str]]:
    """Yield the typed links that a page of this type can have: edge name as written on it, and the other type."""
    for edge in schema.edges.values():
        if edge.association:
            continue
        forward = page_type in edge.sources or (ANY in edge.sources and page_type not in edge.targets)
        if forward:
            for other_type in schema.types if ANY in edge.targets else sorted(edge.targets):
                yield edge.name, other_type
        elif page_type in edge.targets:
            name = edge.inverses[0] if edge.inverses else edge.name
            for other_type in schema.types if ANY in edge.sources else sorted(edge.sources):
                if other_type != page_type:
                    yield name, other_type


def used_links(page_type: str, graph: Graph) -> list[tuple[str, str]]:
    """Return the links that pages of a type have, the most frequent first: edge name, and the other type."""
    edges = (edge for edge in graph.edges if graph.pages[edge.source].page_type == page_type)
    counts = Counter((edge.type, graph.pages[edge.target].page_type) for edge in edges if edge.type != MENTIONS)
    return [link for link, _ in counts.most_common()]


def skeleton(
    page_type: str,
    title: str,
    stem: str,
    namespace: str,
    dialect: str,
    schema: Schema,
    today: date,
    overview: str = "",
    code: bool = True,
    links: Sequence[tuple[str, str]] | None = None,
    stated_type: str = "",
) -> str:
    """Return the text of a new page, with ``links`` or else all that the schema allows. Prompts are comments, so
    readers do not see them and the audit still reports what is missing.

    A page with a ``stated_type`` has it, and everything else that is not text, in front matter.
    """
    wiki = dialect == "mediawiki"
    if stated_type:
        sections = section_prompts(page_type, code).items()
        body = "".join(f"\n## {name}\n\n<!-- {prompt} -->\n" for name, prompt in sections)
        return f"---\n{_front_matter(stated_type, title, overview, today, links or ())}---\n\n# {escape(title)}\n{body}"
    item, mark = ("*", "==") if wiki else ("-", "##")
    close = f" {mark}" if wiki else ""
    title_from_name = display_name(stem, namespace) == title
    heading_text = title if plain(title) == title else f"<nowiki>{title}</nowiki>" if wiki else escape(title)
    parts = [] if wiki and title_from_name else [f"= {heading_text} =" if wiki else f"# {heading_text}"]
    if wiki:
        parts.append(_INFOBOX.format(today=today).rstrip())
    parts.append(f"{mark} Overview{close}\n\n{overview or _OVERVIEW}")
    parts += [f"{mark} {name}{close}\n\n<!-- {prompt} -->" for name, prompt in section_prompts(page_type, code).items()]
    if not wiki:
        parts.append(_METADATA.format(today=today).rstrip())
    link_lines = "\n".join(
        f"{item} [[{edge}::{other_type}:Title]]"
        for edge, other_type in (possible_links(page_type, schema) if links is None else links)
    )
    connections_title = "Related Pages" if wiki else "Connections"
    prompt = f"<!-- one line for each that holds:\n{link_lines}\n-->" if link_lines else "<!-- [[edge::Title]] -->"
    parts.append(f"{mark} {connections_title}{close}\n\n{prompt}")
    if schema.types[page_type].rank == 1:
        # A Principle without an implementation is an error, but not while the page is new. The audit
        # reports the comment as soon as it is superfluous.
        parts.append(f"<!-- typedwiki: ignore S003 what implements this {page_type} is yet to be linked -->")
    return "\n\n".join(parts) + "\n"


def _front_matter(stated_type: str, title: str, overview: str, today: date, links: Sequence[tuple[str, str]]) -> str:
    """Return the fields of a new page. Those that are yet to be filled in are comments."""
    lines = [f"type: {_quoted(stated_type)}", f"title: {_quoted(title)}"]
    lines.append(f"description: {_quoted(overview)}" if overview else "# description: one to three sentences")
    lines += [
        f"updated: {today}",
        "# tags: [name]",
        "# sources:",
        "# - {id: name, title: Title, resource: https://…}",
        "# relationships:",
    ]
    lines += [f"# - {{type: {edge}, target: Title}}" for edge in dict.fromkeys(edge for edge, _ in links) or ("edge",)]
    return "\n".join(lines) + "\n"


def page_snippets(pages: Iterable[WikiPage], schema: Schema) -> str:
    """Return the snippets file with one completion for each page.

    The page's title, or ``[[`` and its name, inserts a typed link.
    """
    snippets: dict[str, dict[str, object]] = {
        page.id: {
            "prefix": list(dict.fromkeys([page.page_title, f"[[{page.page_type}:{page.stem}"])),
            "body": f"[[${{1|{','.join(_edge_names(page.page_type, schema))}|}}::{page.page_type}"
            f":{escape_snippet(page.stem)}]]",
            "description": page.overview[:200],
        }
        for page in pages
    }
    return snippets_json(snippets)


def _edge_names(page_type: str, schema: Schema) -> list[str]:
    """Return the edge names that a link to a page of this type may have."""
    names = [edge.name for edge in schema.edges.values() if {page_type, ANY} & edge.targets and not edge.association]
    for edge in schema.edges.values():
        if page_type in edge.sources and edge.inverses and not edge.association:
            names.append(edge.inverses[0])
    return [*names, *(edge.name for edge in schema.edges.values() if edge.association)]


def escape_snippet(text: str) -> str:
    """Escape snippet syntax."""
    return text.replace("\\", "\\\\").replace("$", "\\$").replace("}", "\\}")


def snippets_json(snippets: dict[str, dict[str, object]]) -> str:
    """Return the text of a snippets file."""
    scoped = {name: {"scope": "markdown,mediawiki,wikitext", **snippet} for name, snippet in snippets.items()}
    return json.dumps(scoped, ensure_ascii=False, indent=2) + "\n"


SAMPLE = ("data/wikis", "notes", "index.qmd")
"""The sample wiki of a clone."""


@cache
def sample_digests() -> Mapping[str, str]:
    """Return the digests of the sample's files, by path. They show which files the user has edited."""
    lines = Path(__file__).with_name("sample.sha256").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def sample_file_digests(project: Path) -> Iterator[tuple[str, str]]:
    """Yield the path and digest of each file in the sample's folders, except generated ones."""
    for place in SAMPLE:
        folder = project / place
        paths = sorted(folder.glob("*" if place == "notes" else "**/*")) if folder.is_dir() else [folder]
        for path in paths:
            generated = path.name in ("addresses.json", "README.md", ".typedwiki.json", "_metadata.yml")
            if path.is_file() and not generated:
                yield path.relative_to(project).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()


def unchanged_sample(project: Path) -> list[str]:
    """Return the sample's files that the user has not edited."""
    originals = sample_digests()
    return [name for name, digest in sample_file_digests(project) if originals.get(name) == digest]


def edit_settings(text: str, title: str, description: str, *sources: str) -> str:
    """Set the title, the description and the wiki's folder, or several, in the text of _quarto.yml. Change nothing
    else."""
    source = _quoted(sources[0]) if len(sources) == 1 else f"[{', '.join(map(_quoted, sources))}]"
    text = re.sub(r"(?m)^(  |    )title: .*$", lambda m: f"{m[1]}title: {_quoted(title)}", text)
    text = re.sub(r"(?m)^  description: .*\n", f"  description: {_quoted(description)}\n" if description else "", text)
    return re.sub(r"(?m)^  (?:# )?source: .*$", lambda _: f"  source: {source}", text)


def edit_home_page(text: str, title: str, description: str) -> str:
    """Set the description in index.qmd. The site's name already stands above its title."""
    text = re.sub(r"(?m)^title: .*$", lambda _: f"title: {_quoted(description or title)}", text, count=1)
    text = re.sub(r"(?m)^description-meta: .*$", lambda _: f"description-meta: {_quoted(description or title)}", text)
    return re.sub(r"(?m)^subtitle: .*\n", "", text, count=1)


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][\w .()/-]*", text) and text.lower() not in ("yes", "no", "true", "false", "null")
    return text if plain else json.dumps(text, ensure_ascii=False)


def first_pages(schema: Schema, today: date) -> dict[str, str]:
    """Return a first page of each type, by path in the wiki. The pages link to each other."""
    kinds = [t for t in schema.types.values() if not t.by_hand]
    pages = {}
    for kind in kinds:
        name = f"First_{kind.name}"
        title = name.replace("_", " ")
        article = "An" if kind.name[0] in "AEIOU" else "A"
        overview = (
            f"{article} {kind.name} is {kind.about}. This page shows how one begins." if kind.about else "A first page."
        )
        text = skeleton(kind.name, title, name, "", "markdown", schema, today, overview, code=False)
        pairs = [
            (e, o) for e, o in possible_links(kind.name, schema) if not schema.types[o].by_hand and e in schema.edges
        ]
        link_lines = "".join(
            f"- [[{edge}::{other_type}:First_{other_type}]]\n" for edge, other_type in pairs if other_type != kind.name
        )
        head, _, tail = text.partition("<!-- one line for each that holds:\n")
        text = head + link_lines + tail.partition("-->")[2].lstrip("\n")
        text = re.sub(r"(?:(?<!\n)\n+)?<!-- typedwiki: ignore S003 [^\n]*-->", "", text)
        pages[f"{kind.name}/{name}.md"] = text
    return pages


PARTS = ("_quarto.yml", "index.qmd", EXTENSION)


def without_project(folder: Path, sources: Sequence[Path]) -> Config:
    """Return the settings that apply without a _quarto.yml.

    Raises:
        ConfigError: a source is not a folder.
    """
    check_sources(sources)
    project = folder.absolute()
    return Config(project, tuple(source.absolute() for source in sources), project / "notes", load(), Settings({}))


def cached_project(sources: Sequence[Path], title: str = "") -> Path:
    """Create or update the cached project of a wiki in these folders, and return its path.

    The project keeps rendered pages, and the addresses of pages, between runs.

    Raises:
        ConfigError: a source is not a folder.
        OSError: the cache cannot be written.
    """
    check_sources(sources)
    folders = list(map(absolute, sources))
    digest = hashlib.sha256("\0".join(map(str, folders)).encode()).hexdigest()[:16]
    project = cache_folder() / "sites" / f"{folders[0].name}-{digest}"
    title_of_folder = folders[0].name.replace("_", " ").replace("-", " ").strip().title() or "Wiki"
    name = title or _former_title(project / "_quarto.yml") or title_of_folder
    for path, target in machinery(*PARTS):
        data = path.read_bytes()
        if target == "_quarto.yml":
            data = edit_settings(data.decode(), name, "", *(source.as_posix() for source in folders)).encode()
        elif target == "index.qmd":
            data = edit_home_page(data.decode(), name, "").encode()
        replace_if_changed(project / target, data)
    return project


def _former_title(settings: Path) -> str:
    """Return the title that was given before."""
    if not settings.is_file():
        return ""
    return str(yaml.safe_load(settings.read_text(encoding="utf-8"))["website"]["title"])


def cache_folder() -> Path:
    """Return the system's folder for caches."""
    if path := os.environ.get("TYPEDWIKI_CACHE"):
        return Path(path)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "typedwiki"
    if sys.platform == "darwin":
        return Path.home() / "Library/Caches/typedwiki"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "typedwiki"
