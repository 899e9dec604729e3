"""Source locations such as ``src/trainer.py:L279-284``, linked to the repository."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import quote, urlsplit

from ..model import WikiPage
from ..regex import regex
from ..text.sections import pieces

_SUFFIX = r"(?:py|pyi|ipynb|c|cc|cpp|cu|h|hpp|go|rs|js|ts|tsx|java|md|toml|yml|yaml|cfg|json|sh|txt)"
_LINES = r"L?(?P<first{0}>\d+)(?:\s*[-–]\s*L?(?P<last{0}>\d+))?"
# In code, or bare with an L before the number. Whole Markdown links come first, to pass unchanged.
_LOCATION = regex(
    r"(?<!\\)\[(?:[^\[\]\\]|\\.)*\]\([^)\s]{0,2000}\)"
    rf"|(?<![`\w/\[])`(?P<path>(?:[\w.-]+/)*[\w.-]+\.{_SUFFIX}):{_LINES.format('')}`(?![`{{\]])"
    r"|(?<![`\w/\[:.\\!-])(?=[\w.\\-]+/)"  # what is no path is soon given up
    rf"(?P<bare>(?:[\w.-]|\\_)+/(?:[\w./-]|\\_)*\.{_SUFFIX}):(?=L){_LINES.format('_')}(?![\w`{{\]])"
)
_SIGN = regex(rf"\.{_SUFFIX}:L?\d")
"""What each place holds. It begins with a literal, so that a text is searched many times faster for it."""
_MENTION = regex(rf"(?<![\w/.:-])((?:[\w.-]+/)+[\w.-]+\.{_SUFFIX})\b")
_HOSTS = {
    "github.com": "{repo}/blob/{revision}/{path}#L{first}-L{last}",
    "gitlab.com": "{repo}/-/blob/{revision}/{path}#L{first}-{last}",
}

FileIndex = Mapping[tuple[str, str], frozenset[str]]
"""Full paths by (repository, file name), as the pages of the wiki name them."""


def repository(page: WikiPage) -> str:
    """The address of the one repository that a page describes, or empty."""
    found = []
    for source in page.sources:
        try:
            parts = urlsplit(source.url)
        except ValueError:
            continue
        segments = [s for s in parts.path.split("/") if s]
        if parts.hostname in _HOSTS and len(segments) >= 2:
            found.append(f"https://{parts.hostname}/{segments[0]}/{segments[1].removesuffix('.git')}")
    named = [s.url.rstrip("/") for s in page.sources if s.type.lower() in ("repo", "repository", "code")]
    return next((repo for repo in found if repo in named), found[0] if len(set(found)) == 1 else "")


def mentions(page: WikiPage) -> set[str]:
    """The files that a page names by their full paths."""
    return set(_MENTION.findall(page.content))


def file_index(pages: Iterable[WikiPage]) -> FileIndex:
    """Where the wiki says that each file of a repository lies."""
    index: dict[tuple[str, str], set[str]] = defaultdict(set)
    for page in pages:
        repo = repository(page)
        for path in mentions(page) if repo else ():
            index[repo, path.rsplit("/", 1)[1]].add(path)
    return {key: frozenset(paths) for key, paths in index.items()}


def locations(markdown: str, page: WikiPage, files: FileIndex) -> dict[str, str]:
    """The addresses of the places that a page's Markdown names, by how they are written there.

    A place whose full path is unknown has no address.
    """
    repo = repository(page) if ":" in markdown else ""
    if not repo:
        return {}
    result: dict[str, str] = {}
    for match, path in _places(markdown):
        first, last = match["first"] or match["first_"], match["last"] or match["last_"]
        if "/" not in path:
            known = files.get((repo, path), frozenset())
            if len(known) != 1:
                continue
            (path,) = known
        result[match[0].strip("`").replace("\\_", "_")] = _HOSTS[urlsplit(repo).hostname or ""].format(
            repo=repo,
            revision=page.commit or "HEAD",
            path=quote(path),
            first=first,
            last=last or first,
        )
    return result


def names_of_files(markdown: str, page: WikiPage) -> tuple[str, ...]:
    """The files in which a page's Markdown names places and whose full paths other pages may know."""
    if ":" not in markdown or not repository(page):
        return ()
    return tuple(sorted({path for _, path in _places(markdown) if "/" not in path}))


def _places(markdown: str) -> Iterator[tuple[re.Match[str], str]]:
    """The places that a text names, with the path or the name of each one's file."""
    for text, is_code in pieces(markdown):
        if is_code or not _SIGN.search(text):
            continue
        for match in _LOCATION.finditer(text):
            if match["path"] or match["bare"]:
                yield match, (match["path"] or match["bare"].replace("\\_", "_")).removeprefix("./")
