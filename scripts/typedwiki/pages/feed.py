"""Write the RSS feed of the home page's listing, if its settings request one (`listing: feed:`).

Quarto's own feed does not work: for items of a YAML file it knows neither the page nor its text, so it gives each the
address of the home page and, if it has no date, today's.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import yaml

from ..config import Config
from ..regex import regex
from ..text.characters import replace_hidden

LISTING = "assets/listing.yml"
"""Relative to the notes folder."""
LLMS = "assets/llms.txt"
"""Location of llms.txt, relative to the notes folder, before rendering. Its links are relative to the site's root."""
MARKDOWN = "assets/markdown"
"""Location of the Markdown files, relative to the notes folder, before rendering. Quarto would take them for notes."""
MARKDOWN_SUFFIX = ".html.md"
MOST_ITEMS = 20
"""Default number of items, as in Quarto."""
_ATOM = "http://www.w3.org/2005/Atom"
_FRONT_MATTER = regex(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)

Item = Mapping[str, Any]
"""An item of the listing: path, title, description, type, categories and, if known, date."""


def listed_items(listing: bytes) -> list[dict[str, Any]]:
    """Return the items of listing.yml, with title and description as plain text."""
    items = [json.loads(line[2:]) for line in listing.decode().splitlines() if line.startswith("- ")]
    for item in items:
        for name in ("title", "description"):
            item[name] = re.sub(r"\\(.)", r"\1", item[name])
    return items


def feeds(home: str, listing: bytes, config: Config) -> dict[str, bytes]:
    """Return the feeds of a site by name: index.xml, and one for each requested category.

    ``home`` is the text of index.qmd. There are none if it requests no feed, or feeds of other items, or if the
    site has no address.
    """
    front = _front_matter(home)
    settings = _feed_settings(front.get("listing"))
    if settings is None or not config.site_url:
        return {}
    items = sorted(listed_items(listing), key=lambda item: str(item.get("date", "")), reverse=True)
    names = settings.get("categories") or []
    files = {"index": _feed("index", "", items, settings, front, config)}
    for name in map(str, names if isinstance(names, list) else [names]):
        file = f"index-{name.lower()}"
        if "/" not in name:
            category_items = (item for item in items if name in item["categories"])
            files[file] = _feed(file, f"#category={quote(name)}", category_items, settings, front, config)
    return {f"{name}.xml": data for name, data in files.items()}


def _front_matter(text: str) -> Mapping[str, Any]:
    match = _FRONT_MATTER.match(text.replace("\r\n", "\n"))
    try:
        data = yaml.safe_load(match[1]) if match else None
    except (yaml.YAMLError, ValueError):  # the renderer will report it
        return {}
    return data if isinstance(data, dict) else {}


def _feed_settings(listing: object) -> Mapping[str, Any] | None:
    """Return the settings of the feed; None if there is none, or if it has other items than the wiki's pages."""
    entries = listing if isinstance(listing, list) else [listing]
    listings = [entry for entry in entries if isinstance(entry, dict)]
    feed = next((entry["feed"] for entry in listings if entry.get("feed") is not None), None)
    for entry in listings:
        contents = entry.get("contents")
        names = contents if isinstance(contents, list) else [contents]
        if not all(isinstance(name, str) and name.endswith(f"notes/{LISTING}") for name in names):
            return None
    return feed if isinstance(feed, dict) else {} if feed else None


def _feed(
    name: str, view: str, items: Iterable[Item], settings: Mapping[str, Any], front: Mapping[str, Any], config: Config
) -> bytes:
    ElementTree.register_namespace("atom", _ATOM)
    rss = ElementTree.Element("rss", {"version": "2.0"})
    channel = ElementTree.SubElement(rss, "channel")
    home = f"{config.site_url}/{view}"
    title = str(settings.get("title") or config.title)
    _add(channel, "title", title)
    _add(channel, "link", home)
    self_link = {"href": f"{config.site_url}/{quote(name)}.xml", "rel": "self", "type": "application/rss+xml"}
    ElementTree.SubElement(channel, f"{{{_ATOM}}}link", self_link)
    _add(channel, "description", str(settings.get("description") or front.get("description") or config.description))
    _add(channel, "language", str(settings.get("language") or config.language))
    if image := settings.get("image"):
        part = ElementTree.SubElement(channel, "image")
        for key, text in (("url", _address(str(image), config)), ("title", title), ("link", home)):
            _add(part, key, text)
    most = settings.get("items")
    first_items = list(items)[: most if isinstance(most, int) and most > 0 else MOST_ITEMS]
    if first_items and (newest := _moment(first_items[0])):
        _add(channel, "lastBuildDate", newest)
    for item in first_items:
        channel.append(_item(item, config))
    ElementTree.indent(rss)
    style = ""
    if sheet := settings.get("xml-stylesheet"):
        style = f'<?xml-stylesheet type="text/xsl" href="{html.escape(_address(str(sheet), config))}"?>\n'
    text = ElementTree.tostring(rss, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{style}{text}\n'.encode()


def _item(item: Item, config: Config) -> ElementTree.Element:
    element = ElementTree.Element("item")
    address = f"{config.site_url}/{quote(item['path'])}"
    for name, text in _texts(item, address):
        _add(element, name, text)
    return element


def _texts(item: Item, address: str) -> Iterator[tuple[str, str]]:
    yield "title", item["title"]
    yield "link", address
    yield "description", item["description"]
    yield from (("category", name) for name in item["categories"])
    yield "guid", address
    if moment := _moment(item):
        yield "pubDate", moment


def _add(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = replace_hidden(text.replace("\u2060", ""))


def _moment(item: Item) -> str:
    date = item.get("date")
    return format_datetime(datetime.fromisoformat(date).replace(tzinfo=timezone.utc), usegmt=True) if date else ""


def _address(address: str, config: Config) -> str:
    return address if re.match(r"https?://", address) else f"{config.site_url}/{quote(address.lstrip('/'))}"


def published(name: str) -> str:
    """Return the path on the site of a file of ``MARKDOWN``, relative to the site's root; "" for any other file."""
    return f"notes/{name.removeprefix(f'{MARKDOWN}/')}" if name.startswith(f"{MARKDOWN}/") else ""
