"""Where the values of front matter stand in a page's file."""

from __future__ import annotations

from typing import Any

import yaml

from ..text.front_matter import FRONT_MATTER
from .front_matter import Place


def value_places(text: str) -> dict[Place, tuple[int, int]]:
    """Start and end of each single value of a page's front matter, quotation marks included, by its place.

    The front matter must be YAML that ``read_front_matter`` has read.
    """
    match = FRONT_MATTER.match(text)
    root: Any = yaml.compose(match["yaml"], Loader=yaml.SafeLoader) if match else None
    if not match or root is None:
        return {}
    offset = match.start("yaml")
    found: dict[Place, tuple[int, int]] = {}
    todo: list[tuple[Place, Any]] = [((), root)]
    while todo:
        place, node = todo.pop()
        if isinstance(node, yaml.ScalarNode):
            found[place] = (offset + node.start_mark.index, offset + node.end_mark.index)
        elif isinstance(node, yaml.SequenceNode):
            todo += [((*place, number), item) for number, item in enumerate(node.value)]
        elif isinstance(node, yaml.MappingNode):
            todo += [((*place, str(name.value)), item) for name, item in node.value]
    return found
