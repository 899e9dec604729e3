"""The wiki for other programs."""

LLMS = "assets/llms.txt"
"""Where llms.txt waits below the notes folder: its links are those of the root of the site."""
