"""`typedwiki site`: from a folder of pages to a website, with one command and no project."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from ..config import Config, ConfigError, load_config
from ..lock import locked
from ..render import SITE
from ..write import refuse_overlap
from . import Add, render, strict


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add("site", run, "make a website of a folder of pages, without a project", strict())
    command.add_argument("--site", type=Path, metavar="DIR", help="where the site goes (default: _site)")
    command.add_argument("--title", default="", metavar="TEXT", help="title of the site (default: the folder's name)")
    render.add_renderers(command)


def run(options: argparse.Namespace, config: Config) -> int:
    """Render the wiki that ``--source`` names, or that of this project.

    Raises:
        ConfigError: no wiki is named, and there is no project.
        PlaceError: the site's folder holds the wiki, or something else in it.
    """
    site = Path(os.path.abspath(options.site or SITE))  # noqa: PTH100 - a link stays a link
    if options.source:
        from ..author import standalone

        config = load_config(standalone.project(options.source, options.title))
    elif not (config.project / "_quarto.yml").is_file():
        raise ConfigError("name the folder that holds the pages: typedwiki site --source DIR --site DIR")
    else:
        site = site if options.site else config.project / SITE
    if site != config.project / SITE:
        refuse_overlap("--site", site, config.sources)
    settings = argparse.Namespace(
        **vars(options) | {"source": None, "site": None, "force": False, "shards": 1, "shard": None, "to": None}
    )
    return locked("site", "site")(lambda options, config: render.make(options, config, site))(settings, config)
