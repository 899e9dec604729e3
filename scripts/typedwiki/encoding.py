"""UTF-8 for the names of files and for what is said, whatever the locale."""

from __future__ import annotations

import os
import sys


def use_utf8() -> None:
    """Start this program once more if it runs under a locale of another encoding.

    Python takes the names of files as the locale says, and pandoc and Quarto do: the same wiki would give
    other notes, or none. The locale C.UTF-8 sorts and formats as C does.
    """
    if sys.platform == "win32":  # names of files are Unicode there
        return
    import locale

    if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"
        if sys.getfilesystemencoding().lower() != "utf-8":
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
