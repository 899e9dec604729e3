"""Coverage-guided fuzzing of parse and resolve, by Atheris (libFuzzer): ``guided.py --seconds 600``.

Inputs that reach new code are kept in a corpus outside the repository, so that runs go on where
earlier ones ended. Atheris is in requirements.txt beside this file.
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
    from fuzz.house import Seed, forget, limited, seeds, understood

from fuzz.tokens import PIECES  # noqa: E402

_TYPES = ("Principle", "Environment", "Workflow")
_executions = 0


def one(data: bytes) -> None:
    """A case: its first byte chooses the type of page and the ending of its file."""
    global _executions  # Atheris calls a function and keeps nothing for it
    _executions += 1
    if _executions % 2_000 == 0:
        forget()
    choice = data[0] if data else 0
    with limited(5):  # of processor time, which a busy machine does not change
        understood(Seed("a.mediawiki" if choice & 4 else "a.md", _TYPES[choice % 3], data[1:]))


def main() -> None:
    """Fuzz for a bounded time; a finding is a file in the corpus's folder and a traceback."""
    options: Any = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=600)
    options.add_argument("--corpus", type=Path, default=Path(tempfile.gettempdir(), "typedwiki-fuzz"))
    asked = options.parse_args()
    corpus: Path = asked.corpus / "inputs"
    corpus.mkdir(parents=True, exist_ok=True)
    if not any(corpus.iterdir()):
        for number, seed in enumerate(seeds()):
            (corpus / f"seed{number:04}").write_bytes(b"\0" + seed.data)
    words = asked.corpus / "dictionary"
    quoted = ("".join(f"\\x{byte:02x}" for byte in piece.encode("utf-8", "surrogatepass")) for piece in PIECES)
    words.write_text("".join(f'"{one}"\n' for one in dict.fromkeys(quoted)), encoding="ascii")
    atheris.Setup(
        [
            sys.argv[0],
            str(corpus),
            f"-dict={words}",
            f"-max_total_time={asked.seconds}",
            f"-artifact_prefix={asked.corpus}/",
            "-timeout=300",
            "-max_len=4096",
            "-rss_limit_mb=3000",
        ],
        one,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main()
