"""The JSON schemas for editors are current, and agree with the program about what is valid."""

from __future__ import annotations

import json
import os
from pathlib import Path

import jsonschema
import pytest
import yaml

import editor_schemas
from conftest import ROOT
from typedwiki.config import KEYS, ConfigError, load_config
from typedwiki.schema import load
from typedwiki.settings import SETTINGS
from typedwiki.text.front_matter import read_front_matter

VALID = (
    "{}",
    "source: wiki",
    "source: [wiki, other]",
    "schema: {types: {Dataset: {rank: 3, plural: Datasets}}}",
    "schema: {types: {Concept: {about: an idea}}}",
    "default-type: Concept",
    "names: {Principle: [Gesetze], step: folgt aus}",
    "rules: {S001: off, L001: warning}",
    "overview-limit: 300",
    "stale-months: 6",
    "fast-from: 1",
    "dates: git",
    "dates: false",
    "execute: wiki",
    "execute: []",
    "remote-images: true",
    "remote-images: [upload.wikimedia.org, '*.example.org']",
)
INVALID = (
    "sources: wiki",
    "source: 3",
    "source: []",
    "source: {wiki: 1}",
    "schema: {kinds: {}}",
    "default-type: 3",
    "default-type: a/b",
    "names: [Principle]",
    "rules: {X999: off}",
    "rules: {S001: loud}",
    "overview-limit: 0",
    "stale-months: six",
    "fast-from: -1",
    "dates: svn",
    "execute: [1]",
    "remote-images: [no host]",
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in ("wiki", "other"):
        (tmp_path / name).mkdir()
    return tmp_path


def is_accepted(project: Path, text: str) -> bool:
    (project / "_quarto.yml").write_text(f"typedwiki:\n  {text}\n", encoding="utf-8")
    try:
        load_config(project)
    except ConfigError:
        return False
    return True


def test_published_schemas_are_current() -> None:
    for name, text in editor_schemas.files(load()).items():
        if os.environ.get("UPDATE_GOLDEN"):
            (ROOT / name).parent.mkdir(exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8")
        assert (ROOT / name).read_text(encoding="utf-8") == text


def test_schemas_are_valid_json_schemas() -> None:
    for text in editor_schemas.files(load()).values():
        jsonschema.Draft7Validator.check_schema(json.loads(text))


@pytest.mark.parametrize(("text", "valid"), [*((t, True) for t in VALID), *((t, False) for t in INVALID)])
def test_schema_and_program_agree(project: Path, text: str, valid: bool) -> None:
    validator = jsonschema.Draft7Validator(editor_schemas.settings_schema())
    assert validator.is_valid({"typedwiki": yaml.safe_load(text)}) is valid
    assert is_accepted(project, text) is valid


def test_each_setting_has_a_case_and_a_description() -> None:
    for name in KEYS:
        assert SETTINGS[name]["description"]
        assert any(text.startswith(f"{name}:") for text in VALID)
        assert any(text.startswith(f"{name}:") for text in INVALID)


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ("title: Chain Rule\ndomains: [Calculus]\ndraft: true\nlast_updated: '2026-01-01'\nanything: else", True),
        ("sources:\n  - https://example.org\naliases: Old Name", True),
        ("title: [A, list]", False),
        ("aliases: {old: name}", False),
        ("draft: perhaps", False),
    ],
)
def test_front_matter_schema(text: str, valid: bool) -> None:
    validator = jsonschema.Draft7Validator(editor_schemas.page_schema(load()))
    assert read_front_matter(f"---\n{text}\n---\n").fields
    assert validator.is_valid(yaml.safe_load(text)) is valid


def test_vs_code_settings_name_existing_schemas() -> None:
    settings = json.loads((ROOT / ".vscode/settings.json").read_text(encoding="utf-8"))
    for name in settings["yaml.schemas"]:
        assert (ROOT / name).is_file()
