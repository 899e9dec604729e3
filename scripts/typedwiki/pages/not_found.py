"""The page for addresses that lead nowhere: Explore, which then searches for what the address names.

It is made as any page below notes/wiki/, by whatever renderer; search/entrances.py copies it to 404.html.
"""

from __future__ import annotations

from ..notes.note_file import yaml_string
from ..search.entrances import MARK
from ..words import Words
from .explore import explore_parts


def not_found_page(words: Words, pathless: bool = False) -> str:
    """The note's text; ``pathless`` if the wiki has no page of reading paths."""
    paths = "" if pathless else f" · [{words('paths')}](../../notes/wiki/paths.html)"
    return (
        f"---\ntitle: {yaml_string(words('not-found'))}\npage-layout: full\ntoc: false\nsearch: false\n---\n\n"
        f"::: {{.tw-lead}}\n{words('not-found-lead')}\n:::\n\n"
        f"[{words('home')}](../../index.html) · [{words('explore')}](../../notes/wiki/explore.html)"
        f"{paths}\n\n"
        f'::: {{.tw-explore {MARK}="true"}}\n{explore_parts(words)}\n:::\n'
    )
