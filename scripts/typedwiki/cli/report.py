"""`wiki.py report`: Environments, Heuristics and coverage, as Markdown or JSON."""

from __future__ import annotations

import argparse

from ..config import Config
from ..pages.report import report
from ..pages.report_json import report_json
from ..pipeline import load_wiki
from . import OK, Add
from .console import progress


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("report", run, "print who needs what, and what each Workflow covers")
    command.add_argument("--format", choices=("md", "json"), default="md", help="default: md")


def run(options: argparse.Namespace, config: Config) -> int:
    """Print the report."""
    wiki = load_wiki(config, progress("pages read"))
    requirements = wiki.context.requirements.rows
    if options.format == "json":
        print(report_json(wiki.graph, wiki.schema, requirements), end="")
        return OK
    print("# Enrichment report\n")
    print(report(wiki.graph, wiki.schema, requirements=requirements), end="")
    return OK
