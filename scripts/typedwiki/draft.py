"""The draft: the same notes as a browsable site, by pandoc alone, in seconds.

Bodies and a shell: pandoc turns notes into bodies, in batches, and a template puts a page around
each. A body is cached by the content of its note, so an edit converts one page.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader

from .config import Config
from .emit import READER
from .sections import with_code_state
from .write import MANIFEST, Written, write

EXTENSION = Path("_extensions/typedwiki")
HAND_READER = "markdown"
"""Hand-written notes are Quarto's Markdown, with all that pandoc knows."""
_INCLUDE = re.compile(r"\{\{<\s*include\s+(\S+)\s*>\}\}")
_CELL = re.compile(r"(\s*`{3,})\s*\{(\w+)[^}\n]*\}\s*")

Body = dict[str, Any]
Progress = Callable[[int, int], None]


class DraftError(Exception):
    """The draft could not be made; the message says what to do."""


def draft(
    config: Config, notes: Mapping[str, bytes], site: Path, progress: Progress, hand_written: bool = True
) -> Written:
    """Make ``site`` a draft of the generated ``notes`` (paths relative to the notes folder).

    With ``hand_written``, the notes that people wrote beside the generated ones are part of it.

    Raises:
        DraftError: pandoc is missing or fails.
        CollisionError, OSError: ``site`` holds a file of somebody else's, or cannot be written.
    """
    texts = {f"notes/{n}": d.decode() for n, d in notes.items() if n.endswith(".qmd")}
    readers = dict.fromkeys(texts, READER)
    if hand_written:
        for path in sorted((config.project / "notes").glob("*.qmd")):
            texts[f"notes/{path.name}"] = path.read_text(encoding="utf-8", errors="replace")
    texts["index.qmd"] = _home(config, notes)
    bodies = _bodies(config.project, texts, readers, progress)
    files = _pages(config, bodies, _listing(notes))
    files |= {f"notes/{n}": d for n, d in notes.items() if n.startswith("assets/") and "/_" not in n}
    for asset in (config.project / EXTENSION / "assets").iterdir():
        files[f"assets/{asset.name}"] = asset.read_bytes()
    _clear_quarto_output(config, site)
    return write(site, files, {})


def _home(config: Config, notes: Mapping[str, bytes]) -> str:
    """index.qmd with its includes; what it includes is generated."""
    text = (config.project / "index.qmd").read_text(encoding="utf-8")

    def included(match: re.Match[str]) -> str:
        return notes.get(match[1].removeprefix("notes/"), b"").decode()

    return _INCLUDE.sub(included, text)


def _listing(notes: Mapping[str, bytes]) -> list[dict[str, Any]]:
    lines = notes["assets/listing.yml"].decode().splitlines()
    items = [json.loads(line[2:]) for line in lines if line.startswith("- ")]
    for item in items:
        for name in ("title", "description"):
            item[name] = re.sub(r"\\(.)", r"\1", item[name])
        item["path"] = f"notes/{item['path'].removeprefix('../')}"
    return items


def _clear_quarto_output(config: Config, site: Path) -> None:
    """A site that Quarto made is replaced as Quarto itself would: as a whole."""
    ours = site == config.project / "_site" and not (site / MANIFEST).exists()
    if ours and (site / "site_libs" / "quarto-html").is_dir():
        shutil.rmtree(site)


# -- bodies --------------------------------------------------------------------------------------


def _bodies(
    project: Path, texts: Mapping[str, str], readers: Mapping[str, str], progress: Progress
) -> dict[str, Body]:
    script = project / EXTENSION / "bodies.lua"
    pandoc = _pandoc()
    base = hashlib.sha256(script.read_bytes() + pandoc.encode() + READER.encode()).hexdigest()
    cache = project / ".typedwiki" / "draft"
    keys = {n: hashlib.sha256(f"{base}{n in readers}{t}".encode()).hexdigest()[:32] for n, t in texts.items()}
    bodies: dict[str, Body] = {}
    for name, key in keys.items():
        try:
            bodies[name] = json.loads((cache / f"{key}.json").read_bytes())
        except (OSError, ValueError):
            continue
    missing = [name for name in texts if name not in bodies]
    if missing:
        made = _convert(pandoc, script, {n: texts[n] for n in missing}, readers, progress)
        cache.mkdir(parents=True, exist_ok=True)
        for name, body in made.items():
            target = cache / f"{keys[name]}.json"
            temporary = target.with_suffix(f".{os.getpid()}.tmp")
            temporary.write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
            temporary.replace(target)
        bodies |= made
        wanted = {f"{key}.json" for key in keys.values()}
        for old in cache.iterdir():
            if old.name not in wanted and len(wanted) > 1:
                old.unlink(missing_ok=True)
    return bodies


def _pandoc() -> str:
    try:
        import pypandoc
    except ModuleNotFoundError:
        raise DraftError("the draft needs pandoc: pip install -r requirements.txt") from None
    return str(pypandoc.get_pandoc_path())


def _convert(
    pandoc: str, script: Path, texts: Mapping[str, str], readers: Mapping[str, str], progress: Progress
) -> dict[str, Body]:
    """Convert notes in as many processes as there are cores, each with an equal share."""
    names = sorted(texts, key=lambda n: -len(texts[n]))
    bodies: dict[str, Body] = {}
    with tempfile.TemporaryDirectory() as folder:
        paths = {}
        for number, name in enumerate(names):
            path = Path(folder, f"{number}.qmd")
            path.write_text(_without_cells(texts[name]), encoding="utf-8")
            paths[str(path)] = name
        batches = []
        for reader in (READER, HAND_READER):
            ours = [p for p, n in paths.items() if readers.get(n, HAND_READER) == reader]
            cores = max(1, min(os.cpu_count() or 1, len(ours) // 4))
            batches += [(reader, ours[i::cores]) for i in range(cores) if ours[i::cores]]

        def run(batch: tuple[str, list[str]]) -> None:
            command = [pandoc, "lua", str(script), batch[0]]
            with subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
            ) as process:
                assert process.stdin and process.stdout and process.stderr
                process.stdin.write("\n".join(batch[1]) + "\n")
                process.stdin.close()
                for line in process.stdout:
                    body = json.loads(line)
                    bodies[paths[body.pop("path")]] = body
                    progress(len(bodies), len(texts))
                error = process.stderr.read()
            if process.returncode:
                raise DraftError(f"pandoc failed: {error.strip()}")

        with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
            list(pool.map(run, batches))
    return bodies


def _without_cells(text: str) -> str:
    """Executable cells as code blocks: pandoc does not know Quarto's ``{python}``."""
    lines = []
    inside = False
    for line, in_code in with_code_state(text.split("\n")):
        lines.append(_CELL.sub(r"\1{.\2}", line) if in_code and not inside else line)
        inside = in_code
    return "\n".join(lines)


# -- shells --------------------------------------------------------------------------------------


def _pages(
    config: Config, bodies: Mapping[str, Body], listing: list[dict[str, Any]]
) -> dict[str, bytes]:
    environment = Environment(loader=FileSystemLoader(config.project / EXTENSION), autoescape=True)
    template = environment.get_template("draft.html")
    site = _site_settings(config)
    types = [t for t in config.schema.types.values() if any(i["type"] == t.name for i in listing)]
    slugs = {t.name: t.slug for t in config.schema.types.values()}
    pages = {}
    for name, body in bodies.items():
        home = name == "index.qmd"
        page = template.render(
            body | {"modified": _day(body["modified"])},
            site=site,
            root="../" * name.count("/"),
            home=home,
            listing=listing if home else (),
            types=types,
            slugs=slugs,
        )
        pages[f"{name.removesuffix('.qmd')}.html"] = page.encode()
    return pages


def _site_settings(config: Config) -> dict[str, str]:
    data = yaml.safe_load((config.project / "_quarto.yml").read_text(encoding="utf-8")) or {}
    website = data.get("website") or {}
    return {"title": config.title, "description": str(website.get("description", ""))}


def _day(iso: str) -> str:
    try:
        day = date.fromisoformat(iso)
    except ValueError:
        return iso
    return f"{day:%B} {day.day}, {day.year}"
