"""`typedwiki postrender`: Quarto's post-render hook, where the package is installed."""

from __future__ import annotations

import argparse

from ..config import Config
from ..hooks import postrender
from . import Add


def register(add: Add) -> None:
    """Add the command."""
    add("postrender", run, "finish what Quarto has rendered: the hook for `project: post-render:`")


def run(options: argparse.Namespace, config: Config) -> int:
    """Do what the hook does, in the project."""
    return postrender(config.project)
