"""What this package adds to the SDK: datasets, and the loaders that fill them."""

from __future__ import annotations

from clarifai.core.contracts import LoaderSpec, ResourceSpec
from clarifai.core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add datasets and their versions."""
    handle, kinds = "clarifai.datasets.handle:Dataset", "clarifai.datasets.kinds"
    return [
        ResourceSpec("dataset", handle, "A collection of inputs.", kind=f"{kinds}:DATASET"),
        ResourceSpec(
            "dataset_version",
            handle,
            "A snapshot of a dataset.",
            kind=f"{kinds}:DATASET_VERSION",
        ),
    ]


@hookimpl
def clarifai_register_loaders() -> list[LoaderSpec]:
    """Add the built-in dataset loaders."""
    loaders = "clarifai.datasets.upload.loaders"
    return [
        LoaderSpec(
            "csv",
            f"{loaders}.csv:CsvLoader",
            "A CSV file of texts, URLs or file names, with or without labels.",
            suffixes=(".csv",),
        ),
        LoaderSpec(
            "folder",
            f"{loaders}.folder:FolderLoader",
            "A folder of files, or of sub-folders that are named like the labels.",
        ),
    ]
