"""`wiki.py export`: the wiki for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path, PurePosixPath

from ..atomic import replace_file
from ..config import Config
from ..export.concept import is_own
from ..export.files import FORMATS, export_files
from ..export.okf import okf_files
from ..export.requirements import requirement_files
from ..lock import lock_folder
from ..pipeline import load_wiki, site_context
from ..read import display_path
from ..wording import count
from ..write import refuse_overlap
from . import OK, Add
from .console import print_status, progress

DEFAULT = Path("exports")


def register(add: Add) -> None:
    """Add the command and its options."""
    command = add(
        "export",
        run,
        "write the graph as JSON, JSON-LD, GraphML or CSV, texts for programs, requirements, or a bundle",
    )
    command.add_argument(
        "--format", choices=(*FORMATS, "llms", "requirements", "okf", "all"), default="all", help="default: all"
    )
    # Not "output": that is where the notes of other commands go.
    command.add_argument(
        "--output", dest="folder", type=Path, metavar="DIR", help=f"default: {DEFAULT}/, or one file to stdout"
    )


def run(options: argparse.Namespace, config: Config) -> int:
    """Write the files of one format, or of all; a format that is one file goes to stdout."""
    wiki = load_wiki(config, progress("pages read"))
    site = site_context(wiki, config)
    chosen: dict[str, bytes] = {}
    if options.format == "okf":
        places = {name: display_path(path, config.project) for name, path in wiki.places.items()}
        texts, pages = wiki.context.files, wiki.graph.pages
        concepts = {i: texts[i] for i, page in pages.items() if is_own(page, wiki.parsed[i].stated)}
        chosen = okf_files(site, concepts, wiki.copies, places, wiki.context.listings)
    elif options.format != "requirements":
        files = {PurePosixPath(name).name: data for name, data in export_files(site, config).items()}
        chosen = {name: data for name, data in files.items() if options.format in ("all", _format(name))}
    else:
        chosen = requirement_files(site)
    if len(FORMATS.get(options.format, ())) == 1 and not options.folder:
        sys.stdout.buffer.write(*chosen.values())
        return OK
    folder = options.folder or DEFAULT
    refuse_overlap("--output", folder, config.sources, chosen)
    with lock_folder(config.project, "export", folder.absolute(), "export"):
        for name, data in chosen.items():
            if not (folder / name).exists() or (folder / name).read_bytes() != data:
                replace_file(folder / name, data)
    print_status(f"{count(len(chosen), 'file')} in {folder}")
    return OK


def _format(name: str) -> str:
    return next((wanted for wanted, names in FORMATS.items() if name in names), "llms")
