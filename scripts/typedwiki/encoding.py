"""Use UTF-8 for file names and output, whatever the locale."""

from __future__ import annotations

import os
import sys


def use_utf8() -> None:
    """Restart this program in a UTF-8 locale, if the current locale has another encoding.

    Python, pandoc and Quarto decode file names as the locale says, so the same wiki would give other notes, or
    none. The locale C.UTF-8 sorts and formats like C.
    """
    if sys.platform == "win32":  # file names are Unicode on Windows
        return
    import locale

    if locale.nl_langinfo(locale.CODESET).upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"
        if sys.getfilesystemencoding().lower() != "utf-8":
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
