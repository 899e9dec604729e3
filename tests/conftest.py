"""What tests share: projects to work in, and the tools that may be missing."""

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
EVERY = os.environ.get("TYPEDWIKI_TESTS") == "all"
"""Whether tests take all their cases, which takes hours, where a few are enough from day to day."""
REQUIRED = set(filter(None, os.environ.get("TYPEDWIKI_REQUIRE", "").split(",")))
_PARTS = ("_quarto.yml", "index.qmd", "_extensions", "requirements.txt")
_SCRIPTS = ("wiki.py", "prebuild.py", "postrender.py")


_SLOW = {"quarto", "browser", "draft_site", "quarto_project", "fast_site", "hostile_draft", "hostile_quarto"}
"""Markers, and fixtures below, that make a test slow."""


def pytest_configure(config: pytest.Config) -> None:
    """Compile the program once: tests start it some thousand times, and some environments keep no bytecode."""
    if not hasattr(config, "workerinput"):
        compileall.compile_dir(ROOT / "scripts", quiet=2)
    from hypothesis import settings

    settings.register_profile("typedwiki", deadline=None)  # a busy machine needs time
    settings.load_profile("typedwiki")


_LONGEST = (
    "test_fast",
    "browser/test_hostile",
    "browser/test_preview",
    "browser/test_doors",
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
    "test_kill",
    "browser/test_charts",
    "test_fuzz",
    "test_stop",
    "browser/test_site",
    "browser/test_path",
    "test_faults",
    "test_feed",
    "test_quarto",
    "test_disk",
    "test_growth",
    "browser/test_explore",
)
"""Files that take long, the longest first: so none of them is left to one process at the end."""


def _turn(item: pytest.Item) -> int:
    name = item.path.relative_to(ROOT / "tests").with_suffix("").as_posix()
    return _LONGEST.index(name) if name in _LONGEST else len(_LONGEST)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest. Mark as slow what uses a whole site, Quarto or the browser."""
    items.sort(key=_turn)
    for item in items:
        used = {mark.name for mark in item.iter_markers()} | set(getattr(item, "fixturenames", ()))
        if used & _SLOW:
            item.add_marker(pytest.mark.slow)


def missing(tool: str, why: str) -> None:
    if tool in REQUIRED:
        pytest.fail(f"TYPEDWIKI_REQUIRE names {tool}, but {why}")
    pytest.skip(why)


@pytest.fixture(scope="session")
def quarto() -> str:
    """The Quarto to test with."""
    from typedwiki.render.render import find_quarto

    found = find_quarto()
    if not found:
        missing("quarto", "Quarto is not installed")
    return str(found)


def quartos() -> list[str]:
    """Every version of Quarto at hand: the usual one, and those that TYPEDWIKI_QUARTOS names, separated as in PATH."""
    from typedwiki.render.render import find_quarto

    named = [shutil.which(one) or "" for one in os.environ.get("TYPEDWIKI_QUARTOS", "").split(os.pathsep) if one]
    paths = [path for path in dict.fromkeys([*named, find_quarto() or ""]) if path]
    if len(paths) < 2:  # to ask it for its version takes a second
        return paths
    found: dict[str, str] = {}
    for path in paths:
        version = subprocess.run([path, "--version"], capture_output=True, encoding="utf-8", check=False).stdout.strip()
        found.setdefault(version, path)
    return list(found.values())


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of somebody who has installed the package: `typedwiki` is on PATH, this repository is not."""

    def make(folder: Path) -> None:
        pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
        wheel = [*pip, "wheel", "--no-build-isolation", "--no-deps", "-w", str(folder), str(ROOT)]
        subprocess.run(wheel, check=True, capture_output=True)
        (made,) = folder.glob("*.whl")
        subprocess.run([*pip, "install", "--no-deps", "--target", str(folder / "lib"), str(made)], check=True)

    folder = made_once(tmp_path_factory, "installed", make)
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
    """A headless Chromium, the one that is installed: if there is one, that without windows, which is faster."""
    names = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if not path:
        missing("browser", "Chromium is not installed")
    from playwright.sync_api import sync_playwright

    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    quiet.append("--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost")  # nobody else is there
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=[*quiet, "--disable-sync"])
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def corpus() -> Path:
    """A real wiki, named by TYPEDWIKI_CORPUS."""
    named = os.environ.get("TYPEDWIKI_CORPUS", "")
    if not named or not Path(named).is_dir():
        pytest.skip("TYPEDWIKI_CORPUS names no folder")
    return Path(named)


def project(folder: Path, wiki: Path, about: bool = True) -> Path:
    """A copy of this project in ``folder``, with another wiki in it.

    Quarto renders a small wiki without most of the pages ``about`` it in two thirds of the time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in _PARTS:
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
    else:  # a link is made at once, and its bytecode is shared
        (folder / "scripts/typedwiki").symlink_to(ROOT / "scripts/typedwiki")
    shutil.copytree(wiki, folder / "data" / "wikis")
    (folder / "notes").mkdir()
    if not about:
        settings = (folder / "_quarto.yml").read_text(encoding="utf-8")
        listed = "    - /notes/*/*.qmd\n"
        assert listed in settings
        without = settings.replace(listed, f'{listed}    - "!/notes/wiki/{{audit,guide,report,rules,wanted}}.qmd"\n')
        (folder / "_quarto.yml").write_text(without, encoding="utf-8")
    return folder


def draft(here: Path) -> str:
    """Make the draft of a project; what the command prints."""
    command = [sys.executable, "scripts/wiki.py", "draft"]
    return subprocess.run(command, cwd=here, capture_output=True, encoding="utf-8", check=True).stdout


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A folder for all processes of a test run, which only look at it. ``make`` fills it for the first that asks."""
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
        here = project(folder, ROOT / "data/wikis")
        for note in (ROOT / "notes").glob("*.qmd"):
            shutil.copy(note, here / "notes")
        draft(here)

    return made_once(tmp_path_factory, "draft", make) / "_site"


@pytest.fixture(scope="session")
def quarto_project(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small wiki rendered by plain Quarto in a fresh clone: its hook makes the notes."""
    return made_once(tmp_path_factory, "quarto", lambda folder: _plain_quarto(folder, quarto))


def _plain_quarto(folder: Path, quarto: str) -> None:
    here = project(folder, GOLDEN / "two_dialects/wiki")
    decoy = here / "elsewhere/notes/assets/listing.yml"  # the home page must not list this too
    decoy.parent.mkdir(parents=True)
    decoy.write_text("- {path: decoy.html, title: Decoy}\n", encoding="utf-8")
    decoy.with_name("pages.js").write_text("", encoding="utf-8")
    decoy.with_name("note.qmd").write_text("---\ntitle: Decoy\n---\n", encoding="utf-8")
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    done = subprocess.run(
        [quarto, "render"], cwd=here, env=environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr


@pytest.fixture(scope="session")
def hostile_draft(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The attacks as a draft, each on a page of its own."""
    from attacks import prepared, run

    def make(folder: Path) -> None:
        run(prepared(folder), [sys.executable, "scripts/wiki.py", "draft"])

    return made_once(tmp_path_factory, "hostile-draft", make) / "here"


@pytest.fixture(scope="session")
def hostile_quarto(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The attacks rendered by Quarto: many on one page, or each on its own with TYPEDWIKI_TESTS=all."""
    from attacks import prepared, run, shared

    def make(folder: Path) -> None:
        here = prepared(folder)
        if not EVERY:
            shared(here / "data/wikis")
        run(here, [sys.executable, "scripts/wiki.py", "render", "--renderer", "quarto"])

    return made_once(tmp_path_factory, "hostile-quarto", make) / "here"


class _Last(Random):
    """Dice that choose some notes last, so that the fast engine stamps them."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(0)
        self.names = names

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        return sorted(population, key=lambda name: name in self.names)[:k]


OPENED = ("workflow/QLoRA_Finetuning", "principle/Low_Rank_Adaptation", "implementation/PEFT_LoraConfig")
"""Notes of the sample wiki that browser tests open; those of other types may be the only ones of their kind."""


@pytest.fixture(scope="session")
def fast_site(quarto: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """This project's own wiki by the fast engine, with the notes that are ``OPENED`` stamped."""
    return made_once(tmp_path_factory, "fast", lambda folder: _fast(folder, quarto)) / "_site"


def _fast(folder: Path, quarto: str) -> None:
    from typedwiki.build import build
    from typedwiki.config import load_config
    from typedwiki.render.fast_engine import STAMPED, FastRun, render_inputs
    from typedwiki.render.finish import finish
    from typedwiki.render.render import WORK, render

    here = project(folder, ROOT / "data/wikis")
    build(load_config(here))
    names = [f"notes/{name}.qmd" for name in OPENED]
    run = FastRun(here, quarto, here / WORK / "stamped", print, lambda done, total: None, _Last(names))
    render(here, quarto, quiet=True, engine=lambda dirty, by_quarto: render_inputs(run, dirty, by_quarto))
    assert set(names) <= set(json.loads((here / STAMPED).read_bytes()))
    finish(load_config(here), here / "_site")
