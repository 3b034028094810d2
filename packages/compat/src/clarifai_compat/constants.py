"""Limits and names that programs import from `clarifai.constants` and `clarifai.utils.constants`.

Those that something of ours decides by stand where it does; these are for programs alone.
"""

from __future__ import annotations

from clarifai_core.settings import ENVIRONMENT

COMPUTE_ORCHESTRATION_RESOURCES = ["Runner", "ComputeCluster", "Nodepool", "Deployment"]
"""Classes whose resources no app holds."""

TASK_TO_ANNOTATION_TYPE = {
    "visual_classification": {"concepts": "labels"},
    "text_classification": {"concepts": "labels"},
    "visual_captioning": {"concepts": "labels"},
    "visual_detection": {"bboxes": "bboxes"},
    "visual_segmentation": {"polygons": "polygons"},
}
"""Task of a loader -> what its items are annotated with -> where the labels stand."""

CONTENT_TYPE = {"json": "application/json", "zip": "application/zip"}
MAX_RETRIES = 2
DEFAULT_SEARCH_ALGORITHM = "nearest_neighbor"

CLARIFAI_PAT_ENV_VAR = ENVIRONMENT["pat"]
CLARIFAI_SESSION_TOKEN_ENV_VAR = ENVIRONMENT["token"]
CLARIFAI_USER_ID_ENV_VAR = ENVIRONMENT["user_id"]

STATUS_OK = "200 OK"
STATUS_MIXED = "207 MIXED"
STATUS_FAIL = "500 FAIL"
STATUS_UNKNOWN = "UNKNOWN"
