"""Work is distributed to several processes without changing the result."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import ROOT
from typedwiki import parallel
from typedwiki.build import build
from typedwiki.config import load_config
from wiki_generator import write_wiki

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems use one process")


def run_with_two_processors(lines: str) -> str:
    """Run Python code in a single-threaded process that sees two processors; return what it prints."""
    head = "import os\nfrom typedwiki import parallel\nparallel.processor_count = lambda: 2\nparent = os.getpid()\n"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "scripts")}
    command = [sys.executable, "-c", head + lines]
    result = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=False, timeout=300)
    assert result.stderr == ""
    return result.stdout


def test_results_have_the_order_of_the_items() -> None:
    work = "pairs = list(parallel.ordered_map(lambda n: (n, os.getpid()), range(1001)))\n"
    report = "print([n for n, _ in pairs] == list(range(1001)), len({p for _, p in pairs} - {parent}))"
    assert run_with_two_processors(work + report).split() == ["True", "2"]


def test_processes_are_replaced_after_a_round() -> None:
    work = "parallel.ROUND = 300\npairs = list(parallel.ordered_map(lambda n: (n, os.getpid()), range(1001)))\n"
    report = "print([n for n, _ in pairs] == list(range(1001)), len({p for _, p in pairs} - {parent}))"
    assert run_with_two_processors(work + report).split() == ["True", "8"]


def test_few_items_are_processed_in_this_process() -> None:
    code = "print({pid == parent for pid in parallel.ordered_map(lambda n: os.getpid(), range(63))})"
    assert run_with_two_processors(code).strip() == "{True}"


def test_error_keeps_its_type() -> None:
    work = "\n".join([
        "try:",
        "    list(parallel.ordered_map(lambda n: 1 // (n - 500), range(1000)))",
        "except ZeroDivisionError:",
        "    print('same type')",
    ])  # fmt: skip
    assert run_with_two_processors(work).strip() == "same type"


def test_work_of_a_killed_process_is_repeated() -> None:
    work = "\n".join([
        "def double(n):",
        "    if n == 500 and os.getpid() != parent:",
        "        os.kill(os.getpid(), 9)",
        "    return 2 * n",
        "print(list(parallel.ordered_map(double, range(1000))) == [2 * n for n in range(1000)])",
    ])  # fmt: skip
    assert run_with_two_processors(work).strip() == "True"


def test_processes_end_when_the_results_are_closed() -> None:
    work = "\n".join([
        "import multiprocessing",
        "results = parallel.ordered_map(lambda n: 'x' * 100_000, range(1000))",
        "next(results)",
        "running = len(multiprocessing.active_children())",
        "results.close()",
        "print(running, len(multiprocessing.active_children()))",
    ])  # fmt: skip
    assert run_with_two_processors(work).split() == ["2", "0"]


@pytest.mark.slow
def test_parallel_build_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_wiki(tmp_path / "data/wikis", 150)
    (tmp_path / "_quarto.yml").write_text("project: {type: website}\n", encoding="utf-8")
    code = "\n".join([
        "from pathlib import Path",
        "from typedwiki.build import build",
        "from typedwiki.config import load_config",
        f"build(load_config(Path({str(tmp_path)!r})))",
        f"os.rename({str(tmp_path / 'notes')!r}, {str(tmp_path / 'by-two')!r})",
    ])  # fmt: skip
    run_with_two_processors(code)
    monkeypatch.setattr(parallel, "processor_count", lambda: 1)
    build(load_config(tmp_path))
    single, double = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (tmp_path / "notes", tmp_path / "by-two")
    )
    assert single == double
    assert len(single) > 300
