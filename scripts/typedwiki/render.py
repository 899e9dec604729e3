"""Quarto: found, run, and spared the work when nothing has changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

STAMP = Path(".typedwiki/render.sha256")
_INPUTS = ("_quarto.yml", "index.qmd", "notes", "_extensions", "_freeze")


class RenderError(Exception):
    """Quarto is missing or failed; the message says what to do."""


def find_quarto() -> str | None:
    """QUARTO_PATH, the Quarto beside this Python, or the one on PATH."""
    named = os.environ.get("QUARTO_PATH")
    if named:
        return shutil.which(named) or shutil.which("quarto", path=named)
    return shutil.which("quarto", path=str(Path(sys.executable).parent)) or shutil.which("quarto")


def render(project: Path, quarto: str, force: bool = False) -> bool:
    """Render the project; False if the site is already what a render would make.

    Raises:
        RenderError: Quarto failed. It has said why.
    """
    stamp = project / STAMP
    wanted = fingerprint(project, quarto)
    done = stamp.read_text(encoding="utf-8") if stamp.exists() else ""
    if not force and done == wanted and (project / "_site" / "index.html").exists():
        return False
    stamp.unlink(missing_ok=True)  # an interrupted render must not count
    # Quarto's own search for a Python does not find the one that has our requirements.
    environment = {**os.environ, "QUARTO_PYTHON": sys.executable}
    status = subprocess.run([quarto, "render", str(project)], env=environment, check=False).returncode
    if status:
        raise RenderError(f"quarto render failed with status {status}")
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.write_text(fingerprint(project, quarto), encoding="utf-8")
    return True


def fingerprint(project: Path, quarto: str) -> str:
    """A hash of everything that decides what the site looks like, and of what it looks like now."""
    version = subprocess.run([quarto, "--version"], capture_output=True, check=False).stdout
    digest = hashlib.sha256(version)
    for name in _INPUTS:
        top = project / name
        files = [top] if top.is_file() else sorted(p for p in top.rglob("*") if p.is_file())
        for path in files:
            if path.name.startswith(".") or "_files" in path.parts:
                continue
            digest.update(path.relative_to(project).as_posix().encode())
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    home = project / "_site" / "index.html"  # tells a Quarto site from a draft in its place
    digest.update(home.read_bytes() if home.exists() else b"")
    return digest.hexdigest()
