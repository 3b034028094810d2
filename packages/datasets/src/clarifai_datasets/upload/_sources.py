"""What one upload goes through: a whole loader, some items of it, or items that were given."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

import attrs

from clarifai_core.contracts import DataLoader
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload.encode import ItemRules, input_id, labels_of, made_id
from clarifai_datasets.upload.features import MediaFeatures
from clarifai_inputs.concepts import ConceptNames
from clarifai_inputs.identity import Occurrences

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = (str, int, float, bool, PurePath, type(None))


class ItemSource(Protocol):
    """Numbered items."""

    def __len__(self) -> int:
        """Return how many there are."""

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the number and the features of each item, or a `BrokenItem`."""

    def item(self, index: int) -> object:
        """Return the features of one item again, or a `BrokenItem`."""


@attrs.frozen
class AllItems:
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
class SomeItems:
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
        if not has_id(features):
            features = self._identified(features, wanted)
        found = input_id(features, index, self.rules)
        if found == wanted:
            return features
        return loaders.BrokenItem(f"the dataloader has another item in its place now, {found!r}")

    def _identified(self, features: Any, wanted: str) -> object:
        """Give an item the id of its content; or the wanted one, where that counts equal ones."""
        own = made_id(features, self.rules.task) or ""
        before = wanted.removeprefix(self.rules.id_prefix)
        return with_id(features, before if own and before.startswith(f"{own}-") else own)


@attrs.define
class CheckedItems:
    """The items of a source, each with an id, and no two labels of which are one concept.

    An item without id gets that of its content; of equal ones the second gets `-1` behind it.
    """

    source: ItemSource
    rules: ItemRules
    names: ConceptNames
    hear: Callable[[Any], object] | None = None
    """Gets the features of each item, once."""
    _seen: Occurrences = attrs.field(factory=Occurrences)
    _repeated: dict[int, str] = attrs.field(factory=dict)
    """Ids of items whose content another had before."""

    def __len__(self) -> int:
        return len(self.source)

    def items(self) -> Iterator[tuple[int, Any]]:
        """Yield the items in order."""
        fine = self.names.fine
        hear = self.hear
        for index, features in self.source.items():
            made = features
            try:
                labels = features.labels
                plain = type(labels) is list and fine.issuperset(labels) and features.id
                if isinstance(features, MediaFeatures):  # its regions have labels, too
                    plain = False
            except Exception:  # noqa: BLE001  why: encode() says what is wrong with it
                plain = False
            if not plain:
                made = self._checked_or_as_it_is(features, index)
            if hear is not None:
                hear(made)
            yield index, made

    def _checked_or_as_it_is(self, features: Any, index: int) -> object:
        try:
            return self._checked(features, index)
        except Exception:  # noqa: BLE001  why: as above
            return features

    def _checked(self, features: Any, index: int) -> object:
        if isinstance(features, loaders.BrokenItem):
            return features
        made: Any = features if has_id(features) else self._named(features, index)
        faults = [why for one in labels_of(features) if (why := self.names.fault(one))]
        return loaders.BrokenItem("; ".join(dict.fromkeys(faults)), made.id) if faults else made

    def item(self, index: int) -> object:
        """Return an item again, with the id that it had."""
        features = self.source.item(index)
        if isinstance(features, loaders.BrokenItem) or has_id(features):
            return features
        return with_id(features, self._repeated.get(index) or made_id(features, self.rules.task))

    def _named(self, features: Any, index: int) -> object:
        own = made_id(features, self.rules.task)
        if own is not None and (before := self._seen.add(own)):
            own = self._repeated[index] = f"{own}-{before}"
        return with_id(features, own)


def has_id(features: Any) -> bool:
    """Return whether the source says how an item is called."""
    own = getattr(features, "id", None)
    return own is not None and own != ""


def with_id(features: Any, own: str | None) -> Any:
    """Return an item as it is, but with this id; the loader's own is left alone."""
    try:
        made = copy.copy(features)
        made.id = own
    except Exception:  # noqa: BLE001  why: a user's class may forbid either, in its own way
        return _WithId(features, own)
    return made


class _WithId:
    """Features of a user's class that takes no id, with one."""

    def __init__(self, features: Any, own: str | None) -> None:
        self._features, self.id = features, own

    def __getattr__(self, name: str) -> Any:
        if name == "_features":  # not there yet, while it is unpickled
            raise AttributeError(name)
        return getattr(self._features, name)


@attrs.frozen
class LoadedItems:
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


def source_of_labels(loader: DataLoader) -> str:
    """Return what tells whose the labels on an input are, the same for a source that was corrected.

    That is the loader's class, and those of its attributes that are texts or paths.
    """
    cls = type(loader)
    named = sorted(
        (name, _absolute(value))
        for name, value in getattr(loader, "__dict__", {}).items()
        if isinstance(value, (str, PurePath))
    )
    return f"{cls.__module__}.{cls.__qualname__}:{named!r}"


def _plain(loader: object) -> Iterator[tuple[str, str]]:
    for name, value in getattr(loader, "__dict__", {}).items():
        if isinstance(value, _PLAIN):
            yield name, _absolute(value)


def _absolute(value: Any) -> str:
    import os.path

    if isinstance(value, (str, PurePath)) and os.path.exists(value):  # noqa: PTH110 - any text
        return os.path.abspath(value)  # noqa: PTH100 - links are part of what the user named
    return repr(value)
