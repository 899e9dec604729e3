"""Write files for other programs: `export`, `report`, `completions` and `policy`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path, PurePosixPath

from ..atomic import replace_file
from ..config import Config, ConfigError
from ..lock import READ_TIMEOUT, exclusive, lock_folder
from ..pages.bundles import is_own, okf_files
from ..pages.exports import FORMATS, export_files, requirement_files
from ..pages.report import report, report_json
from ..pipeline import load_wiki, site_context
from ..read import display_path
from ..render.policy import policy
from ..words import count
from ..write import refuse_overlap
from . import OK, Add, print_status, progress


def register_report(add: Add) -> None:
    """Add the command and its options."""
    command = add("report", run_report, "print who needs what, and what each Workflow covers")
    command.add_argument("--format", choices=("md", "json"), default="md", help="default: md")


def run_report(options: argparse.Namespace, config: Config) -> int:
    """Print the report."""
    wiki = load_wiki(config, progress("pages read"))
    requirements = wiki.context.requirements.rows
    if options.format == "json":
        print(report_json(wiki.graph, wiki.schema, requirements), end="")
        return OK
    print("# Enrichment report\n")
    print(report(wiki.graph, wiki.schema, requirements), end="")
    return OK


EXPORTS = Path("exports")


def register_export(add: Add) -> None:
    """Add the command and its options."""
    command = add(
        "export",
        run_export,
        "write the graph as JSON, JSON-LD, GraphML or CSV, texts for programs, requirements, or a bundle",
    )
    command.add_argument(
        "--format", choices=(*FORMATS, "llms", "requirements", "okf", "all"), default="all", help="default: all"
    )
    # Not "output", which is the notes folder in other commands.
    command.add_argument(
        "--output", dest="folder", type=Path, metavar="DIR", help=f"default: {EXPORTS}/, or one file to stdout"
    )


def run_export(options: argparse.Namespace, config: Config) -> int:
    """Write the files of one format, or of all; print a format that is a single file to stdout."""
    wiki = load_wiki(config, progress("pages read"))
    site = site_context(wiki, config)
    files: dict[str, bytes] = {}
    if options.format == "okf":
        places = {name: display_path(path, config.project) for name, path in wiki.places.items()}
        texts, pages = wiki.context.files, wiki.graph.pages
        concepts = {i: texts[i] for i, page in pages.items() if is_own(page, wiki.parsed[i].stated)}
        files = okf_files(site, concepts, wiki.copies, places, wiki.context.listings)
    elif options.format != "requirements":
        exports = {PurePosixPath(name).name: data for name, data in export_files(site, config).items()}
        files = {name: data for name, data in exports.items() if options.format in ("all", _format_name(name))}
    else:
        files = requirement_files(site)
    if len(FORMATS.get(options.format, ())) == 1 and not options.folder:
        sys.stdout.buffer.write(*files.values())
        return OK
    folder = options.folder or EXPORTS
    refuse_overlap("--output", folder, config.sources, files)
    with lock_folder(config.project, folder.absolute(), "export"):
        for name, data in files.items():
            if not (folder / name).exists() or (folder / name).read_bytes() != data:
                replace_file(folder / name, data)
    print_status(f"{count(len(files), 'file')} in {folder}")
    return OK


def _format_name(name: str) -> str:
    return next((format_name for format_name, names in FORMATS.items() if name in names), "llms")


SNIPPETS = Path(".vscode/typedwiki-pages.code-snippets")


def register_completions(add: Add) -> None:
    """Add the command."""
    add("completions", run_completions, f"write a completion for a link to each page ({SNIPPETS})")


def run_completions(_options: argparse.Namespace, config: Config) -> int:
    """Write the completions file, which is generated as a whole, if it has changed."""
    from ..author.new import page_snippets

    wiki = load_wiki(config, progress("pages read"))
    path = config.project / SNIPPETS
    data = page_snippets(wiki.graph.pages.values(), wiki.schema).encode()
    if not path.exists() or path.read_bytes() != data:
        replace_file(path, data)
    print_status(f"{count(len(wiki.graph.pages), 'page')} in {path}")
    return OK


def register_policy(add: Add) -> None:
    """Add the command and its options."""
    command = add("policy", run_policy, "print the Content-Security-Policy for the site's host")
    command.add_argument("--site", type=Path, metavar="DIR", help="a built site (default: _site)")


def run_policy(options: argparse.Namespace, config: Config) -> int:
    """Print the policy, as the value of the header."""
    site = (options.site or config.project / "_site").absolute()
    try:
        with exclusive(config, "site", "policy", READ_TIMEOUT, site):
            header = policy(site, config.settings.remote_images)
    except OSError as error:
        raise ConfigError(f"{site}: is no site yet ({error.strerror}: {error.filename}); build it first") from None
    print(header)
    return OK
