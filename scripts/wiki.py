#!/usr/bin/env python3
"""The command line of Typedwiki: `python scripts/wiki.py --help`."""

from __future__ import annotations

import argparse
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import cast


def _lacks(error: ModuleNotFoundError) -> str:
    return (
        f"typedwiki: {sys.executable} lacks the package `{error.name}`.\n"
        f"Run:  {sys.executable} -m pip install -r requirements.txt"
    )


try:
    from typedwiki.cli import USAGE, Command, Run
    from typedwiki.config import load_config
    from typedwiki.encoding import use_utf8
    from typedwiki.errors import told
except ModuleNotFoundError as error:
    sys.exit(_lacks(error))

COMMANDS = (
    "build",
    "check",
    "draft",
    "report",
    "export",
    "init",
    "new",
    "rename",
    "convert",
    "completions",
    "clean",
    "render",
    "preview",
    "follow",
    "merge",
    "policy",
)
"""In the order of the help."""
PROJECT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    try:
        options = _parser(_named(arguments)).parse_args(arguments)
    except ModuleNotFoundError as error:
        sys.exit(_lacks(error))
    project = options.project.absolute()
    try:
        output = getattr(options, "output", None)
        config = load_config(options.project, options.source or (), output)
        run: Run = options.run
        return run(options, config)
    except ModuleNotFoundError as error:  # a package that only this command needs
        print(_lacks(error), file=sys.stderr)
        return 1
    except BrokenPipeError:  # whoever read what we print has read enough
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - else Python complains when it ends
        return 1
    except Exception as error:
        print(f"typedwiki: {told(error, project)}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130


def _named(arguments: list[str] | None) -> tuple[str, ...]:
    """The command that is meant, whose modules are then the only ones to be loaded; else all."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--project")
    first.add_argument("command", nargs="?")
    command = first.parse_known_args(arguments)[0].command
    return (command,) if command in COMMANDS else COMMANDS


def _parser(names: tuple[str, ...]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wiki.py",
        description="Turn a typed knowledge-graph wiki into a website.",
        epilog="Exit status: 0 fine, 1 errors in the wiki (check, --strict), 2 wrong usage or configuration.",
    )
    parser.add_argument(
        "--project",
        type=Path,
        default=PROJECT,
        metavar="DIR",
        help="folder of _quarto.yml (default: this clone)",
    )
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--source",
        type=Path,
        action="append",
        metavar="DIR",
        help="folder that holds the wiki; repeat for several (default: `typedwiki: source` of _quarto.yml)",
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Run, text: str, *parents: argparse.ArgumentParser) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[common, *parents])
        command.set_defaults(run=run, command=name)
        return command

    for name in names:
        command = cast("Command", import_module(f"typedwiki.cli.{name}"))
        command.register(add)
    return parser


if __name__ == "__main__":
    use_utf8()
    sys.exit(main())
