"""Call a function for many items in several processes at once, with the results in the order of the items.

``concurrent.futures`` is not used because its processes outlive a parent that is killed, and because its function and
items must be pickled: here the processes are copies of this one, so only results are.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

T = TypeVar("T")
R = TypeVar("R")

FEWEST = 64
"""Fewer items are not worth the time in which processes start (some 20 ms)."""
_CHUNK = 8
"""Items whose results are sent together."""
ROUND = 2048
"""Items after which new processes start. A process copies each object of this one that it looks at."""


def processor_count() -> int:
    """Return the number of processors that this process may use. A container may limit it."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def ordered_map(function: Callable[[T], R], items: Sequence[T]) -> Iterator[R]:
    """Yield the result of a function for each item, like ``map``.

    The function must not change anything, and its results must be picklable. It is called in this process if there
    are few items, if there is one processor, or if copies of this process might not work: with threads, whose locks
    would stay locked in a copy, and on systems other than Linux. Where a call fails in another process, it is repeated
    in this one, so it raises the same error.
    """
    count = processor_count() if sys.platform == "linux" and threading.active_count() == 1 else 1
    if count < 2 or len(items) < FEWEST:
        yield from map(function, items)
        return
    for start in range(0, len(items), ROUND):
        yield from _map_in_processes(function, items[start : start + ROUND], count)


def _map_in_processes(function: Callable[[T], R], items: Sequence[T], count: int) -> Iterator[R]:
    from multiprocessing import get_context  # only large builds need it

    chunks = [items[start : start + _CHUNK] for start in range(0, len(items), _CHUNK)]
    context = get_context("fork")
    readers: list[Connection] = []
    processes = []
    try:
        for number in range(count):
            reader, writer = context.Pipe(duplex=False)
            readers.append(reader)
            process = context.Process(
                target=_work, args=(function, chunks[number::count], writer, list(readers)), daemon=True
            )
            process.start()
            processes.append(process)
            writer.close()
        for number, chunk in enumerate(chunks):
            results: list[R] | None = _received(readers[number % count])
            yield from map(function, chunk) if results is None else results
    finally:
        for reader in readers:
            reader.close()  # a process that still works ends when it cannot send its results
        for process in processes:
            process.join()


def _work(
    function: Callable[[T], R], chunks: Sequence[Sequence[T]], writer: Connection, readers: list[Connection]
) -> None:
    """Send the results of each chunk, or None if a call fails. Ends when nobody reads them any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # this process ends with its parent
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for reader in readers:
        reader.close()
    for chunk in chunks:
        try:
            results: list[R] | None = [function(item) for item in chunk]
        except Exception:
            results = None
        try:
            writer.send(results)
        except OSError:
            return


def _received(reader: Connection) -> Any:
    """Return the next results of a process; None if it has failed or was killed."""
    try:
        return reader.recv()
    except (EOFError, OSError):
        return None
