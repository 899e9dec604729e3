"""Parse what pages say about themselves: domains, dates and sources, in the forms that people write."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timezone
from functools import lru_cache
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from msgspec import Struct, field

from ..model import Source
from ..regex import regex
from ..schema import NO_NAMES, key
from .characters import replace_hidden, safe_url
from .markdown import escape, plain, plain_lines, without_comments

_PROPERTY = regex(r"\[\[\s*(?:source|domain|last_updated)\s*::[^\[\]\n]*\]\]")
_DATE_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y%m%d", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y",
    "%d.%m.%Y", "%d-%m-%Y", "%d-%b-%Y", "%d/%m/%Y", "%m/%d/%Y", "%B %Y", "%b %Y", "%Y-%m", "%Y",
)  # fmt: skip
_TIME = regex(r"(?:[T\s,]{1,9}(?:at\s{1,9})?\d{1,2}:\d{2}|\().*", re.DOTALL)
_WEEKDAY = regex(r"^(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\.?,?\s+", re.IGNORECASE)
_LINK = regex(r"(?<!\\)\[(?P<title>(?:[^\[\]\\]|\\.)+)\]\(<?(?P<url>[^()<>\s]+(?:\([^()<>\s]*\)[^()<>\s]*)*)>?\)")
_URL = regex(r"<?(?P<url>(?:https?|ftp)://[^\s<>]+)>?")
_TYPE_AND_TITLE = regex(r"[A-Z]\w+: [^\[\]<>]*")
_TYPED_TITLE = regex(r"(?P<type>[A-Z][A-Za-z]{2,14}):\s+(?P<title>\S.*)")
SOURCE_TYPES = frozenset(
    re.findall(
        r"\w+",
        "article blog book code course dataset discussion doc docs documentation github issue paper post pr"
        " repo repository spec standard talk thesis tutorial video web website wiki",
    )
)
_HOSTS = {"arxiv.org": "Paper", "doi.org": "Paper", "github.com": "Repo", "gitlab.com": "Repo"}

DOMAIN_KEYS = frozenset({"domain", "domains", "tags", "categories", "topics", "category"})
SOURCE_KEYS = frozenset({"sources", "source", "knowledge_sources", "references", "knowledge_source", "source_url"})
DATE_KEYS = frozenset(
    {"last_updated", "updated", "date", "last_modified", "last_update", "modified", "lastmod", "created"}
)
COMMIT_KEYS = frozenset({"commit", "commit_hash", "revision"})
REPOSITORY_KEYS = frozenset({"repository", "repo"})
KNOWN_KEYS = DOMAIN_KEYS | SOURCE_KEYS | DATE_KEYS


class Metadata(Struct):
    """The metadata collected so far. The first statement counts."""

    title: str = ""
    overview: str = ""
    domains: list[str] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    known_sources: dict[str, int] = field(default_factory=dict)
    """Index in ``sources``, by address or title."""
    last_updated: date | None = None
    aliases: list[str] = field(default_factory=list)
    commit: str = ""
    repository: str = ""
    """URL of the code that the page describes."""
    source_lines: list[str] = field(default_factory=list)
    """Sources with more than type, title and address, as they are written."""
    other_fields: list[tuple[str, str]] = field(default_factory=list)
    """Name and Markdown value of fields without a meaning here, which are shown unchanged."""
    names: Mapping[str, str] = field(default_factory=lambda: NO_NAMES)
    """Additional names of fields (see ``Schema.sections``)."""
    own_titles: dict[str, str] = field(default_factory=dict)
    """The page's own headings for sources and connections, by the usual names, where they differ."""

    def field_key(self, name: str) -> str:
        """Return the folded name of a field, translated to the usual one."""
        folded = key(plain(name).rstrip(":："))
        return self.names.get(folded, folded)

    def add_field(self, name: str, value: str) -> bool:
        """Take a named value in Markdown. Return False if part of it is left to be shown."""
        folded = self.field_key(name)
        value = without_comments(value)
        text = _PROPERTY.sub("", value).strip(" \n*,;·-")
        if folded in DOMAIN_KEYS:
            self.add_domains(re.split(r"[,;，、；\n\[\]]|\s·\s|\s/\s", plain_lines(text)))
        elif folded in DATE_KEYS:
            day = parse_date(plain(text))
            self.last_updated = self.last_updated or day
            return bool(day) or not text
        elif folded in SOURCE_KEYS:
            if key(plain(name)) in self.names:
                self.own_titles.setdefault("sources", plain(name))
            for line in filter(str.strip, text.splitlines()):
                self.add_source_line(line)
        elif folded in COMMIT_KEYS:
            revision = plain(text)
            self.commit = revision if re.fullmatch(r"[0-9a-f]{7,40}", revision) else ""
            return False
        elif folded in REPOSITORY_KEYS:
            self.repository = repository_url(text)
            return False
        else:
            return not (name or text)
        return True

    def add_source_line(self, line: str) -> None:
        """Add the sources that a line names. If the line says more, it is kept too."""
        item = re.sub(r"^\s*(?:[-*+]|\d+\.)\s+", "", without_comments(line))
        links = [match[0] for match in _LINK.finditer(item)]
        has_several = len(links) > 1
        sources = [source for part in (links if has_several else [item]) if (source := parse_source(part))]
        for source in sources:
            self.add_source(source)
        has_more = bool(re.search(r"\w", _LINK.sub("", item))) if has_several else not (sources and is_bare(item))
        if has_more:
            self.source_lines.append(item)

    def add_domains(self, names: list[str]) -> None:
        """Add domains, each once, with underscores shown as spaces."""
        known_names = {domain.casefold() for domain in self.domains}
        for name in names:
            display_name = re.sub(r"[\s_]+", " ", name).strip(" *-`")
            if display_name and display_name.casefold() not in known_names:
                known_names.add(display_name.casefold())
                self.domains.append(display_name)

    def add_source(self, source: Source) -> None:
        """Add a source unless its address is known; for one without an address, its title."""
        name = source.url or source.title.casefold()
        index = self.known_sources.setdefault(name, len(self.sources))
        if index == len(self.sources):
            self.sources.append(source)
        elif source.url and self.sources[index].title == title_of(
            source.url
        ):  # a title that was derived from the address
            self.sources[index] = source


def is_bare(item: str) -> bool:
    """Return whether a line contains only a source: a link with a word before it, or a type and a title."""
    link = _LINK.search(item) or _URL.search(item)
    if not link:
        return bool(_TYPE_AND_TITLE.fullmatch(item))
    before, after = item[: link.start()], item[link.end() :]
    return not re.search(r"\w", after) and len(re.findall(r"\w+", before)) < 2


@lru_cache(maxsize=1 << 12)  # each is asked for twice, and pages share dates
def parse_date(text: str) -> date | None:
    """Return the date that a person wrote, or None.

    ISO dates with or without time and zone, day and month names in English, and numeric dates (day first where both are
    possible). A missing day or month is the first. Programs also write the milliseconds since 1970.
    """
    if not text.strip():
        return None
    if re.fullmatch(r"\s*[01]\d{12}\s*", text):
        return datetime.fromtimestamp(int(text) // 1000, timezone.utc).date()
    cleaned = _WEEKDAY.sub("", _TIME.sub("", text.strip()).rstrip())
    cleaned = re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", cleaned)
    cleaned = re.sub(r"\s+", " ", re.sub(r"(?<=[A-Za-z0-9])[,.](?=\s)", "", cleaned)).strip(" .")
    for form in _DATE_FORMATS:
        try:
            return datetime.strptime(cleaned, form).date()
        except ValueError:
            continue
    return None


def parse_source(line: str) -> Source | None:
    """Return a source from one line of Markdown: a link, a bare address, or ``Type: title``; None if it is none."""
    text = line.strip().lstrip("*-+ ").strip()
    if link := _LINK.search(text):
        url = link["url"]
        before = text[: link.start()].strip(" :–—-*")
        kind, title = _split_type(plain(link["title"]))
        if not kind and key(plain(before)) in SOURCE_TYPES:
            kind = plain(before).capitalize()
        return Source(kind or _guess_type(url), title, url)
    address = _URL.search(text)
    if address and text.count("`", 0, address.start()) % 2 == 0:  # in code it is no source
        url = address["url"].rstrip(".,;")
        before = text[: address.start()].strip(" :–—-*([<")
        kind, title = _split_type(plain(before)) if before else ("", "")
        if key(title) in SOURCE_TYPES:
            kind, title = title.capitalize(), ""
        return Source(kind or _guess_type(url), title or title_of(url), url)
    kind, title = _split_type(plain(text))
    return Source(kind, title) if kind and title else None


def _split_type(text: str) -> tuple[str, str]:
    match = _TYPED_TITLE.fullmatch(text)
    if match and match["type"].lower() in SOURCE_TYPES:
        return match["type"], match["title"]
    return "", text


def _guess_type(url: str) -> str:
    host = (_parts(url).hostname or "").removeprefix("www.")
    return _HOSTS.get(host, "Doc" if host.startswith("docs.") or "/docs" in url else "Web")


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # for example "http://[::1"
        return SplitResult("", "", url, "", "")


def title_of(url: str) -> str:
    """Return a readable title for a bare address, from its path or its host."""
    parts = _parts(url)
    host = (parts.hostname or url).removeprefix("www.")
    segments = [replace_hidden(unquote(s)) for s in parts.path.split("/") if s]
    if host == "arxiv.org" and len(segments) > 1:
        return f"arXiv:{segments[-1].removesuffix('.pdf')}"
    if host in ("github.com", "gitlab.com") and len(segments) >= 2:
        return "/".join(segments[:2])
    name = re.sub(r"\.(html?|pdf|md)$", "", segments[-1]) if segments else ""
    words = re.sub(r"[-_+]+", " ", name).strip()
    return f"{words} ({host})" if words else host


def repository_url(text: str) -> str:
    """Return the address of a repository given as URL, Markdown link or ``owner/name``; otherwise empty."""
    if link := re.search(r"https?://[\w.-]+/[\w.-]+/[\w.-]+", text):
        return link[0].removesuffix(".git")
    if re.fullmatch(r"[\w-]+/[\w.-]+", plain(text)):
        return f"https://github.com/{plain(text)}"
    return ""


def front_matter_value(value: Any) -> str:
    """Return a YAML value as one Markdown string. Lists become lines."""
    if isinstance(value, (list, tuple)):
        return "\n".join(front_matter_value(item) for item in value)
    if isinstance(value, dict):
        kind, title = value.get("type", ""), value.get("title", "")
        url = value.get("url", "")
        label = escape(f"{kind}: {title}" if kind and title else str(title or kind))
        return f"[{label}](<{safe_url(str(url))}>)" if url and label else str(url or label)
    return "" if value is None else str(value)
