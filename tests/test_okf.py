"""The Open Knowledge Format: how bundles are read, shown and audited, and how wikis are exported as bundles."""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml
from bs4 import BeautifulSoup, Tag
from msgspec.structs import replace

import wiki
from build_steps import generate
from conftest import ROOT
from typedwiki.build import build_elsewhere
from typedwiki.config import Config, load_config
from typedwiki.incremental import Cache
from typedwiki.model import WikiPage
from typedwiki.pipeline import Wiki, load_wiki
from typedwiki.text.okf_fields import CitedSource, Event, instant, is_stale, path_fields, path_of, read_knowledge
from typedwiki.text.okf_page import nested_fields, with_citations

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BUNDLE = Path(__file__).parent / "bundles/harbour"
TABLE = "tables/gauge-readings"


def load_bundle(folder: Path, **rules: str) -> tuple[Config, Wiki]:
    config = load_config(ROOT, [folder])
    config = replace(config, settings=replace(config.settings, severities=rules))
    return config, load_wiki(config)


def page_at(loaded: Wiki, path: str) -> WikiPage:
    (page,) = (page for page in loaded.graph.pages.values() if page.path.endswith(f"/{path}.md"))
    return page


def edge_triples(loaded: Wiki) -> set[tuple[str, str, str]]:
    return {(edge.source, edge.type, edge.target) for edge in loaded.graph.edges}


@pytest.fixture(scope="module")
def harbour_wiki() -> Wiki:
    return load_bundle(BUNDLE)[1]


# An independent reading of a bundle, which shares only the file names with the program


def read_concepts(folder: Path) -> Iterator[tuple[str, dict[str, object], str]]:
    for path in sorted(folder.rglob("*.md")):
        if path.name not in ("index.md", "log.md"):
            _, front_matter, body = path.read_text(encoding="utf-8").split("---\n", 2)
            yield path.relative_to(folder).as_posix(), yaml.safe_load(front_matter), body


def resource_paths(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        yield from ([value["resource"]] if isinstance(value.get("resource"), str) else [])
    for inner in value if isinstance(value, list) else []:
        yield from resource_paths(inner)


def count_independently(folder: Path) -> tuple[int, set[tuple[str, str, str]]]:
    """The number of concepts, and their edges by path."""
    files = {name: (front_matter, body) for name, front_matter, body in read_concepts(folder)}
    edges: set[tuple[str, str, str]] = set()
    mentions: set[tuple[str, str]] = set()
    for name, (front_matter, body) in files.items():
        for key, edge in (("sources", "source"), ("executor", "executor"), ("attester", "attester")):
            for to in resource_paths(front_matter.get(key)):
                for start in (posixpath.dirname(name), ""):
                    target = posixpath.normpath(posixpath.join("" if to.startswith("/") else start, to.lstrip("/")))
                    if target in files:
                        edges.add((name, edge, target))
                        break
        text = re.sub(r"```.*?```|`[^`\n]*`(?!\])", "", body, flags=re.DOTALL)
        for to in re.findall(r"\]\(([^)#\s]+\.md)", text):
            start = "" if to.startswith("/") else posixpath.dirname(name)
            target = posixpath.normpath(posixpath.join(start, to.lstrip("/")))
            if target in files and target != name:
                mentions.add((name, target))
    linked = {frozenset((a, b)) for a, _, b in edges}
    return len(files), edges | {(a, "mentions", b) for a, b in mentions if frozenset((a, b)) not in linked}


def test_pages_and_edges_match_an_independent_count(harbour_wiki: Wiki) -> None:
    number, expected = count_independently(BUNDLE)
    names = {i: page.path.partition("harbour/")[2] for i, page in harbour_wiki.graph.pages.items()}
    assert len(names) == number == 8
    assert {(names[a], kind, names[b]) for a, kind, b in edge_triples(harbour_wiki)} == expected


def test_check_reports_only_real_problems(harbour_wiki: Wiki) -> None:
    actual = {(p.code, p.path.partition("harbour/")[2]) for p in harbour_wiki.problems if p.severity != "info"}
    assert actual == {
        ("L001", "metrics/highest-tide.md"),
        ("O001", "metrics/mean-tide.md"),
        ("C001", "playbooks/storm.md"),  # no description
    }


def test_fields_are_read(harbour_wiki: Wiki) -> None:
    page = page_at(harbour_wiki, TABLE)
    assert (page.page_type, page.page_title, page.domains) == ("Dataset", "Gauge readings", ("tides", "gauges"))
    assert str(page.last_updated) == "2026-06-18"
    knowledge = page.knowledge
    assert knowledge
    assert knowledge.generated == Event("scribe/1.4", "2026-06-18T08:00:00+00:00")
    assert knowledge.tier == "machine-confirmed"  # a mapping alone is a list of one
    assert [(s.id, s.usage_count, s.window[1]) for s in knowledge.sources] == [
        ("gauge-manual", "1240", "2026-06-30T00:00:00Z"),
        ("all-queries", "312", "2026-06-30T00:00:00Z"),
    ]
    metric, old = page_at(harbour_wiki, "metrics/highest-tide"), page_at(harbour_wiki, "metrics/mean-tide")
    assert metric.knowledge
    assert metric.knowledge.tier == "human-reviewed"
    assert metric.knowledge.last_verified == Event("human:ada@harbour", "2026-06-21T09:00:00Z")
    assert old.is_deprecated
    assert not metric.is_deprecated
    assert str(old.last_updated) == "2024-02-01"  # OKF 0.1


def test_edges_have_locations(harbour_wiki: Wiki) -> None:
    page = page_at(harbour_wiki, "computations/highest-tide")
    text = harbour_wiki.context.files[page.id].text
    actual = {(k.edge, text[k.span.start : k.span.end]) for k in page.outgoing_links if k.edge}
    assert actual == {
        ("source", "../tables/gauge-readings.md"),
        ("executor", "references/skills/run-on-sqlite.md"),
        ("attester", "references/attesters/same_sql.py"),
    }


# Notes


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site") / "out"
    assert wiki.main(["draft", "--source", str(BUNDLE), "--site", str(out), "--no-search"]) == 0
    return out


def parse_note(site: Path, name: str) -> BeautifulSoup:
    return BeautifulSoup((site / "notes" / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def select_one(soup: BeautifulSoup | Tag, selector: str) -> Tag:
    (tag,) = soup.select(selector)
    return tag


def test_badges_are_shown(site: Path) -> None:
    metric = parse_note(site, "metric/highest-tide")
    trust = select_one(metric, ".tw-strip .tw-trust")
    assert trust.text == "human-reviewed"
    assert "ada@harbour" in str(trust["title"])
    assert "Jun 21, 2026" in str(trust["title"])
    stale = select_one(metric, ".tw-strip .tw-stale")
    assert stale["data-after"] == "2031-01-01T00:00:00+00:00"
    assert select_one(parse_note(site, "attested-computation/highest-tide"), ".tw-status").text == "draft"
    assert select_one(parse_note(site, "metric/mean-tide"), ".tw-status").text == "deprecated"
    assert (
        select_one(parse_note(site, "dataset/gauge-readings"), ".tw-resource")["href"]
        == "https://data.example.org/harbour/gauge_readings"
    )
    assert parse_note(site, "dataset/gauge-readings").select_one(".tw-strip .tw-stale") is None


def test_deprecated_pages_are_marked_and_last(site: Path) -> None:
    links = parse_note(site, "metric/highest-tide").select("#connections .tw-edges a")
    assert [link.text for link in links if "tw-deprecated" in link["class"]] == ["Mean tide"] * 2
    titles = [
        item.text
        for item in BeautifulSoup((site / "index.html").read_text(), "html.parser").select(
            ".tw-item-title a[href*='/metric/']"
        )
    ]
    assert titles == ["Highest tide", "Mean tide"]


def test_citations_link_to_their_sources(site: Path) -> None:
    soup = parse_note(site, "dataset/gauge-readings")
    cited = soup.select("a.tw-cited")
    assert [a.text for a in cited] == ["1", "1", "2"]
    for link in cited:
        source = select_one(soup, f"[id='{str(link['href'])[1:]}']")
        assert source.find_parent(id="sources")
    sources = [item.get_text(" ", strip=True) for item in soup.select("#sources ol > li")]
    assert sources[0].startswith("Manual of the gauges")
    assert "used 1,240 times from Apr 1, 2026" in sources[0]
    assert "all queries against the harbour project" in sources[1]
    assert len(soup.select("[role='doc-noteref'], .footnote-ref")) == 1  # the footnote without a source
    assert "Nobody refers to this remark" in select_one(soup, "#sources").get_text()


def test_source_is_listed_once(tmp_path: Path) -> None:
    front_matter = "---\ntype: X\nsources: [{resource: 'https://example.org/untitled'}]\n---\n"
    (tmp_path / "a.md").write_text(f"{front_matter}Text.\n", encoding="utf-8")
    assert generate_texts(tmp_path)["x/a.qmd"].count("(<https://example.org/untitled>)") == 1


def test_unknown_fields_are_shown_as_details(site: Path) -> None:
    details = select_one(parse_note(site, "dataset/gauge-readings"), "#details")
    text = " ".join(details.get_text(" ", strip=True).split())
    assert "retention : 5 years" in text
    assert "team : Hydrography" in text
    assert "rota : Ada, Bo" in text


def test_contract_of_a_computation_is_shown(site: Path) -> None:
    soup = parse_note(site, "attested-computation/highest-tide")
    contract = select_one(soup, ".tw-contract")
    terms = {select_one(item, ".tw-term").text: select_one(item, ".tw-value") for item in contract.select("li")}
    assert terms["Runtime"].text == "sqlite"
    assert terms["Parameters"].text == "day date (required); gauge string (optional)"
    assert terms["Receipt"].text == "run_id, executed_sql, result"
    assert select_one(terms["Run with"], "a")["href"] == "../skill/run-on-sqlite.html"
    assert re.fullmatch(r"\.\./assets/files/\w+-same_sql\.py", str(select_one(terms["Checked by"], "a")["href"]))
    assert soup.find(id=str(select_one(terms["Computation"], "a")["href"])[1:])
    assert contract.find_previous(class_="tw-lead")  # below the description
    file = select_one(parse_note(site, "attested-computation/lowest-tide"), ".tw-contract a[href$='.sql']")
    assert (site / "notes/attested-computation" / str(file["href"])).is_file()


def test_reserved_files_become_contents_and_changes(site: Path) -> None:
    contents = parse_note(site, "wiki/contents")
    folders = ["tables", "metrics", "playbooks", "computations", "references", "references / skills"]
    assert [h.text for h in contents.select("h2")] == folders
    metrics = select_one(contents, "#folder-metrics")
    assert [a["href"] for a in metrics.select("a.tw-link")] == [
        "../metric/highest-tide.html",
        "../metric/mean-tide.html",
    ]
    without_index = select_one(contents, "#folder-computations")  # it has no index
    assert len(without_index.select("a.tw-link")) == 2
    changes = parse_note(site, "wiki/changes")
    assert [h.text for h in changes.select("h2")] == ["The whole wiki", "playbooks"]
    assert [h.text for h in changes.select("h3")] == ["2026-06-20", "2026-05-02", "2026-06-01"]
    assert [strong.text for strong in changes.select("li strong")] == ["Update", "Deprecation", "Creation"]
    storm = parse_note(site, "playbook/storm")
    assert select_one(storm, "#trigger a[href*='contents']")["href"] == "../wiki/contents.html#folder-tables"
    for page in (contents, changes, storm):
        assert not page.select(".tw-missing")
    home = BeautifulSoup((site / "index.html").read_text(), "html.parser")
    assert {a.text for a in home.select("a[href^='notes/wiki/c']")} == {"Contents", "Changes"}


def test_notes_are_published_as_markdown(site: Path) -> None:
    text = (site / "notes/metric/highest-tide.html.md").read_text(encoding="utf-8")
    _, front_matter, body = text.split("---\n", 2)
    fields = yaml.safe_load(front_matter)
    assert fields["type"] == "Metric"
    for relation in fields["relationships"]:
        assert (site / "notes/metric" / relation["target"]).is_file()
    assert "(mean-tide.html.md)" in body
    computation = site / "notes/attested-computation/highest-tide.html.md"
    fields = yaml.safe_load(computation.read_text(encoding="utf-8").split("---\n")[1])
    paths = [fields["executor"]["resource"], fields["attester"]["resource"]]
    assert all((computation.parent / path).is_file() for path in paths), paths
    page = parse_note(site, "metric/highest-tide")
    assert select_one(page, "link[type='text/markdown']")["href"] == "highest-tide.html.md"


def test_stale_pages_are_marked_in_the_browser(site: Path, browser: Browser) -> None:
    page = browser.new_page()
    for name, stale in (("metric/mean-tide", True), ("metric/highest-tide", False)):
        page.goto((site / f"notes/{name}.html").as_uri())
        assert page.locator(".tw-stale").inner_text().startswith("stale since" if stale else "valid until")
    page.close()


def test_tables_and_quotations_of_an_index_are_kept(tmp_path: Path) -> None:
    index = (
        "# Things\n\n> **One**: [A](a.md).\n> Two <b>.\n| Name | What |\n|:--|---|\n| [A](a.md) | `b` \\| c {.y} |\n"
        "| [[a\\|the A]] | x |\nText.\n\n| no table\n"
    )
    (tmp_path / "index.md").write_text(index, encoding="utf-8")
    (tmp_path / "a.md").write_text("---\ntype: X\n---\nText.\n", encoding="utf-8")
    text = generate_texts(tmp_path)["wiki/contents.qmd"]
    link = "(<../x/a.html>){.tw-link .tw-x}"
    assert f"\n> **One**: [A]{link}.\n> Two \\<b\\>.\n\n| Name | What |\n|:--|---|\n| [A]{link} | `b` \\| c " in text
    assert f"\n| [the A]{link} | x |\n\nText.\n\n\\| no table\n" in text


def test_deprecated_pages_and_long_type_names_fit_their_lines(site: Path, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((site / "notes/wiki/explore.html").as_uri())
    page.wait_for_selector(".tw-rows .tw-deprecated")
    boxes = [title.bounding_box() for title in page.locator(".tw-rows .tw-item:visible .tw-item-title").all()]
    assert len({round(box["height"]) for box in boxes if box}) == 1
    page.goto((site / "index.html").as_uri())
    card = page.locator(".tw-card a", has_text="Attested Computations")
    assert card.evaluate("link => link.getClientRects().length") <= 2  # two words
    page.close()


# Conformance


def test_conformance_rules_are_off_by_default(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLE, folder)
    (folder / "tables/bare.md").write_text("# No front matter\n\nText.\n", encoding="utf-8")
    (folder / "metrics/untyped.md").write_text("---\ntitle: Untyped\n---\n\nText.\n", encoding="utf-8")
    (folder / "playbooks/index.md").write_text("---\ntitle: x\n---\n\n* Storm\n", encoding="utf-8")
    (folder / "log.md").write_text(
        "---\ntype: Log\n---\n\n## January\n\n## 2026-01-01\n\n## 2026-02-01\n", encoding="utf-8"
    )
    (folder / "playbooks/loose.md").write_text(
        "---\ntype: Playbook\nstatus: ready\ngenerated: {by: ann, at: last week}\nverified: [{at: 2026-01-01}]\n"
        "sources: [{title: none}]\n---\n\nText.[^x]\n\n[^x]: y\n",
        encoding="utf-8",
    )
    default_codes = {p.code for p in load_bundle(folder)[1].problems}
    assert not default_codes & {"O002", "O003", "O004", "O005", "O006"}
    codes = dict.fromkeys(("O002", "O003", "O004", "O005", "O006"), "error")
    actual = {(p.code, p.path.partition("bundle/")[2], p.line) for p in load_bundle(folder, **codes)[1].problems}
    assert {row for row in actual if row[0].startswith("O") and row[0] != "O001"} == {
        ("O002", "tables/bare.md", 1),
        ("O003", "metrics/untyped.md", 1),
        ("O004", "log.md", 5),
        ("O004", "log.md", 9),
        ("O004", "playbooks/index.md", 1),
        ("O004", "playbooks/index.md", 4),
        ("O004", "playbooks/index.md", 5),
        ("O005", "playbooks/loose.md", 3),
        ("O005", "playbooks/loose.md", 4),
        ("O005", "playbooks/loose.md", 5),
        ("O005", "playbooks/loose.md", 6),
        ("O006", "playbooks/loose.md", 9),
        ("O006", "tables/gauge-readings.md", 38),
    }


def test_fields_of_a_computation_are_checked(tmp_path: Path) -> None:
    front_matter = (
        "---\ntype: Attested Computation\nruntime: sql\ncomputation: a.md\nresource: /gone.md\n"
        "usage_window: {from: yesterday, to: 2026-01-01T00:00:00Z}\nparameters:\n- {type: integer}\n---\n"
    )
    (tmp_path / "a.md").write_text(f"{front_matter}Text.\n", encoding="utf-8")
    (tmp_path / "b.md").write_text(
        "---\ntype: X\nsources: [{resource: a.md}]\nresource: src/lib.py\n---\nText.\n", encoding="utf-8"
    )
    (tmp_path / "c.md").write_text("---\ntype: X\nresource: src/notes.md\n---\nSee [b](b.md).\n", encoding="utf-8")
    codes = {"O005": "error", "L007": "off"}
    assert [(p.code, p.line) for p in load_bundle(tmp_path, **codes)[1].problems] == [
        ("L001", 5),
        ("O005", 6),
        ("O005", 8),
    ]


# Export


def test_export_keeps_mentions_and_sorts_the_log(tmp_path: Path) -> None:
    files = {"A.md": "# A\n\n## Related pages\n\n- [[B]]\n", "B.md": "# B\n\nSee [[A]].\n"}
    for name, text in {
        **files,
        "log.md": "# Log\n\n## 2026-01-01 \u2014 Begun\n\n- A\n\n## Later\n\nB.\n\n## 2026-02-01\n\nC.\n",
    }.items():
        (tmp_path / "wiki").mkdir(exist_ok=True)
        (tmp_path / "wiki" / name).write_text(text, encoding="utf-8")
    out = tmp_path / "bundle"
    assert wiki.main(["export", "--source", str(tmp_path / "wiki"), "--format", "okf", "--output", str(out)]) == 0
    exported = load_bundle(out, O004="error")[1]
    assert edge_triples(exported) == {("Page/A", "mentions", "Page/B"), ("Page/B", "mentions", "Page/A")}
    assert not [p for p in exported.problems if p.code == "O004"]
    log = (out / "log.md").read_text(encoding="utf-8")
    assert log == "# Log\n\n## 2026-02-01\n\nC.\n\n## 2026-01-01\n\n**Begun**\n\n- A\n\n### Later\n\nB.\n"


@pytest.mark.slow
@pytest.mark.parametrize("source", [ROOT / "data/wikis", ROOT / "tests/golden/two_dialects/wiki", BUNDLE], ids=str)
def test_exported_bundle_equals_the_wiki(source: Path, tmp_path: Path) -> None:
    if source == ROOT / "data/wikis" and not source.is_dir():
        pytest.skip("the sample wiki has been deleted")
    out = tmp_path / "bundle"
    assert wiki.main(["export", "--source", str(source), "--format", "okf", "--output", str(out)]) == 0
    _, before = load_bundle(source)
    codes = dict.fromkeys(("O002", "O003", "O004"), "error")
    _, after = load_bundle(out, **codes)
    assert not [p for p in after.problems if p.code in codes]
    assert after.graph.pages.keys() == before.graph.pages.keys()
    assert edge_triples(after) == edge_triples(before)
    for page_id, page in before.graph.pages.items():
        other = after.graph.pages[page_id]
        for name in ("page_title", "page_type", "overview", "domains", "last_updated", "aliases", "commit"):
            assert getattr(other, name) == getattr(page, name), (page_id, name)
        assert {(s.title, s.url) for s in other.sources} == {(s.title, s.url) for s in page.sources}, page_id
        assert len(other.images) == len(page.images)
    assert len(after.context.attached) == len(before.context.attached)


def test_bundle_is_exported_unchanged(tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    assert wiki.main(["export", "--source", str(BUNDLE), "--format", "okf", "--output", str(out)]) == 0
    for path in BUNDLE.rglob("*.*"):
        assert (out / path.relative_to(BUNDLE)).read_text() == path.read_text(), path


# Commands and repeated builds


def test_rename_updates_fields_and_reserved_files(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLE, folder)
    for old, new in (("Skill:run-on-sqlite", "Skill:run-it"), ("Metric:mean-tide", "Metric:old-tide")):
        assert wiki.main(["rename", "--source", str(folder), old, new]) == 0
    assert "resource: references/skills/run-it.md" in (folder / "computations/highest-tide.md").read_text()
    assert "{ resource: /references/skills/run-it.md," in (folder / "computations/lowest-tide.md").read_text()
    assert "[Mean tide](old-tide.md)" in (folder / "metrics/index.md").read_text()
    assert "[Mean tide](metrics/old-tide.md)" in (folder / "log.md").read_text()
    before = {(p.code, p.path) for p in load_bundle(BUNDLE)[1].problems if p.severity == "error"}
    after = {(p.code, p.path) for p in load_bundle(folder)[1].problems if p.severity == "error"}
    assert len(before) == len(after) == 1


def test_contents_and_changes_are_rebuilt(tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    shutil.copytree(BUNDLE, folder)
    cache = Cache(contents={})
    config = load_config(ROOT, [folder])
    first = build_elsewhere(config, lambda done, total: None, cache).files
    (folder / "log.md").write_text("## 2026-07-01\n* **Update**: [Storm](playbooks/storm.md).\n", encoding="utf-8")
    (folder / "tables/index.md").write_text(
        "# Data\n\n* [Readings](gauge-readings.md) - [anew](#data)\n", encoding="utf-8"
    )
    second = build_elsewhere(config, lambda done, total: None, cache).files
    changed = {name for name in second if second[name] != first.get(name)}
    assert changed == {"wiki/contents.qmd", "wiki/changes.qmd"}
    assert "2026-07-01" in second["wiki/changes.qmd"].decode()
    for name in ("log.md", "playbooks/log.md"):
        (folder / name).unlink()
    third = build_elsewhere(config, lambda done, total: None, cache).files
    assert "wiki/changes.qmd" not in third
    assert "wiki/contents.qmd" in third


FOLDER_PAGE = "Fire slowly.\n\n!!! note\n    Read this first.\n\n- [Start](start.md)\n"
PAGE_LIST = "# Kilns\n\nAll of them.\n\n- [Start](start.md) - how to begin\n"


@pytest.mark.parametrize(
    ("name", "text", "is_page"),
    [
        ("kilns/index.md", FOLDER_PAGE, True),
        ("kilns/index.md", PAGE_LIST, False),
        ("kilns/index.md", "# Kilns\n\n| Page |\n|---|\n| [Start](start.md) |\n", False),
        ("kilns/index.md", "# Kilns\n\nNobody has listed them yet.\n", True),
        ("kilns/index.md", f"---\ntype: Index\n---\n\n{FOLDER_PAGE}", False),
        ("kilns/log.md", "# How to log\n\nWrite down each firing.\n", True),
        ("kilns/log.md", "# Log\n\n## 2026-03-01\n\n- Fired.\n", False),
        ("kilns/log.md", "- **2026-03-01** Fired.\n", False),
    ],
)
def test_file_with_a_reserved_name_may_be_a_page(name: str, text: str, is_page: bool, tmp_path: Path) -> None:
    (tmp_path / "kilns").mkdir()
    (tmp_path / "kilns/start.md").write_text("# Start\n\nLight it: [the folder](index.md).\n", encoding="utf-8")
    (tmp_path / name).write_text(text, encoding="utf-8")
    config = load_config(ROOT, [tmp_path])
    cache = Cache(contents={})
    built = build_elsewhere(config, lambda done, total: None, cache).wiki
    assert {page.stem for page in built.graph.pages.values()} == {"start", *([name[6:-3]] if is_page else [])}
    if is_page and "index" in name:
        assert "kilns" in {page.page_title.lower() for page in built.graph.pages.values()}
    (tmp_path / "index.md").write_text('---\nokf_version: "0.2"\n---\n\n- [Start](kilns/start.md)\n', encoding="utf-8")
    declared = build_elsewhere(config, lambda done, total: None, cache).wiki
    assert {page.stem for page in declared.graph.pages.values()} == {"start"}


HOSTILE = """---
type: "Evil\\"><script>alert(1)</script>"
title: "{{< include /etc/passwd >}} <img src=x onerror=alert(1)>"
description: "`{{< meta x >}}` <b onclick=alert(1)>"
resource: "javascript:alert(1)"
generated: {by: "human:<script>alert(2)</script> {{< env HOME >}}", at: 2026-01-01T00:00:00Z}
verified: [{by: 'human:a" onmouseover="alert(3)', at: 2026-01-01T00:00:00Z}]
stale_after: 2027-01-01T00:00:00Z
runtime: "`x` <script>"
parameters: [{name: "{{< var x >}}", type: "<script>"}]
executor: {resource: "javascript:alert(4)", receipt: ["<i>"]}
attester: {resource: "../../../../etc/passwd.txt"}
sources:
  - {id: a, resource: "javascript:alert(5)", title: "[x](javascript:alert(6)) <script>", author: "<script>"}
  - {id: b, resource: "/../../../etc/passwd.txt"}
extra: {"<script>": ["{{< include /etc/passwd >}}", "[x](javascript:alert(7))"]}
---

Text[^a][^b].

[^b]: [x](javascript:alert(8)) <script>alert(9)</script> {{< include /etc/passwd >}}
"""
HOSTILE_INDEX = """---
okf_version: "0.2"
---

# {{< include /etc/passwd >}} <script>alert(1)</script>

* [x](javascript:alert(2)) `{{< include /etc/passwd >}}` <img src=x onerror=alert(3)>
* [`y`](evil.md){onclick="alert(4)"} ![z](https://evil.example/z.png)

```{=html}
<script>alert(5)</script>
```

::: {.x onclick="alert(6)"}
"""


def test_hostile_bundle_contains_no_active_markup(tmp_path: Path) -> None:
    folder, out = tmp_path / "bundle", tmp_path / "out"
    folder.mkdir()
    (folder / "evil.md").write_text(HOSTILE, encoding="utf-8")
    (folder / "index.md").write_text(HOSTILE_INDEX, encoding="utf-8")
    (folder / "log.md").write_text(f"## 2026-01-01\n{HOSTILE_INDEX}", encoding="utf-8")
    assert wiki.main(["draft", "--source", str(folder), "--site", str(out), "--no-search"]) == 0
    assert load_bundle(folder)[1].graph.pages["Evil script alert(1) script/evil"].knowledge
    pages = [path for path in out.rglob("*.html") if path.name in ("evil.html", "contents.html", "changes.html")]
    assert len(pages) == 3
    for path in pages:
        soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
        for element in soup.find_all(True):
            assert not [name for name in element.attrs if name.startswith("on")], element
            for name in ("href", "src"):
                assert not str(element.get(name, "")).startswith(("javascript:", "https://evil")), element
        assert all(script.get("src") and not script.text for script in soup.find_all("script"))
        assert "root:" not in soup.text
    texts = generate_texts(folder)
    for name in ("wiki/contents.qmd", "wiki/changes.qmd"):
        assert not re.search(r"(?<!\{)\{\{<", texts[name])


def generate_texts(folder: Path) -> dict[str, str]:
    config, loaded = load_bundle(folder)
    return {name: data.decode(errors="replace") for name, data in generate(loaded, config)[0].items()}


# Parts


def test_fields_have_several_forms() -> None:
    fields = {"type": "X", "verified": {"by": "bot/1", "at": "2026-01-01T00:00:00Z"}, "status": "Stable", "x": "1"}
    knowledge, remaining = read_knowledge(fields)
    assert knowledge
    assert knowledge.verified == (Event("bot/1", "2026-01-01T00:00:00Z"),)
    assert knowledge.status == ""
    assert remaining == {"type": "X", "x": "1"}
    strange = {"type": "X", "verified": "yes", "generated": ["a"], "status": "wip", "sources": ["a", {"title": "b"}]}
    assert read_knowledge(strange) == (None, strange)
    assert read_knowledge({"status": "draft"}) == (
        None,
        {"status": "draft"},
    )  # without a type, `status` may mean anything
    assert path_fields({"sources": [{"resource": "a.md"}, {"resource": "all of it"}], "executor": "x.py"}) == [
        ("source", "a.md", ("sources", 0, "resource")),
        ("executor", "x.py", ("executor",)),
    ]


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ("policies/a.md", "policies/a.md"),
        ("policies/a.md#rules", "policies/a.md#rules"),
        ("/tables/a", "/tables/a"),
        ("../a.sql", "../a.sql"),
        ("https://example.org/a.md", ""),
        ("urn:x:y.md", ""),
        ("all queries in project x.md", ""),
        ("project.dataset.table", ""),
        ("dashboards/exec-revenue", ""),
    ],
)
def test_path_of(value: str, path: str) -> None:
    assert path_of(value) == path


def test_staleness() -> None:
    now = datetime(2026, 7, 1, tzinfo=timezone.utc)
    knowledge, _ = read_knowledge({"type": "X", "stale_after": "2026-07-01T02:00:00+02:00"})
    assert knowledge
    assert is_stale(knowledge, now)
    assert instant("last week") is None
    assert instant("2026-07-01") == now


CITED = [CitedSource("https://a.example/x", "a", "Title A"), CitedSource("b.md", "b", "B")]


@pytest.mark.parametrize(
    ("text", "expected", "remarks"),
    [
        ("x[^a] y [^b]\n\n[^a]: Title A.\n[^b]: B\n", "x[1](#tw-source-1) y[2](#tw-source-2)\n\n", []),
        ("x[^1]\n\n[^1]: note\n", "x[^1]\n\n[^1]: note\n", []),
        ("x\n\n[^1]: note\n    more\n", "x\n\n", [("", "note more")]),
        ("x[^a]\n\n[^a]: Page 3 of A\n", "x[1](#tw-source-1)\n\n", [("1", "Page 3 of A")]),
        ("x[^a]\n\n[^a]: [A](https://a.example/x)\n", "x[1](#tw-source-1)\n\n", []),
        ("`[^a]` and\n\n```\n[^a]\n```\n", "`[^a]` and\n\n```\n[^a]\n```\n", []),
        ("wow![^a] [x][^a]", "wow! [1](#tw-source-1) [x] [1](#tw-source-1)", []),
    ],
)
def test_citations_are_replaced(text: str, expected: str, remarks: list[tuple[str, str]]) -> None:
    cited = with_citations(text, CITED)
    assert (cited.text, list(cited.remarks)) == (expected, remarks)


def test_nested_fields() -> None:
    flat, nested = nested_fields({"a": "1", "b": ["x", "y"], "c": {"d": {"e": "f"}}})
    assert flat == {"a": "1", "b": ["x", "y"]}
    assert nested == [("c", "\n-   **d**:\n    -   **e**: f")]
