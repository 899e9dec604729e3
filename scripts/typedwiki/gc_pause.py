"""Python's search for cyclic garbage, put off while a wiki is built: it looks through all that has been made, again
and again, for what a build hardly makes. That took a tenth of the time for 10,000 pages."""

from __future__ import annotations

import atexit
import gc
from collections.abc import Iterator
from contextlib import contextmanager

_THRESHOLDS = (700_000, 50, 100)
"""A thousand times as many objects are made before each search as usual: so many are some 50 MB."""


def gc_paused_for_good() -> None:
    """The same for a process that ends with the build: neither then nor when it ends is there anything to free."""
    gc.set_threshold(*_THRESHOLDS)
    atexit.register(gc.freeze)


@contextmanager
def gc_paused() -> Iterator[None]:
    """Search seldom meanwhile."""
    before = gc.get_threshold()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
