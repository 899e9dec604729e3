"""Where the sources of pages can be seen and edited: in the project's repository, or in the wiki's own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from .config import Config
from .history import run_git
from .read import display_path
from .regex import regex

Repositories = Mapping[str, tuple[str, str]]
"""By the beginning of the paths of pages: the address of their repository, and branch and folder in it."""
_REMOTE = regex(
    r"(?:(?:https?|ssh|git)://(?:[^@/\s]+@)?(?P<host>[A-Za-z0-9.-]+)(?P<port>:[0-9]+)?/"
    r"|(?:[\w.-]+@)?(?P<short>[A-Za-z0-9.-]{2,}):(?!/))(?P<path>[\w./~+-]+)"
)


def repositories(config: Config) -> dict[str, tuple[str, str]]:
    """The repositories of all pages, if the site has ``website: repo-url:``, which is that of the project. A wiki
    outside the project has its own, if its remote has an address on the web."""
    if not config.repo_url:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for source in config.sources:
        if is_outside(source, config) and (own := _own(source, config.repo_branch)):
            found[f"{display_path(source, config.project)}/"] = own
    return {**found, "": (config.repo_url, f"{config.repo_branch}/")}


def is_outside(source: Path, config: Config) -> bool:
    """Whether a wiki lies outside the project, be it by a link."""
    return not source.resolve().is_relative_to(config.project.resolve())


def without_link(config: Config) -> list[Path]:
    """The wikis outside the project that have no repository of their own on the web."""
    known = repositories(config)
    outside = [source for source in config.sources if known and is_outside(source, config)]
    return [source for source in outside if f"{display_path(source, config.project)}/" not in known]


def web_address(remote: str) -> str:
    """The https address of a repository, by that of its remote, without user names and passwords; else empty."""
    match = _REMOTE.fullmatch(remote.strip())
    if not match:
        return ""
    # Another port is that of ssh, unless the address is one of the web.
    port = match["port"] or "" if remote.startswith("https://") else ""
    path = match["path"].strip("/").removesuffix(".git")
    return f"https://{match['host'] or match['short']}{port}/{path}" if path else ""


def _own(source: Path, default: str) -> tuple[str, str] | None:
    """Address, and branch and folder, of the repository that a wiki lies in; None if it is in none on the web."""
    top = run_git(source, "rev-parse", "--show-toplevel").strip()
    remotes = run_git(source, "remote").split() if top else []
    if not remotes:
        return None
    remote, _, tracked = run_git(source, "rev-parse", "--abbrev-ref", "@{upstream}").strip().partition("/")
    if remote not in remotes:
        remote, tracked = "origin" if "origin" in remotes else remotes[0], ""
    address = web_address(run_git(source, "remote", "get-url", remote))
    branch = tracked or run_git(source, "symbolic-ref", "--short", "HEAD").strip() or default
    folder = source.resolve().relative_to(Path(top).resolve()).as_posix()
    return (address, quote(f"{branch}/" if folder == "." else f"{branch}/{folder}/")) if address else None
