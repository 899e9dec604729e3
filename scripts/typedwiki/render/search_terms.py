"""Split text into search terms. ``terms.js`` splits queries by the same rules; one table of cases tests both.

A token is a run of letters of a script without spaces between words, or a word with the characters that join it to
others in code: ``model.bind_tools``, ``std::vector``, ``--no-cache-dir``, ``C#``. Its terms are its spelling, each
suffix of that, and each word in it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from ..regex import regex

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
"""Letters of Thai, Lao, Burmese, Khmer, Han, Kana and Hangul: indexed one by one and by pairs."""
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0640\u064b-\u065f\u0670"
"""Accents, Hebrew points and Arabic vowels, which the search ignores."""
_WORD = rf"(?:(?![{UNSPACED}])[\w{_MARKS}\u0900-\u0963\u0966-\u0df3])"
"""Python does not count the vowel signs of Indian scripts as word characters."""
_COMPOUND = r"(?:(?<![\w.$@#%*-])(?:--?|\*\*|[.$@#%]))?{0}+(?:(?:\(\)\.|::|->|[./-]){0}+)*(?:\+\+|#)?"
_TOKEN = regex(rf"[{UNSPACED}]+|{_COMPOUND.format(_WORD)}")
_ASCII = regex(_COMPOUND.format(r"\w"), re.ASCII)
_RUN = regex(f"[{UNSPACED}]")
_JOINT = regex(r"\(\)\.|::|->|[./-]")
_HUMP = regex(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_LETTERS = str.maketrans({"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ı": "i", "ى": "ي", "ة": "ه"})
_ARTICLE = regex("^(?:[وفبك]?ال|لل)(?=.{2})")
_FOLDED = regex(f"[{_MARKS}]")
_AROUND = ",;:()\"'`"
"""Characters that no token begins or ends with."""
_LONGEST, _MOST_PARTS = 80, 8


def tokens(text: str) -> list[str]:
    """Return the tokens of a text in order."""
    return (_ASCII if text.isascii() else _TOKEN).findall(text)


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Return a text without accents, case and other differences that people do not type."""
    if text.isascii():
        return text.lower()
    return _ARTICLE.sub("", _without_marks(text))


def _without_marks(text: str) -> str:
    text = _FOLDED.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFC", text).lower().translate(_LETTERS)


@lru_cache(maxsize=1 << 16)
def terms(token: str) -> tuple[str, ...]:
    """Return the distinct terms of a token."""
    if _is_plain(token):
        return (token.lower(),)
    if _RUN.match(token):
        run = fold(token)
        return tuple(dict.fromkeys([*run, *(run[i : i + 2] for i in range(len(run) - 1))]))
    term_set = dict.fromkeys(words(token))
    if spelled := spelling(token):
        term_set[spelled] = None
        parts = [part for part in _JOINT.split(token) if part.strip("*$@#%+")]
        if len(parts) > 1 and len(spelled) <= _LONGEST and len(parts) <= _MOST_PARTS:
            for joint in list(_JOINT.finditer(token))[-_MOST_PARTS:]:
                if joint.start() and (tail := fold(token[joint.end() :]).replace("()", "")):
                    term_set[tail] = None
            if "-" in token and not token[0].isdigit() and set(_JOINT.findall(token)) == {"-"}:
                term_set[fold("".join(parts))] = None
    return tuple(term for term in term_set if len(term) <= _LONGEST)


def _is_plain(token: str) -> bool:
    """Return whether the only term of a token is itself: ASCII letters, not in camel case. Most tokens are."""
    return (
        token.isalpha()
        and token.isascii()
        and len(token) <= _LONGEST
        and (token.islower() or token.isupper() or token[1:].islower())
    )


def all_terms(text: str) -> tuple[str, ...]:
    """Return the terms of each token of a text without spaces."""
    return _all_terms(text) if len(text) <= _LONGEST else _all_terms.__wrapped__(text)


@lru_cache(maxsize=1 << 16)
def _all_terms(text: str) -> tuple[str, ...]:
    stripped = text.strip(_AROUND)
    return (
        (stripped.lower(),) if _is_plain(stripped) else tuple(term for token in tokens(text) for term in terms(token))
    )


@lru_cache(maxsize=1 << 12)
def names(text: str) -> tuple[str, ...]:
    """Return the terms of a text without spaces that are names: as its tokens are spelled, or with underscores."""
    return tuple(
        term
        for token in tokens(text)
        for term in terms(token)
        if term == (spelling(token) or fold(token)) or not term.isalnum()
    )


def spelling(token: str) -> str:
    """Return a token's spelling if it has characters besides its words; otherwise an empty string."""
    spelled = fold(token).replace("()", "")
    return spelled if re.search(r"[^\W_][_.:>/#+-]|^[^\w]", spelled) else ""


def plain_words(token: str) -> list[str]:
    """Return the words of a token as written. Camel case is not split."""
    return [word for word in re.split(r"[^\w\u0300-\u0df3]+|_+", token) if word] if not _RUN.match(token) else [token]


@lru_cache(maxsize=1 << 16)
def words(token: str) -> tuple[str, ...]:
    """Return the words of a token: parts of a path, of a name with underscores, and of a name in camel case."""
    word_set: dict[str, None] = {}
    for part in re.split(r"[^\w\u0300-\u0df3]+", token):
        if not part:
            continue
        if "_" in part and part.strip("_"):
            word_set[fold(part)] = None
        for word in filter(None, part.split("_")):
            word_set[fold(word)] = None
            if "\u0600" <= word[0] <= "\u06ff":  # with its article too: spelling correction needs it
                word_set[_without_marks(word)] = None
            if word.isascii() and len(humps := _HUMP.findall(word)) > 1:
                for i, hump in enumerate(humps):
                    word_set[hump.lower()] = None
                    word_set["".join(humps[i:]).lower()] = None
    return tuple(word for word in word_set if word)
