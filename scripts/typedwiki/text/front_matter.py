"""Read front matter, and the links in it, which state edges.

Links are in ``relationships``, and in keys whose values are wikilinks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, NamedTuple

import yaml
from msgspec.structs import replace

from ..model import Link
from ..regex import regex
from ..schema import key
from .characters import replace_hidden
from .lines import line_starts, span_at
from .links import PAGE_FILES, edge_name, is_separator, path_link, read_target, wiki_links
from .metadata import COMMIT_KEYS, DATE_KEYS, DOMAIN_KEYS, REPOSITORY_KEYS, SOURCE_KEYS

FRONT_MATTER = regex(
    r"\A---[ \t]*\n(?P<yaml>(?:(?!---[ \t]*$|\.\.\.[ \t]*$).*\n)*)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.MULTILINE
)
_DEEPEST = 20
"""Levels of nested lists and mappings."""
YAML_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Reads every value as text: `3.10`, `007`, `1:30`, `yes` and dates stay as written."""


class FrontMatter(NamedTuple):
    """The front matter of a page."""

    fields: dict[str, Any]
    end: int
    """Offset of its end; 0 for a page without front matter."""
    error: tuple[int, int, str] | None = None
    """Line and column from 1, and a message, if it is not YAML."""


@lru_cache(maxsize=64)
def read_front_matter(text: str) -> FrontMatter:
    """Return the front matter of a page's text.

    Only a YAML mapping between the fences is front matter, or nothing at all. A page may also begin with a rule,
    followed by a blank line or text.
    """
    match = FRONT_MATTER.match(text)
    if not match or match["yaml"].startswith(("\n", " \n", "\t\n")):
        return FrontMatter({}, 0)
    if not match["yaml"].strip():
        return FrontMatter({}, match.end())
    try:
        data = _without_hidden(_load(match["yaml"]))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line, column = (mark.line + 2, mark.column + 1) if mark else (1, 1)
        why = getattr(error, "problem", None) or str(error).splitlines()[0]
        return FrontMatter({}, match.end(), (line, column, why))
    return FrontMatter(data, match.end()) if isinstance(data, dict) else FrontMatter({}, 0)


def without_front_matter(text: str) -> str:
    """Return the text with its front matter blanked out. Offsets stay the same."""
    end = read_front_matter(text).end
    return re.sub(r"[^\n]", " ", text[:end]) + text[end:] if end else text


def _load(text: str) -> Any:
    """Parse YAML. Aliases, which could expand to gigabytes, and deep nesting, which could overflow the stack, are
    errors.

    Raises:
        yaml.YAMLError, ValueError: it is not YAML, or uses an unsupported feature.
    """
    depth = 0
    event: Any
    for event in yaml.parse(text, Loader=YAML_LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if getattr(event, "anchor", None) or depth > _DEEPEST:
            reason = "nesting as deep as this is not read" if depth > _DEEPEST else "anchors and aliases are not read"
            raise yaml.MarkedYAMLError(problem=reason, problem_mark=event.start_mark)
    return yaml.load(text, Loader=YAML_LOADER)  # noqa: S506 - it makes strings, lists and mappings only


def _without_hidden(value: Any) -> Any:
    """Replace hidden characters in a value: YAML can write any character as a number."""
    if isinstance(value, str):
        return replace_hidden(value)
    if isinstance(value, list):
        return [_without_hidden(item) for item in value]
    if isinstance(value, dict):
        return {_without_hidden(name): _without_hidden(item) for name, item in value.items()}
    return value


RELATIONSHIPS = frozenset({"relationships", "relations"})
"""Keys of lists of ``{target, type}``, or of mappings from an edge to its targets."""
SOURCE = "source"
"""Edge to a page that is a source."""
_TARGETS = ("target", "to", "page")
_TYPES = ("type", "relation", "edge", "predicate")
_WORDS = frozenset(
    {"title", "overview", "description", "summary", "aliases", "alias", "redirect_from", "type", "page_type"}
    | {"id", "permalink", "slug"}
)
_NO_EDGES = _WORDS | DOMAIN_KEYS | DATE_KEYS | COMMIT_KEYS | REPOSITORY_KEYS
"""Keys whose values describe the page itself, even in double brackets."""


class FrontLinks(NamedTuple):
    """The links of front matter."""

    links: list[Link]
    consumed: frozenset[str]
    """The keys that contain only links, as they are written."""


def front_links(text: str) -> FrontLinks:
    """Return the links in the front matter of a page, with their places in the whole text.

    An edge is the name of a key whose value is ``[[Page]]``, in quotes or not, or a list of such; or the ``type`` in a
    list of ``{target, type}`` under ``relationships``. There a target may also be a plain name or the path of a file.
    """
    match = FRONT_MATTER.match(text) if text.startswith("---") else None
    if not match or not ("[[" in match["yaml"] or "relation" in match["yaml"].lower()):
        return FrontLinks([], frozenset())
    front = read_front_matter(text)
    if front.error or not front.fields:
        return FrontLinks([], frozenset())
    root = yaml.compose(match["yaml"], Loader=YAML_LOADER)
    reader = _Reader(text, match.start("yaml"))
    consumed = set()
    for name, value in root.value if isinstance(root, yaml.MappingNode) else ():
        folded = key(str(name.value))
        if folded in _NO_EDGES:
            continue
        if folded in RELATIONSHIPS:
            only_links = reader.relationships(value)
        elif folded in SOURCE_KEYS:
            only_links = reader.edges(SOURCE, value)
        else:
            only_links = reader.edges(edge_name(str(name.value)), value)
        if only_links:
            consumed.add(str(name.value))
    return FrontLinks(sorted(reader.links, key=lambda link: link.span.start), frozenset(consumed))


class _Reader:
    """Collects the links of one text."""

    def __init__(self, text: str, offset: int) -> None:
        self.text = text
        self.offset = offset
        self.starts = line_starts(text)
        self.links: list[Link] = []

    def edges(self, edge: str, node: Any) -> bool:
        """Collect the links of a value. Return whether it contains nothing else."""
        start, end = self.offset + node.start_mark.index, self.offset + node.end_mark.index
        source = self.text[start:end].rstrip()
        if isinstance(node, yaml.MappingNode):
            return False
        if isinstance(node, yaml.SequenceNode) and not source.startswith("[["):
            return self._items(edge, node)
        if isinstance(node, yaml.SequenceNode):  # `[[Page]]` without quotes, or a list of them
            item = node.value[0] if len(node.value) == 1 else None
            if not isinstance(item, yaml.SequenceNode) or source.startswith("[[["):
                return self._items(edge, node)
        links = wiki_links(self.text, start, start + len(source), self.starts)
        ends = [start, *(link.span.end for link in links)]
        begins = [*(link.span.start for link in links), start + len(source)]
        separators = [self.text[end:begin] for end, begin in zip(ends, begins, strict=True)]
        if not links or not all(is_separator(part.strip("\"'|>- \n")) for part in separators):
            return False
        self._add(edge, links)
        return True

    def _items(self, edge: str, node: Any) -> bool:
        only_links = [self.edges(edge, item) for item in node.value]
        return bool(only_links) and all(only_links)

    def relationships(self, node: Any) -> bool:
        """Collect the links in a list of ``{target, type}``, or in a mapping from edges to targets. Return whether it
        contains nothing else.
        """
        if isinstance(node, yaml.MappingNode):
            only_links = [self.edges(edge_name(str(name.value)), value) for name, value in node.value]
            return all(only_links)
        if not isinstance(node, yaml.SequenceNode):
            return False
        only_links = [self._relationship(item) for item in node.value]
        return all(only_links)

    def _relationship(self, node: Any) -> bool:
        if not isinstance(node, yaml.MappingNode):
            return self.edges("related", node)
        fields = {key(str(name.value)): value for name, value in node.value}
        target = next((fields[name] for name in _TARGETS if name in fields), None)
        kind = next((fields[name] for name in _TYPES if name in fields), None)
        edge = edge_name(str(kind.value)) if isinstance(kind, yaml.ScalarNode) and kind.value.strip() else "related"
        if target is None or self.edges(edge, target):
            return target is not None
        if not isinstance(target, yaml.ScalarNode) or not target.value.strip() or "\n" in target.value:
            return False
        start = self.offset + target.start_mark.index + (target.style in ("'", '"'))
        end = start + len(target.value)
        if self.text[start:end] != target.value:  # with escapes, the places of its parts are unknown
            return False
        self._add(edge, self._plain(target.value, start, end))
        return True

    def _plain(self, target: str, start: int, end: int) -> Iterator[Link]:
        """Yield the link of a target without brackets: the path of a file, or the name of a page."""
        span = span_at(self.starts, start, end)
        if target.startswith(("/", "./", "../")) or target.lower().endswith(PAGE_FILES):
            if link := path_link(target, span, None):
                yield link
        elif link := read_target(target, span):
            yield link

    def _add(self, edge: str, links: Iterable[Link]) -> None:
        self.links += [replace(link, edge=edge) if link.edge is None else link for link in links]
