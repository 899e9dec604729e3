"""Write and remove notes: `build`, `clean`, and Quarto's hooks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..build import build_if_changed
from ..config import Config, ConfigError
from ..hooks import postrender, prebuild
from ..lock import exclusive, locked
from ..program import gc_paused_for_good
from ..repository import run_git
from ..words import count
from ..write import MANIFEST, refuse_overlap, write
from . import OK, Add, page_count, print_status, progress, show_errors, show_kept, status, strict

if TYPE_CHECKING:
    from ..notes.permalinks import KeptAddress


def register_build(add: Add) -> None:
    command = add("build", run_build, "write the notes that Quarto renders", strict())
    command.add_argument("--output", type=Path, metavar="DIR", help="where the notes go (default: notes/)")


@locked("wiki", "build")
def run_build(options: argparse.Namespace, config: Config) -> int:
    """Write the notes that have changed."""
    gc_paused_for_good()
    if getattr(options, "output", None):
        refuse_overlap("--output", config.output, config.sources)
    return write_notes(options, config)


def write_notes(options: argparse.Namespace, config: Config) -> int:
    """Write notes like ``run_build``, for callers that hold the lock already."""
    result, writing = build_if_changed(config, progress("pages read"))
    show_kept(config.output, writing.kept)
    show_errors(result)
    changed, deleted = count(len(writing.changed), "file"), len(writing.deleted)
    print_status(f"{page_count(result)} in {config.output}: {changed} written, {deleted} deleted")
    return status(options, result)


def register_clean(add: Add) -> None:
    command = add("clean", run_clean, "delete the generated notes and the site")
    text = "instead forget the addresses of pages that were never published, or have been gone for a release"
    command.add_argument("--addresses", action="store_true", help=text)


@locked("site", "clean")
def run_clean(options: argparse.Namespace, config: Config) -> int:
    """Delete the notes, their manifest and the site."""
    if options.addresses:
        return _forget_addresses(config)
    from ..render.draft import clear_site

    with exclusive(config, "wiki", "clean"):
        deletion = write(config.output, {}, {})
        show_kept(config.output, deletion.kept)
        (config.output / MANIFEST).unlink(missing_ok=True)
    notes = sum(name.endswith(".qmd") for name in deletion.deleted)
    other_files = len(deletion.deleted) - notes
    if deletion.deleted:
        print_status(f"{count(notes, 'note')} and {count(other_files, 'other file')} deleted from {config.output}")
    site = config.project / "_site"
    files_before = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    clear_site(site)
    files_after = sum(path.is_file() for path in site.rglob("*")) if site.is_dir() else 0
    if files_before > files_after:
        print_status(f"{count(files_before - files_after, 'file')} deleted from {site}")
    elif not deletion.deleted:
        print_status("nothing to delete")
    if files_after:
        print_status(f"{count(files_after, 'file')} in {site} kept: not made by Typedwiki, or edited since")
    return OK


def _forget_addresses(config: Config) -> int:
    """Remove unneeded addresses from the record, and print why the others are kept."""
    from ..notes import permalinks
    from ..notes.permalinks import LOCK
    from ..pipeline import load_wiki

    if not config.record:
        raise ConfigError("--addresses is about the record of this project; leave --source out")
    with exclusive(config, "wiki", "clean"):
        pages_gone = load_wiki(config).gone
        recorded = permalinks.record(config.record)
        release = run_git(config.project, "describe", "--tags", "--abbrev=0").strip()  # the newest tag before HEAD
        committed, released = (_record_at(config.project, revision, LOCK) for revision in ("HEAD", release))
        forgotten = []
        for page_id, address in pages_gone.items():
            released_address = address if released is None else released.get(page_id)
            was_gone = released is not None and (not released_address or released_address.why == "gone")
            if address.why != "gone":
                print_status(f"{page_id} is kept: {address.why}")
            elif committed is None:
                print_status(f"{page_id} is kept: no git repository says whether it was published")
            elif page_id not in committed or was_gone:
                forgotten.append(page_id)
            else:
                print_status(
                    f"{page_id} is kept: it has been published, and has not been gone for a release (a git tag) yet"
                )
        remaining = {page_id: address for page_id, address in recorded.items() if page_id not in forgotten}
        names = {page_id: address.name for page_id, address in remaining.items() if page_id not in pages_gone}
        permalinks.keep(config.record, remaining, names, {i: k for i, k in pages_gone.items() if i not in forgotten})
    for page_id in forgotten:
        print_status(f"{page_id} is forgotten")
    if not pages_gone:
        print_status("every address on record is that of a page")
    return OK


def _record_at(project: Path, revision: str, name: str) -> dict[str, KeptAddress] | None:
    """Return the record at a revision; None if there is none."""
    from ..notes.permalinks import parsed

    try:
        return parsed(run_git(project, "show", f"{revision}:./notes/{name}")) if revision else None
    except ValueError:
        return None


def register_prebuild(add: Add) -> None:
    text = "bring the notes up to date before Quarto renders: the hook for `project: pre-render:`"
    add("prebuild", lambda _, config: prebuild(config.project), text)


def register_postrender(add: Add) -> None:
    text = "finish what Quarto has rendered: the hook for `project: post-render:`"
    add("postrender", lambda _, config: postrender(config.project), text)
