"""Write the pages about the wiki itself: the audit, its rules, wanted pages, and contents and changes of a bundle."""

from __future__ import annotations

import html
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from urllib.parse import quote, unquote

from msgspec.structs import replace

from ..listings import (
    CONTENTS,
    Listing,
    Listings,
    address,
    blocks,
    conforming_log,
    folder_anchor,
    folder_of,
    without_title,
)
from ..model import Missing, WikiPage, grouped
from ..notes.note_file import problem_anchor
from ..notes.note_links import Site, link_classes, plain_link, relative, source_address
from ..problems import SEVERITIES, Problem, Rule, rules
from ..regex import regex
from ..schema import ADVICE, ENVIRONMENT
from ..text.characters import safe_url
from ..text.markdown import code_span, escape, escape_smart, plain
from ..text.tables import pipe_lines
from ..words import Words, translated
from .long_lists import Listed, advice_list, anchor, coverage_list, environment_list, html_link, long_list, with_code
from .report import first_sentence
from .site import shortened

_CODE = regex(r"`[^`]+`|!?\[\[[^\[\]]+\]\]")


def _page(title: str, lead: str, *parts: str) -> str:
    head = f'---\ntitle: {title}\ndescription-meta: "{escape_smart(lead)}"\n---'
    return "\n\n".join([head, f"::: {{.tw-lead}}\n{escape(lead)}\n:::", *filter(None, parts)]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(pipe_lines([head, *rows]))


def audit_files(
    site: Site, problems: Sequence[Problem], severities: Mapping[str, str], outside: Sequence[str] = ()
) -> dict[str, bytes]:
    """Return the audit's findings by page, and the numbers of pages and edges, as files by path relative to the notes
    folder.

    ``outside`` are the folders, ending in a slash, of a wiki outside the project. Paths are shown relative to them, so
    that the site does not reveal where the wiki lies on the build machine.
    """
    graph, schema, words = site.graph, site.schema, site.words
    types = Counter(page.page_type for page in graph.pages.values())
    edges = Counter(edge.type for edge in graph.edges)
    severity_counts = Counter(problem.severity for problem in problems)
    found = [words.count(f"found-{name}", severity_counts[name]) for name in SEVERITIES if severity_counts[name]]
    found_text = ", ".join(found) or words("found-nothing")
    lead = words("audit-lead", pages=len(graph.pages), edges=len(graph.edges), found=found_text)
    counts = _table(
        (words("pages-head"), words("count-head")),
        [(escape(t.plural), str(types[t.name])) for t in schema.types.values()],
    )
    names = [*schema.edges, *sorted(edges.keys() - schema.edges.keys())]
    labels = [(escape(schema.edges[n].label) if n in schema.edges else code_span(n), str(edges[n])) for n in names]
    joined = _table((words("connection-head"), words("count-head")), labels)
    problem_list, files = _by_page(site, problems, outside)
    page = _page(
        words("audit"),
        lead,
        f"## {words('audit-problems')} {{#problems}}",
        problem_list,
        f"## {words('audit-rules')} {{#rules}}",
        _states(problems, severities, words),
        f"## {words('audit-counts')} {{#counts}}",
        counts,
        joined,
    )
    return {"wiki/audit.qmd": page.encode(), **files}


def _translated(rule: Rule, words: Words) -> Rule:
    """Return a rule in the language of the site."""
    return replace(rule, **words.rules.get(rule.code, {}))


def _states(problems: Sequence[Problem], severities: Mapping[str, str], words: Words) -> str:
    counts = Counter(p.code for p in problems)
    rows = []
    for code, rule in rules().items():
        severity = severities.get(code, rule.severity)
        state = words.count("state-found", counts[code]) if counts[code] else words("state-passes")
        state = words("severity-off") if severity == "off" else f"**{state}**" if counts[code] else state
        name = escape(_translated(rule, words).name)
        rows.append((f"[{code}](rules.html#{code.lower()})", name, words(f"severity-{severity}"), state))
    return _table([words(f"{column}-head") for column in ("rule", "finds", "severity", "state")], rows)


def _by_page(site: Site, problems: Sequence[Problem], outside: Sequence[str]) -> Listed:
    if not problems:
        return site.words("audit-none"), {}
    pages = {page.path: page for page in site.graph.pages.values()}
    anchored: set[str] = set()
    items = []
    by_path = grouped(problems, lambda problem: problem.path)
    worst_first = sorted(by_path.values(), key=lambda own: min(SEVERITIES.index(problem.severity) for problem in own))
    for problem in (problem for own in worst_first for problem in own):
        page = pages.get(problem.path)
        title = html_link(page, site) if page else f"<code>{html.escape(_from_the_wiki(problem.path, outside))}</code>"
        anchor = f"{problem_anchor(page, site)}\0" if page and problem.path not in anchored else ""
        anchored.add(problem.path)
        rule_name = html.escape(f" {site.words.rules[problem.code]['name']}") if site.words.rules else ""
        message, hint = (_said(text, problem.code, site.words, outside) for text in (problem.message, problem.hint))
        items.append(
            f'{anchor}<span class="tw-at">{title} {_source_link(problem, site)}</span> '
            f'<span class="tw-severity tw-{problem.severity}">{site.words(f"severity-{problem.severity}")}</span> '
            f'<a href="rules.html#{problem.code.lower()}">{problem.code}{rule_name}</a> '
            f'<span class="tw-said">{message}{f" <em>({hint})</em>" if hint else ""}</span>'
        )
    return long_list("audit", items, site, "tw-found-problems")


def _said(text: str, code: str, words: Words, outside: Sequence[str]) -> str:
    """Return a message as HTML in the language of the site, or marked as English if the language has no text for it."""
    own = translated(text, code, words.language)
    shown = with_code(_from_the_wiki(own or text, outside))
    return f'<span lang="en">{shown}</span>' if text and words.messages and not own else shown


def _from_the_wiki(text: str, outside: Sequence[str]) -> str:
    """Return a text with its paths relative to the folder of the wiki."""
    for folder in outside:
        text = text.replace(folder, "")
    return text


def _source_link(problem: Problem, site: Site) -> str:
    text = html.escape(site.words("line", line=problem.line, column=problem.column))
    if source := source_address(problem.path, "blob", site):
        return f'<a href="{html.escape(source)}#L{problem.line}">{text}</a>'
    return text


def _marked(text: str) -> str:
    """Return a text of a rule as Markdown. Text in backticks becomes code, and so are links of a wiki."""
    position, parts = 0, []
    for code in _CODE.finditer(text):
        parts += [escape(text[position : code.start()]), code_span(code[0].strip("`"))]
        position = code.end()
    return "".join([*parts, escape(text[position:])])


def rules_page(words: Words) -> str:
    """Return the page that describes the audit's rules."""
    blocks = [
        f"## {rule.code}: {escape(rule.name)} {{#{rule.code.lower()}}}\n\n{_marked(rule.text)}\n\n"
        f"- **{words('severity-head')}**: {words(f'severity-{rule.severity}')}\n"
        f"- **{words('example')}**: {code_span(rule.example)}\n- **{words('mend')}**: {_marked(rule.mend)}"
        for rule in (_translated(rule, words) for rule in rules().values())
    ]
    return _page(words("rules"), words("rules-lead"), words("rules-letters"), *blocks)


def report_files(site: Site) -> dict[str, bytes]:
    """Return the reports on dependencies and on each Workflow's coverage, by path relative to the notes folder."""
    words = site.words
    coverage, files = coverage_list(site)
    files, parts = dict(files), [f"## {words('coverage')} {{#coverage}}", coverage]
    for role, make_list in ((ENVIRONMENT, environment_list), (ADVICE, advice_list)):
        for kind in site.schema.with_role(role):
            text, list_files = make_list(kind, site)
            files |= list_files
            parts += [f"## {escape(kind.plural)} {{#{anchor(kind)}}}", text] if text else []
    page = _page(words("report"), words("report-lead"), *parts)
    return {"wiki/report.qmd": page.encode(), **files}


def wanted_page(site: Site) -> str:
    """Return the page of missing link targets, most wanted first."""
    wanting_pages: dict[str, dict[str, WikiPage]] = defaultdict(dict)
    for name, page in missing(site):
        wanting_pages[name][page.id] = page
    rows = [
        (code_span(name), str(len(pages)), ", ".join(plain_link(page, site) for page in pages.values()))
        for name, pages in sorted(wanting_pages.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    words = site.words
    head = [words(f"wanted-{column}") for column in ("page", "by", "pages")]
    return _page(words("wanted"), words("wanted-lead"), _table(head, rows) if rows else words("wanted-none"))


def missing(site: Site) -> Iterator[tuple[str, WikiPage]]:
    """Yield the name in each link without a target, and the page that has the link."""
    for page in site.graph.pages.values():
        for link, resolution in site.graph.links(page):
            if isinstance(resolution, Missing) and not (
                resolution.unknown_type or resolution.held_back or resolution.is_value or link.is_path
            ):
                yield f"{link.type}:{link.target}" if link.type else link.target, page


def contents_page(listings: Listings, site: Site) -> str:
    """Return the folders of a bundle in order of their paths: their index files, and pages missing from these."""
    indexes = {file.folder: file for file in listings.indexes}
    roots = {file.root for file in listings.indexes}
    pages = (page for page in site.graph.pages.values() if page.root in roots)
    folder_pages = grouped(pages, lambda page: folder_of(page.path, page.root))
    parts = []
    order = {folder: number for number, folder in enumerate(_listed_folders(listings))}
    for folder in sorted({*indexes, *folder_pages}, key=lambda folder: _sort_key(folder, order)):
        index = indexes.get(folder)
        if folder:
            title = " / ".join(map(escape, folder.split("/")))
            parts.append(f"## {title} {{#{folder_anchor(folder)}}}")
        if index:
            parts += blocks(index.text, 3, partial(_reserved_link, file=index, listings=listings, site=site))
        listed_ids = listings.pages(index) if index else frozenset()
        unlisted_pages = [page for page in folder_pages.get(folder, ()) if page.id not in listed_ids]
        parts += ["\n".join(_entries(unlisted_pages, site))] if unlisted_pages else []
    return _page(site.words("contents"), site.words("contents-lead"), *parts)


def _listed_folders(listings: Listings) -> Iterator[str]:
    """Yield the folders in the order in which the index files name them."""
    for file in listings.indexes:
        for link in file.links:
            target = listings.targets.get((file.path, link.written))
            if target and target.kind == "folder":
                yield target.name


def _sort_key(folder: str, order: Mapping[str, int]) -> list[tuple[int, str]]:
    """Return the sort key of a folder: below its parent folder, in the order of the index, then by name."""
    parts = folder.split("/") if folder else []
    above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    return [(order.get(path, len(order)), path) for path in above]


def changes_page(listings: Listings, site: Site) -> str:
    """Return the logs of a bundle as a page, that of the whole bundle first."""
    parts: list[str] = []
    logs = listings.logs
    for file in sorted(logs, key=lambda log: log.folder):
        if len(logs) > 1:
            parts.append(f"## {escape(file.folder) or escape(site.words('whole-wiki'))}")
        level = 3 if len(logs) > 1 else 2
        days = f"{folder_anchor(file.folder)}-day" if file.folder else "day"
        link_to = partial(_reserved_link, file=file, listings=listings, site=site)
        parts += blocks(without_title(conforming_log(file)), level, link_to, days)
    return _page(site.words("changes"), site.words("changes-lead"), *parts)


def _reserved_link(link: str, file: Listing, listings: Listings, site: Site) -> str:
    """Return what follows the label of a link in a reserved file (see ``listings.LinkTo``). ``link`` is its address."""
    target = listings.targets.get((file.path, unquote(link))) or listings.targets.get((file.path, link))
    if target is None:
        if re.match(r"(?:https?|ftp|mailto):", link):
            return f"(<{safe_url(link)}>)"
        copy = site.assets.get((file.path, unquote(link)))
        return f"(<{relative(copy, CONTENTS)}>)" if copy else ""
    if target.kind == "page":
        page = site.graph.pages[target.name]
        return f"(<../{quote(site.names[page.id])}.html>){_classes(page, site)}"
    return f"(<{relative(address(target), CONTENTS)}>)"


def _classes(page: WikiPage, site: Site) -> str:
    return f"{{{' '.join(f'.{name}' for name in link_classes(page, site))}}}"


def _entries(pages: Iterable[WikiPage], site: Site) -> Iterator[str]:
    for page in sorted(pages, key=lambda p: (p.is_deprecated, p.page_title.casefold(), p.id)):
        about = escape(plain(shortened(first_sentence(page.overview), 200)))
        yield f"-   [{escape(page.page_title)}](<../{quote(site.names[page.id])}.html>){_classes(page, site)}" + (
            f" - {about}" if about else ""
        )
