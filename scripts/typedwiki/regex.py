"""Regular expressions that are compiled when they are first used.

There are some hundreds, and most commands and pages need only a few. Compiling all of them would take a third of a
command's start-up time.
"""

from __future__ import annotations

import re
from typing import Any, cast

_METHODS = ("match", "fullmatch", "search", "finditer", "findall", "sub", "subn", "split")


class LazyPattern:
    """The result of ``regex``: it has the methods and the text of a pattern."""

    __slots__ = (*_METHODS, "_flags", "pattern")

    def __init__(self, pattern: str, flags: int) -> None:
        self.pattern = pattern
        self._flags = flags

    def compiled(self) -> re.Pattern[str]:
        """Return the compiled pattern."""
        return re.compile(self.pattern, self._flags)

    def __getattr__(self, name: str) -> Any:
        """Compile the pattern on first access and store its methods here, so that this is not called for them again."""
        compiled = self.compiled()
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def regex(pattern: str, flags: int = 0) -> re.Pattern[str]:
    """Return a pattern as ``re.compile`` does. Errors in it are raised on first use."""
    return cast("re.Pattern[str]", LazyPattern(pattern, flags))
