"""Loaders by name, and their items one after another."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from clarifai_core.errors import UserError
from clarifai_core.safe_text import plain
from clarifai_datasets.upload import detection
from clarifai_datasets.upload._broken import BrokenItem, describe
from clarifai_datasets.upload.base import TASKS, is_loaded
from clarifai_inputs.remarks import Remarks

__all__ = [
    "BrokenItem",
    "describe",
    "item",
    "items",
    "notes",
    "of_source",
    "open_loader",
    "prepare",
]

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sized

    from clarifai_core.contracts import DataLoader

_SHOWN = 1000
"""Characters of what a loader raised."""

MAX_NOTED = 5
"""Changed ids, or items without some labels, that a note spells out; the loader has all."""


def open_loader(source: str | os.PathLike[str], name: str = "", **options: Any) -> DataLoader:
    """Return a loader for a source.

    Args:
        source: A file or folder, or what else the loader takes.
        name: Name of the loader; `""`: the one that `detection.detect` finds.
        **options: What the loader takes besides. Where none is named, `split` chooses one of the
            parts that were found.

    Raises:
        PluginError: No installed plugin has such a loader.
        UserError: The loader refuses the source; or none is named, and none or several know it.

    Example:
        >>> open_loader("texts.csv", csv_type="raw").task  # doctest: +SKIP
        'text_classification'
    """
    if not name:
        return detection.open_detected(detection.detect(source), options)
    given = os.fspath(source) if isinstance(source, os.PathLike) else source
    loader: DataLoader = detection.named(name).load()(given, **options)
    return loader


def as_loader(source: Any) -> DataLoader:
    """Return a loader for what a program gives as a source: rows and data sets become one.

    What is neither is returned as it is; `prepare` says what is wrong with it.
    """
    is_loader = hasattr(source, "task") or hasattr(source, "load_data")
    if is_loader or isinstance(source, (str, bytes, os.PathLike)):
        return cast("DataLoader", source)
    if type(source).__module__.partition(".")[0] == "datasets":
        return open_loader(source, "huggingface")
    has_rows = isinstance(source, Iterable) or hasattr(source, "column_names")
    return open_loader(cast("str", source), "rows") if has_rows else cast("DataLoader", source)


def of_source(
    source: DataLoader | Iterable[Any] | str | os.PathLike[str],
    name: str = "",
    options: Mapping[str, Any] | None = None,
) -> tuple[DataLoader, list[str]]:
    """Return a loader as it is, or the one of a source; and what detection passed over.

    Args:
        source: A loader, rows, or a file or folder that one reads.
        name: Of the loader; empty: the one that is detected.
        options: What it is opened with.

    Raises:
        PluginError: No installed plugin has such a loader.
        UserError: The loader refuses the source; none or several know it; or a loader is given
            with a name or options.
    """
    if not isinstance(source, (str, os.PathLike)):
        if name or options:
            raise UserError("loader= and options= go with a file or folder, not with a dataloader.")
        return as_loader(source), []
    if name:
        return open_loader(source, name, **(options or {})), []
    found = detection.detect(source)
    return detection.open_detected(found, options or {}), list(found.notes)


def prepare(loader: DataLoader) -> int:
    """Make sure that a loader is loaded, check its task, and return the number of items.

    Raises:
        UserError: It is no loader, or its task is unknown.
    """
    missing = [n for n in ("task", "__getitem__", "__len__") if not hasattr(type(loader), n)]
    if missing and not (missing == ["task"] and hasattr(loader, "task")):
        raise UserError(
            f"dataloader must be a ClarifaiDataLoader, got {loader!r} without {missing[0]}."
        )
    if loader.task not in TASKS:
        raise UserError(
            f"The task of the dataloader must be one of {', '.join(TASKS)}, got {loader.task!r}."
        )
    if not is_loaded(loader) and _needs_loading(loader):
        loader.load_data()
    return len(loader)


def items(loader: DataLoader) -> Iterator[tuple[int, Any]]:
    """Yield the number and the features of each item, or a `BrokenItem`.

    A loader may have a method `stream()` that yields all its features in order, for sources
    that are quicker to read so.
    """
    start = 0
    stream: Callable[[], Iterable[Any]] | None = getattr(loader, "stream", None)
    if stream is not None:
        try:
            for features in stream():
                yield start, features
                start += 1
        except (UserError, GeneratorExit):
            raise  # the source as such is wrong, or nobody wants more
        except (Exception, SystemExit) as error:  # noqa: BLE001  why: as in `item`
            yield start, _raised(error)
            start += 1
        else:
            return
    for index in range(start, len(loader)):
        yield index, item(loader, index)


def item(loader: DataLoader, index: int) -> object:
    """Return the features of one item, or a `BrokenItem`: one bad item must not end an upload."""
    try:
        return loader[index]
    except (Exception, SystemExit) as error:  # noqa: BLE001  why: a user's loader may raise anything
        return _raised(error)


def _raised(error: BaseException) -> BrokenItem:
    return BrokenItem(f"the loader raised {type(error).__name__}: {plain(error, _SHOWN)}")


def notes(loader: DataLoader) -> list[str]:
    """Return what a report should say of a loader besides its items.

    That is which ids it changed (its attribute `renamed`), which labels it left out (`left_out`),
    and what of the source it did not use as it stands (`remarks`).
    """
    renamed, left_out = (_mapping(loader, name) for name in ("renamed", "left_out"))
    found = []
    if renamed:
        ids = _counted(renamed, "1 id was", "ids were")
        pairs = _first((f"{old!r} -> {new!r}" for old, new in renamed.items()), renamed, ", ")
        found.append(f"{ids} changed, as the platform refuses them: {pairs}")
    if left_out:
        items = _counted(left_out, "1 item goes", "items go")
        found.append(f"{items} without some labels: {_first(left_out.values(), left_out, '; ')}")
    remarks = getattr(loader, "remarks", None)
    return found + (remarks.lines() if isinstance(remarks, Remarks) else [])


def _mapping(loader: DataLoader, name: str) -> Mapping[Any, str]:
    """Return an attribute that loaders may have; a user's own may mean something else by it."""
    found = getattr(loader, name, None)
    return found if isinstance(found, Mapping) else {}


def _counted(what: Sized, one: str, many: str) -> str:
    return one if len(what) == 1 else f"{len(what):,} {many}"


def _first(texts: Iterable[str], what: Sized, between: str) -> str:
    more = f" and {len(what) - MAX_NOTED:,} more" if len(what) > MAX_NOTED else ""
    return f"{between.join(itertools.islice(texts, MAX_NOTED))}{more}"


def _needs_loading(loader: DataLoader) -> bool:
    """Return whether a loader that never saw `load_data` is empty without it."""
    if not hasattr(loader, "load_data"):
        return False
    try:
        return len(loader) == 0
    except (AttributeError, TypeError):
        return True
