"""Sorting, searching and paging of resources with few rows, as the List requests ask for it.

Requests of different kinds share field names (`sort_ascending`, `search`, `name`, ...); what a
request does not have is not asked for.
"""

from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_local import _paging
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from google.protobuf.message import Message

    from clarifai_local._store import ResourceRow

M = TypeVar("M", bound="Message")

_SORT_KEYS: tuple[tuple[str, Callable[[ResourceRow, Any], Any]], ...] = (
    ("sort_by_name", lambda row, message: (getattr(message, "name", "") or row.id).lower()),
    ("sort_by_id", lambda row, _: row.id),
    ("sort_by_modified_at", lambda row, _: row.modified_at),
    ("sort_by_created_at", lambda row, _: row.created_at),
    ("sort_by_star_count", lambda _, message: getattr(message, "star_count", 0)),
    ("sort_by_num_inputs", lambda _, message: message.model_version.total_input_count),
)
"""Flag of a request, and what it sorts by; the first flag that is set counts."""

SEARCHED = ("id", "name", "description", "notes", "user_id")
"""Fields in which `search` looks for words."""


MAX_SEARCH_CHARACTERS = 1000
"""Characters of a text that is searched for."""


def select(
    rows: Iterable[ResourceRow], request: Any, render: Callable[[ResourceRow], M]
) -> list[M]:
    """Return the page of a listing that a request asks for.

    Args:
        rows: All resources in scope, newest first.
        request: A List request.
        render: Makes the message of a row.

    Raises:
        Refused: 11102 for a page or a text to search by that is too large.
    """
    _check(request)
    wanted = _paging.page_range(request.page, request.per_page)
    pairs = [(row, render(row)) for row in rows]
    chosen = [pair for pair in pairs if _matches(pair[1], request)]
    for flag, key in _SORT_KEYS:
        if getattr(request, flag, False):
            descending = not getattr(request, "sort_ascending", False)
            chosen.sort(key=lambda pair: key(*pair), reverse=descending)
            break
    else:
        if getattr(request, "sort_by_relevance", False):
            words = _searched(request).lower().split()
            chosen.sort(key=lambda pair: -_relevance(pair[1], words))
        if getattr(request, "sort_ascending", False):
            chosen.reverse()
    return [message for _, message in wanted.of(chosen)]


def _matches(message: Any, request: Any) -> bool:
    if getattr(request, "starred_only", False) and not getattr(message, "is_starred", False):
        return False
    if getattr(request, "featured_only", False) or getattr(request, "bookmark", False):
        return False
    if getattr(request, "template_only", False) and not message.is_template.value:
        return False
    if not _visible(message, request):
        return False
    name = getattr(request, "name", "")
    if name and not _named(message, request, name):
        return False
    wanted = getattr(request, "id", "")
    if wanted and wanted.lower() not in message.id.lower():
        return False
    words = _searched(request).lower().split()
    text = _text(message) if words else ""
    return all(word in text for word in words)


def _visible(message: Any, request: Any) -> bool:
    """Return whether a resource is as visible as the request wants it, when it says so."""
    asked = getattr(request, "visibility", None)
    return asked is None or not asked.gettable or message.visibility.gettable == asked.gettable


def _named(message: Any, request: Any, name: str) -> bool:
    if _like(getattr(message, "name", "") or message.id, name):
        return True
    return getattr(request, "filter_by_user_id", False) and _like(message.user_id, name)


def _relevance(message: Any, words: list[str]) -> int:
    """Return how often the words of a search occur; in the id and the name they count thrice."""
    title = f"{message.id} {getattr(message, 'name', '')}".lower()
    return sum(3 * title.count(word) + _text(message).count(word) for word in words)


def _text(message: Any) -> str:
    return " ".join(str(getattr(message, field, "")) for field in SEARCHED).lower()


def _searched(request: Any) -> str:
    texts = (getattr(request, field, "") for field in ("search", "query", "search_term"))
    return " ".join(texts)


def _check(request: Any) -> None:
    asked = (_searched(request), getattr(request, "name", ""), getattr(request, "id", ""))
    longest = max(map(len, asked))
    if longest > MAX_SEARCH_CHARACTERS:
        raise invalid(f"a search has {longest:,} characters, more than {MAX_SEARCH_CHARACTERS:,}")


def _like(value: str, pattern: str) -> bool:
    if "*" in pattern:
        return fnmatch.fnmatchcase(value.lower(), pattern.lower())
    return value.lower() == pattern.lower()
