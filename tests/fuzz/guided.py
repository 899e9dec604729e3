"""Coverage-guided fuzzing of parse and resolve, by Atheris (libFuzzer): ``guided.py --seconds 600``.

Inputs that reach new code are stored in a corpus outside the repository, so that a run continues where
the last one ended. Atheris is in requirements.txt beside this file.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2] / "scripts")]

try:
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]
except ModuleNotFoundError:
    sys.exit("guided.py needs Atheris: pip install -r tests/fuzz/requirements.txt")

with atheris.instrument_imports(include=["typedwiki.text", "typedwiki.resolve", "typedwiki.read"]):
    from fuzz.pipeline import Seed, clear_caches, parse_and_resolve, seeds, time_limit

from fuzz.tokens import PIECES  # noqa: E402

_TYPES = ("Principle", "Environment", "Workflow")
_executions = 0


def run_case(data: bytes) -> None:
    """Run a case: its first byte selects the type of page and the file's suffix."""
    global _executions  # Atheris calls a bare function, so the count is global
    _executions += 1
    if _executions % 2_000 == 0:
        clear_caches()
    choice = data[0] if data else 0
    with time_limit(5):  # of processor time, which a busy machine does not change
        parse_and_resolve(Seed("a.mediawiki" if choice & 4 else "a.md", _TYPES[choice % 3], data[1:]))


def main() -> None:
    """Fuzz for a limited time. A finding is a traceback and a file in the corpus's folder."""
    parser: Any = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir(), "typedwiki-fuzz"))
    options = parser.parse_args()
    corpus: Path = options.corpus / "inputs"
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, seed in enumerate(seeds()):
            (corpus / f"seed{number:04}").write_bytes(b"\0" + seed.data)
    words = options.corpus / "dictionary"
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece.encode("utf-8", "surrogatepass")) for piece in PIECES)
    words.write_text("".join(f'"{word}"\n' for word in dict.fromkeys(quoted)), encoding="ascii")
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-dict={words}",
            f"-max_total_time={options.seconds}",
            f"-artifact_prefix={options.corpus}/",
            "-timeout=300",
            "-max_len=4096",
            "-rss_limit_mb=3000",
        ],
        run_case,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
