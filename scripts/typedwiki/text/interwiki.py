"""Prefixes of MediaWiki's links that lead out of the wiki, or to its machinery."""

from __future__ import annotations

import re
from typing import Literal

Place = Literal["", "words", "language", "category", "media"]

_INTERWIKI = frozenset(
    re.findall(
        r"\w+",
        "b c commons d doi foundation google incubator iarchive imdb m mail mediawikiwiki meta metawikipedia mw n phab"
        " phabricator pmid q rfc s species toollabs v voy w wikibooks wikidata wikimedia wikinews wikipedia wikiquote"
        " wikisource wikispecies wikiversity wikivoyage wikt wiktionary wmf",
    )
)
_LANGUAGES = frozenset(
    re.findall(
        r"\w+",
        "af als am an ar arz ast az ba bar be bg bn bpy br bs ca ce ceb ckb co cs cv cy da de el en eo es et"
        " eu fa fi fo fr fy ga gd gl gu gv he hi hr hsb ht hu hy ia id io is it ja jv ka kk km kn ko ku ky la"
        " lb li lt lv mg mi mk ml mn mr ms mt my nah nap nds ne nl nn no oc om or os pa pl pms pnb ps pt qu ro"
        " ru sa sah sc scn sco sd sh si simple sk sl so sq sr su sv sw szl ta te tg th tk tl tr tt ug uk ur uz"
        " vec vi vo wa war xh yi yo zh zu",
    )
)


def place(target: str) -> Place:
    """Where a link leads by its prefix: to another wiki (``words`` are all that can be shown, or a page in
    another ``language``), to a ``category`` or a file (``media``); empty for a page."""
    colon_first = target.lstrip().startswith(":")
    prefix = target.strip().lstrip(":").partition(":")[0].strip().lower() if ":" in target.strip().lstrip(":") else ""
    if prefix in _INTERWIKI:
        return "words"
    if prefix in _LANGUAGES:
        return "words" if colon_first else "language"
    if prefix in ("category", "file", "image", "media"):
        return "words" if colon_first else "media" if prefix == "media" else "category"
    return ""
