"""Show a page's origin, trust and life cycle: badges, the contract of a computation, and the list of sources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from ..model import Found, WikiPage
from ..text.anchors import headings
from ..text.characters import is_web, safe_url
from ..text.links import split_fragment
from ..text.markdown import code_span, escape
from ..text.okf_fields import UNVERIFIED, CitedSource, Contract, Event, Knowledge, instant, path_of
from ..text.okf_page import anchor
from ..words import Words
from .note_links import Site, attached, own_heading, page_link


def badges(page: WikiPage, site: Site) -> list[str]:
    """Return a page's badges for status, trust tier and expiry, and the link to its resource, as Markdown."""
    known, words = page.knowledge, site.words
    if not known:
        return []
    shown = []
    if known.status:
        why = _in_attribute(words(f"status-{known.status}-why"))
        shown.append(f'[{words(f"status-{known.status}")}]{{.tw-status .tw-status-{known.status} title="{why}"}}')
    if known.verified or known.generated:
        why = _in_attribute(" ".join(_history(known, words)))
        shown.append(f'[{words(f"trust-{known.tier}")}](#sources){{.tw-trust .tw-trust-{known.tier} title="{why}"}}')
    if end := instant(known.stale_after):
        day = words.day(end.date())
        after, stale = end.isoformat(), _in_attribute(words("stale-since", day=day))
        shown.append(f'[{words("valid-until", day=day)}]{{.tw-stale data-after="{after}" data-stale="{stale}"}}')
    if is_web(known.resource):
        title = _in_attribute(known.resource)
        shown.append(f'[{words("resource")}](<{safe_url(known.resource)}>){{.tw-resource title="{title}"}}')
    return shown


def contract_section(page: WikiPage, site: Site) -> str:
    """Return, as Markdown, how to run an Attested Computation and check a run; empty for any other page."""
    contract, words = page.knowledge.contract if page.knowledge else None, site.words
    if not contract:
        return ""
    rows = "\n".join(
        f"- [{words(name)}]{{.tw-term}} [{value}]{{.tw-value}}"
        for name, value in _clauses(contract, page, site)
        if value
    )
    return f":::: {{.tw-contract}}\n[{words('contract')}]{{.tw-contract-title}}\n\n{rows}\n::::"


def _clauses(contract: Contract, page: WikiPage, site: Site) -> Iterator[tuple[str, str]]:
    words = site.words
    yield "runtime", code_span(contract.runtime)
    parameters = []
    for one in contract.parameters:
        need = words("required" if one.required.lower() in ("true", "yes", "1") else "optional")
        parameters.append(f"{code_span(one.name)} {escape(one.type)} ({need})")
    yield "parameters", "; ".join(parameters) or words("no-parameters")
    if contract.computation:
        yield "computation", field_link("computation", contract.computation, page, site)
    elif place := next((h.anchor for h in headings(page.content) if h.text.strip().lower() == "computation"), ""):
        yield "computation", f"[{words('on-this-page')}](#{place})"
    yield "executor", field_link("executor", contract.executor, page, site)
    yield "receipt", ", ".join(map(code_span, contract.receipt))
    yield "attester", field_link("attester", contract.attester, page, site)


def sources_section(page: WikiPage, site: Site, cited: str) -> str:
    """Return the Sources section of a page with OKF fields. ``cited`` are sources that only its text names."""
    known, words = page.knowledge or Knowledge(), site.words
    items = []
    for number, source in enumerate(known.sources, start=1):
        signals = " · ".join(_signals(source, words))
        line = f"{number}. []{{#{anchor(number)}}}{_source_link(source, page, site)}"
        items.append(line + (f" [{signals}]{{.tw-signals}}" if signals else ""))
    listed = "\n".join(items)
    told = [escape(text) for text in _history(known, words)]
    if end := instant(known.stale_after):
        told.append(words("valid-until-sentence", day=words.day(end.date())))
    if known.resource:
        resource = field_link("resource", known.resource, page, site)
        told.append(words("describes", resource=resource))
    history = "::: {.tw-provenance}\n" + "\n".join(f"- {line}" for line in told) + "\n:::" if told else ""
    none = "" if listed or cited or page.sources_text or page.remarks else words("no-sources")
    return "\n\n".join(filter(None, (own_heading(page, "sources", site), history, none, listed, cited)))


def field_link(edge: str, value: str, page: WikiPage, site: Site) -> str:
    """Return the target of a path-valued field as Markdown: a page, a file, a web address, or the value itself."""
    if not value:
        return ""
    if is_web(value):
        return f"[{escape(value)}](<{safe_url(value)}>)"
    target = split_fragment(value)[0]
    for link, resolution in site.graph.links(page):
        if link.is_path and link.edge == edge and link.target == target and isinstance(resolution, Found):
            return page_link(site.graph.pages[resolution.page_id], page, site)
    if copied := attached(value, page, site):
        return f"[{code_span(value.lstrip('/'))}](<{safe_url(copied)}>)"
    return code_span(value) if path_of(value) else escape(value)


def _source_link(source: CitedSource, page: WikiPage, site: Site) -> str:
    if is_web(source.resource):
        return f"[{escape(source.name)}](<{safe_url(source.resource)}>)"
    shown = field_link("source", source.resource, page, site)
    if source.title and source.title != source.resource and not shown.startswith("["):
        return f"{escape(source.title)}: {shown}"
    return shown


def _signals(source: CitedSource, words: Words) -> Iterator[str]:
    """Yield how far a source may be trusted."""
    if source.author:
        yield words("source-author", who=escape(actor(source.author, words)))
    if re.fullmatch(r"\d{1,15}", source.usage_count):
        used = words.count("source-used", int(source.usage_count))
        first, last = (_day(moment) for moment in source.window)
        yield f"{used} {words('between', first=words.day(first), last=words.day(last))}" if first and last else used
    if day := _day(source.last_modified):
        yield words("source-changed", day=words.day(day))


def _history(known: Knowledge, words: Words) -> Iterator[str]:
    """Yield the authors and the verifiers of a page as sentences, newest first."""
    newest = known.last_verified
    others = sorted((e for e in known.verified if e is not newest), key=lambda e: e.at, reverse=True)
    for event in [newest, *others] if newest else ():
        yield _sentence("confirmed", event, words)
    if known.tier == UNVERIFIED and known.generated:
        yield words("nobody-confirmed")
    if known.generated and known.generated.by:
        yield _sentence("written", known.generated, words)


def _sentence(name: str, event: Event, words: Words) -> str:
    who = actor(event.by, words)
    day = _day(event.at)
    return words(f"{name}-on", who=who, day=words.day(day)) if day else words(name, who=who)


def actor(by: str, words: Words) -> str:
    """Return an OKF actor in words: ``human:ann`` is a person, ``process:nightly`` a process."""
    kind, colon, name = by.partition(":")
    if not colon or not name:
        return by
    if kind == "human":
        return name
    return words("a-process", name=name) if kind == "process" else f"{name} ({kind})"


def _day(written: str) -> date | None:
    moment = instant(written) if written else None
    return moment.date() if moment else None


def _in_attribute(text: str) -> str:
    return re.sub(r'[\\"{}<>\n]', " ", text).strip()
