"""`wiki.py report`: Environments, Heuristics and coverage, as Markdown."""

from __future__ import annotations

import argparse

from ..config import Config
from ..pages.report import report
from ..pipeline import understand
from . import OK, Add
from .console import progress


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("report", run, "print who needs what, and what each Workflow covers")
    command.add_argument("--format", choices=("md",), default="md", help="default: md")


def run(_options: argparse.Namespace, config: Config) -> int:
    """Print the report."""
    wiki = understand(config, progress("pages read"))
    print("# Enrichment report\n")
    print(report(wiki.graph, config.schema), end="")
    return OK
