"""The site speaks the language of `lang:` in _quarto.yml."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import sitewalk
from audit import untranslated
from conftest import GOLDEN, ROOT, draft, project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.problems import rules
from typedwiki.words import LANGUAGES, translated, words


def names(text: str) -> set[str]:
    return {field for part in text.split("|") if part for _, field, _, _ in Formatter().parse(part) if field}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    english, other = words("en"), words(language)
    assert other.language == language
    for ours, theirs in ((english.texts, other.texts), (english.scripts, other.scripts)):
        assert ours.keys() == theirs.keys()
        for key, text in ours.items():
            assert names(text) == names(theirs[key]), key
    assert len(other.months) == 12
    told = {code: {"name", "text", "mend"} for code in rules()} if language != "en" else {}
    assert {code: set(texts) for code, texts in other.rules.items()} == told


def test_messages_of_problems_have_the_same_values_and_their_english_is_what_rules_write() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scripts/typedwiki").rglob("*.py"))
    sources = re.sub(r'"\s*\n\s*f?"', "", sources).replace('\\"', '"')  # one text over several lines
    for language in LANGUAGES:
        for code, texts in words(language).messages.items():
            assert code in {*rules(), "all", "parts"}
            for english, other in texts.items():
                assert names(english) == names(other), english
                gone = [part for part in re.split(r"\{\w+\}", english) if part.strip(" `.,:") and part not in sources]
                assert not gone, (english, gone)


@pytest.mark.parametrize(
    ("code", "message", "german"),
    [
        ("L001", "no page `Principle:Los{s}`", "keine Seite `Principle:Los{s}`"),
        ("C018", "`tags` is a mapping, where names are expected", "`tags` ist eine Zuordnung, erwartet werden Namen"),
        (
            "R003",
            "front matter is not YAML: a tab in the indentation; YAML wants spaces",
            "Der Kopf ist kein YAML: ein Tab",
        ),
        ("L001", "a message that no rule writes", ""),
    ],
)
def test_messages_are_translated_with_their_values(code: str, message: str, german: str) -> None:
    assert translated(message, code, "de")[: len(german) or None] == german
    assert translated(message, code, "en") == ""


def test_every_problem_of_a_broken_wiki_has_a_message_in_every_language() -> None:
    problems = load_wiki(load_config(ROOT, [GOLDEN / "problems/wiki"])).problems
    assert problems
    assert untranslated(problems) == []


def test_scripts_say_nothing_that_no_language_has() -> None:
    known = {*words("en").scripts, "day"}  # which notes have, too
    for script in (ROOT / "_extensions/typedwiki/assets").glob("*.js"):
        said = set(re.findall(r'\bsay\("([a-z-]+)"', script.read_text(encoding="utf-8")))
        assert said <= known, script.name


def test_numbers_and_days_are_written_as_people_write_them() -> None:
    assert words("en").count("pages", 1) == "1 page"
    assert words("en").count("pages", 25_000) == "25,000 pages"
    assert words("de-AT").count("pages", 25_000) == "25.000 Seiten"
    assert words("en").day(date(2026, 10, 3)) == "Oct 3, 2026"
    assert words("de").day(date(2026, 10, 3)) == "3. Okt. 2026"
    assert words("fr").language == "en"


@pytest.mark.slow
def test_a_german_site_is_german(tmp_path: Path) -> None:
    here = project(tmp_path, GOLDEN / "two_dialects/wiki")
    settings = here / "_quarto.yml"
    settings.write_text(f"lang: de\n{settings.read_text(encoding='utf-8')}", encoding="utf-8")
    environment = here / "data/wikis/Environment/old/acme_kit_Python.md"
    text = environment.read_text(encoding="utf-8")
    environment.write_text(text.replace("== Rel", "== Dependencies ==\n* `numpy` >= 1.26\n\n== Rel"), encoding="utf-8")
    draft(here)
    note = sitewalk.soup(here / "_site/notes/workflow/acme_kit_Train_Model.html")
    assert note.html
    assert note.html["lang"] == "de"
    assert [h.get_text() for h in note.select("main h2")][-2:] == ["Verbindungen", "Quellen"]
    assert "Schritte" in note.select("#connections .tw-edge")[0].get_text()
    assert "Min. Lesezeit" in note.select(".tw-strip")[0].get_text()
    home = sitewalk.soup(here / "_site/index.html")
    assert next(h.get_text() for h in home.select("main section > h2")) == "Hier beginnen"
    assert "die Idee hinter einem Schritt" in home.select(".tw-ways-in")[0].get_text()
    explore = sitewalk.soup(here / "_site/notes/wiki/explore.html")
    assert explore.select(".tw-explore-bar label")[0].get_text(strip=True) == "Seiten finden"
    assert [legend.get_text() for legend in explore.select("legend")][:2] == ["Art", "Thema"]
    needs = note.select("#requirements")[0]
    assert needs.select("h2")[0].get_text() == "Voraussetzungen"
    assert [cell.get_text() for cell in needs.select("table")[0].select("th")][-1] == "Verlangt von"
    assert "Zeile " in needs.select("td")[2].get_text()
    audit = sitewalk.soup(here / "_site/notes/wiki/audit.html")
    assert [cell.get_text() for cell in audit.select("#rules th")] == ["Regel", "Findet", "Schwere", "Stand"]
    assert "keine Quellen" in [row.select("td")[1].get_text() for row in audit.select("#rules tbody tr")]
    explained = sitewalk.soup(here / "_site/notes/wiki/rules.html")
    assert "Die Seite sagt nicht, woher ihr Wissen stammt." in explained.select("#c004")[0].get_text()
    for page in (audit, explained):
        assert not re.search(r"\b(?:passes|found|Severity|Mend|Rules)\b", page.main.get_text() if page.main else "")
    lost = sitewalk.soup(here / "_site/404.html")
    assert [h.get_text() for h in lost.select("h1")] == ["Seite nicht gefunden"]
    assert lost.select(".tw-explore[data-not-found] input[name=q]")
