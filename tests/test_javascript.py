"""Our own JavaScript: little of it, in small files, and with types that hold."""

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
"""Unminified: all scripts together, and lines of one. The search takes 38 KB of them, in the place of the 170 KB of
script and WebAssembly that Pagefind needed for its first answer; Explore, the graphs, diagrams, long lists and reading
paths take the rest. A note loads 14 KB (boot.js, draft.js), and the others only where they are needed."""
COMPILER = "typescript@5.9.3"


def scripts() -> list[Path]:
    return sorted(EXTENSION.rglob("*.js"))


def test_all_of_it_is_small() -> None:
    sizes = {path.name: path.stat().st_size for path in scripts()}
    assert sum(sizes.values()) < MOST_BYTES, sizes


@pytest.mark.parametrize("path", scripts(), ids=lambda path: path.name)
def test_each_file_is_short_and_asks_for_the_type_check(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < MOST_LINES
    assert lines[0] == "// @ts-check"
    assert lines[1].startswith("// ")  # what it is for


def test_the_site_gets_scripts_without_what_only_authors_read() -> None:
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
def test_types_hold() -> None:
    done = _compile()
    if done is None or (done.returncode and "error TS" not in done.stdout):
        skip_or_fail("types", f"{COMPILER} is neither installed nor to be had")
    else:
        assert done.returncode == 0, done.stdout


def _compile() -> subprocess.CompletedProcess[str] | None:
    """The type checker on all scripts, by way of npx; nothing where there is no npx or no registry."""
    npx = shutil.which("npx")
    if not npx:
        return None
    command = [npx, "--yes", "-p", COMPILER, "tsc", "-p", "jsconfig.json", "--pretty", "false"]
    quick = {**os.environ, "npm_config_fetch_retries": "0", "npm_config_prefer_offline": "true"}
    return subprocess.run(command, cwd=EXTENSION, env=quick, capture_output=True, encoding="utf-8", check=False)
