"""Kill commands at any moment, and see that nothing is lost: `python tests/faults/kill.py --rounds 200`.

Each round takes a project as it was before some command, runs the command, kills it and all of its process
group with SIGKILL, at a random time or at a random one of the changes that it makes to files, and demands that

- every file of the user's is as it was, or (rename, fix, convert) as the command was to make it;
- every note and every file of the site is one that was there before or one that the command was to make, whole;
- the same command, run again, ends well, and everything is then as if it had never been killed.

A seed and a number give the same round again. `--every` takes each change of each command in turn.
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
from generated import write_wiki  # noqa: E402 - it stands beside the folder of this script

WIKI = str(ROOT / "scripts/wiki.py")
KILLED = str(Path(__file__).with_name("killed.py"))
Tree = dict[str, bytes]
OWN = (".typedwiki/", ".quarto/", "_extensions/", "notes/.typedwiki.json", "_site/.typedwiki.json")
"""What is neither of the user's nor to be read by anybody: caches, records of what was made."""


@dataclass(frozen=True)
class Scenario:
    """A command, and what there was before it."""

    name: str
    command: tuple[str, ...]
    edit: Callable[[Path], None]
    """What the user has done since the last build."""
    built: tuple[str, ...] = ()
    """The command that made what was there before."""
    seldom: bool = False
    """Whether it takes so long that it has a turn only now and then."""
    anew: bool = False
    """Whether that is to be run in every round: a copy of what was built does not count as built."""


@dataclass(frozen=True)
class Known:
    """A scenario that has been run without being killed."""

    scenario: Scenario
    start: Path
    before: Tree
    after: Tree
    seconds: float
    changes: int
    status: int


class LostError(AssertionError):
    """What must hold does not."""


def pages(here: Path, kind: str = "*") -> list[Path]:
    return sorted((here / "data/wikis").glob(f"*/{kind}/*.md"))


def no_edit(here: Path) -> None:
    """The user has done nothing."""


def edits(here: Path) -> None:
    """Two pages edited, one deleted, one renamed by hand, one new of a new type."""
    for page in pages(here, "Principle")[:2]:
        page.write_text(page.read_text(encoding="utf-8").replace("layer", "stratum") + "\nMore.\n", encoding="utf-8")
    gone, moved, *_ = pages(here, "Implementation")
    gone.unlink()
    moved.rename(moved.with_name(f"{moved.stem}_moved.md"))
    new = gone.parent.parent / "Heuristic/owner0_repo_New.md"
    new.write_text("# New\n\n## Overview\n\nA tip.\n", encoding="utf-8")


def one_edit(here: Path) -> None:
    with pages(here, "Heuristic")[0].open("a", encoding="utf-8") as file:
        file.write("\nMore.\n")


def misspelled(here: Path) -> None:
    """Every Workflow misspells its steps, and a page ends its lines as Windows does."""
    for page in pages(here, "Workflow"):
        text = page.read_text(encoding="utf-8").replace("_repo_", "_rpo_")
        page.write_text(text, encoding="utf-8", newline="\r\n" if page == pages(here, "Workflow")[0] else "\n")


def _names(here: Path) -> tuple[str, str]:
    return pages(here, "Principle")[0].stem, pages(here, "Implementation")[0].stem


def scenarios(quarto: bool) -> list[Scenario]:
    with tempfile.TemporaryDirectory() as folder:
        base(Path(folder))
        principle, implementation = _names(Path(folder))
    found = [
        Scenario("build", ("build",), edits, ("build",)),
        Scenario("edit", ("build",), one_edit, ("build",), anew=True),
        Scenario("first build", ("build",), no_edit),
        Scenario("rename", ("rename", f"Principle:{principle}", "Principle:Quite_Another"), no_edit),
        Scenario("retype", ("rename", f"Implementation:{implementation}", f"Heuristic:{implementation}"), no_edit),
        Scenario("fix", ("check", "--fix"), misspelled),
        Scenario("convert", ("convert", f"Principle:{principle}", "--to", "markdown"), no_edit),
        Scenario("draft", ("draft", "--no-search"), edits, ("draft", "--no-search")),
        Scenario("search", ("draft",), one_edit, ("draft",)),
    ]
    if quarto:
        found += [
            Scenario("render", ("render", "--renderer", "quarto"), one_edit, ("render", "--renderer", "quarto"), True),
            Scenario(
                "render over a draft", ("render", "--renderer", "quarto"), no_edit, ("draft", "--no-search"), True
            ),
        ]
    return found


def base(here: Path) -> None:
    """A project with a small wiki and a note written by hand."""
    for name in ("_quarto.yml", "index.qmd"):
        shutil.copy(ROOT / name, here / name)
    shutil.copytree(ROOT / "_extensions", here / "_extensions")
    write_wiki(here / "data/wikis", 10)
    for page in pages(here):  # long ago, so that times tell what has changed
        os.utime(page, (1e9, 1e9))
    (here / "notes").mkdir()
    (here / "notes/by-hand.qmd").write_text("---\ntitle: By hand\n---\n\nWords.\n", encoding="utf-8")


def run(here: Path, command: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, WIKI, "--project", str(here), *command]
    return subprocess.run(line, capture_output=True, encoding="utf-8", check=False, cwd=here)


def tree(here: Path) -> Tree:
    """Every file but caches."""
    found = {}
    for path in here.rglob("*"):
        name = path.relative_to(here).as_posix()
        if path.is_file() and not name.startswith(OWN[:3]):
            found[name] = path.read_bytes()
    return found


def build(scenario: Scenario, here: Path) -> None:
    if scenario.built:
        done = run(here, scenario.built)
        assert done.returncode == 0, done.stderr
    scenario.edit(here)


def lay_out(scenario: Scenario, start: Path, here: Path) -> None:
    """What there is before the command."""
    shutil.copytree(start, here, symlinks=True)
    if scenario.anew:
        build(scenario, here)


def known(scenario: Scenario, scratch: Path) -> Known:
    """Run a scenario to its end, and count what it changes."""
    start, clean = scratch / "start", scratch / "clean"
    start.mkdir(parents=True)
    base(start)
    if not scenario.anew:
        build(scenario, start)
    lay_out(scenario, start, clean)
    before = tree(clean)
    began = time.monotonic()
    done = run(clean, scenario.command)
    seconds = time.monotonic() - began
    assert "Traceback" not in done.stderr, done.stderr
    after = tree(clean)
    assert before != after, f"{scenario.name} does nothing: {done.stdout}{done.stderr}"
    counted = scratch / "counted"
    lay_out(scenario, start, counted)
    line = [sys.executable, KILLED, "0", "", str(counted), WIKI, "--project", str(counted), *scenario.command]
    told = subprocess.run(line, capture_output=True, encoding="utf-8", check=False, cwd=counted).stdout
    again = tree(counted)
    assert again == after, f"{scenario.name} is not the same twice: {sorted(differing(again, after))}"
    shutil.rmtree(counted)
    return Known(scenario, start, before, after, seconds, int(told.split()[-1]), done.returncode)


def differing(one: Tree, other: Tree) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def kill_at_change(known: Known, here: Path, number: int, half: bool) -> bool:
    """Whether it was killed before it ended."""
    line = [sys.executable, KILLED, str(number), "half" if half else "", str(here), WIKI, "--project", str(here)]
    done = subprocess.run([*line, *known.scenario.command], capture_output=True, check=False, cwd=here)
    return done.returncode == -signal.SIGKILL


def kill_at_time(known: Known, here: Path, seconds: float) -> bool:
    line = [sys.executable, WIKI, "--project", str(here), *known.scenario.command]
    with subprocess.Popen(
        line, cwd=here, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


def examine(known: Known, here: Path) -> None:
    """What must hold when a command has just been killed.

    Raises:
        LostError: it does not.
    """
    found = tree(here)
    pages = {*known.before.values(), *known.after.values()}
    for name, data in found.items():
        if name in OWN or name.endswith(".typedwiki.tmp") or ".typedwiki-search-index/" in name:
            continue
        is_page = name.startswith("data/")  # one that moves may still, or again, be as it was
        if data not in (pages if is_page else (known.before.get(name), known.after.get(name))):
            raise LostError(f"{name} is neither as it was nor as it should become")
    lost = (known.before.keys() & known.after.keys()) - found.keys()
    # An index is taken away as a whole before the next one comes.
    if lost := {name for name in lost if not name.startswith("_site/")}:
        raise LostError(f"{sorted(lost)} are gone")
    moved_to = known.after.keys() - known.before.keys()
    for name in {name for name in known.before if name.startswith("data/")} - found.keys():
        if name in known.after or not moved_to & found.keys():
            raise LostError(f"{name} is lost")


def examine_next(known: Known, here: Path) -> None:
    """Run the command again; everything is as if it had not been killed.

    Raises:
        LostError: it is not.
    """
    complete = tree(here) == known.after
    done = run(here, known.scenario.command)
    if "Traceback" in done.stderr or (done.returncode != known.status and not complete):
        raise LostError(f"the next run ends with {done.returncode}: {done.stderr}")
    if wrong := differing(tree(here), known.after):
        raise LostError(f"the next run leaves other files: {sorted(wrong)[:5]}")
    left = [path for path in here.rglob("*") if path.name.endswith(".typedwiki.tmp") or path.name == "undo"]
    if left:
        raise LostError(f"left behind: {left[:5]}")


def attempts(known: list[Known], rounds: int, seed: int) -> Iterator[tuple[Known, int, bool, float]]:
    """Scenario, number of a change or 0, whether it is half made, and otherwise the time to kill at."""
    often = [one for one in known if not one.scenario.seldom]
    turns = often * 5 + [one for one in known if one.scenario.seldom]
    for number in range(rounds):
        rng = random.Random(f"{seed} {number}")
        one = turns[number % len(turns)]
        if rng.random() < 0.6:
            yield one, rng.randint(1, one.changes), rng.random() < 0.5, 0.0
        else:  # most is written towards the end
            yield one, 0, False, one.seconds * 1.05 * max(rng.random(), rng.random())


def every(known: list[Known]) -> Iterator[tuple[Known, int, bool, float]]:
    for one in known:
        for number in range(1, one.changes + 1):
            yield one, number, number % 2 == 0, 0.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", action="store_true", help="every change of every command, instead of random rounds")
    parser.add_argument("--only", help="scenarios to run, by name, with commas")
    options = parser.parse_args(arguments)
    chosen = scenarios(shutil.which("quarto") is not None)
    if options.only:
        chosen = [scenario for scenario in chosen if scenario.name in options.only.split(",")]
    with tempfile.TemporaryDirectory() as folder:
        return _all(options, chosen, Path(folder))


def _all(options: argparse.Namespace, chosen: list[Scenario], scratch: Path) -> int:
    ready = []
    for number, scenario in enumerate(chosen):
        ready.append(known(scenario, scratch / str(number)))
        print(f"{scenario.name}: {ready[-1].changes} changes in {ready[-1].seconds:.1f} s", flush=True)
    plan = every(ready) if options.every else attempts(ready, options.rounds, options.seed)
    counts: Counter[str] = Counter()
    failed = 0
    for number, attempt in enumerate(plan):
        one = attempt[0]
        try:
            counts[f"{one.scenario.name}: {'killed' if once(*attempt, scratch / 'here') else 'ended before'}"] += 1
        except LostError as error:
            failed += 1
            print(f"round {number}, {one.scenario.name} {attempt[1:]}: {error}", flush=True)
    for what, count in sorted(counts.items()):
        print(f"{count:5} {what}")
    print(f"{sum(counts.values())} rounds good, {failed} bad")
    return 1 if failed else 0


def once(known: Known, change: int, half: bool, seconds: float, here: Path) -> bool:
    """One round; whether the command was killed before it ended.

    Raises:
        LostError: something does not hold.
    """
    lay_out(known.scenario, known.start, here)
    try:
        killed = kill_at_change(known, here, change, half) if change else kill_at_time(known, here, seconds)
        examine(known, here)
        examine_next(known, here)
    finally:
        shutil.rmtree(here, ignore_errors=True)
    return killed


if __name__ == "__main__":
    sys.exit(main())
