"""The items of a loader as messages, for programs that send them themselves.

`Dataset.upload_dataset` makes and sends them in one call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from clarifai_core.errors import UserError
from clarifai_core.heavy import service_pb2
from clarifai_datasets.upload import encode

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.contracts import DataLoader

__all__ = [
    "ClarifaiDataset",
    "TextClassificationDataset",
    "VisualClassificationDataset",
    "VisualDetectionDataset",
    "VisualSegmentationDataset",
]


class ClarifaiDataset:
    """The items of a loader, with the ids that `Dataset.upload_dataset` gives them.

    Args:
        data_generator: The loader; its data are loaded.
        dataset_id: The dataset that the inputs go to.
        max_workers: Kept for programs that give it: items are read one after another.

    Example:
        >>> from clarifai_datasets.upload.features import TextFeatures
        >>> class Texts:
        ...     task = "text_classification"
        ...     def __getitem__(self, index):
        ...         return TextFeatures("sunny", ["good"], id=7)
        ...     def __len__(self):
        ...         return 1
        >>> inputs, annotations = TextClassificationDataset(Texts(), "notes").get_protos([0])
        >>> inputs[0].id, inputs[0].data.text.raw, annotations
        ('notes-7', 'sunny', [])
    """

    task: ClassVar[str] = ""
    """Of its items; empty: the loader says it."""

    def __init__(self, data_generator: DataLoader, dataset_id: str, max_workers: int = 4) -> None:
        del max_workers
        self.data_generator = data_generator
        self.dataset_id = dataset_id
        self.all_input_ids: dict[int, str] = {}
        """Number of each item that was made so far -> the id of its input."""

    def __len__(self) -> int:
        return len(self.data_generator)

    def get_protos(
        self, input_ids: Iterable[int]
    ) -> tuple[list[resources_pb2.Input], list[resources_pb2.Annotation]]:
        """Return the inputs of items, and the annotations of those that have regions.

        Args:
            input_ids: Numbers of the items, from 0.

        Raises:
            UserError: Items cannot be sent; all of them are named.
        """
        task = self.task or self.data_generator.task
        rules = encode.ItemRules(self.dataset_id, task, id_prefix=f"{self.dataset_id}-")
        made = [encode.encode(self.data_generator[index], index, rules) for index in input_ids]
        faults = [one for one in made if isinstance(one, encode.ItemFault)]
        if faults:
            raise UserError.listing(
                "Items cannot be sent", [f"{one.id}: {one.reason}" for one in faults]
            )
        items = [one for one in made if isinstance(one, encode.EncodedItem)]
        self.all_input_ids.update((one.index, one.id) for one in items)
        entries = b"".join(entry for one in items for entry in one.annotations)
        annotations = service_pb2.PostAnnotationsRequest.FromString(entries).annotations
        return [one.message for one in items], list(annotations)


class TextClassificationDataset(ClarifaiDataset):
    """Texts with labels."""

    task = "text_classification"


class VisualClassificationDataset(ClarifaiDataset):
    """Images with labels."""

    task = "visual_classification"


class VisualDetectionDataset(ClarifaiDataset):
    """Images with labelled boxes."""

    task = "visual_detection"


class VisualSegmentationDataset(ClarifaiDataset):
    """Images with labelled polygons."""

    task = "visual_segmentation"
