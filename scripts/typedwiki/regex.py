"""Regular expressions that are compiled when they are first used.

There are some hundreds, of which few commands, and few pages, need more than a part: compiling all of them would
take a third of the time that a command takes to start.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")


class LazyPattern:
    """What ``regex`` returns: it has the methods of a pattern, and its text."""

    __slots__ = (*_METHODS, "_flags", "pattern")

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def compiled(self) -> re.Pattern[str]:
        """The pattern itself."""
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> Any:
        """Asked for what has no value yet. The methods are then those of the pattern, and not asked for again."""
        compiled = self.compiled()
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """As ``re.compile``, but mistakes in the pattern show when it is first used."""
    return cast("re.Pattern[str]", LazyPattern(pattern, flags))
