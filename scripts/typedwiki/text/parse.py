"""One raw file to one WikiPage, in either dialect. Looks at nothing but the file."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

import yaml

from ..model import RawFile, Source, WikiPage
from ..problems import Problem, problem
from ..schema import Schema, key
from . import sections
from .characters import shown
from .inline import plain
from .links import MARK, Scan, scan
from .markdown import escape
from .metadata import SOURCE_KEYS, SOURCE_TYPES, Metadata, front_matter_value, plain_lines, title_of
from .sections import Section
from .special import read_sections, take_connections, take_sources
from .wikitext import convert, label
from .wikitext import line as one_line

FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
# For a text with a line end before it: a pattern that begins with a literal is searched for much faster.
_WIKI_HEADING = re.compile(r"\n=={1,5}[^=\n]+={2,6}[ \t]*$", re.MULTILINE)
_MARKDOWN_HEADING = re.compile(r"\n##{1,5}[ \t]+\S")
_CODE = re.compile(r"\n[ \t]*(?P<fence>`{3,}|~{3,})|<(?P<tag>pre|syntaxhighlight|source)\b")
"""How code begins. A pattern for all of it would try each end for each beginning."""
_DEEPEST = 20
"""Lists and mappings within one another in front matter."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(raw: RawFile, schema: Schema, namespace: str = "") -> tuple[WikiPage, list[Problem]]:
    """Understand one page. Its id is type and stem; the caller makes ids unique."""
    meta = Metadata()
    problems: list[Problem] = []
    text, front = _front_matter(raw, problems)
    _take_front_matter(front, meta)
    wiki = is_wiki(raw, text)
    found = scan(text, indented_code=not wiki)
    for annotation in found.annotations:
        take_annotation(annotation.name, annotation.values, meta)
    converted = convert(text, found, wiki, raw.trusted)
    for name, value in converted.fields:
        if not meta.take(name, value):
            meta.rest.append((plain(name), value))
    links = tuple(replace(k, label=label(k.label, wiki)) if k.label else k for k in found.links)
    parts = sections.split(converted.markdown)
    title = _title(parts, raw, schema, namespace, meta)
    unlabelled = frozenset(n for n, link in enumerate(found.links) if not link.label)
    front_overview = meta.overview
    lead = read_sections(parts, meta, unlabelled)
    sources_text = take_sources(parts, meta)
    connections_text = take_connections(parts)
    if meta.repository:
        meta.add_source(Source("Repo", meta.repository.removeprefix("https://github.com/"), meta.repository))
    page = WikiPage(
        id=f"{raw.page_type}/{raw.stem}",
        page_title=title,
        page_type=raw.page_type,
        overview=plain(_with_labels(meta.overview or lead, found)),
        content=_body(parts, meta),
        lead=lead or escape(front_overview),
        domains=tuple(meta.domains),
        sources=tuple(meta.sources),
        sources_text=sources_text,
        last_updated=meta.last_updated,
        outgoing_links=links,
        namespace=namespace,
        path=raw.path,
        stem=raw.stem,
        root=raw.root,
        aliases=tuple(meta.aliases),
        commit=meta.commit,
        images=tuple(converted.images),
        connections_text=connections_text,
    )
    return page, problems


@lru_cache(maxsize=64)  # as for the scan
def is_wiki(raw: RawFile, text: str) -> bool:
    """Whether a page's dialect is MediaWiki's: by its headings, else by its file name."""
    prose = _without_code(f"\n{text}")
    wiki, markdown = len(_WIKI_HEADING.findall(prose)), len(_MARKDOWN_HEADING.findall(prose))
    if wiki or markdown:
        return wiki >= markdown
    return raw.path.endswith(".mediawiki") or "{|" in text or "'''" in text


def _without_code(text: str) -> str:
    """The text without its fenced blocks and code elements, as far as headings are concerned."""
    out: list[str] = []
    position = start = 0
    hopeless: dict[str, int] = {}  # by fence character the shortest fence that nothing closes, and tags
    while match := _CODE.search(text, start):
        start = match.end()
        fence, tag = match["fence"], match["tag"]
        name, length = (fence[0], len(fence)) if fence else (tag, 0)
        if length >= hopeless.get(name, length + 1):
            continue
        ended = re.compile(rf"\n[ \t]*{name}{{{length}}}" if fence else f"</{tag}>").search(text, start)
        if ended:
            out += (text[position : match.start()], "\n" if fence else "")
            position = start = ended.end()
        else:
            hopeless[name] = length
    return "".join([*out, text[position:]])


def display_name(stem: str, namespace: str) -> str:
    """A file stem as people read it, without its namespace."""
    short = stem[len(namespace) + 1 :] if namespace and stem.startswith(f"{namespace}_") else stem
    return re.sub(r"[\s_]+", " ", short).strip() or stem


def _front_matter(raw: RawFile, problems: list[Problem]) -> tuple[str, dict[str, Any]]:
    """The text with its front matter blanked out, so that spans stay true, and the front matter."""
    match = FRONT_MATTER.match(raw.text)
    if not match:
        return raw.text, {}
    try:
        data = _legible(_load(match[1]))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (1, 1)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        problems.append(problem("R003", raw.path, line, column, f"front matter is not YAML: {why}"))
        return raw.text[: match.start(1)].replace("---", "```") + match[1] + "\n```\n" + raw.text[match.end() :], {}
    blanked = re.sub(r"[^\n]", " ", match[0])
    return blanked + raw.text[match.end() :], data if isinstance(data, dict) else {}


def _load(text: str) -> Any:
    """YAML as data. Aliases could unfold to gigabytes, and depth would overflow the loader's stack.

    Raises:
        yaml.YAMLError, ValueError: it is not YAML, or has what is not read.
    """
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None) or depth > _DEEPEST:
            what = "nesting as deep as this is not read" if depth > _DEEPEST else "anchors and aliases are not read"
            raise yaml.MarkedYAMLError(problem=what, problem_mark=event.start_mark)
    return yaml.load(text, Loader=_LOADER)  # noqa: S506 - a safe loader


def _legible(value: Any) -> Any:
    """YAML can write any character by its number."""
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, list):
        return [_legible(one) for one in value]
    if isinstance(value, dict):
        return {_legible(name): _legible(one) for name, one in value.items()}
    return value


def _take_front_matter(front: dict[str, Any], meta: Metadata) -> None:
    for name, value in sorted(front.items(), key=lambda item: key(str(item[0])) == "date"):
        folded = key(str(name))
        text = "\n".join(
            one_line(one) if folded in SOURCE_KEYS else one for one in front_matter_value(value).split("\n")
        )
        text = text.strip()
        if folded == "title":
            meta.title = re.sub(r"\s+", " ", text)
        elif folded in ("overview", "description", "summary"):
            meta.overview = re.sub(r"\s+", " ", text)
        elif folded in ("aliases", "alias"):
            meta.aliases += [line for line in text.splitlines() if line.strip()]
        elif folded in ("type", "page_type", "id") or isinstance(value, dict):
            continue
        elif not meta.take(str(name), text):
            meta.rest.append((str(name), escape(text.replace("\n", ", "))))


def take_annotation(name: str, values: tuple[str, ...], meta: Metadata) -> None:
    if name in ("domain", "category"):
        meta.add_domains(list(values[:1]))
    elif name == "last_updated":
        if not meta.take("last_updated", values[0]):
            meta.rest.append(("Last Updated", escape(values[0])))
    elif name == "source":
        url = next((v for v in values if re.match(r"(?:https?|ftp)://", v)), "")
        words = [v for v in values if v and v != url]
        if len(words) == 1 and url and key(words[0]) in SOURCE_TYPES:
            meta.add_source(Source(words[0], title_of(url), url))
        elif len(words) > 1:
            meta.add_source(Source(words[0], " | ".join(words[1:]), url))
        elif words or url:
            meta.take("source", f"[{words[0]}]({url})" if words and url else url or words[0])


def _title(parts: list[Section], raw: RawFile, schema: Schema, namespace: str, meta: Metadata) -> str:
    heading = parts[1] if len(parts) > 1 and parts[1].level == 1 else None
    written = plain(heading.title) if heading else ""
    prefix, colon, rest = written.partition(":")
    if colon and schema.page_type(prefix) and rest.strip():
        written = rest.strip()
    title = meta.title or written
    if heading:  # its text becomes the title: what follows it is the page's beginning
        same = not meta.title or key(meta.title) == key(written)
        heading.level, heading.title = (0, "") if same else (2, heading.title)
    is_name = " " not in title and key(title) == key(raw.stem)
    return display_name(raw.stem, namespace) if not title or is_name else title


def _body(parts: list[Section], meta: Metadata) -> str:
    rest = [_detail(name, value) for name, value in meta.rest if name or value.strip()]
    if rest:
        parts.append(Section(2, "Details", ["", *rest]))
    return sections.join(section for section in parts if not (section.level == 0 and section.empty))


def _detail(name: str, value: str) -> str:
    shown = value.replace("\n", "\n    ")
    return f"-   **{escape(name)}**: {shown}" if name else f"-   {shown}"


def _with_labels(markdown: str, found: Scan) -> str:
    """Marks of links replaced by what a reader would see, for plain text."""

    def shown(match: re.Match[str]) -> str:
        link = found.links[int(match[2])] if match[1] == "l" else None
        return (link.label or display_name(link.target, "")) if link else ""

    return plain_lines(MARK.sub(shown, markdown)).replace("\n", " ")
