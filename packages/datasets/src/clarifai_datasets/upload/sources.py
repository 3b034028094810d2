"""What one upload goes through: a whole loader, some items of it, or items that were given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from clarifai_core.contracts import DataLoader
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload.encode import ItemRules, input_id

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = (str, int, float, bool, PurePath, type(None))


class Source(Protocol):
    """Numbered items."""

    def __len__(self) -> int:
        """Return how many there are."""

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the number and the features of each item, or a `BrokenItem`."""

    def item(self, index: int) -> object:
        """Return the features of one item again, or a `BrokenItem`."""


@attrs.frozen
class Whole:
    """All items of a loader."""

    loader: DataLoader

    def __len__(self) -> int:
        return len(self.loader)

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the items in order."""
        return loaders.items(self.loader)

    def item(self, index: int) -> object:
        """Ask the loader again."""
        return loaders.item(self.loader, index)


@attrs.frozen
class Chosen:
    """Some items of a loader, if they still are what they were."""

    loader: DataLoader
    rules: ItemRules
    ids: Mapping[int, str]
    """Number of an item -> its id; `""`: any."""

    def __len__(self) -> int:
        return len(self.ids)

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the chosen items."""
        for index in self.ids:
            yield index, self.item(index)

    def item(self, index: int) -> object:
        """Ask the loader again."""
        features = loaders.item(self.loader, index)
        wanted = self.ids[index]
        if not wanted or isinstance(features, loaders.BrokenItem):
            return features
        found = input_id(features, index, self.rules)
        if found == wanted:
            return features
        return loaders.BrokenItem(f"the dataloader has another item in its place now, {found!r}")


@attrs.frozen
class Given:
    """Items that are here already, as a worker gets them."""

    features: Mapping[int, Any]

    def __len__(self) -> int:
        return len(self.features)

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the items in order."""
        yield from self.features.items()

    def item(self, index: int) -> object:
        """Return the item."""
        return self.features[index]


def identity(loader: DataLoader) -> str:
    """Return what tells the source of an upload apart from others, the same in every run.

    That is the loader's class, and what its method `fingerprint()` returns if it has one; else its
    attributes that are texts, numbers or paths, such as a folder, a file, a split. Names of files
    count with their folder. The number of items is left out, so that a source that has grown
    meanwhile is still the same.
    """
    cls = type(loader)
    own = getattr(loader, "fingerprint", None)
    said = str(own()) if callable(own) else repr(sorted(_plain(loader)))
    name = f"{cls.__module__}.{cls.__qualname__}"
    return f"{name}:{hashlib.blake2b(said.encode(), digest_size=16).hexdigest()}"


def _plain(loader: object) -> Iterator[tuple[str, str]]:
    for name, value in getattr(loader, "__dict__", {}).items():
        if isinstance(value, _PLAIN):
            yield name, _absolute(value)


def _absolute(value: Any) -> str:
    import os.path

    if isinstance(value, (str, PurePath)) and os.path.exists(value):  # noqa: PTH110 - any text
        return os.path.abspath(value)  # noqa: PTH100 - links are part of what the user named
    return repr(value)
