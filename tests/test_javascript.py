"""This project's JavaScript: small, in short files, and type-checked."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import ROOT, skip_or_fail
from typedwiki.render.compact import compact_script

EXTENSION = ROOT / "_extensions/typedwiki"
MOST_BYTES, MOST_LINES = 111_616, 220
"""Limits of unminified scripts: bytes of all together, and lines of each. The search has 38 KB, where Pagefind needed
170 KB of script and WebAssembly for its first result. A note loads 14 KB (boot.js, draft.js), the rest on demand."""
COMPILER = "typescript@5.9.3"


def scripts() -> list[Path]:
    return sorted(EXTENSION.rglob("*.js"))


def test_all_scripts_together_are_small() -> None:
    sizes = {path.name: path.stat().st_size for path in scripts()}
    assert sum(sizes.values()) < MOST_BYTES, sizes


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_each_file_is_short_and_type_checked(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < MOST_LINES
    assert lines[0] == "// @ts-check"
    assert lines[1].startswith("// ")  # its purpose


def test_published_scripts_have_no_comments() -> None:
    script = """\
// @ts-check
// What it is for.

/** Adds. @type {(a: number) => any} */
const add = (a) => {
  const here = /** @type {any} */ (a);
  // A comment.
  const address = `https://example.org/${here}`;
  return address; // kept
};
"""
    assert (
        compact_script(script)
        == """\
const add = (a) => {
const here = (a);
const address = `https://example.org/${here}`;
return address; // kept
};
"""
    )


@pytest.mark.slow
def test_types_are_correct() -> None:
    result = _check_types()
    if result is None or (result.returncode and "error TS" not in result.stdout):
        skip_or_fail("types", f"{COMPILER} is not installed and cannot be downloaded")
    else:
        assert result.returncode == 0, result.stdout


def _check_types() -> subprocess.CompletedProcess[str] | None:
    """Run the type checker on all scripts by npx; None without npx."""
    npx = shutil.which("npx")
    if not npx:
        return None
    command = [npx, "--yes", "-p", COMPILER, "tsc", "-p", "jsconfig.json", "--pretty", "false"]
    environment = {**os.environ, "npm_config_fetch_retries": "0", "npm_config_prefer_offline": "true"}
    return subprocess.run(command, cwd=EXTENSION, env=environment, capture_output=True, encoding="utf-8", check=False)
