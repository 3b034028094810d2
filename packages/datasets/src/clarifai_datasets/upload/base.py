"""What a source of data for `Dataset.upload_dataset` derives from."""

from __future__ import annotations

import abc
import functools
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = (
    "text_classification",
    "visual_classification",
    "visual_detection",
    "visual_segmentation",
    "visual_captioning",
    "media_classification",
)
"""What the items of a loader can be; the last one, for video and audio, is ours."""

_T = TypeVar("_T")

_LOADED = "_clarifai_loaded"


class ClarifaiDataLoader(abc.ABC):
    """A sized, indexed source of features.

    `load_data` may be called in the constructor, as loaders for the official SDK do; an upload
    calls it when nobody did.

    Example:
        >>> class Greetings(ClarifaiDataLoader):
        ...     task = "text_classification"
        ...     def load_data(self):
        ...         self.texts = ["hello", "good night"]
        ...     def __getitem__(self, index):
        ...         return TextFeatures(self.texts[index], labels=["greeting"], id=index)
        ...     def __len__(self):
        ...         return len(self.texts)
    """

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "load_data" in cls.__dict__:
            cls.load_data = _remembering(cls.__dict__["load_data"])  # type: ignore[method-assign]

    @property
    @abc.abstractmethod
    def task(self) -> str:
        """One of `TASKS`."""

    def load_data(self) -> None:  # noqa: B027 - a loader that reads in its constructor needs none
        """Read whatever is needed before items can be fetched; called once."""

    @abc.abstractmethod
    def __getitem__(self, index: int) -> object:
        """Return the features of item `index`, counted from 0."""

    @abc.abstractmethod
    def __len__(self) -> int:
        """Return the number of items."""


def is_loaded(loader: object) -> bool:
    """Return whether `load_data` of this loader has been called."""
    return getattr(loader, _LOADED, False) is True


def _remembering(load_data: Callable[..., _T]) -> Callable[..., _T]:
    """Return `load_data` so that the loader knows that it was called."""

    @functools.wraps(load_data)
    def load(self: object, *args: object, **kwargs: object) -> _T:
        result = load_data(self, *args, **kwargs)
        object.__setattr__(self, _LOADED, True)
        return result

    return load
