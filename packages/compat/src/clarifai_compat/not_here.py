"""What becomes of import paths of the official SDK that have no door of their own.

`official_names.txt` holds the modules of its releases 10.1.1 and 12.5.0, and those of release 9
that programs import, with their public names. A rule below says of each that has no door here what
to use instead, or where it is. Read when such an import fails; docs/import-paths.md is made of it.
"""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_RPCS = "call their methods through the stub that clarifai.client.create_stub() returns."
_ARTIFACTS = f"artifacts have no class; {_RPCS}"
_COMPUTE = f"compute clusters, nodepools and deployments have no class; {_RPCS}"
_PIPELINES = f"pipelines have no class; {_RPCS}"
_SERVING = "serve a model with clarifai.client.runner.Runner, which calls your run_input."
_ASKING = "Model.predict, predict_by_url, predict_by_bytes and predict_by_filepath ask a model."
_PROGRAM = "the command line is the program clarifai, or python -m clarifai."
_UPLOAD = "Dataset.upload_dataset takes the loader itself, and makes inputs and annotations of it."
_STATUS = "Dataset.get_upload_status shows it."
_TRAINING = "Model.get_params, update_params and get_param_info read parameters of training."
_SIZES = "Model decides itself in what parts it sends a file."
_WORKFLOW_FILES = "App.create_workflow reads a workflow's file, and Workflow.export writes one."
_SEARCH = "Search.query and Search.hits tell every fault of ranks and filters."
_FORMATS = "give a handler of the standard library's logging a formatter of your own."
_CONTEXTS = "clarifai login keeps contexts; clarifai_core.contexts.Contexts reads them."
_GIT = "clone with git."
_ADDRESSES = "clarifai_core.endpoint.Endpoint.parse reads an address; none is tried out."
_MULTIMODAL = "Inputs.get_multimodal_input makes an input of a text and a picture."

RULES: Mapping[str, str] = {
    "clarifai.cli": _PROGRAM,
    "clarifai.client": "clarifai.client has the classes that there are.",
    "clarifai.client.ComputeCluster": _COMPUTE,
    "clarifai.client.Nodepool": _COMPUTE,
    "clarifai.client.Deployment": _COMPUTE,
    "clarifai.client.Pipeline": _PIPELINES,
    "clarifai.client.PipelineStep": _PIPELINES,
    "clarifai.client.Artifact": _ARTIFACTS,
    "clarifai.client.ArtifactVersion": _ARTIFACTS,
    "clarifai.client.artifact": _ARTIFACTS,
    "clarifai.client.artifact_version": _ARTIFACTS,
    "clarifai.client.compute_cluster": _COMPUTE,
    "clarifai.client.deployment": _COMPUTE,
    "clarifai.client.nodepool": _COMPUTE,
    "clarifai.client.pipeline": _PIPELINES,
    "clarifai.client.pipeline_step": _PIPELINES,
    "clarifai.client.app.Pipeline": _PIPELINES,
    "clarifai.client.app.PipelineStep": _PIPELINES,
    "clarifai.client.app.get_yaml_output_info_proto": _WORKFLOW_FILES,
    "clarifai.client.app.is_same_yaml_model": _WORKFLOW_FILES,
    "clarifai.client.auth.helper": _ADDRESSES,
    "clarifai.client.auth.stub": "the session of all handles decides what is tried again.",
    "clarifai.client.dataset": _UPLOAD,
    "clarifai.client.dataset.DisplayUploadStatus": _STATUS,
    "clarifai.client.model": _SIZES,
    "clarifai.client.model.Deployment": _COMPUTE,
    "clarifai.client.model.Nodepool": _COMPUTE,
    "clarifai.client.model.ModelClient": _ASKING,
    "clarifai.client.model.find_and_replace_key": _TRAINING,
    "clarifai.client.model.params_parser": _TRAINING,
    "clarifai.client.model.response_to_model_params": _TRAINING,
    "clarifai.client.model.response_to_param_info": _TRAINING,
    "clarifai.client.model.response_to_templates": _TRAINING,
    "clarifai.client.model_client": _ASKING,
    "clarifai.client.search": _SEARCH,
    "clarifai.client.user.ComputeCluster": _COMPUTE,
    "clarifai.constants.artifact": _ARTIFACTS,
    "clarifai.constants.model": _SIZES,
    "clarifai.data_upload": "clarifai.datasets.upload holds loaders and features.",
    "clarifai.datasets.upload": _UPLOAD,
    "clarifai.datasets.upload.base.OutputFeaturesType": (
        "clarifai_datasets.upload.features.Features is the type of what loaders return."
    ),
    "clarifai.datasets.upload.base.MultiModalFeatures": _MULTIMODAL,
    "clarifai.datasets.upload.features": _MULTIMODAL,
    "clarifai.datasets.upload.utils": _STATUS,
    "clarifai.listing": "clarifai.listing.lister.ClarifaiResourceLister lists each kind.",
    "clarifai.models": _SERVING,
    "clarifai.rest": "the old REST client is gone; clarifai.client has User, Model and Inputs.",
    "clarifai.runners": _SERVING,
    "clarifai.schema": _SEARCH,
    "clarifai.urls.helper": "ClarifaiUrlHelper takes any object that has ui and base.",
    "clarifai.utils.cli": _PROGRAM,
    "clarifai.utils.compute_presets": _COMPUTE,
    "clarifai.utils.config": _CONTEXTS,
    "clarifai.utils.constants": _SERVING,
    "clarifai.utils.constants.CLI_LOGIN_DOC_URL": _CONTEXTS,
    "clarifai.utils.constants.DEFAULT_CONFIG": _CONTEXTS,
    "clarifai.utils.constants.HOME_PATH": "pathlib.Path.home() is the home folder.",
    "clarifai.utils.evaluation": "EvalResultCompare makes tables of evaluations.",
    "clarifai.utils.hashing": "hashlib of the standard library does it.",
    "clarifai.utils.logging": _FORMATS,
    "clarifai.utils.logging.process_log_files": "UploadReport.failed tells what failed.",
    "clarifai.utils.misc": _GIT,
    "clarifai.utils.misc.DEFAULT_CONFIG": _CONTEXTS,
    "clarifai.utils.misc.HOME_PATH": "pathlib.Path.home() is the home folder.",
    "clarifai.utils.model_train": _TRAINING,
    "clarifai.utils.protobuf": "google.protobuf has wrappers_pb2 and symbol_database.",
    "clarifai.utils.secrets": "os.environ has what the environment holds.",
    "clarifai.utils.skills": _PROGRAM,
    "clarifai.utils.template_manager": _PROGRAM,
    "clarifai.versions": "pip index versions clarifai tells.",
    "clarifai.workflows": _WORKFLOW_FILES,
}
"""Dotted name -> what is said of it and of all below it that has no door; the longest counts."""

ELSEWHERE: Mapping[str, str] = {
    "BackoffIterator": "clarifai.utils.misc",
    "CLARIFAI_PAT_ENV_VAR": "clarifai.utils.constants",
    "CLARIFAI_SESSION_TOKEN_ENV_VAR": "clarifai.utils.constants",
    "CLARIFAI_USER_ID_ENV_VAR": "clarifai.utils.constants",
    "COMPUTE_ORCHESTRATION_RESOURCES": "clarifai.constants.base",
    "CONTENT_TYPE": "clarifai.constants.dataset",
    "Chunker": "clarifai.utils.misc",
    "ClarifaiDataset": "clarifai.datasets.upload.base",
    "ClarifaiDataLoader": "clarifai.datasets.upload.base",
    "DEFAULT_BASE": "clarifai.utils.constants",
    "DatasetExportReader": "clarifai.datasets.export.inputs_annotations",
    "InputAnnotationDownloader": "clarifai.datasets.export.inputs_annotations",
    "DEFAULT_SEARCH_ALGORITHM": "clarifai.constants.search",
    "MAX_RETRIES": "clarifai.constants.dataset",
    "MAX_UPLOAD_BATCH_SIZE": "clarifai.constants.input",
    "Model": "clarifai.client.model",
    "TextClassificationDataset": "clarifai.datasets.upload.text",
    "TextFeatures": "clarifai.datasets.upload.features",
    "UserError": "clarifai.errors",
    "VisualClassificationDataset": "clarifai.datasets.upload.image",
    "VisualClassificationFeatures": "clarifai.datasets.upload.features",
    "VisualDetectionDataset": "clarifai.datasets.upload.image",
    "VisualDetectionFeatures": "clarifai.datasets.upload.features",
    "VisualSegmentationDataset": "clarifai.datasets.upload.image",
    "dict_to_protobuf": "clarifai.utils.protobuf",
    "display_concept_relations_tree": "clarifai.utils.logging",
    "get_from_dict_env_or_config": "clarifai.utils.misc",
    "get_from_dict_or_env": "clarifai.utils.misc",
    "get_logger": "clarifai.utils.logging",
    "logger": "clarifai.utils.logging",
}
"""What modules of the official SDK import from one another -> the door that it stands behind."""

_WITHOUT_DOORS = ("clarifai.cli.", "clarifai.runners.", "clarifai.models.")


def official_names() -> dict[str, tuple[str, ...]]:
    """Return the modules of the official SDK, each with its public names."""
    text = files("clarifai_compat").joinpath("official_names.txt").read_text("utf-8")
    pairs = (line.partition(":") for line in text.splitlines())
    return {module: tuple(names.split()) for module, _, names in pairs}


def _said_of(name: str) -> str:
    """Return what the longest rule says that covers a name."""
    while name and name not in RULES:
        name = name.rpartition(".")[0]
    return RULES.get(name, "")


def _above(module: str) -> Iterator[str]:
    """Yield the packages that a module is in."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


def _table() -> dict[str, str]:
    found: dict[str, str] = {}
    modules = official_names()
    packages = {above for module in modules for above in _above(module)}
    found.update(dict.fromkeys(packages, ""))
    for module, names in modules.items():
        found[module] = "" if module in packages else _said_of(module)
        for name in names:
            home = ELSEWHERE.get(name, "")
            is_door = home not in ("", module) and not f"{module}.".startswith(_WITHOUT_DOORS)
            said = f"-> {home}:{name}" if is_door else _said_of(f"{module}.{name}")
            found.setdefault(f"{module}.{name}", said)
    return found


NOT_HERE: Mapping[str, str] = _table()
"""Dotted name -> the rest of the sentence, as `clarifai_core.doors.signposts` reads it."""
