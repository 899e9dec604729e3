"""`typedwiki prebuild`: Quarto's pre-render hook, where the package is installed."""

from __future__ import annotations

import argparse

from ..config import Config
from ..hooks import prebuild
from . import Add


def register(add: Add) -> None:
    """Add the command."""
    add("prebuild", run, "bring the notes up to date before Quarto renders: the hook for `project: pre-render:`")


def run(options: argparse.Namespace, config: Config) -> int:
    """Do what the hook does, in the project."""
    return prebuild(config.project)
