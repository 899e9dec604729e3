"""Write the files that the whole site shares: type colours, page data, the listing, the home page's parts."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from urllib.parse import quote

from ..listings import CHANGES, CONTENTS
from ..model import WikiPage
from ..notes.graph import vis_network
from ..notes.link_table import reader_of
from ..notes.note_file import minutes, path_minutes
from ..notes.note_links import Site, path_name
from ..program import extension
from ..regex import regex
from ..schema import ADVICE, ENVIRONMENT, PageType, Schema
from ..text.markdown import category, escape, escape_smart
from .report import first_sentence

OVERVIEW_LIMIT, LISTED_LIMIT = 300, 160
"""Maximum number of characters of an overview in previews, and of its first sentence in the home page's listing."""


def shortened(text: str, limit: int = OVERVIEW_LIMIT) -> str:
    """Return an overview for previews and listings: at most ``limit`` characters."""
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0].rstrip(" ,;:–-") + "…"


def in_reading_order(site: Site) -> list[WikiPage]:
    """Return pages by rank of type, then title: the order of listings, and of page numbers in the data."""
    types = site.schema.types
    return sorted(
        site.graph.pages.values(),
        key=lambda p: (types[p.page_type].rank, p.page_type, p.is_deprecated, p.page_title.casefold(), p.id),
    )


def script(name: str, data: object) -> str:
    """Return a JavaScript file that sets a global to data."""
    return f"window.{name}={script_json(data)};\n"


def script_json(data: object) -> str:
    """Return data as JSON that can stand in a script, whatever text the data holds."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).replace("</", "<\\/")


def pages_js(site: Site) -> str:
    """Return ``window.typedwikiPages``, an object of

    - types: [slug, name, plural] of each page type, in order of rank
    - namespaces, domains: names, in alphabetical order; domains as notes show them
    - pages: one array for each page, in reading order; its index is the page's number:
      [stem, title, type, overview, namespace, [domain …], [environment …], [heuristic …], problems,
      date, edges, minutes, place by title], followed by 1 for a deprecated page. The note is
      notes/<slug of the type>/<stem>.html; a title that is the stem with spaces is left empty. Type, namespace (-1 for
      none) and domains are indexes into the lists above. Environments and heuristics are numbers of the pages of types
      with these roles that typed edges reach. The date is ISO 8601 or empty; edges counts those of the page in either
      direction.
    - paths: for each reading path the numbers of its pages, the Workflow first.
    """
    graph, schema = site.graph, site.schema
    pages = in_reading_order(site)
    number = {page.id: i for i, page in enumerate(pages)}
    types = sorted(schema.types.values(), key=lambda t: t.rank)
    namespaces = _places(page.namespace for page in pages if page.namespace)
    domains = _places(category(domain) for page in pages for domain in page.domains)
    by_title = sorted(pages, key=lambda p: (p.page_title.casefold(), number[p.id]))
    place = {page.id: i for i, page in enumerate(by_title)}
    type_of = {page_type.name: i for i, page_type in enumerate(types)}

    def entry(page: WikiPage) -> list[object]:
        reached = [page, *(graph.pages[other] for other in graph.below([page.id], schema))]
        touching = len(graph.outgoing.get(page.id, ())) + len(graph.incoming.get(page.id, ()))
        stem = site.names[page.id].rpartition("/")[2]
        return [
            stem,
            "" if page.page_title == stem.replace("_", " ") else page.page_title,
            type_of[page.page_type],
            shortened(page.overview),
            namespaces.get(page.namespace, -1),
            [domains[category(domain)] for domain in page.domains],
            [number[other.id] for other in reached if types[type_of[other.page_type]].role == ENVIRONMENT],
            [number[other.id] for other in reached if types[type_of[other.page_type]].role == ADVICE],
            site.problems.get(page.path, 0),
            page.last_updated.isoformat() if page.last_updated else "",
            touching,
            minutes(page),
            place[page.id],
            *([1] if page.is_deprecated else []),
        ]

    return script(
        "typedwikiPages",
        {
            "types": [[t.slug, t.name, t.plural] for t in types],
            "namespaces": list(namespaces),
            "domains": list(domains),
            "pages": [entry(page) for page in pages],
            "paths": [[number[page_id] for page_id in path.pages()] for path in site.paths.values()],
        },
    )


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: i for i, name in enumerate(sorted(set(names), key=lambda n: (n.casefold(), n)))}


WAYS_IN = "assets/ways-in.md"
"""Generated part of the home page, relative to the notes folder."""
EXPLORE = "notes/wiki/explore.html"
"""Relative to the home page."""
LISTED = 150
"""Maximum number of notes that the home page lists. Explore has all."""
STARTS, START_LIMIT = 9, 160
"""Maximum number of Workflow cards on the home page, and of characters of each description."""
NOTHING = "\u00a0"
NEWEST = 5
"""Number of last changed pages that the home page lists."""


def data_files(site: Site) -> dict[str, bytes]:
    """Return the files that list pages, by path relative to the notes folder."""
    return {
        "assets/pages.js": pages_js(site).encode(),
        "assets/listing.yml": _listing(site).encode(),
        WAYS_IN: _ways_in(site).encode(),
    }


_SPACE = regex(r"(?<=[{};])\s+")


def own_styles(project: Path) -> str:
    """Return all style sheets of the extension as one, without comments and unneeded space, so that a page loads one
    small file."""
    sheets = sorted((extension(project) / "assets").glob("*.css"))
    first, *rest = "".join(sheet.read_text(encoding="utf-8") for sheet in sheets).split("/*")
    return _SPACE.sub("", first + "".join(part.partition("*/")[2] for part in rest)).replace(" {", "{")


def asset_files(
    site: Site, described: bool, styles: str, mermaid: Path | None, chooses_math: bool = True
) -> dict[str, bytes]:
    """Return the files that do not depend on pages, by path relative to the notes folder.

    With ``described``, boot.js tells browsers of the site's search description. ``styles`` are those of the extension.
    ``mermaid`` is the script that draws diagrams, if the wiki has some and the script is installed. ``chooses_math``
    means that the site sets how formulas are shown.
    """
    math = "" if chooses_math else "html-math-method: mathml\n"
    files: dict[str, bytes] = {
        "assets/vis-network.min.js": vis_network(),
        "assets/types.css": f"{types_css(site.schema)}{styles}{_hidden(site)}{_for_scripts(site, described)}".encode(),
        "assets/words.js": site.words.script(diagrams=mermaid is not None).encode(),
        **({"assets/mermaid.min.js": mermaid.read_bytes()} if mermaid else {}),
    }
    for slug in {
        "wiki",
        *(["path"] if site.paths else []),
        *(n.partition("/")[0] for n in site.names.values() if "/" in n),
    }:
        files[f"{slug}/_metadata.yml"] = f"from: {reader_of(slug)}\npreserve-tabs: true\n{math}".encode()
    return files


def _for_scripts(site: Site, described: bool) -> str:
    """Return what boot.js needs on every page: the words of the link past the menus, and whether the site is
    ``described``. Another file would be another request.
    """
    words = site.words("skip").replace('"', "")
    return f':root{{--tw-skip:"{words}";{"--tw-opensearch:1" if described else ""}}}\n'


def types_css(schema: Schema) -> str:
    """Return colour and icon of each type, in both themes. Quarto's dark theme sets ``quarto-dark``."""

    def variables(which: int) -> str:
        return "".join(f"--tw-{t.slug}:{t.colour[which]};" for t in schema.types.values())

    rules = [f":root{{{variables(0)}}}", f"@media screen{{.quarto-dark,[data-theme=dark]{{{variables(1)}}}}}"]
    for page_type in schema.types.values():
        rules.append(f".tw-{page_type.slug}{{--tw-type:var(--tw-{page_type.slug});--tw-icon:{_icon(page_type)}}}")
    return "\n".join(rules) + "\n"


def _hidden(site: Site) -> str:
    """Return styles that hide navigation entries, named in settings, for pages that this wiki does not have."""
    ends = [f'[href$="notes/wiki/{name}.html"]' for name in sorted(site.absent)]
    return "".join(f"li:has(>a{end}),a{end}{{display:none}}\n" for end in ends)


def _icon(page_type: PageType) -> str:
    return (
        "url(\"data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24'%3E"
        f"%3Cpath d='{page_type.icon}'/%3E%3C/svg%3E\")"
    )


def listed(site: Site) -> list[WikiPage]:
    """Return the notes that the home page lists: all or, if there are too many, the first of the top rank."""
    pages = in_reading_order(site)
    if len(pages) > LISTED:
        pages = [page for page in pages if page.page_type == pages[0].page_type]
    return pages[:LISTED]


def _listing(site: Site) -> str:
    """Return the home page's items for Quarto's listings. JSON is YAML."""
    items = []
    for page in listed(site):
        item: dict[str, object] = {
            "path": f"notes/{site.names[page.id]}.html",
            "title": escape_smart(page.page_title),
            "description": escape_smart(shortened(first_sentence(page.overview), LISTED_LIMIT)),
            "type": page.page_type,
            "categories": [page.page_type, *map(category, page.domains)],
            "minutes": minutes(page),
        }
        if page.namespace and site.several_namespaces:
            item["namespace"] = page.namespace
        if page.last_updated:
            item["date"] = page.last_updated.isoformat()
        if page.is_deprecated:
            item["deprecated"] = True
        items.append(json.dumps(item, ensure_ascii=False))
    return "".join(f"- {item}\n" for item in items) or "[]\n"


def _ways_in(site: Site) -> str:
    """Return the generated part of the home page: the wiki's size and date, Workflows, types, and latest changes."""
    pages, words = in_reading_order(site), site.words
    if not pages:
        return f"{words('no-pages')}\n"
    dated = sorted((p for p in pages if p.last_updated), key=lambda p: p.last_updated or date.min, reverse=True)
    facts = [words.count("pages", len(pages)), words.count("links-between", len(site.graph.edges))]
    if dated and dated[0].last_updated:
        facts.append(words("last-change", day=words.day(dated[0].last_updated)))
    parts = [f"::: {{.tw-size}}\n{' · '.join(facts)}\n:::"]
    if starts := [page for page in pages if page.id in site.paths]:
        cards = "\n".join(_start(page, site) for page in starts[:STARTS])
        parts += [f"## {words('start')} {{#start}}", f"::: {{.tw-starts}}\n{cards}:::"]
        if len(starts) > STARTS:
            parts.append(f"[{words.count('all-paths', len(starts))}](notes/wiki/paths.html)")
    types = []
    for page_type in site.schema.types.values():
        if own := [p for p in pages if p.page_type == page_type.name]:
            types.append((page_type, len(own)))
    if not site.schema.ranked:
        types.sort(key=lambda counted: (-counted[1], counted[0].name))
    if len(types) > 1 or site.schema.ranked:
        compact = "" if any(kind.about for kind, _ in types) else " .tw-compact"
        cards = "\n".join(_card(kind, number) for kind, number in types)
        parts += [f"## {words('by-type')} {{#by-type}}", f"::: {{.tw-ways-in{compact}}}\n{cards}:::"]
    if dated:
        newest = "\n".join(
            f"- {_link(page, site)} [{words.day(page.last_updated)}]{{.tw-date}}"
            for page in dated[:NEWEST]
            if page.last_updated
        )
        parts += [f"## {words('changed-last')} {{#changed-last}}", f"::: {{.tw-newest}}\n{newest}\n:::"]
    left = len(pages) - len(listed(site))
    parts += [f"## {words('all-pages')} {{#all-pages}}", f"[{words.count('explore-all', len(pages))}]({EXPLORE})"]
    parts[-1] += f". {words.count('listed-of', len(pages) - left)}" if left else f" {words('explore-by')}"
    about = [(words("contents"), CONTENTS)] if site.contents else []
    about += [(words("changes"), CHANGES)] if site.changes else []
    if about:
        parts.append(" · ".join(f"[{title}](notes/{name}.html)" for title, name in about))
    return "\n\n".join(parts) + "\n"


def _link(page: WikiPage, site: Site) -> str:
    slug = site.schema.types[page.page_type].slug
    return f"[{escape(page.page_title)}](<notes/{site.names[page.id]}.html>){{.tw-link .tw-{slug}}}"


def _start(page: WikiPage, site: Site) -> str:
    """Return the card of a Workflow: its overview, its steps, and the time to read its whole path."""
    path, words = site.paths[page.id], site.words
    steps = sum(phase.step != page.id for phase in path.phases)
    facts = [words.count("steps", steps), words.count("minutes", path_minutes(page, site))]
    slug = site.schema.types[page.page_type].slug
    about = escape(shortened(first_sentence(page.overview), START_LIMIT)) or NOTHING
    return (
        f":::: {{.tw-card .tw-{slug}}}\n"
        f"[{escape(page.page_title)}](<notes/{site.names[page.id]}.html>){{.tw-card-title}}\n\n"
        f"{about}\n\n"
        f"[{' · '.join(facts)}](<notes/{path_name(page.id, site)}.html>){{.tw-path-link}}\n"
        "::::\n"
    )


def _card(page_type: PageType, count: int) -> str:
    name = page_type.plural if count > 1 else page_type.name
    about = f"{escape(page_type.about)}\n" if page_type.about else ""
    return (
        f":::: {{.tw-card .tw-{page_type.slug}}}\n"
        f"[{escape(name)}](<{EXPLORE}?type={quote(page_type.name)}>){{.tw-card-title}} [{count:,}]{{.tw-count}}\n\n"
        f"{about}::::\n"
    )
