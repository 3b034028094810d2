"""Every import path that public programs name, of all releases that have it."""

import importlib
import sys

PATHS = {
    "clarifai.client": ("App", "BaseClient", "Dataset", "Inputs", "Lister", "Model", "Search",
                        "User", "V2Stub", "Workflow", "create_stub"),
    "clarifai.client.app": ("App",),
    "clarifai.client.auth": ("V2Stub", "create_stub"),
    "clarifai.client.auth.helper": ("ClarifaiAuthHelper",),
    "clarifai.client.auth.register": ("V2Stub",),
    "clarifai.client.auth.stub": ("create_stub",),
    "clarifai.client.base": ("BaseClient",),
    "clarifai.client.dataset": ("Dataset",),
    "clarifai.client.input": ("Inputs",),
    "clarifai.client.lister": ("Lister",),
    "clarifai.client.model": ("Model", "Inputs"),
    "clarifai.client.search": ("Search",),
    "clarifai.client.user": ("User",),
    "clarifai.client.workflow": ("Workflow",),
    "clarifai.constants.model": ("TRAINABLE_MODEL_TYPES",),
    "clarifai.datasets.upload.base": ("ClarifaiDataLoader",),
    "clarifai.datasets.upload.features": ("TextFeatures", "VisualClassificationFeatures",
                                          "VisualDetectionFeatures",
                                          "VisualSegmentationFeatures"),
    "clarifai.datasets.upload.image": ("VisualClassificationDataset",),
    "clarifai.datasets.upload.text": ("TextClassificationDataset",),
    "clarifai.datasets.upload.utils": ("load_module_dataloader",),
    "clarifai.datasets.export.inputs_annotations": ("DatasetExportReader",
                                                    "InputAnnotationDownloader"),
    "clarifai.errors": ("ApiError", "UserError"),
    "clarifai.urls.helper": ("ClarifaiUrlHelper",),
    "clarifai.utils.logging": ("get_logger",),
    "clarifai.utils.misc": ("BackoffIterator", "Chunker", "get_from_dict_or_env"),
    "clarifai.workflows.export": ("Exporter",),
    "clarifai.workflows.validate": ("validate",),
    "clarifai.rag": ("RAG",),
    "clarifai.models": (),
}  # fmt: skip
missing = []
for path, names in PATHS.items():
    try:
        module = importlib.import_module(path)
    except ImportError as error:
        missing.append(f"{path}: {error}")
        continue
    missing += [f"{path}.{name}" for name in names if not hasattr(module, name)]
assert not missing, missing
assert "streamlit" not in sys.modules
