"""Decide which settings the fast engine supports, and which notes it leaves to Quarto because of others."""

from __future__ import annotations

from collections.abc import Container, Mapping
from pathlib import Path
from typing import Any

from .project_inputs import quarto_settings

_PROJECT = frozenset({"project", "website", "format", "filters", "execute", "typedwiki", "lang"})
_WEBSITE = (
    "title favicon description image site-url search navbar page-footer back-to-top-navigation repo-url repo-branch"
    " reader-mode announcement google-analytics plausible-analytics cookie-consent open-graph twitter-card"
)
"""Settings whose effect is the same on every note, except for the title."""
_SHELL = (
    "theme css toc toc-depth toc-title code-overflow code-fold code-summary link-external-newwindow link-external-icon"
    " link-external-filter email-obfuscation highlight-style syntax-highlighting mainfont monofont fontsize fontcolor"
    " linkcolor linestretch backgroundcolor max-width grid smooth-scroll include-in-header citations-hover"
    " footnotes-hover crossrefs-hover canonical-url respect-user-color-scheme"
)
"""Options that affect only the template. code-fold and code-summary affect only cells."""
_NOTES = {
    "code": "code-copy code-line-numbers code-annotations code-block-bg code-block-border-left",
    "image": "lightbox fig-align fig-responsive fig-cap-location fig-width fig-height",
    "table": "tbl-colwidths tbl-cap-location",
    "callout": "callout-appearance callout-icon",
    "footnote": "reference-location",
    "math": "html-math-method",
}
"""Options by the only construct that they change. Notes with that construct are left to Quarto."""
_HARMLESS: Mapping[str, tuple[object, ...]] = {
    "html-math-method": ("mathml",),
    "code-copy": (True,),
    "lightbox": (False,),
    "code-line-numbers": (False,),
    "fig-responsive": (True,),
}
"""Values of these options that the fast engine supports."""
OPTIONS = dict.fromkeys(_SHELL.split(), "") | {name: what for what, names in _NOTES.items() for name in names.split()}


def unknown_setting(project: Path) -> str:
    """Return the first setting that the fast engine does not know; empty if it knows all of them."""
    data = quarto_settings(project)
    website, formats = data.get("website"), data.get("format")
    html = formats.get("html") if isinstance(formats, dict) else formats
    if not isinstance(website, dict) or not isinstance(formats, dict) or list(formats) != ["html"]:
        return "`format` is not `html` alone"
    if str(data.get("lang") or "en").split("-")[0] != "en":
        return f"`lang: {data['lang']}`"
    if data.get("filters") != ["typedwiki"]:
        return "`filters` of its own"
    known_names: Container[str]
    for where, keys, known_names in (
        ("", data, _PROJECT),
        ("website: ", website, frozenset(_WEBSITE.split())),
        ("format: html: ", html if isinstance(html, dict) else {}, OPTIONS),
    ):
        for name in keys:
            if name not in known_names:
                return f"`{where}{name}`"
    if {"open-graph", "twitter-card"} & website.keys() and not website.get("description"):
        return "cards of a site without a `description`"  # each page then has a sentence of its own
    other_settings = [
        *project.glob("_quarto-*.yml"),
        *project.glob("_quarto.yml.local"),
        *project.glob("_metadata.yml"),
    ]
    other_settings += project.glob("notes/_metadata.yml")
    return f"`{other_settings[0].name}`" if other_settings else ""


def left_to_quarto(project: Path) -> dict[str, str]:
    """Return the constructs that are left to Quarto on this site, each with the option that is the reason."""
    html = _html_options(project)
    website = quarto_settings(project).get("website") or {}
    cards = sorted({"open-graph", "twitter-card"} & website.keys())
    from_cards = {"image": cards[0]} if cards else {}  # in the card
    return (
        from_cards
        | {
            OPTIONS[name]: name
            for name, value in html.items()
            if OPTIONS.get(name) and value not in _HARMLESS.get(name, ())
        }
        | ({} if "html-math-method" in html else {"math": "html-math-method"})
    )


def contents_depth(project: Path) -> int:
    """Return the levels of headings in a note's table of contents; 0 if there is no table of contents."""
    html = _html_options(project)
    return int(html.get("toc-depth", 3)) if html.get("toc", True) else 0


def _html_options(project: Path) -> dict[str, Any]:
    formats = quarto_settings(project).get("format")
    html = formats.get("html") if isinstance(formats, dict) else None
    return html if isinstance(html, dict) else {}
