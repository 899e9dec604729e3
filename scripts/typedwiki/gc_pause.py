"""Python's search for cyclic garbage, put off while a wiki is built: it looks through all that has been made, again
and again, for what a build hardly makes. That took a tenth of the time for 10,000 pages."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def gc_paused() -> Iterator[None]:
    """Let a thousand times as many objects be made before each search: so many are some 50 MB."""
    before = gc.get_threshold()
    gc.set_threshold(700_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*before)
