"""Former names of a page, in its front matter: links and addresses by them go on working."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

import yaml

from ..audit.fix import Edit
from ..model import RawFile
from ..text.front_matter import FRONT_MATTER
from .rewrite import RewriteError

_KEY = re.compile(r"^alias(?:es)?[ \t]*:.*(?:\n(?:[ \t#-].*|[ \t]*(?=\n)))*", re.MULTILINE | re.IGNORECASE)


def with_aliases(file: RawFile, names: Sequence[str]) -> Edit:
    """What gives a page these aliases and no others. Pages of both dialects may have front matter.

    Raises:
        RewriteError: the front matter is such that nothing can be added with certainty.
    """
    block = "aliases:\n" + "".join(f"  - {_quoted(name)}\n" for name in names) if names else ""
    front = FRONT_MATTER.match(file.text)
    if not front:
        return Edit(file.path, 0, 0, f"---\n{block}---\n")
    known = _KEY.search(front[1])
    if known:
        start, end = front.start(1) + known.start(), front.start(1) + known.end()
        if not names and known[0] == front[1]:
            return Edit(file.path, 0, front.end(), "")  # nothing else is in it
        if not names:  # the line goes with its end
            end, start = (end + 1, start) if end < front.end(1) else (end, start - 1)
        edit = Edit(file.path, start, end, block.rstrip("\n"))
    else:
        edit = Edit(file.path, front.end(1), front.end(1), f"\n{block}".rstrip("\n"))
    new = front[1][: edit.start - front.start(1)] + edit.text + front[1][edit.end - front.start(1) :]
    if not _differ_in_aliases_only(front[1], new, list(names)):
        raise RewriteError(f"{file.path}: its front matter cannot take an alias; write `aliases:` there yourself")
    return edit


def _quoted(name: str) -> str:
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
