"""Pages at the further addresses of a note, which lead to where it is."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Iterator
from urllib.parse import quote

from .bodies import Body

_DRAFTS = (
    '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>Moved</title>'
    '<link rel="canonical" href="{to}"><meta http-equiv="refresh" content="0; url={to}"></head>'
    '<body><p>This page has moved: <a href="{to}">{title}</a></p></body></html>\n'
)
_QUARTOS = """<html xmlns="http://www.w3.org/1999/xhtml">
<head>
  <title>Redirect</title>
  <script type="text/javascript">
    var redirects = {redirects};
    var hash = window.location.hash.startsWith('#') ? window.location.hash.slice(1) : window.location.hash;
    var redirect = redirects[hash] || redirects[""] || "/";
    window.document.title = 'Redirect to  ' +  redirect;
    if (!redirects[hash]) {{
      redirect = redirect + window.location.hash;
    }}
    redirect = redirect + window.location.search;
    window.location.replace(redirect);
  </script>
</head>
<body>
</body>
</html>
"""
"""As Quarto's `aliases:` make it."""


def redirects(here: str, body: Body) -> Iterator[tuple[str, str]]:
    """The page of the draft at each further address of the page ``here``, by path relative to the site."""
    for old in _paths(here, body):
        to = quote(posixpath.relpath(here, posixpath.dirname(old) or "."))
        yield old, _DRAFTS.format(to=to, title=body["title"])


def as_quartos(here: str, body: Body) -> Iterator[tuple[str, str]]:
    """The same as Quarto makes them."""
    for old in _paths(here, body):
        to = json.dumps({"": posixpath.relpath(here, posixpath.dirname(old) or ".")}, ensure_ascii=False)
        yield old, _QUARTOS.format(redirects=to.replace(": ", ":", 1))


def _paths(here: str, body: Body) -> Iterator[str]:
    for alias in body["aliases"]:
        old = posixpath.normpath(posixpath.join("/", posixpath.dirname(here), alias)).lstrip("/")
        yield old if old.endswith(".html") else f"{old}/index.html"
