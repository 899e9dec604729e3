"""The names that other tools give their boxes, and the callouts of Quarto that they become.

``_extensions/typedwiki/flavours.lua`` has the same table for what pandoc reads as a block quote.
"""

from __future__ import annotations

from ...regex import regex

QUARTO = ("note", "tip", "warning", "important", "caution")

CALLOUTS = {name: name for name in QUARTO} | {
    name: kind
    for kind, names in {
        "note": "abstract bug-report cite definition details example exercise faq help info margin-note proof question"
        " quote seealso solution spoiler summary theorem tldr todo topic lemma remark corollary",
        "tip": "check done hint secondary success",
        "warning": "attention danger bug error fail failure missing deprecated versionremoved",
        "important": "versionadded versionchanged",
    }.items()
    for name in names.split()
}
"""From a name in lower case to one of Quarto's five."""

_TITLES = {
    "faq": "FAQ",
    "tldr": "TL;DR",
    "todo": "To do",
    "seealso": "See also",
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_FOLDED = ("details", "spoiler")
_PLAIN = regex(r"[^\[\]`*_<>{}$\\|~^@#&\"=]*")
"""A title without markup, which can stand in an attribute."""


def default_title(name: str) -> str:
    """What a box without a title is called; empty where Quarto's own title says it."""
    name = name.lower()
    return "" if name in QUARTO else _TITLES.get(name, name.replace("-", " ").capitalize())


def opening(name: str, title: str | None = None, fold: str = "", bare: bool = False) -> list[str]:
    """The lines that open a callout.

    ``title`` is Markdown, ``fold`` one of ``open``, ``closed`` and nothing; ``bare`` leaves the title out.
    A title with markup becomes a heading, which Quarto takes as the title: in an attribute no link would work.
    """
    name = name.lower()
    title = " ".join(title.split()) if title else ("" if bare else default_title(name))
    fold = fold or ("closed" if name in _FOLDED else "")
    plain = bool(_PLAIN.fullmatch(title))
    attributes = [f".callout-{CALLOUTS.get(name, 'note')}"]
    if title and plain:
        attributes.append(f'title="{title}"')
    if fold:
        attributes.append(f'collapse="{"true" if fold == "closed" else "false"}"')
    if bare and not title:
        attributes.append('appearance="simple"')
    lines = [f"::: {{{' '.join(attributes)}}}"]
    return lines if plain else [*lines, f"###### {title}", ""]
