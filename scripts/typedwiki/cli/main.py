"""Run the command line: `typedwiki --help` if the package is installed, `python scripts/wiki.py --help` in a clone."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from ..config import Config, load_config
from ..problems import describe_error
from ..program import use_utf8
from . import USAGE, VERSION, Add, Run

COMMANDS = {
    "site": "render",
    "doctor": "report",
    "build": "build",
    "check": "check",
    "draft": "render",
    "report": "report",
    "export": "report",
    "init": "project",
    "add": "project",
    "new": "edit",
    "rename": "edit",
    "convert": "edit",
    "completions": "report",
    "clean": "build",
    "render": "render",
    "preview": "preview",
    "follow": "preview",
    "merge": "render",
    "policy": "report",
    "prebuild": "build",
    "postrender": "build",
}
"""The module of each command, in the order of the help."""
ANYWHERE = ("site", "doctor", "init", "add", "completions")
"""Commands that need no project: they create one, or find it themselves."""
MISSING_PACKAGE = "typedwiki: {python} lacks the package `{package}`.\nRun:  {python} -m pip install {what}"


def main(arguments: list[str] | None = None, project: Path | None = None) -> int:
    """Run one command and return the exit status. ``project`` is used if the arguments name no project.

    Without either, it is the project around the current folder. If there is none, a wiki that ``--source`` names is
    read on its own.
    """
    try:
        options = _parser(_commands_to_load(arguments), project).parse_args(arguments)
    except ModuleNotFoundError as error:
        sys.exit(missing_package(error))
    here = Path.cwd()
    around = next((folder for folder in (here, *here.parents) if (folder / "_quarto.yml").is_file()), here)
    options.project = options.project or project or around
    try:
        config = _config(options)
        run: Run = options.run
        return run(options, config)
    except ModuleNotFoundError as error:  # a package that only this command needs
        print(missing_package(error), file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has closed it
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - else Python complains when it ends
        return 1
    except Exception as error:
        print(f"typedwiki: {describe_error(error, options.project.absolute())}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return 130


def program() -> int:
    """Run the `typedwiki` command of the installed package."""
    use_utf8()
    return main()


def missing_package(error: ModuleNotFoundError) -> str:
    """Return a message that says how to install a missing package."""
    requirements = Path(__file__).parents[3] / "requirements.txt"
    package = "-r requirements.txt" if requirements.exists() else str(error.name)
    return MISSING_PACKAGE.format(python=sys.executable, package=error.name, what=package)


def _config(options: argparse.Namespace) -> Config:
    """Return the settings of the project, or those of a wiki on its own.

    Raises:
        ConfigError: they are invalid, or there are none.
    """
    output = getattr(options, "output", None)
    if not (options.project / "_quarto.yml").is_file():
        from ..author import new  # few need it

        if options.command in ANYWHERE:
            return new.without_project(options.project, options.source or ())
        if options.source:
            options.project = new.cached_project(options.source)
    return load_config(options.project, options.source or (), output)


def _commands_to_load(arguments: list[str] | None) -> tuple[str, ...]:
    """Return the command in the arguments, so that only its modules are loaded; otherwise all."""
    first = argparse.ArgumentParser(add_help=False)
    first.add_argument("--project")
    first.add_argument("command", nargs="?")
    command = first.parse_known_args(arguments)[0].command
    return (command,) if command in COMMANDS else tuple(COMMANDS)


def _parser(names: tuple[str, ...], project: Path | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="wiki.py" if project else "typedwiki",
        description="Turn a typed knowledge-graph wiki into a website.",
        epilog="Exit status: 0 fine, 1 errors in the wiki (check, --strict), 2 wrong usage or configuration.",
    )
    parser.add_argument(
        "--project",
        type=Path,
        metavar="DIR",
        help=f"folder of _quarto.yml (default: {'this clone' if project else 'the one around this folder'})",
    )
    parser.add_argument("--version", action="version", version=f"typedwiki {VERSION}")
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
        module = import_module(f"{__package__}.{COMMANDS[name]}")
        register: Callable[[Add], None] = getattr(module, f"register_{name}")
        register(add)
    return parser
