"""What this package adds to the SDK: datasets, the formats they come and go in, and commands."""

from __future__ import annotations

from clarifai_core.contracts import CommandSpec, ExporterSpec, LoaderSpec, ResourceSpec
from clarifai_core.hookspecs import hookimpl


@hookimpl
def clarifai_register_resources() -> list[ResourceSpec]:
    """Add datasets and their versions."""
    handle, kinds = "clarifai_datasets.handle:Dataset", "clarifai_datasets._kinds"
    return [
        ResourceSpec(
            "dataset",
            handle,
            "Datasets of an app",
            kind=f"{kinds}:DATASET",
            verbs=("list", "show", "create", "update", "delete"),
            fields=("description", "metadata", "notes"),
        ),
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
        LoaderSpec(
            name,
            f"clarifai_datasets.upload.loaders.{target}",
            text,
            suffixes=suffixes,
            detect="" if name in _NO_FILES else f"{_LAYOUT_MODULE}:{_LAYOUTS.get(name, name)}",
        )
        for name, target, text, suffixes in _LOADERS
    ] + [
        LoaderSpec(
            f"datumaro:{name}",
            f"clarifai_datasets._datumaro.reading:{name}",
            f"The format {name} as Datumaro reads it (extra: datumaro).",
        )
        for name in _DATUMARO_READS.split()
    ]


@hookimpl
def clarifai_register_exporters() -> list[ExporterSpec]:
    """Add the built-in export formats."""
    return [
        ExporterSpec(name, f"clarifai_datasets._export.formats.{target}", text)
        for name, target, text in _EXPORTERS
    ] + [
        ExporterSpec(
            f"datumaro:{name}",
            f"clarifai_datasets._datumaro.writing:{name}",
            f"The format {name} as Datumaro writes it (extra: datumaro).",
        )
        for name in _DATUMARO_WRITES.split()
    ]


@hookimpl
def clarifai_register_commands() -> list[CommandSpec]:
    """Add the commands that fill and export datasets."""
    commands, of_versions = "clarifai_datasets._commands", "clarifai_datasets._version_commands"
    return [
        CommandSpec("dataset upload", f"{commands}:upload", "Upload a source into a dataset."),
        CommandSpec("dataset export", f"{commands}:export", "Write a dataset as files."),
        CommandSpec("dataset convert", f"{commands}:convert", "Write files in another format."),
        CommandSpec("dataset detect", f"{commands}:detect", "Show the format of files."),
        CommandSpec("dataset formats", f"{commands}:formats", "List loaders and export formats."),
        CommandSpec("dataset versions", f"{of_versions}:versions", "List a dataset's versions."),
        CommandSpec("dataset create-version", f"{of_versions}:create", "Make a version of it."),
        CommandSpec(
            "dataset delete-version", f"{of_versions}:delete", "Delete versions; you are asked."
        ),
        CommandSpec("dataset status", f"{commands}:status", "Count the inputs of a dataset."),
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

_LAYOUTS = {
    "imagenet_classification": "imagenet",
    "voc_detection": "voc",
    "xview_detection": "xview",
}
"""Loader -> the function of `upload.layouts` that detects it, where it is called otherwise."""

_LAYOUT_MODULE = "clarifai_datasets.upload._layouts"
_NO_FILES = ("rows",)
"""Loaders of what programs hold: nothing of it is found in a folder."""

_EXPORTERS = (
    ("clarifai", "clarifai:ClarifaiExporter", "Clarifai's layout: all that the platform knows."),
    ("coco", "coco:CocoExporter", "COCO: boxes, polygons, captions."),
    ("yolo", "yolo:YoloExporter", "YOLO: boxes, polygons."),
    ("voc", "voc:VocExporter", "Pascal VOC: boxes in whole pixels."),
    ("csv", "csv:CsvExporter", "CSV: labels of whole inputs, metadata, places."),
    ("jsonl", "jsonl:JsonlExporter", "JSON Lines: labels, boxes, polygons, points, metadata."),
    ("parquet", "parquet:ParquetExporter", "Parquet: as jsonl, media included (extra: arrow)."),
)

_DATUMARO_READS = """
ade20k2017 ade20k2020 align_celeba arrow ava brats brats_numpy camvid celeba cifar cityscapes
coco coco_captions coco_image_info coco_instances coco_labels coco_panoptic
coco_person_keypoints coco_stuff common_semantic_segmentation
common_semantic_segmentation_with_subset_dirs cvat datumaro datumaro_binary dota
icdar_text_localization icdar_text_segmentation icdar_word_recognition image_dir image_zip
imagenet imagenet_txt imagenet_with_subset_dirs kinetics kitti kitti3d kitti_detection kitti_raw
kitti_segmentation label_me lfw mapillary_vistas mapillary_vistas_instances
mapillary_vistas_panoptic market1501 mars mmdet_coco mnist mnist_csv mot_seq mots mpii mpii_json
mvtec mvtec_classification mvtec_detection mvtec_segmentation nyu_depth_v2 open_images
roboflow_coco roboflow_create_ml roboflow_multiclass roboflow_voc roboflow_yolo
roboflow_yolo_obb segment_anything sly_pointcloud synthia_al synthia_rand synthia_sf tabular
vgg_face2 video_frames video_keyframes voc voc_action voc_classification voc_detection
voc_instance_segmentation voc_layout voc_segmentation vott_csv vott_json wider_face yolo
"""
_DATUMARO_WRITES = """
arrow ava camvid cifar cityscapes coco coco_captions coco_image_info coco_instances coco_labels
coco_panoptic coco_person_keypoints coco_stuff cvat datumaro datumaro_binary dota
icdar_text_localization icdar_text_segmentation icdar_word_recognition image_dir image_zip
imagenet imagenet_txt imagenet_with_subset_dirs kitti kitti_detection kitti_raw
kitti_segmentation label_me lfw market1501 mnist mnist_csv mot_seq_gt mots_png mvtec
mvtec_classification mvtec_detection mvtec_segmentation open_images segment_anything
sly_pointcloud tabular vgg_face2 voc voc_action voc_classification voc_detection
voc_instance_segmentation voc_layout voc_segmentation wider_face yolo yolo_ultralytics
"""
"""What Datumaro 1.13 has; listed here, so that nobody waits for its import."""
