"""The site's language is that of `lang:` in _quarto.yml."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from string import Formatter

import pytest

import site_checks
from audit_helpers import untranslated
from conftest import GOLDEN, ROOT, build_draft, copy_project
from typedwiki.config import load_config
from typedwiki.pipeline import load_wiki
from typedwiki.problems import rules
from typedwiki.words import LANGUAGES, translated, words


def placeholders(text: str) -> set[str]:
    return {field for part in text.split("|") if part for _, field, _, _ in Formatter().parse(part) if field}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_texts_with_the_same_placeholders(language: str) -> None:
    english, other = words("en"), words(language)
    assert other.language == language
    for english_texts, other_texts in ((english.texts, other.texts), (english.scripts, other.scripts)):
        assert english_texts.keys() == other_texts.keys()
        for key, text in english_texts.items():
            assert placeholders(text) == placeholders(other_texts[key]), key
    assert len(other.months) == 12
    reported = {code: {"name", "text", "mend"} for code in rules()} if language != "en" else {}
    assert {code: set(texts) for code, texts in other.rules.items()} == reported


def test_messages_have_the_same_placeholders_and_match_the_code() -> None:
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "scripts/typedwiki").rglob("*.py"))
    sources = re.sub(r'"\s*\n\s*f?"', "", sources).replace('\\"', '"')  # one text over several lines
    for language in LANGUAGES:
        for code, texts in words(language).messages.items():
            assert code in {*rules(), "all", "parts"}
            for english, other in texts.items():
                assert placeholders(english) == placeholders(other), english
                missing = [
                    part for part in re.split(r"\{\w+\}", english) if part.strip(" `.,:") and part not in sources
                ]
                assert not missing, (english, missing)


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


def test_every_message_of_a_broken_wiki_is_translated() -> None:
    problems = load_wiki(load_config(ROOT, [GOLDEN / "problems/wiki"])).problems
    assert problems
    assert untranslated(problems) == []


def test_scripts_use_only_translated_texts() -> None:
    translated_keys = {*words("en").scripts, "day"}  # also used by notes
    for script in (ROOT / "_extensions/typedwiki/assets").glob("*.js"):
        used = set(re.findall(r'\bsay\("([a-z-]+)"', script.read_text(encoding="utf-8")))
        assert used <= translated_keys, script.name


def test_numbers_and_dates_have_the_format_of_the_language() -> None:
    assert words("en").count("pages", 1) == "1 page"
    assert words("en").count("pages", 25_000) == "25,000 pages"
    assert words("de-AT").count("pages", 25_000) == "25.000 Seiten"
    assert words("en").day(date(2026, 10, 3)) == "Oct 3, 2026"
    assert words("de").day(date(2026, 10, 3)) == "3. Okt. 2026"
    assert words("fr").language == "en"


@pytest.mark.slow
def test_german_site_is_german(tmp_path: Path) -> None:
    project = copy_project(tmp_path, GOLDEN / "two_dialects/wiki")
    settings = project / "_quarto.yml"
    settings.write_text(f"lang: de\n{settings.read_text(encoding='utf-8')}", encoding="utf-8")
    environment = project / "data/wikis/Environment/old/acme_kit_Python.md"
    text = environment.read_text(encoding="utf-8")
    environment.write_text(text.replace("== Rel", "== Dependencies ==\n* `numpy` >= 1.26\n\n== Rel"), encoding="utf-8")
    build_draft(project)
    note = site_checks.soup(project / "_site/notes/workflow/acme_kit_Train_Model.html")
    assert note.html
    assert note.html["lang"] == "de"
    assert [h.get_text() for h in note.select("main h2")][-2:] == ["Verbindungen", "Quellen"]
    assert "Schritte" in note.select("#connections .tw-edge")[0].get_text()
    assert "Min. Lesezeit" in note.select(".tw-strip")[0].get_text()
    home_page = site_checks.soup(project / "_site/index.html")
    assert next(h.get_text() for h in home_page.select("main section > h2")) == "Hier beginnen"
    assert "die Idee hinter einem Schritt" in home_page.select(".tw-ways-in")[0].get_text()
    explore = site_checks.soup(project / "_site/notes/wiki/explore.html")
    assert explore.select(".tw-explore-bar label")[0].get_text(strip=True) == "Seiten finden"
    assert [legend.get_text() for legend in explore.select("legend")][:2] == ["Art", "Thema"]
    requirements = note.select("#requirements")[0]
    assert requirements.select("h2")[0].get_text() == "Voraussetzungen"
    assert [cell.get_text() for cell in requirements.select("table")[0].select("th")][-1] == "Verlangt von"
    assert "Zeile " in requirements.select("td")[2].get_text()
    audit = site_checks.soup(project / "_site/notes/wiki/audit.html")
    assert [cell.get_text() for cell in audit.select("#rules th")] == ["Regel", "Findet", "Schwere", "Stand"]
    assert "keine Quellen" in [row.select("td")[1].get_text() for row in audit.select("#rules tbody tr")]
    rules_page = site_checks.soup(project / "_site/notes/wiki/rules.html")
    assert "Die Seite sagt nicht, woher ihr Wissen stammt." in rules_page.select("#c004")[0].get_text()
    for page in (audit, rules_page):
        assert not re.search(r"\b(?:passes|found|Severity|Mend|Rules)\b", page.main.get_text() if page.main else "")
    not_found = site_checks.soup(project / "_site/404.html")
    assert [h.get_text() for h in not_found.select("h1")] == ["Seite nicht gefunden"]
    assert not_found.select(".tw-explore[data-not-found] input[name=q]")
