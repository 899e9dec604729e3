"""What MediaWiki calls files, categories and their options in other languages. Every wiki may use the English names."""

from __future__ import annotations

import re

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
