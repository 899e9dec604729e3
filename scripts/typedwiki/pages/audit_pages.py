"""The pages about the wiki itself: the audit, the rules it applies, and the pages that are wanted."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..model import Missing, WikiPage
from ..notes.note_links import Site, source_address
from ..problems import Problem, rules, summary
from ..text.markdown import code_span, escape, escape_smart
from ..text.tables import pipe_lines
from .report import report

FOLDER = "wiki"
"""Below the notes folder; no page type may have this slug."""


def _page(title: str, lead: str, *parts: str) -> str:
    head = f'---\ntitle: {title}\ndescription-meta: "{escape_smart(lead)}"\n---'
    return "\n\n".join([head, f"::: {{.tw-lead}}\n{escape(lead)}\n:::", *filter(None, parts)]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(pipe_lines([head, *rows]))


def audit_page(
    site: Site, problems: Sequence[Problem], severities: Mapping[str, str], outside: Sequence[str] = ()
) -> str:
    """What the audit has found, page by page, and how many pages and edges there are.

    ``outside`` are the folders of a wiki that lies outside the project, with a slash at the end: paths are shown
    from there on, for where a wiki lies on the machine that builds its site is nobody's business.
    """
    graph, schema = site.graph, site.schema
    types = Counter(page.page_type for page in graph.pages.values())
    edges = Counter(edge.type for edge in graph.edges)
    lead = f"What a check of all {len(graph.pages)} pages and {len(graph.edges)} edges found: {summary(problems)}."
    counts = _table(("Pages", "Count"), [(escape(t.plural), str(types[t.name])) for t in schema.types.values()])
    names = [*schema.edges, *sorted(edges.keys() - schema.edges.keys())]
    joined = _table(("Edge", "Count"), [(code_span(name), str(edges[name])) for name in names])
    steps = [
        (_link(page, site), str(sum(edge.type == "step" for edge in graph.outgoing.get(page.id, ()))))
        for page in graph.pages.values()
        if schema.types[page.page_type].rank == 0
    ]
    return _page(
        "Audit",
        lead,
        "## Problems {#problems}",
        _by_page(site, problems, outside),
        "## Rules {#rules}",
        _states(problems, severities),
        "## Counts {#counts}",
        counts,
        joined,
        _table(("Workflow", "Steps"), steps) if steps else "",
    )


def _states(problems: Sequence[Problem], severities: Mapping[str, str]) -> str:
    found = Counter(p.code for p in problems)
    rows = []
    for code, rule in rules().items():
        severity = severities.get(code, rule.severity)
        state = "off" if severity == "off" else f"**{found[code]} found**" if found[code] else "passes"
        rows.append((f"[{code}](rules.html#{code.lower()})", escape(rule.name), severity, state))
    return _table(("Rule", "Finds", "Severity", "State"), rows)


def _by_page(site: Site, problems: Sequence[Problem], outside: Sequence[str]) -> str:
    if not problems:
        return "None."
    pages = {page.path: page for page in site.graph.pages.values()}
    by_path: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        by_path[problem.path].append(problem)
    blocks = []
    for path, listed in by_path.items():
        page = pages.get(path)
        title = _link(page, site) if page else code_span(_from_the_wiki(path, outside))
        anchor = f" {{#{anchor_of(site, page)}}}" if page else ""
        items = [
            f"- [{p.severity}]{{.tw-severity .tw-{p.severity}}} [{p.code}](rules.html#{p.code.lower()}) "
            f"{_place(p, site)}: {_message(_from_the_wiki(p.message, outside))}"
            + (f" *({_message(_from_the_wiki(p.hint, outside))})*" if p.hint else "")
            for p in listed
        ]
        blocks.append(f"### {title}{anchor}\n\n" + "\n".join(items))
    return "\n\n".join(blocks)


def _from_the_wiki(text: str, outside: Sequence[str]) -> str:
    """A text whose paths begin at the folder of the wiki."""
    for folder in outside:
        text = text.replace(folder, "")
    return text


def _message(text: str) -> str:
    """A message as Markdown: what it puts in backticks is code."""
    parts = re.split(r"`([^`]+)`", text)
    return "".join(code_span(part) if i % 2 else escape(part) for i, part in enumerate(parts))


def anchor_of(site: Site, page: WikiPage) -> str:
    """Where the audit lists a page's problems."""
    return site.names[page.id].replace("/", "-").lower()


def _place(problem: Problem, site: Site) -> str:
    shown = f"line {problem.line}, column {problem.column}"
    if address := source_address(problem.path, "blob", site):
        return f"[{shown}](<{address}#L{problem.line}>)"
    return shown


def _link(page: WikiPage, site: Site) -> str:
    slug = site.schema.types[page.page_type].slug
    return f"[{escape(page.page_title)}](../{site.names[page.id]}.html){{.tw-link .tw-{slug}}}"


def rules_page() -> str:
    """What the audit checks."""
    blocks = [
        f"## {code}: {escape(rule.name)} {{#{code.lower()}}}\n\n{escape(rule.text)}\n\n"
        f"- **Severity**: {rule.severity}\n- **Example**: {code_span(rule.example)}\n- **Mend**: {escape(rule.mend)}"
        for code, rule in rules().items()
    ]
    lead = "What the audit checks, with an example of each rule and how to mend it."
    return _page("Rules", lead, *blocks)


def report_page(site: Site) -> str:
    """The enrichment report."""
    lead = "Who needs which Environment, what each Heuristic applies to, how much of each Workflow is covered."
    return _page(
        "Report", lead, report(site.graph, site.schema, lambda page: _link(page, site), site.requirements).strip()
    )


def wanted_page(site: Site) -> str:
    """Missing targets, those that most pages want first."""
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
    """The name in each link that leads nowhere, with the page that it stands on."""
    for page in site.graph.pages.values():
        for link, resolution in zip(page.outgoing_links, site.graph.resolutions[page.id], strict=True):
            if isinstance(resolution, Missing) and not (
                resolution.unknown_type or resolution.held_back or link.is_path
            ):
                yield f"{link.type}:{link.target}" if link.type else link.target, page
