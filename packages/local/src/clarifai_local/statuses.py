"""Status codes with their standard texts, and the exception that turns into one.

Application errors travel inside the answer, with gRPC status OK; `Refused` is how a service says
no. Texts are those of the public documentation where it has one.
"""

from __future__ import annotations

from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

CRASHED = codes.INTERNAL_SERVER_ISSUE
"""What is answered when a handler raises something else than `Refused`."""

DESCRIPTIONS: dict[int, str] = {
    codes.SUCCESS: "Ok",
    codes.MIXED_STATUS: "Mixed Success",
    codes.FAILURE: "Failure",
    codes.NOT_IMPLEMENTED: "Not implemented",
    codes.CONN_TOKEN_INVALID: "Invalid token",
    codes.CONN_EXCEED_HOURLY_LIMIT: "Exceeded hourly limit",
    codes.CONN_THROTTLED: "Making too many requests",
    codes.CONN_INSUFFICIENT_SCOPES: "Insufficient scopes",
    codes.CONN_KEY_INVALID: "Invalid API key or Invalid API key/application pair",
    codes.CONN_KEY_NOT_FOUND: "API key not found",
    codes.CONN_BAD_REQUEST_FORMAT: "Bad request format",
    codes.CONN_DOES_NOT_EXIST: "Resource does not exist",
    codes.CONN_INVALID_REQUEST: "Invalid request",
    codes.MODEL_TRAINED: "Model trained successfully",
    codes.MODEL_TRAINING: "Model is training",
    codes.MODEL_UNTRAINED: "Model not yet trained",
    codes.MODEL_QUEUED_FOR_TRAINING: "Model is currently in queue for training",
    codes.MODEL_UPLOADING: "Model is being uploaded",
    codes.MODEL_TRAINING_FAILED: "Model training failed",
    codes.MODEL_BUILDING: "Model is being built",
    codes.MODEL_TRAINING_NO_DATA: "Model training had no data",
    codes.MODEL_TRAINING_NO_POSITIVES: "There are no positive examples for the model to train on",
    codes.MODEL_TRAINING_ONE_VS_N_SINGLE_CLASS: "Training requires more than one concept",
    codes.MODEL_TRAINING_INSUFFICIENT_DATA: "Model training has insufficient data",
    codes.MODEL_TRAINING_INVALID_PARAMS: "Model training parameters are invalid",
    codes.MODEL_DOES_NOT_EXIST: "Model does not exist",
    codes.MODEL_INVALID_ARGUMENT: "Model argument is invalid",
    codes.MODEL_INVALID_REQUEST: "Model request is invalid",
    codes.MODEL_EVALUATED: "Model was successfully evaluated.",
    codes.MODEL_EVALUATING: "Model is currently being evaluated.",
    codes.MODEL_NOT_EVALUATED: "Model has not yet been evaluated.",
    codes.MODEL_QUEUED_FOR_EVALUATION: "Model is queued for evaluation.",
    codes.MODEL_PREDICTION_FAILED: "Model prediction failed",
    codes.MODEL_EVALUATION_NEED_LABELS: "Model evaluation needs labels",
    codes.MODEL_EVALUATION_NEED_INPUTS: "Model evaluation needs inputs",
    codes.MODEL_EVALUATION_FAILED: "Model evaluation failed.",
    codes.MODEL_DEPLOYING: "Model is deploying",
    codes.WORKFLOW_DUPLICATE: "Workflow already exists",
    codes.WORKFLOW_DOES_NOT_EXIST: "Workflow does not exist",
    codes.WORKFLOW_INVALID_ARGUMENT: "Workflow argument is invalid",
    codes.WORKFLOW_INVALID_GRAPH: "Workflow graph is invalid",
    codes.WORKFLOW_INVALID_REQUEST: "Workflow request is invalid",
    codes.ANNOTATION_SUCCESS: "Annotation success",
    codes.ANNOTATION_PENDING: "Annotation pending",
    codes.ANNOTATION_FAILED: "Annotation failed",
    codes.ANNOTATION_INVALID_ARGUMENT: "Annotation argument is invalid",
    codes.ANNOTATION_AWAITING_REVIEW: "Annotation is awaiting review",
    codes.MODULE_DOES_NOT_EXIST: "Module does not exist",
    codes.RUNNER_DOES_NOT_EXIST: "Runner does not exist",
    codes.RUNNER_NEEDS_RETRY: "Runner needs retry",
    codes.INPUT_DOWNLOAD_SUCCESS: "Download complete",
    codes.INPUT_DOWNLOAD_PENDING: "Download pending",
    codes.INPUT_DOWNLOAD_FAILED: "Download failed",
    codes.INPUT_DOWNLOAD_IN_PROGRESS: "Download in progress",
    codes.INPUT_DUPLICATE: "Duplicate input",
    codes.INPUT_UNSUPPORTED_FORMAT: "Unsupported format",
    codes.INPUT_DOES_NOT_EXIST: "Input does not exist",
    codes.INPUT_INVALID_ARGUMENT: "Input argument is invalid",
    codes.INPUT_OVER_LIMIT: "Input is over the limit",
    codes.INPUT_INVALID_REQUEST: "Input request is invalid",
    codes.PREDICT_INVALID_REQUEST: "Predict request is invalid",
    codes.SEARCH_INVALID_REQUEST: "Search request is invalid",
    codes.CONCEPTS_INVALID_REQUEST: "Invalid request",
    codes.DATABASE_DUPLICATE_KEY: "Object has a duplicate ID",
    codes.RPC_UNKNOWN_METHOD: "Unknown method",
    codes.SEARCH_BY_NOT_FULLY_INDEXED_INPUT: "Search by an input that is not fully indexed yet",
    codes.DATASET_VERSION_PENDING: "Dataset version is pending to be processed",
    codes.DATASET_VERSION_IN_PROGRESS: "Dataset version is currently being processed",
    codes.DATASET_VERSION_READY: "Dataset version is ready to be used",
    codes.DATASET_VERSION_FAILURE: "Dataset version failed to be processed",
    codes.DATASET_INPUT_SUCCESS: "Dataset input successfully added",
    codes.DATASET_INPUT_DUPLICATE: "Dataset input already exists",
    codes.DATASET_VERSION_EXPORT_SUCCESS: "Dataset version export has been successfully completed",
    codes.DATASET_VERSION_EXPORT_PENDING: "Dataset version export is pending to be processed",
    codes.DATASET_VERSION_EXPORT_FAILED: "Dataset version export has failed",
    codes.DATASET_VERSION_EXPORT_IN_PROGRESS: "Dataset version export is currently in progress",
    codes.JOB_QUEUED: "Job is queued to be run.",
    codes.JOB_RUNNING: "Job is running.",
    codes.JOB_COMPLETED: "Job is completed.",
    codes.JOB_FAILED: "Job has failed.",
    codes.JOB_CANCELLED: "Job was cancelled.",
    codes.INTERNAL_SERVER_ISSUE: "Internal server issue",
    codes.INTERNAL_UNCATEGORIZED: "Internal error",
}
"""Standard description per code; other codes are described by their name in words."""


MAX_DETAILS = 2_000
"""Characters of the details of a status."""


class Refused(Exception):
    """The platform says no: becomes the status of the answer, never an exception on the wire.

    Args:
        code: A number of the proto enum `StatusCode`.
        details: What exactly was wrong, in one sentence that names the value.
        description: Replaces the standard text of the code.
    """

    def __init__(self, code: int, details: str = "", *, description: str | None = None) -> None:
        super().__init__(code, details)
        self.status = status(code, details, description=description)


def status(code: int, details: str = "", *, description: str | None = None) -> status_pb2.Status:
    """Return the status message of `code` with its standard description.

    Example:
        >>> status(codes.INPUT_DOWNLOAD_PENDING).description
        'Download pending'
    """
    return status_pb2.Status(
        code=code if code in _KNOWN else codes.FAILURE,
        description=describe(code) if description is None else description,
        details=_sendable(details),
    )


def _sendable(details: str) -> str:
    """Return details as an answer can carry them: they may quote what was sent."""
    if len(details) > MAX_DETAILS:
        details = f"{details[:MAX_DETAILS]}..."
    if details.isascii():
        return details
    # Half a character comes out as \\ud800: it has no place in UTF-8.
    return details.encode("utf-8", "backslashreplace").decode("utf-8")


def describe(code: int) -> str:
    """Return the standard description of `code`."""
    known = DESCRIPTIONS.get(code)
    if known is not None:
        return known
    words = _KNOWN.get(code, f"STATUS_{code}")
    return words.replace("_", " ").capitalize()


def missing(what: str, value: str) -> Refused:
    """Return the refusal for something that is not there, ready to be raised.

    Example:
        >>> missing("dataset", "pets").status.details
        "dataset 'pets' does not exist"
    """
    return Refused(codes.CONN_DOES_NOT_EXIST, f"{what} {value!r} does not exist")


def invalid(details: str) -> Refused:
    """Return the refusal of a request that breaks a rule (11102 "Invalid request")."""
    return Refused(codes.CONN_INVALID_REQUEST, details)


_KNOWN: dict[int, str] = {number: name for name, number in codes.StatusCode.items()}
