"""Quarto's hooks before and after each render: `typedwiki prebuild` and `postrender`, or the scripts of a clone."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .render.processes import is_followed, preview_pid, start_follower

# Other modules are imported inside functions: a preview runs both hooks after each edit, and usually has nothing to do.


def prebuild(project: Path) -> int:
    """Run the pipeline. Return 0, or 2 if the configuration is wrong. Problems of pages are reported, but do not stop
    it.
    """
    preview = preview_pid(project)
    if preview and is_followed(project):
        return 0  # the watching process has brought the notes up to date
    from .config import ConfigError, load_config
    from .lock import exclusive
    from .problems import describe_error
    from .settings import obstacles
    from .words import count

    try:
        config = load_config(project)
        if messages := list(obstacles(config.website, config.project, config.sources)):
            raise ConfigError("\n".join(f"{config.project / '_quarto.yml'}: {message}" for message in messages))
        from .build import build_if_changed
        from .program import gc_paused_for_good

        gc_paused_for_good()
        with exclusive(config, "wiki", "build"):
            result, writing = build_if_changed(config)
        if preview:
            start_follower(config.project, preview)
    except ModuleNotFoundError:
        raise
    except Exception as error:
        print(f"typedwiki: {describe_error(error, project)}", file=sys.stderr)
        return 2
    for problem in result.errors:
        print(problem, file=sys.stderr)
    if writing.changed or writing.deleted or result.summary:
        changed, problems = len(writing.changed), result.summary or "no problems"
        pages, deleted = count(result.pages, "page"), len(writing.deleted)
        pages += f" ({result.held} held back)" if result.held else ""
        print(f"typedwiki: {pages}, {count(changed, 'file')} written, {deleted} deleted, {problems}")
    return 0


def postrender(project: Path) -> int:
    """Finish the site that Quarto has just rendered. Missing parts are reported, but are no failure."""
    from .config import load_config
    from .problems import describe_error
    from .render.finish import finish

    try:
        config = load_config(project)
        site = project / os.environ.get("QUARTO_PROJECT_OUTPUT_DIR", "_site")
        message = finish(config, site, previewing=bool(preview_pid(project)))
    except ModuleNotFoundError:
        raise
    except Exception as error:
        message = describe_error(error, project)
    if message:
        print(f"typedwiki: {message}", file=sys.stderr)
    return 0
