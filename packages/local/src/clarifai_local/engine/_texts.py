"""Texts as vectors, with no download: hashed words, word pairs and pieces of words.

Each feature is hashed (CRC-32: the same on every machine, in every process) to one of 512 places
and to a sign, so that collisions cancel on average; repeated features count with their logarithm.
Words that only hold a sentence together count little; pieces of words make inflections and typing
errors near neighbours. The scalar product of two vectors is 1 for the same text, about 0 for texts
that share no words.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
import zlib
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from clarifai_local.engine._images import Floats, unit_rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DIMENSIONS = 512

_WORD = re.compile(r"\w+|[^\w\s]")
_WORD_WEIGHT = 1.0
_PAIR_WEIGHT = 0.4
_PIECE_WEIGHT = 0.5
_FILLER_WEIGHT = 0.25
_MAX_CHARACTERS = 20_000
_FILLER_TEXT = """
a an and are as at be been but by can do for from had has have he her his i in is it its me my of
on or our she so than that the their them then there they this to us was we were what when which
who will with would you your . , ; : ! ? ' " ( ) -
"""
_FILLERS = frozenset(_FILLER_TEXT.split())


def embed_texts(texts: Sequence[str]) -> Floats:
    """Return one unit vector per text.

    Args:
        texts: Any texts; what lies behind the first 20,000 characters is not looked at.

    Returns:
        Array (len(texts), 512), float32. Rows have length 1; a text without any sign is a row of
        zeros.
    """
    vectors = np.zeros((len(texts), DIMENSIONS), np.float32)
    for row, text in zip(vectors, texts, strict=True):
        _fill(row, words_of(text))
    return unit_rows(vectors)


def words_of(text: str) -> list[str]:
    """Return the words and signs of a text, in lower case and without accents.

    Example:
        >>> words_of("Crème brûlée, please!")
        ['creme', 'brulee', ',', 'please', '!']
    """
    lowered = text[:_MAX_CHARACTERS].lower()
    if not lowered.isascii():
        decomposed = unicodedata.normalize("NFKD", lowered)
        lowered = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
    return _WORD.findall(lowered)


def _fill(row: Floats, words: list[str]) -> None:
    for word, count in Counter(words).items():
        times = 1.0 + math.log(count)
        for place, value in _word_features(word):
            row[place] += times * value
    for pair in itertools.pairwise(words):
        place, value = _pair_feature(pair)
        row[place] += value


@lru_cache(maxsize=50_000)
def _word_features(word: str) -> tuple[tuple[int, float], ...]:
    weight = _FILLER_WEIGHT if word in _FILLERS else _WORD_WEIGHT
    own = _hashed("w" + word, weight)
    pieces = list(_pieces(word))
    if not pieces or word in _FILLERS:
        return (own,)
    share = _PIECE_WEIGHT * weight / math.sqrt(len(pieces)) * math.sqrt(3)
    return (own, *(_hashed("p" + piece, share) for piece in pieces))


@lru_cache(maxsize=50_000)
def _pair_feature(pair: tuple[str, str]) -> tuple[int, float]:
    fillers = (pair[0] in _FILLERS) + (pair[1] in _FILLERS)
    return _hashed(f"b{pair[0]} {pair[1]}", _PAIR_WEIGHT / (1 + fillers))


def _pieces(word: str) -> Iterator[str]:
    framed = f"<{word}>"
    for size in (3, 4):
        if len(framed) > size:
            yield from (framed[at : at + size] for at in range(len(framed) - size + 1))


def _hashed(feature: str, weight: float) -> tuple[int, float]:
    code = zlib.crc32(feature.encode())
    return code % DIMENSIONS, weight if code & 0x8000_0000 else -weight
