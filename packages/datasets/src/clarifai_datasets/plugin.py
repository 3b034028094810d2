"""What this package adds to the SDK: datasets, the formats they come and go in, and commands."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec, ExporterSpec, LoaderSpec, ResourceSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add datasets and their versions."""
    handle, kinds = "clarifai_datasets.handle:Dataset", "clarifai_datasets._kinds"
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
    return [
        LoaderSpec(name, f"clarifai_datasets.upload.loaders.{target}", text, suffixes=suffixes)
        for name, target, text, suffixes in _LOADERS
    ]


@hookimpl
def clarifai_register_exporters() -> list[ExporterSpec]:
    """Add the built-in export formats."""
    return [
        ExporterSpec(name, f"clarifai_datasets._export.formats.{target}", text)
        for name, target, text in _EXPORTERS
    ]


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the commands that fill and export datasets."""
    commands = "clarifai_datasets._commands"
    return [
        CommandSpec("dataset upload", f"{commands}:upload", "Upload a source into a dataset."),
        CommandSpec("dataset export", f"{commands}:export", "Write a dataset as files."),
        CommandSpec("dataset formats", f"{commands}:formats", "List loaders and export formats."),
    ]


_LOADERS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    (
        "csv",
        "csv:CsvLoader",
        "A CSV file of texts, URLs or file names; or a folder, zip or URL that holds one.",
        (".csv",),
    ),
    (
        "folder",
        "folder:FolderLoader",
        "A folder of files, or of sub-folders that are named like the labels.",
        (),
    ),
    (
        "clarifai",
        "clarifai:ClarifaiLoader",
        "What an export in Clarifai's own layout holds.",
        (),
    ),
    (
        "jsonl",
        "jsonl:JsonlLoader",
        "JSON Lines: inputs of any kind with labels, regions, metadata and places.",
        (".jsonl", ".ndjson"),
    ),
    (
        "coco_detection",
        "coco_detection:open_source",
        "Images with boxes in COCO's JSON.",
        (),
    ),
    (
        "coco_segmentation",
        "coco_segmentation:open_source",
        "Images with polygons or masks in COCO's JSON.",
        (),
    ),
    (
        "coco_captions",
        "coco_captions:open_source",
        "Images with captions in COCO's JSON.",
        (),
    ),
    (
        "imagenet_classification",
        "imagenet_classification:ImageNetDataLoader",
        "ImageNet: images in folders that are named like synsets.",
        (),
    ),
    (
        "xview_detection",
        "xview_detection:xviewDetectionDataLoader",
        "xView: satellite images with boxes in a GeoJSON file.",
        (),
    ),
    (
        "voc_detection",
        "voc_detection:VocDetectionLoader",
        "Pascal VOC: images with boxes in XML files.",
        (),
    ),
    (
        "yolo",
        "yolo:YoloLoader",
        "YOLO: images with boxes or polygons in text files.",
        (),
    ),
    (
        "cifar",
        "cifar:CifarLoader",
        "CIFAR-10 or CIFAR-100, the Python version.",
        (),
    ),
    (
        "rows",
        "rows:RowsLoader",
        "Rows of a program: pairs of content and label, dicts, DataFrames, generators.",
        (),
    ),
    (
        "parquet",
        "parquet:ParquetLoader",
        "Parquet: inputs of any kind (extra: arrow).",
        (".parquet",),
    ),
    (
        "huggingface",
        "huggingface:HuggingFaceLoader",
        "A data set of the Hugging Face library `datasets` (extra: hf).",
        (),
    ),
)
"""Name, place, line of help, endings."""

_EXPORTERS = (
    ("clarifai", "clarifai:ClarifaiExporter", "Clarifai's layout: all that the platform knows."),
    ("coco", "coco:CocoExporter", "COCO: boxes, polygons, captions."),
    ("yolo", "yolo:YoloExporter", "YOLO: boxes, polygons."),
    ("voc", "voc:VocExporter", "Pascal VOC: boxes in whole pixels."),
    ("csv", "csv:CsvExporter", "CSV: labels of whole inputs, metadata, places."),
    ("jsonl", "jsonl:JsonlExporter", "JSON Lines: labels, boxes, polygons, points, metadata."),
    ("parquet", "parquet:ParquetExporter", "Parquet: as jsonl, media included (extra: arrow)."),
)
