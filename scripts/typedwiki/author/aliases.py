"""Former names of a page, in its front matter: links and addresses by them go on working."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import yaml

from ..audit.fix import Edit
from ..model import RawFile
from ..text.front_matter import FRONT_MATTER, read_front_matter
from .rewrite import RewriteError

_KEY = re.compile(r"^alias(?:es)?[ \t]*:.*(?:\n(?:[ \t#-].*|[ \t]*(?=\n)))*", re.MULTILINE | re.IGNORECASE)


def with_aliases(file: RawFile, names: Sequence[str]) -> Edit:
    """What gives a page these aliases and no others. Pages of both dialects may have front matter.

    Raises:
        RewriteError: the front matter is such that nothing can be added with certainty.
    """
    block = "aliases:\n" + "".join(f"  - {scalar(name)}\n" for name in names) if names else ""
    front = FRONT_MATTER.match(file.text) if read_front_matter(file.text).end else None
    if not front:
        return Edit(file.path, 0, 0, f"---\n{block}---\n" if names else "")
    old, start = front["yaml"], front.start("yaml")
    known = _KEY.search(old)
    if known:
        first, last = known.span()
        if not names and known[0] == old.rstrip("\n"):
            return Edit(file.path, 0, front.end(), "")  # nothing else is in it
        if not names:  # the line goes with its end
            last += 1
        edit = Edit(file.path, start + first, start + last, block.rstrip("\n"))
    else:
        edit = Edit(file.path, front.end("yaml"), front.end("yaml"), block)
    new = old[: edit.start - start] + edit.text + old[edit.end - start :]
    if not _differ_in_aliases_only(old, new, list(names)):
        raise RewriteError(f"{file.path}: its front matter cannot take an alias; write `aliases:` there yourself")
    return edit


def scalar(name: str) -> str:
    """A text as a YAML value, quoted if it must be."""
    plain = re.fullmatch(r"\w[\w .()+-]*", name) and yaml.safe_load(name) == name
    return name if plain else json.dumps(name, ensure_ascii=False)


def _differ_in_aliases_only(old: str, new: str, names: list[str]) -> bool:
    try:
        before, after = yaml.safe_load(old), yaml.safe_load(new)
    except yaml.YAMLError:
        return False
    if not isinstance(before, dict | None) or not isinstance(after, dict):
        return False
    kept = {key: value for key, value in (before or {}).items() if str(key).lower() not in ("alias", "aliases")}
    return after == ({**kept, "aliases": names} if names else kept)
