"""Numbers in texts from outside: what Python takes for one is more than what a format means.

`int` reads "٣", "1_000", "+5" and " 5 ", and stops at 4,300 digits; `float` reads "1_0" and "nan".
"""

from __future__ import annotations

import re

_WHOLE = re.compile(r"-?[0-9]{1,20}")
_DECIMAL = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,6})?")
_MOST = 2**63 - 1
"""What SQLite has room for."""


def is_whole(text: str) -> bool:
    r"""Return whether a text is a whole number in ASCII digits, of up to 20.

    Example:
        >>> [is_whole(text) for text in ("12", "-1", "+1", "1_0", "\u0663", "1e3", " 1", "")]
        [True, True, False, False, False, False, False, False]
    """
    return _WHOLE.fullmatch(text) is not None


def is_decimal(text: str) -> bool:
    r"""Return whether a text is a number as JSON writes it, leading zeros aside.

    Example:
        >>> [is_decimal(text) for text in ("0.5", "-1e3", "1_0", ".5", "nan", "\u0663")]
        [True, True, False, False, False, False]
    """
    return _DECIMAL.fullmatch(text) is not None


def row_number(text: str) -> int | None:
    r"""Return the number of a row that an address names, None when it is none.

    Example:
        >>> row_number("12"), row_number("\u00b2"), row_number("-1"), row_number("9" * 20)
        (12, None, None, None)
    """
    if not is_whole(text):
        return None
    number = int(text)
    return number if 0 <= number <= _MOST else None
