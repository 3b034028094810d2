"""ImageNet: folders of images that are named like synsets."""

from __future__ import annotations

from pathlib import PurePosixPath

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import Features, VisualClassificationFeatures
from clarifai_datasets.upload.loaders._checked import CheckedLoader
from clarifai_datasets.upload.loaders._files import Files, FolderSource, lines_of, open_files
from clarifai_datasets.upload.loaders._split_folder import repeated_stems
from clarifai_inputs.identity import item_id
from clarifai_inputs.media import IMAGE_ENDINGS, why_not_taken

MAPPING = "LOC_synset_mapping.txt"
"""Lines such as `n01440764 tench, Tinca tinca`."""

_KAGGLE = "ILSVRC/Data/CLS-LOC/"


class ImageNetDataLoader(CheckedLoader):
    """Images of ImageNet; the labels of an image are all names of its synset."""

    def __init__(
        self,
        data_dir: FolderSource,
        split: str = "train",
        *,
        strict: bool = False,
        allow_outside: bool = False,
    ) -> None:
        """Say what to read; nothing is read yet.

        Args:
            data_dir: Folder, zip or URL that holds `LOC_synset_mapping.txt` and
                `<split>/<synset>/*.JPEG`, or these below `ILSVRC/Data/CLS-LOC`.
            split: Which folder of images.
            strict: Whether to check everything first and raise all faults in one error.
            allow_outside: Whether names and links in it may lead to files outside of it.
        """
        self._data_dir, self._split = data_dir, split
        self._allow_outside = allow_outside
        super().__init__(str(data_dir), strict=strict)

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_classification"

    def _find(self) -> None:
        files = self._files = open_files(
            self._data_dir, "data_dir", allow_outside=self._allow_outside
        )
        if not files.exists(MAPPING):
            raise UserError(f"data_dir {self._source!r} holds no {MAPPING}.")
        self._labels = _synsets(files)
        wanted = (f"{self._split}/", f"{_KAGGLE}{self._split}/")
        named = [name for name in self._names_in(files) if name.startswith(wanted)]
        self._names = [name for name in named if name.lower().endswith(IMAGE_ENDINGS)]
        for name in named:
            if not name.lower().endswith(IMAGE_ENDINGS):
                self.remarks.add(why_not_taken("image", name), name)
        self._repeated = repeated_stems(self._names)
        for index in range(len(self._names)):
            self._claim(index, self._own_id(index))

    def _count(self) -> int:
        return len(self._names)

    def _hint(self) -> str:
        return f": no images in {self._split}/<synset>/"

    def _media(self) -> Files | None:
        return self._files

    def _own_id(self, index: int) -> str:
        path = PurePosixPath(self._names[index])
        return f"{path.parent.name}-{path.name}" if path.stem in self._repeated else path.stem

    def _read(self, index: int) -> Features:
        name = self._names[index]
        synset = PurePosixPath(name).parent.name
        faults: list[str] = []
        if synset not in self._labels:
            faults.append(f"{self._files.shown(name)}: {MAPPING} has no synset {synset!r}")
        image = self._image(self._files, name, faults)
        own = item_id(self._own_id(index))
        labels: list[str | int] = list(self._labels[synset])
        return VisualClassificationFeatures(labels=labels, id=own, **image)


def _synsets(files: Files) -> dict[str, list[str]]:
    """Return the names of each synset, without repetitions."""
    found = {}
    for line in lines_of(files, MAPPING):
        synset, _, names = line.strip().partition(" ")
        if synset:
            found[synset] = list(dict.fromkeys(n.strip() for n in names.split(",") if n.strip()))
    return found
