"""Write the pages about the wiki itself: the audit, its rules, and the wanted pages."""

from __future__ import annotations

import html
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..model import Missing, WikiPage
from ..notes.note_links import Site, source_address
from ..problems import Problem, rules, summary
from ..schema import ADVICE, ENVIRONMENT
from ..text.markdown import code_span, escape, escape_smart
from ..text.tables import pipe_lines
from .long_lists import Listed, advice_list, anchor, coverage_list, environment_list, html_link, long_list, with_code

FOLDER = "wiki"
"""Relative to the notes folder. No page type may have this slug."""


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
    lead = words("audit-lead", pages=len(graph.pages), edges=len(graph.edges), found=summary(problems))
    counts = _table(
        (words("pages-head"), words("count-head")),
        [(escape(t.plural), str(types[t.name])) for t in schema.types.values()],
    )
    names = [*schema.edges, *sorted(edges.keys() - schema.edges.keys())]
    labels = [(escape(schema.edges[n].label) if n in schema.edges else code_span(n), str(edges[n])) for n in names]
    joined = _table((words("connection-head"), words("count-head")), labels)
    listed, files = _by_page(site, problems, outside)
    page = _page(
        words("audit"),
        lead,
        f"## {words('audit-problems')} {{#problems}}",
        listed,
        f"## {words('audit-rules')} {{#rules}}",
        _states(problems, severities),
        f"## {words('audit-counts')} {{#counts}}",
        counts,
        joined,
    )
    return {"wiki/audit.qmd": page.encode(), **files}


def _states(problems: Sequence[Problem], severities: Mapping[str, str]) -> str:
    found = Counter(p.code for p in problems)
    rows = []
    for code, rule in rules().items():
        severity = severities.get(code, rule.severity)
        state = "off" if severity == "off" else f"**{found[code]} found**" if found[code] else "passes"
        rows.append((f"[{code}](rules.html#{code.lower()})", escape(rule.name), severity, state))
    return _table(("Rule", "Finds", "Severity", "State"), rows)


def _by_page(site: Site, problems: Sequence[Problem], outside: Sequence[str]) -> Listed:
    if not problems:
        return site.words("audit-none"), {}
    pages = {page.path: page for page in site.graph.pages.values()}
    seen: set[str] = set()
    items = []
    by_path: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    for problem in (problem for listed in by_path.values() for problem in listed):
        page = pages.get(problem.path)
        title = html_link(page, site) if page else f"<code>{html.escape(_from_the_wiki(problem.path, outside))}</code>"
        anchor = f"{anchor_of(site, page)}\0" if page and problem.path not in seen else ""
        seen.add(problem.path)
        hint = f" <em>({with_code(_from_the_wiki(problem.hint, outside))})</em>" if problem.hint else ""
        items.append(
            f'{anchor}<span class="tw-at">{title} {_place(problem, site)}</span> '
            f'<span class="tw-severity tw-{problem.severity}">{problem.severity}</span> '
            f'<a href="rules.html#{problem.code.lower()}">{problem.code}</a> '
            f'<span class="tw-said">{with_code(_from_the_wiki(problem.message, outside))}{hint}</span>'
        )
    return long_list("audit", items, site, "tw-found-problems")


def _from_the_wiki(text: str, outside: Sequence[str]) -> str:
    """Return a text with its paths relative to the folder of the wiki."""
    for folder in outside:
        text = text.replace(folder, "")
    return text


def anchor_of(site: Site, page: WikiPage) -> str:
    """Return the anchor of a page's problems in the audit."""
    return site.names[page.id].replace("/", "-").lower()


def _place(problem: Problem, site: Site) -> str:
    shown = html.escape(site.words("line", line=problem.line, column=problem.column))
    if address := source_address(problem.path, "blob", site):
        return f'<a href="{html.escape(address)}#L{problem.line}">{shown}</a>'
    return shown


def _link(page: WikiPage, site: Site) -> str:
    slug = site.schema.types[page.page_type].slug
    return f"[{escape(page.page_title)}](../{site.names[page.id]}.html){{.tw-link .tw-{slug}}}"


def rules_page() -> str:
    """Return the page that describes the audit's rules."""
    blocks = [
        f"## {code}: {escape(rule.name)} {{#{code.lower()}}}\n\n{escape(rule.text)}\n\n"
        f"- **Severity**: {rule.severity}\n- **Example**: {code_span(rule.example)}\n- **Mend**: {escape(rule.mend)}"
        for code, rule in rules().items()
    ]
    lead = "What the audit checks, with an example of each rule and how to mend it."
    return _page("Rules", lead, *blocks)


def report_files(site: Site) -> dict[str, bytes]:
    """Return the reports on dependencies and on each Workflow's coverage, by path relative to the notes folder."""
    words = site.words
    coverage, files = coverage_list(site)
    files, parts = dict(files), [f"## {words('coverage')} {{#coverage}}", coverage]
    for role, listed_by in ((ENVIRONMENT, environment_list), (ADVICE, advice_list)):
        for kind in site.schema.with_role(role):
            listed, more = listed_by(kind, site)
            files |= more
            parts += [f"## {escape(kind.plural)} {{#{anchor(kind)}}}", listed] if listed else []
    page = _page(words("report"), words("report-lead"), *parts)
    return {"wiki/report.qmd": page.encode(), **files}


def wanted_page(site: Site) -> str:
    """Return the page of missing link targets, most wanted first."""
    wanted: dict[str, dict[str, WikiPage]] = defaultdict(dict)
    for name, page in missing(site):
        wanted[name][page.id] = page
    rows = [
        (code_span(name), str(len(pages)), ", ".join(_link(page, site) for page in pages.values()))
        for name, pages in sorted(wanted.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    lead = "Pages that others link to and that nobody has written yet."
    return _page(
        "Wanted pages", lead, _table(("Page", "Wanted by", "Pages"), rows) if rows else "None: no link is broken."
    )


def missing(site: Site) -> Iterator[tuple[str, WikiPage]]:
    """Yield the name in each link without a target, and the page that has the link."""
    for page in site.graph.pages.values():
        for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
            if isinstance(resolution, Missing) and not (
                resolution.unknown_type or resolution.held_back or resolution.is_value or link.is_path
            ):
                yield f"{link.type}:{link.target}" if link.type else link.target, page
