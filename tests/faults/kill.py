"""Kill commands at random moments and check that nothing is lost: `python tests/faults/kill.py --rounds 200`.

Each round restores a project to its state before some command, runs the command, and kills its process group with
SIGKILL, at a random time or at a random change of a file. It then checks that

- every file of the user's is unchanged, or (rename, fix, convert) has the content that the command was to write;
- every note and every file of the site has its old or its new content, whole;
- the same command, run again, succeeds, and leaves the same files as without a kill.

A seed and a number reproduce a round. `--every` kills at each change of each command in turn.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "tests")]
from wiki_generator import write_wiki  # noqa: E402 - it stands beside the folder of this script

WIKI = str(ROOT / "scripts/wiki.py")
RUN_KILLED = str(Path(__file__).with_name("run_killed.py"))
Tree = dict[str, bytes]
UNCHECKED = (".typedwiki/", ".quarto/", "_extensions/", "notes/.typedwiki.json", "_site/.typedwiki.json")
"""Caches and records of builds: neither the user's files nor anything a reader sees."""


@dataclass(frozen=True)
class Scenario:
    """A command, and how to prepare the project for it."""

    name: str
    command: tuple[str, ...]
    edit: Callable[[Path], None]
    """The user's edits since the last build."""
    build_command: tuple[str, ...] = ()
    """The command that builds the state before."""
    slow: bool = False
    """Whether it takes so long that random rounds run it less often."""
    build_every_round: bool = False
    """Whether ``build_command`` must run in every round, because a copied build counts as stale."""


@dataclass(frozen=True)
class Baseline:
    """The result of a scenario that was not killed."""

    scenario: Scenario
    start: Path
    before: Tree
    after: Tree
    seconds: float
    changes: int
    status: int


class LossError(AssertionError):
    """A check after a kill failed."""


def pages(project: Path, kind: str = "*") -> list[Path]:
    return sorted((project / "data/wikis").glob(f"*/{kind}/*.md"))


def no_edit(project: Path) -> None:
    """Change nothing."""


def edit_pages(project: Path) -> None:
    """Edit two pages, delete one, rename one by hand, and add one of a new type."""
    for page in pages(project, "Principle")[:2]:
        page.write_text(page.read_text(encoding="utf-8").replace("layer", "stratum") + "\nMore.\n", encoding="utf-8")
    deleted, moved, *_ = pages(project, "Implementation")
    deleted.unlink()
    moved.rename(moved.with_name(f"{moved.stem}_moved.md"))
    new = deleted.parent.parent / "Heuristic/owner0_repo_New.md"
    new.write_text("# New\n\n## Overview\n\nA tip.\n", encoding="utf-8")


def edit_one_page(project: Path) -> None:
    with pages(project, "Heuristic")[0].open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")


def misspell_steps(project: Path) -> None:
    """Misspell the steps of every Workflow; give one page Windows line endings."""
    for page in pages(project, "Workflow"):
        text = page.read_text(encoding="utf-8").replace("_repo_", "_rpo_")
        page.write_text(text, encoding="utf-8", newline="\r\n" if page == pages(project, "Workflow")[0] else "\n")


def _first_stems(project: Path) -> tuple[str, str]:
    return pages(project, "Principle")[0].stem, pages(project, "Implementation")[0].stem


def scenarios(quarto: bool) -> list[Scenario]:
    with tempfile.TemporaryDirectory() as folder:
        write_project(Path(folder))
        principle, implementation = _first_stems(Path(folder))
    result = [
        Scenario("build", ("build",), edit_pages, ("build",)),
        Scenario("edit", ("build",), edit_one_page, ("build",), build_every_round=True),
        Scenario("first build", ("build",), no_edit),
        Scenario("rename", ("rename", f"Principle:{principle}", "Principle:Quite_Another"), no_edit),
        Scenario("retype", ("rename", f"Implementation:{implementation}", f"Heuristic:{implementation}"), no_edit),
        Scenario("fix", ("check", "--fix"), misspell_steps),
        Scenario("convert", ("convert", f"Principle:{principle}", "--to", "markdown"), no_edit),
        Scenario("draft", ("draft", "--no-search"), edit_pages, ("draft", "--no-search")),
        Scenario("search", ("draft",), edit_one_page, ("draft",)),
    ]
    if quarto:
        result += [
            Scenario(
                "render", ("render", "--renderer", "quarto"), edit_one_page, ("render", "--renderer", "quarto"), True
            ),
            Scenario(
                "render over a draft", ("render", "--renderer", "quarto"), no_edit, ("draft", "--no-search"), True
            ),
        ]
    return result


def write_project(project: Path) -> None:
    """Create a project with a small wiki and a note written by hand."""
    for name in ("_quarto.yml", "index.qmd"):
        shutil.copy(ROOT / name, project / name)
    shutil.copytree(ROOT / "_extensions", project / "_extensions")
    write_wiki(project / "data/wikis", 10)
    for page in pages(project):  # long ago, so that a new time shows a change
        os.utime(page, (1e9, 1e9))
    (project / "notes").mkdir()
    (project / "notes/by-hand.qmd").write_text("---\ntitle: By hand\n---\n\nWords.\n", encoding="utf-8")


def run_command(project: Path, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    arguments = [sys.executable, WIKI, "--project", str(project), *command]
    return subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False, cwd=project)


def read_tree(project: Path) -> Tree:
    """Every file except caches, by path."""
    result = {}
    for path in project.rglob("*"):
        name = path.relative_to(project).as_posix()
        if path.is_file() and not name.startswith(UNCHECKED[:3]):
            result[name] = path.read_bytes()
    return result


def build_before(scenario: Scenario, project: Path) -> None:
    if scenario.build_command:
        result = run_command(project, scenario.build_command)
        assert result.returncode == 0, result.stderr
    scenario.edit(project)


def prepare_project(scenario: Scenario, start: Path, project: Path) -> None:
    """Copy the project as it is before the command."""
    shutil.copytree(start, project, symlinks=True)
    if scenario.build_every_round:
        build_before(scenario, project)


def measure_baseline(scenario: Scenario, scratch: Path) -> Baseline:
    """Run a scenario to its end, and count its changes of files."""
    start, clean = scratch / "start", scratch / "clean"
    start.mkdir(parents=True)
    write_project(start)
    if not scenario.build_every_round:
        build_before(scenario, start)
    prepare_project(scenario, start, clean)
    before = read_tree(clean)
    started = time.monotonic()
    result = run_command(clean, scenario.command)
    seconds = time.monotonic() - started
    assert "Traceback" not in result.stderr, result.stderr
    after = read_tree(clean)
    assert before != after, f"{scenario.name} changes nothing: {result.stdout}{result.stderr}"
    counted = scratch / "counted"
    prepare_project(scenario, start, counted)
    arguments = [sys.executable, RUN_KILLED, "0", "", str(counted), WIKI, "--project", str(counted), *scenario.command]
    output = subprocess.run(arguments, capture_output=True, encoding="utf-8", check=False, cwd=counted).stdout
    second_run = read_tree(counted)
    assert second_run == after, (
        f"{scenario.name} gives another result the second time: {sorted(differing_files(second_run, after))}"
    )
    shutil.rmtree(counted)
    return Baseline(scenario, start, before, after, seconds, int(output.split()[-1]), result.returncode)


def differing_files(first: Tree, second: Tree) -> set[str]:
    return {name for name in first.keys() | second.keys() if first.get(name) != second.get(name)}


def kill_at_change(baseline: Baseline, project: Path, number: int, half: bool) -> bool:
    """Run the command and kill it at a change of a file; return whether it was killed before it ended."""
    arguments = [
        sys.executable,
        RUN_KILLED,
        str(number),
        "half" if half else "",
        str(project),
        WIKI,
        "--project",
        str(project),
    ]
    result = subprocess.run([*arguments, *baseline.scenario.command], capture_output=True, check=False, cwd=project)
    return result.returncode == -signal.SIGKILL


def kill_at_time(baseline: Baseline, project: Path, seconds: float) -> bool:
    """Run the command and kill it after some seconds; return whether it was killed before it ended."""
    arguments = [sys.executable, WIKI, "--project", str(project), *baseline.scenario.command]
    with subprocess.Popen(
        arguments, cwd=project, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def check_killed(baseline: Baseline, project: Path) -> None:
    """Check the files right after a kill.

    Raises:
        LossError: a file is damaged or lost.
    """
    actual = read_tree(project)
    pages = {*baseline.before.values(), *baseline.after.values()}
    for name, data in actual.items():
        if name in UNCHECKED or name.endswith(".typedwiki.tmp") or ".typedwiki-search-index/" in name:
            continue
        is_page = name.startswith("data/")  # a page that moves may still have its old content
        if data not in (pages if is_page else (baseline.before.get(name), baseline.after.get(name))):
            raise LossError(f"{name} has neither its old nor its new content")
    missing = (baseline.before.keys() & baseline.after.keys()) - actual.keys()
    # The old search index is removed as a whole before the new one is written.
    if missing := {name for name in missing if not name.startswith("_site/")}:
        raise LossError(f"{sorted(missing)} are missing")
    moved_to = baseline.after.keys() - baseline.before.keys()
    for name in {name for name in baseline.before if name.startswith("data/")} - actual.keys():
        if name in baseline.after or not moved_to & actual.keys():
            raise LossError(f"{name} is lost")


def check_rerun(baseline: Baseline, project: Path) -> None:
    """Run the command again, and check that it leaves the same files as without a kill.

    Raises:
        LossError: it does not.
    """
    complete = read_tree(project) == baseline.after
    result = run_command(project, baseline.scenario.command)
    if "Traceback" in result.stderr or (result.returncode != baseline.status and not complete):
        raise LossError(f"the next run ends with {result.returncode}: {result.stderr}")
    if differences := differing_files(read_tree(project), baseline.after):
        raise LossError(f"the next run leaves other files: {sorted(differences)[:5]}")
    leftovers = [path for path in project.rglob("*") if path.name.endswith(".typedwiki.tmp") or path.name == "undo"]
    if leftovers:
        raise LossError(f"left behind: {leftovers[:5]}")


def random_kills(baselines: list[Baseline], rounds: int, seed: int) -> Iterator[tuple[Baseline, int, bool, float]]:
    """Baseline, number of a change or 0, whether it is half made, and otherwise the time to kill at."""
    fast = [baseline for baseline in baselines if not baseline.scenario.slow]
    turns = fast * 5 + [baseline for baseline in baselines if baseline.scenario.slow]
    for number in range(rounds):
        rng = random.Random(f"{seed} {number}")
        baseline = turns[number % len(turns)]
        if rng.random() < 0.6:
            yield baseline, rng.randint(1, baseline.changes), rng.random() < 0.5, 0.0
        else:  # most files are written towards the end
            yield baseline, 0, False, baseline.seconds * 1.05 * max(rng.random(), rng.random())


def kills_at_every_change(baselines: list[Baseline]) -> Iterator[tuple[Baseline, int, bool, float]]:
    for baseline in baselines:
        for number in range(1, baseline.changes + 1):
            yield baseline, number, number % 2 == 0, 0.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", action="store_true", help="every change of every command, instead of random rounds")
    parser.add_argument("--only", help="scenarios to run, by name, with commas")
    options = parser.parse_args(arguments)
    selected = scenarios(shutil.which("quarto") is not None)
    if options.only:
        selected = [scenario for scenario in selected if scenario.name in options.only.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        return _run_rounds(options, selected, Path(folder))


def _run_rounds(options: argparse.Namespace, selected: list[Scenario], scratch: Path) -> int:
    baselines = []
    for number, scenario in enumerate(selected):
        baselines.append(measure_baseline(scenario, scratch / str(number)))
        print(f"{scenario.name}: {baselines[-1].changes} changes in {baselines[-1].seconds:.1f} s", flush=True)
    plan = kills_at_every_change(baselines) if options.every else random_kills(baselines, options.rounds, options.seed)
    counts: Counter[str] = Counter()
    failed = 0
    for number, attempt in enumerate(plan):
        baseline = attempt[0]
        try:
            counts[
                f"{baseline.scenario.name}: {'killed' if run_round(*attempt, scratch / 'project') else 'ended before'}"
            ] += 1
        except LossError as error:
            failed += 1
            print(f"round {number}, {baseline.scenario.name} {attempt[1:]}: {error}", flush=True)
    for outcome, count in sorted(counts.items()):
        print(f"{count:5} {outcome}")
    print(f"{sum(counts.values())} rounds good, {failed} bad")
    return 1 if failed else 0


def run_round(baseline: Baseline, change: int, half: bool, seconds: float, project: Path) -> bool:
    """Run one round; return whether the command was killed before it ended.

    Raises:
        LossError: a check failed.
    """
    prepare_project(baseline.scenario, baseline.start, project)
    try:
        killed = kill_at_change(baseline, project, change, half) if change else kill_at_time(baseline, project, seconds)
        check_killed(baseline, project)
        check_rerun(baseline, project)
    finally:
        shutil.rmtree(project, ignore_errors=True)
    return killed


if __name__ == "__main__":
    sys.exit(main())
