"""Fields of front matter that have no meaning here, as the lists that a page shows under Details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..text.markdown import page_text


def nested_fields(fields: Mapping[str, Any]) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """The fields without those whose values have parts of their own, and these: name and Markdown."""
    nested = {name: value for name, value in fields.items() if _has_parts(value)}
    flat = {name: value for name, value in fields.items() if name not in nested}
    return flat, [(name, "\n" + "\n".join(_lines(value))) for name, value in nested.items()]


def _has_parts(value: Any) -> bool:
    return bool(value) and (
        isinstance(value, Mapping) or (isinstance(value, list) and any(isinstance(i, (Mapping, list)) for i in value))
    )


def _lines(value: Any, depth: int = 0) -> list[str]:
    """A value as lines of a nested list."""
    indent = "    " * depth
    out: list[str] = []
    if isinstance(value, Mapping):
        for name, inner in value.items():
            simple = not _has_parts(inner)
            out.append(f"{indent}-   **{page_text(str(name))}**: {_text(inner) if simple else ''}".rstrip())
            out += [] if simple else _lines(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, Mapping) and not any(map(_has_parts, inner.values())):
                parts = (f"**{page_text(str(name))}**: {_text(item)}" for name, item in inner.items())
                out.append(f"{indent}-   " + f"\\\n{indent}    ".join(parts))
            elif _has_parts(inner):
                out += _lines(inner, depth)
            else:
                out.append(f"{indent}-   {_text(inner)}")
    else:
        out.append(f"{indent}-   {_text(value)}")
    return out


def _text(value: Any) -> str:
    return ", ".join(map(_text, value)) if isinstance(value, list) else page_text("" if value is None else str(value))
