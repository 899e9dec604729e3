"""Prefixes of MediaWiki's links: files and categories in other languages, with their options, and other wikis."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import quote

from ..regex import regex


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


FILES = _set(
    "file image datei bild fichier archivo imagen immagine ficheiro arquivo imagem bestand afbeelding"
    " plik grafika файл изображение зображення fil ファイル 画像 文件 檔案 档案 图像 圖像 파일 그림 soubor"
    " ملف پرونده קובץ dosya tiedosto kuva fájl kép αρχείο εικόνα fitxer imatge"
)
MEDIA = _set("media medium média medio мультимедиа メディア 媒体 媒體 미디어")
CATEGORIES = _set(
    "category kategorie catégorie categoría categoria categorie kategoria категория категорія kategori"
    " カテゴリ 分类 分類 분류 تصنيف رده קטגוריה luokka kategória κατηγορία"
)
FLOATING = _set(
    "thumb thumbnail frame framed mini miniatur gerahmt vignette cadre encadré miniatura"
    " miniaturadeimagen marco enmarcado min riquadrato miniaturadaimagem comborda miniatuur omkaderd mały"
    " ramka мини миниатюра обрамить міні мініатюра サムネイル サムネ フレーム 缩略图 縮圖 有框 섬네일"
    " 썸네일 miniatyr náhled تصغير مصغر بندانگشتی ממוזער küçükresim pienoiskuva bélyegkép"
)
"""Options with which a file stands beside the text."""
_PLACES = _set(
    "border frameless left right center centre none upright baseline sub super sup top text-top middle"
    " bottom text-bottom loop muted loossy rahmenlos rand links rechts zentriert ohne hochkant gauche"
    " droite centré néant redresse bordure izquierda izda derecha dcha centro centrado ninguna ninguno"
    " sinmarco borde sinistra destra verticale esquerda direita superiordireito sembordas semmoldura borda"
    " gecentreerd geen kaderloos rechtop lewo prawo centruj brak слева справа центр без безрамки граница"
    " ліворуч праворуч 右 左 中央 なし 無し フレームなし 境界 上下 居中 置中 无 無 无框 無框 边框 오른쪽"
    " 왼쪽 가운데 없음 프레임없음 vlevo vpravo střed يسار يمين مركز وسط چپ راست وسط שמאל ימין מרכז sol sağ"
    " orta"
)
OPTION = regex(
    rf"(?:{'|'.join(map(re.escape, sorted({*FLOATING, *_PLACES}, key=len, reverse=True)))})"
    r"|(?:thumb(?:nail)?|upright|hochkant|redresse|verticale|lang|page|seite|class|start|end|thumbtime)[ ]*[= ].*",
    re.DOTALL,
)
REDIRECT = (
    "#(?:REDIRECT|WEITERLEITUNG|REDIRECTION|REDIRECCIÓN|RINVIA|REDIRECIONAMENTO|DOORVERWIJZING|PATRZ|PRZEKIERUJ"
    "|ПЕРЕНАПРАВЛЕНИЕ|ПЕРЕНАПРАВЛЕННЯ|転送|リダイレクト|重定向|넘겨주기|تحويل|הפניה|YÖNLENDİR|OHJAUS|OMDIRIGERING|PŘESMĚRUJ)"
)
"""The word that begins a redirect, as a pattern for any case."""

Place = Literal["", "elsewhere", "words", "language", "category", "media"]

_WIKIMEDIA = {
    "wikipedia": "wikipedia w",
    "wiktionary": "wiktionary wikt",
    "wikibooks": "wikibooks b",
    "wikinews": "wikinews n",
    "wikiquote": "wikiquote q",
    "wikisource": "wikisource s",
    "wikiversity": "wikiversity v",
    "wikivoyage": "wikivoyage voy",
}
_INTERWIKI = {
    prefix: f"https://en.{site}.org/wiki/" for site, names in _WIKIMEDIA.items() for prefix in names.split()
} | {
    **dict.fromkeys(("c", "commons"), "https://commons.wikimedia.org/wiki/"),
    **dict.fromkeys(("d", "wikidata"), "https://www.wikidata.org/wiki/"),
    **dict.fromkeys(("m", "meta", "metawikipedia", "metawiki"), "https://meta.wikimedia.org/wiki/"),
    **dict.fromkeys(("mw", "mediawikiwiki"), "https://www.mediawiki.org/wiki/"),
    **dict.fromkeys(("species", "wikispecies"), "https://species.wikimedia.org/wiki/"),
    **dict.fromkeys(("foundation", "wmf", "wikimedia"), "https://foundation.wikimedia.org/wiki/"),
    **dict.fromkeys(("phab", "phabricator"), "https://phabricator.wikimedia.org/"),
    "doi": "https://doi.org/",
    "google": "https://www.google.com/search?q=",
    "iarchive": "https://archive.org/details/",
    "imdb": "https://www.imdb.com/title/",
    "incubator": "https://incubator.wikimedia.org/wiki/",
    "mail": "https://lists.wikimedia.org/mailman/listinfo/",
    "pmid": "https://pubmed.ncbi.nlm.nih.gov/",
    "rfc": "https://datatracker.ietf.org/doc/html/rfc",
    "toollabs": "https://iw.toolforge.org/",
}
"""Prefixes of other wikis, and what precedes a page's name there (Wikimedia's interwiki map)."""
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
    """Return the target that a link's prefix names.

    That is another wiki (``elsewhere``, or the page in another ``language``), a ``category`` or a file (``media``, or
    only the ``words`` of its own page); empty for a page.
    """
    colon_first = target.lstrip().startswith(":")
    prefix = target.strip().lstrip(":").partition(":")[0].strip().lower() if ":" in target.strip().lstrip(":") else ""
    if prefix in _INTERWIKI:
        return "elsewhere"
    if prefix in _LANGUAGES:
        return "elsewhere" if colon_first else "language"
    if prefix in CATEGORIES | FILES | MEDIA:
        return "words" if colon_first else "media" if prefix in MEDIA else "category"
    return ""


def address_elsewhere(target: str) -> str:
    """Return the address of a page in another wiki: ``wikipedia:Tree``, ``:de:Baum``, ``w:de:Baum``."""
    prefix, _, name = target.strip().lstrip(":").partition(":")
    base = _INTERWIKI.get(prefix.strip().lower(), "https://en.wikipedia.org/wiki/")
    language, colon, rest = (prefix, ":", name) if prefix.strip().lower() in _LANGUAGES else name.partition(":")
    if colon and language.strip().lower() in _LANGUAGES and base.startswith("https://en."):
        base, name = base.replace("//en.", f"//{language.strip().lower()}.", 1), rest
    return base + quote("_".join(name.split()), safe="/#:()',!*@;._~+-")
