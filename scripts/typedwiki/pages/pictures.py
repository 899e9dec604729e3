"""Draw the pictures that other sites show where a page is shared (Open Graph): its type, its title, and the site.

A picture takes some 15 milliseconds and 10 KB. A wiki of up to ``MOST`` pages has one for each; a larger one has one
for each type, so that 25,000 pages cost no more than a few.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import PIL
from msgspec import Struct

from ..config import Config
from ..incremental import fingerprint
from ..model import WikiPage
from ..settings import PICTURES, SITE_PICTURE
from ..text.characters import replace_hidden

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

MOST = 500
"""Maximum number of pages with pictures of their own."""
SIZE = (1200, 630)
"""Pixels; what Open Graph's readers expect. The page template of the draft names it, too."""
_FONT = Path(__file__).parent / "font/DejaVuSans-Bold-subset.ttf"
_LEFT, _RIGHT = 90, 1110
_BAR = 28
"""Height of the bar in the type's colour."""
_LABEL, _SITE = (100, 40), (540, 34)
"""Distance from the top, and size, of the text above the title and of the one below it."""
_TITLE = (184, 508)
"""Where the title begins and ends."""
_TITLE_SIZES = (84, 70, 58, 48)
"""The largest in which the title fits is used."""
_LINE = 1.2
_INK, _QUIET, _PAPER = "#1c1e21", "#5a6067", "#ffffff"
_LEVELS = 5
"""Shades between the paper and each colour: 16 colours need half a byte a pixel."""


class Picture(Struct, frozen=True):
    """The inputs of a picture, apart from the program."""

    name: str
    """Path relative to the notes folder."""
    label: str
    """Text above the title; empty for none."""
    title: str
    site: str
    """Text below the title."""
    colour: str

    def fingerprint(self) -> str:
        """Return the fingerprint of all inputs. Settings and other modules are none, so few pictures are redrawn."""
        return fingerprint(_renderer_fingerprint(), self.label, self.title, self.site, self.colour)


def pictures(
    config: Config, pages: Mapping[str, WikiPage], names: Mapping[str, str]
) -> tuple[dict[str, str], list[Picture]]:
    """Return the picture of each page, by page id and relative to the notes folder, and all pictures to draw.

    Pages have none unless the site has an address: others could not load it. The names of files depend on what they
    show, because other sites keep what they have loaded. ``names`` are those of the notes.
    """
    site, types = config.website, config.schema.types
    if not site.cards or site.has_image:
        return {}, []
    drawings = [Picture(SITE_PICTURE, "", replace_hidden(config.title), replace_hidden(config.description), _INK)]
    if not config.site_url:
        return {}, drawings
    if len(pages) > MOST:
        by_type = {name: _make_picture(t.slug, "", t.name, config.title, t.colour[0]) for name, t in types.items()}
        used_types = {page.page_type for page in pages.values()}
        return (
            {page.id: by_type[page.page_type].name for page in pages.values() if not types[page.page_type].by_hand},
            [*drawings, *(picture for name, picture in by_type.items() if name in used_types)],
        )
    picture_names: dict[str, str] = {}
    for page in pages.values():
        page_type = types[page.page_type]
        if not page_type.by_hand:
            picture = _make_picture(names[page.id], page_type.name, page.page_title, config.title, page_type.colour[0])
            picture_names[page.id] = picture.name
            drawings.append(picture)
    return picture_names, drawings


def _make_picture(about: str, label: str, title: str, site: str, colour: str) -> Picture:
    label, title, site = replace_hidden(label), replace_hidden(title), replace_hidden(site)
    digest = fingerprint(about, label, title, site, colour)[:16]
    return Picture(f"{PICTURES}/{digest}.png", label, title, site, colour)


@lru_cache(maxsize=1)
def _renderer_fingerprint() -> str:
    return fingerprint(PIL.__version__, Path(__file__).read_bytes(), _FONT.read_bytes())


def draw(picture: Picture) -> bytes:
    """Return a picture as PNG. A text with letters that the font lacks is left out; the other texts stay."""
    from PIL import Image, ImageColor, ImageDraw

    canvas = Image.new("L", SIZE)
    pen = ImageDraw.Draw(canvas)
    pen.rectangle((0, 0, SIZE[0], _BAR), fill=255)
    for (top, size), text in ((_LABEL, picture.label), (_SITE, picture.site)):
        if line := next(_lines(text, size, 1), ""):
            pen.text((_LEFT, top), line, fill=255, font=_font(size))
    size, lines = _fitted(picture.title)
    for number, line in enumerate(lines):
        pen.text((_LEFT, _TITLE[0] + round(number * size * _LINE)), line, fill=255, font=_font(size))
    # Above the title, in it and below it a shade means another colour.
    palette = list(ImageColor.getrgb(_PAPER))
    tops = (0, _TITLE[0] - 4, _SITE[0] - 8, SIZE[1])
    for number, colour in enumerate((picture.colour, _INK, _QUIET)):
        area = (0, tops[number], SIZE[0], tops[number + 1])
        canvas.paste(canvas.crop(area).point(_shades(number)), area)
        palette += [mixed for level in range(1, _LEVELS + 1) for mixed in _mixed(colour, level)]
    canvas.putpalette(palette)  # now the shades are indexes into it
    file = io.BytesIO()
    canvas.save(file, "PNG", bits=4)
    return file.getvalue()


@lru_cache(maxsize=3)
def _shades(colour: int) -> list[int]:
    """Return the index of a colour of the palette for each value of a pixel."""
    levels = (round(value / 255 * _LEVELS) for value in range(256))
    return [level and colour * _LEVELS + level for level in levels]


def _mixed(colour: str, level: int) -> Iterator[int]:
    from PIL import ImageColor

    for full, paper in zip(ImageColor.getrgb(colour), ImageColor.getrgb(_PAPER), strict=True):
        yield round(paper + (full - paper) * level / _LEVELS)


def _fitted(title: str) -> tuple[int, list[str]]:
    """Return the size of a title, and its lines. In the smallest size it may be cut."""
    for size in _TITLE_SIZES:
        most = int((_TITLE[1] - _TITLE[0]) / (size * _LINE))
        lines = list(_lines(title, size, most + 1))
        if len(lines) <= most:
            return size, lines
    return size, list(_lines(title, size, most))


def _lines(text: str, size: int, most: int) -> Iterator[str]:
    """Yield up to ``most`` lines of a text, the last with an ellipsis if there is more; none if it cannot be drawn."""
    if not all(map(_is_in_font, set(text) - {" "})):
        return
    width = _RIGHT - _LEFT
    words, line = text.split()[::-1], ""
    while words and most:
        word = words.pop()
        longer = f"{line} {word}".strip()
        if _width(longer, size) <= width:
            line = longer
        elif line:
            words.append(word)
            most -= 1
            yield line if most else _ending(line, size)
            line = ""
        else:
            fitting_length = next(end for end in range(len(word) - 1, 0, -1) if _width(word[:end], size) <= width)
            words += [word[fitting_length:], word[:fitting_length]]
    if line and most:
        yield line


def _ending(line: str, size: int) -> str:
    while _width(f"{line}…", size) > _RIGHT - _LEFT:
        line = line[:-1]
    return f"{line.rstrip(' ,;:.')}…"


def _width(text: str, size: int) -> float:
    return _font(size).getlength(text)


@lru_cache(maxsize=8)
def _font(size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(str(_FONT), size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=1 << 12)
def _is_in_font(character: str) -> bool:
    return _outline(character) != _outline("\U0010ffff")


def _outline(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(20).getmask(character)
    return mask.size, bytes(mask)
