"""What all tests share: fixtures, projects to work in, and checks for tools that may be missing."""

from __future__ import annotations

import compileall
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
ALL_CASES = os.environ.get("TYPEDWIKI_TESTS") == "all"
"""Whether tests take all their cases, which takes hours, or a sample."""
REQUIRED = set(filter(None, os.environ.get("TYPEDWIKI_REQUIRE", "").split(",")))
_PROJECT_PARTS = ("_quarto.yml", "index.qmd", "_extensions", "requirements.txt")
_SCRIPTS = ("wiki.py", "prebuild.py", "postrender.py")


_SLOW_FIXTURES = {"quarto", "browser", "draft_site", "quarto_project", "fast_site", "hostile_draft", "hostile_quarto"}
"""Markers and fixtures that make a test slow."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile the program once: tests start it a thousand times, and some environments store no bytecode."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "scripts", quiet=2)
    from hypothesis import settings

    settings.register_profile("typedwiki", deadline=None)  # a busy machine is slow
    settings.load_profile("typedwiki")


_SLOWEST_FILES = (
    "test_fast",
    "browser/test_hostile",
    "browser/test_preview",
    "browser/test_site_setup",
    "browser/test_search",
    "test_render",
    "test_convert",
    "browser/test_axe",
    "browser/test_quarto_preview",
    "test_hostile",
    "browser/test_graph_page",
    "browser/test_note",
    "test_incremental",
    "test_publish",
    "test_rename",
    "test_determinism",
    "test_killed_commands",
    "browser/test_charts",
    "test_fuzz",
    "test_concurrent_commands",
    "browser/test_site",
    "browser/test_path",
    "test_seeded_faults",
    "test_feed",
    "test_quarto",
    "test_disk",
    "test_overview_page_size",
    "browser/test_explore",
)
"""The slowest files, slowest first, so that no process is left with one of them at the end."""


def _file_order(item: pytest.Item) -> int:
    name = item.path.relative_to(ROOT / "tests").with_suffix("").as_posix()
    return _SLOWEST_FILES.index(name) if name in _SLOWEST_FILES else len(_SLOWEST_FILES)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Start with the slowest files. Mark tests slow that use a whole site, Quarto or the browser."""
    items.sort(key=_file_order)
    for item in items:
        used = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
        if used & _SLOW_FIXTURES:
            item.add_marker(pytest.mark.slow)


def skip_or_fail(tool: str, reason: str) -> None:
    """Skip the test because a tool is missing; fail it if TYPEDWIKI_REQUIRE names the tool."""
    if tool in REQUIRED:
        pytest.fail(f"TYPEDWIKI_REQUIRE names {tool}, but {reason}")
    pytest.skip(reason)


@pytest.fixture(scope="session")
def quarto() -> str:
    """The path of the Quarto to test with."""
    from typedwiki.render.render import find_quarto

    path = find_quarto()
    if not path:
        skip_or_fail("quarto", "Quarto is not installed")
    return str(path)


def quarto_paths() -> list[str]:
    """The paths of Quarto, one for each version: the usual one and those in TYPEDWIKI_QUARTOS."""
    from typedwiki.render.render import find_quarto

    configured = [
        shutil.which(name) or "" for name in os.environ.get("TYPEDWIKI_QUARTOS", "").split(os.pathsep) if name
    ]
    paths = [path for path in dict.fromkeys([*configured, find_quarto() or ""]) if path]
    if len(paths) < 2:  # asking for the version takes a second
        return paths
    by_version: dict[str, str] = {}
    for path in paths:
        version = subprocess.run([path, "--version"], capture_output=True, encoding="utf-8", check=False).stdout.strip()
        by_version.setdefault(version, path)
    return list(by_version.values())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment variables of a user who has installed the package; this repository is not on PYTHONPATH."""

    def make(folder: Path) -> None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        wheel = [*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", str(folder), str(ROOT)]
        subprocess.run(wheel, check=True, capture_output=True)
        (built_wheel,) = folder.glob("*.whl")
        subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "lib"), str(built_wheel)], check=True)

    folder = make_shared_folder(tmp_path_factory, "installed", make)
    path = os.pathsep.join([str(folder / "lib/bin"), str(Path(sys.executable).parent), os.environ["PATH"]])
    return {
        **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        "PATH": path,
        "PYTHONPATH": str(folder / "lib"),
        "QUARTO_PYTHON": sys.executable,
        "TYPEDWIKI_CACHE": str(tmp_path_factory.mktemp("cache")),
    }


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """An installed headless Chromium; the windowless build first, because it is faster."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if not path:
        skip_or_fail("browser", "Chromium is not installed")
    from playwright.sync_api import sync_playwright

    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    options.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")  # no other hosts
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*options, "--disable-sync"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of a real wiki, which TYPEDWIKI_CORPUS names."""
    folder = os.environ.get("TYPEDWIKI_CORPUS", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("TYPEDWIKI_CORPUS names no folder")
    return Path(folder)


def copy_project(folder: Path, wiki: Path, with_about_pages: bool = True) -> Path:
    """Copy this project's files and another wiki into ``folder``, and return it.

    Without most of the pages ``with_about_pages`` adds, Quarto renders a small wiki in two thirds of the time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PROJECT_PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / "scripts").mkdir()
    for name in _SCRIPTS:
        shutil.copy(ROOT / "scripts" / name, folder / "scripts")
    if sys.platform == "win32":
        shutil.copytree(ROOT / "scripts/typedwiki", folder / "scripts/typedwiki")
    else:  # a link is fast, and shares the bytecode
        (folder / "scripts/typedwiki").symlink_to(ROOT / "scripts/typedwiki")
    shutil.copytree(wiki, folder / "data" / "wikis")
    (folder / "notes").mkdir()
    if not with_about_pages:
        settings = (folder / "_quarto.yml").read_text(encoding="utf-8")
        pattern_line = "    - /notes/*/*.qmd\n"
        assert pattern_line in settings
        without = settings.replace(
            pattern_line, f'{pattern_line}    - "!/notes/wiki/{{audit,guide,report,rules,wanted}}.qmd"\n'
        )
        (folder / "_quarto.yml").write_text(without, encoding="utf-8")
    return folder


def build_draft(project: Path) -> str:
    """Build the draft of a project; return what the command prints."""
    command = [sys.executable, "scripts/wiki.py", "draft"]
    return subprocess.run(command, cwd=project, capture_output=True, encoding="utf-8", check=True).stdout


def make_shared_folder(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return a folder that all processes of a test run read. The first that asks fills it by ``make``."""
    from typedwiki.lock import hold_lock

    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, complete = base / f"shared-{name}", base / f"shared-{name}.complete"
    with hold_lock(base, name, "test", timeout=3_600):
        if not complete.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            complete.touch()
    return folder


@pytest.fixture(scope="session")
def draft_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft of this project's own wiki."""

    def make(folder: Path) -> None:
        project = copy_project(folder, ROOT / "data/wikis")
        for note in (ROOT / "notes").glob("*.qmd"):
            shutil.copy(note, project / "notes")
        build_draft(project)

    return make_shared_folder(tmp_path_factory, "draft", make) / "_site"


@pytest.fixture(scope="session")
def quarto_project(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small wiki in a fresh clone, rendered by `quarto render`; Quarto's hook makes the notes."""
    return make_shared_folder(tmp_path_factory, "quarto", lambda folder: _render_by_quarto(folder, quarto))


def _render_by_quarto(folder: Path, quarto: str) -> None:
    project = copy_project(folder, GOLDEN / "two_dialects/wiki")
    decoy = project / "elsewhere/notes/assets/listing.yml"  # the home page must not list this too
    decoy.parent.mkdir(parents=True)
    decoy.write_text("- {path: decoy.html, title: Decoy}\n", encoding="utf-8")
    decoy.with_name("pages.js").write_text("", encoding="utf-8")
    decoy.with_name("note.qmd").write_text("---\ntitle: Decoy\n---\n", encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    result = subprocess.run(
        [quarto, "render"], cwd=project, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert result.returncode == 0, result.stderr
    assert "ERROR" not in result.stderr


@pytest.fixture(scope="session")
def hostile_draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The draft of the attacks, each on a page of its own."""
    from attacks import build_and_check, prepare_project

    def make(folder: Path) -> None:
        build_and_check(prepare_project(folder), [sys.executable, "scripts/wiki.py", "draft"])

    return make_shared_folder(tmp_path_factory, "hostile-draft", make) / "project"


@pytest.fixture(scope="session")
def hostile_quarto(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The attacks rendered by Quarto: several on one page, or each on its own with TYPEDWIKI_TESTS=all."""
    from attacks import build_and_check, merge_attacks, prepare_project

    def make(folder: Path) -> None:
        project = prepare_project(folder)
        if not ALL_CASES:
            merge_attacks(project / "data/wikis")
        build_and_check(project, [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto"])

    return make_shared_folder(tmp_path_factory, "hostile-quarto", make) / "project"


class _StampGivenNotes(Random):
    """A random generator that samples the given notes last, so that the fast engine stamps them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(0)
        self.names = names

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        return sorted(population, key=lambda name: name in self.names)[:k]


STAMPED_NOTES = ("workflow/QLoRA_Finetuning", "principle/Low_Rank_Adaptation", "implementation/PEFT_LoraConfig")
"""Notes of the sample wiki that browser tests open. Other types may have one note only, which is never stamped."""


@pytest.fixture(scope="session")
def fast_site(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wiki, built by the fast engine with ``STAMPED_NOTES`` stamped."""
    return make_shared_folder(tmp_path_factory, "fast", lambda folder: _build_by_fast_engine(folder, quarto)) / "_site"


def _build_by_fast_engine(folder: Path, quarto: str) -> None:
    from typedwiki.build import build
    from typedwiki.config import load_config
    from typedwiki.render.fast_engine import STAMPED, FastRun, render_inputs
    from typedwiki.render.finish import finish
    from typedwiki.render.render import WORK, render

    project = copy_project(folder, ROOT / "data/wikis")
    build(load_config(project))
    names = [f"notes/{name}.qmd" for name in STAMPED_NOTES]
    run = FastRun(project, quarto, project / WORK / "stamped", print, lambda done, total: None, _StampGivenNotes(names))
    render(project, quarto, quiet=True, engine=lambda dirty, by_quarto: render_inputs(run, dirty, by_quarto))
    assert set(names) <= set(json.loads((project / STAMPED).read_bytes()))
    finish(load_config(project), project / "_site")
