"""The script that draws Mermaid diagrams: the copy that the installed Quarto carries."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path

_BELOW = "formats/html/mermaid/mermaid.min.js"


@lru_cache(maxsize=1)
def mermaid_script() -> Path | None:
    """Where it is; None without Quarto: then diagrams are shown as their text."""
    shared = os.environ.get("QUARTO_SHARE_PATH", "")  # Quarto tells its hooks
    if not shared and (quarto := os.environ.get("QUARTO_PATH") or shutil.which("quarto")):
        try:
            done = subprocess.run([quarto, "--paths"], capture_output=True, encoding="utf-8", check=False, timeout=60)
        except (OSError, subprocess.TimeoutExpired):
            return None
        shared = [*done.stdout.splitlines(), "", ""][1].strip()
    script = Path(shared, _BELOW) if shared else None
    return script if script and script.is_file() else None
