"""The package and the template contain the same files and have the same requirements."""

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


def test_package_and_requirements_file_agree() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    required = [line.partition("#")[0].strip() for line in lines if not line.startswith("#")]
    dependencies = re.findall(r'(?m)^  "(.+)",$', SETTINGS.partition("dependencies = [\n")[2].partition("\n]")[0])
    assert dependencies == required


def test_package_contains_the_files_of_a_project() -> None:
    included = dict(re.findall(r'"(.+?)" = "(.+?)"', section("tool.hatch.build.targets.wheel.force-include")))
    assert all(to == f"typedwiki/parts/{name}" for name, to in included.items())
    missing = [to for _, to in machinery() if not any(to == name or to.startswith(f"{name}/") for name in included)]
    assert [name for name in missing if not name.startswith("scripts/typedwiki/")] == []


def test_files_of_a_project_exist() -> None:
    assert [name for name in MACHINERY if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("folder", ["_extensions/typedwiki", "_extensions/somebody/typedwiki"])
def test_extension_is_found_in_quarto_folders(tmp_path: Path, folder: str) -> None:
    assert extension(tmp_path) == ROOT / "_extensions/typedwiki"
    (tmp_path / folder).mkdir(parents=True)
    (tmp_path / folder / "_extension.yml").write_text("title: Typedwiki\n", encoding="utf-8")
    assert extension(tmp_path) == tmp_path / folder


def test_running_python_is_supported() -> None:
    assert 'requires-python = ">=3.10"' in SETTINGS
    assert sys.version_info >= (3, 10)
