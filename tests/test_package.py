"""The package and the template: they hold the same files, and ask for what the requirements ask for."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from typedwiki.program import MACHINERY, extension, machinery

SETTINGS = (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def section(name: str) -> str:
    return SETTINGS.partition(f"[{name}]\n")[2].partition("\n[")[0]


def test_the_package_needs_what_the_requirements_name() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    asked = [line.partition("#")[0].strip() for line in lines if not line.startswith("#")]
    listed = re.findall(r'(?m)^  "(.+)",$', SETTINGS.partition("dependencies = [\n")[2].partition("\n]")[0])
    assert listed == asked


def test_the_package_holds_what_a_project_needs() -> None:
    included = dict(re.findall(r'"(.+?)" = "(.+?)"', section("tool.hatch.build.targets.wheel.force-include")))
    assert all(to == f"typedwiki/parts/{name}" for name, to in included.items())
    missing = [to for _, to in machinery() if not any(to == name or to.startswith(f"{name}/") for name in included)]
    assert [name for name in missing if not name.startswith("scripts/typedwiki/")] == []


def test_what_a_project_needs_is_there() -> None:
    assert [name for name in MACHINERY if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("place", ["_extensions/typedwiki", "_extensions/somebody/typedwiki"])
def test_the_extension_is_found_where_quarto_puts_it(tmp_path: Path, place: str) -> None:
    assert extension(tmp_path) == ROOT / "_extensions/typedwiki"
    (tmp_path / place).mkdir(parents=True)
    (tmp_path / place / "_extension.yml").write_text("title: Typedwiki\n", encoding="utf-8")
    assert extension(tmp_path) == tmp_path / place


def test_this_python_is_one_that_is_supported() -> None:
    assert 'requires-python = ">=3.10"' in SETTINGS
    assert sys.version_info >= (3, 10)
