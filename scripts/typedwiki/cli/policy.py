"""`wiki.py policy`: the Content-Security-Policy for the site's host."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..config import Config, ConfigError
from ..lock import READ_TIMEOUT, exclusive
from ..render.policy import policy
from . import OK, Add


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("policy", run, "print the Content-Security-Policy for the site's host")
    command.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: _site)")


def run(options: argparse.Namespace, config: Config) -> int:
    """Print it, as the value of the header."""
    site = (options.site or config.project / "_site").absolute()
    try:
        with exclusive(config, "site", "policy", READ_TIMEOUT, site):
            shown = policy(site, config.settings.remote_images)
    except OSError as error:
        raise ConfigError(f"{site}: is no site yet ({error.strerror}: {error.filename}); build it first") from None
    print(shown)
    return OK
