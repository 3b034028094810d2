"""What the recorded platform must have answered, inferred from what was asked next and returned.

Fixtures are data; each method is one small function; faults come from the recordings themselves.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import grpc
from clarifai_grpc.grpc.api.status import status_code_pb2
from google.protobuf.json_format import MessageToDict, ParseDict

from clarifai_core.transport.catalogue import rpc
from tests.wire import models, runner_work

SCOPE = {"user_id": "me", "app_id": "app"}
AT = models.AT
FULL_PAGE = 2
"""Items of a page when the request names no size: three items are two pages and an empty one."""

FAULTY_RPC = {"dataset.get_upload_status.error": "ListDatasetVersionMetricsGroups"}
"""Use -> the method that failed, where it is not the last one that was called."""

FAULTS = {
    "search.pagination_limit": {
        "code": "FAILURE",
        "description": "Failure",
        "details": "page * perPage cannot exceed 5",
        "req_id": "req-scripted",
    },
}
"""Use -> the status of its refusal, where the recorded message does not show it."""

UNPROCESSED = {
    "dataset.upload_dataset.failed_retry": ({"ds-1"},),
    "dataset.upload_dataset.failed_twice": ({"ds-1", "ds-2"}, {"ds-2"}),
    "dataset.upload_from_csv.failed_retry": ({"c2"},),
}
"""Use -> ids that the platform could not process, the first time and the second."""

DUPLICATES = {"dataset.upload_dataset.duplicate"}
PENDING_POLLS = {"dataset.upload_dataset.job_pending": 2}
"""Use -> how often a job is still pending when it is asked for."""

NO_HITS = {"search.no_hits"}


class GrpcFailure(Exception):
    """The answer is a failure of gRPC itself."""

    def __init__(self, code: grpc.StatusCode) -> None:
        super().__init__(code.name)
        self.code = code


class Platform:
    """The platform of one use.

    Args:
        use: Name of the use.
        recorded: Its recording; the status in a raised message is what its last method answered.
        http_url: Where media are.
    """

    def __init__(self, use: str, recorded: dict[str, Any], http_url: str) -> None:
        self.use = use
        self.http_url = http_url
        self.posted: Counter[str] = Counter()
        self.polls = PENDING_POLLS.get(use, 0)
        self.work = runner_work.WORK.get(use, [])[:]
        self.over = threading.Event()
        self.parked = threading.Semaphore(0)
        self.lock = threading.Lock()
        self._fault_rpc, self._fault = _fault_of(use, recorded)

    def answer(self, name: str, request: Any) -> Any:
        """Return the answer to one request.

        Raises:
            GrpcFailure: There is none.
        """
        with self.lock:
            made = _ANSWERS[name](self, request)
        response = ParseDict(made, rpc(name).response_class())
        if name == self._fault_rpc:
            ParseDict(self._fault, response.status)
        elif not response.status.code:
            response.status.code = status_code_pb2.SUCCESS
            response.status.description = "Ok"
        return response

    def parks(self, name: str) -> bool:
        """Return whether a poll finds no more work, and waits for the end of the test."""
        return name == "ListRunnerItems" and not self.work

    def park(self) -> None:
        self.parked.release()
        self.over.wait(60)


_STATUS_TEXT = re.compile(r'(code|description|details|req_id): "?(.*?)"?$', re.MULTILINE)


def _fault_of(use: str, recorded: dict[str, Any]) -> tuple[str, dict[str, str]]:
    """Return the method that fails, and its status."""
    result = recorded.get("result")
    message = result.get("message", "") if isinstance(result, dict) else ""
    fault = FAULTS.get(use) or dict(_STATUS_TEXT.findall(message))
    if not fault or not recorded["requests"] or "code" not in fault:
        return "", {}
    return FAULTY_RPC.get(use, recorded["requests"][-1]["rpc"]), fault


# -- listings ------------------------------------------------------------------------------------


def _paged(field: str, items: Callable[[Platform], list[dict[str, Any]]]) -> Any:
    def answer(platform: Platform, request: Any) -> dict[str, Any]:
        size = request.per_page or FULL_PAGE
        start = (max(request.page, 1) - 1) * size
        return {field: items(platform)[start : start + size]}

    return answer


def _three(make: Callable[[int], dict[str, Any]]) -> Callable[[Platform], list[dict[str, Any]]]:
    return lambda _: [make(number) for number in (1, 2, 3)]


def _app(number: int) -> dict[str, Any]:
    return {
        "id": f"app-{number}",
        "name": f"App app-{number}",
        "user_id": "me",
        "default_language": "en",
        "description": "an app",
    }


def _runner(number: int) -> dict[str, Any]:
    return {"id": f"runner-{number}", "description": "a runner", "labels": ["gpu", "lab"]}


def _dataset(number: int) -> dict[str, Any]:
    return {"id": f"dataset-{number}", "description": "a dataset", **SCOPE}


def _elsewhere(number: int) -> dict[str, str]:
    """Return the scope of an item of which the second belongs to another app."""
    return {**SCOPE, "app_id": "other-app"} if number == 2 else SCOPE


def _workflow(number: int) -> dict[str, Any]:
    return {"id": f"wf-{number}", "description": "a workflow", **_elsewhere(number)}


def _module(number: int) -> dict[str, Any]:
    return {"id": f"module-{number}", "description": "a module", **_elsewhere(number)}


def _installed(number: int) -> dict[str, Any]:
    version = {"id": str(number), "module_id": f"module-{number}", **SCOPE}
    return {"id": f"installed-{number}", "module_version": version, **SCOPE}


def _concepts(_: Platform) -> list[dict[str, Any]]:
    return [
        {"id": f"id-{name}", "name": name, "value": 1, "app_id": "app"}
        for name in ("cat", "dog", "bird")
    ]


_MEDIA = {"image": "image.png", "text": "text.txt", "video": "video.mp4", "audio": "audio.mp3"}


def _input(platform: Platform, kind: str, prefix: str) -> dict[str, Any]:
    hosted = {
        "prefix": f"{platform.http_url}/hosted",
        "suffix": _MEDIA[kind],
        "sizes": ["orig", "small"],
        "crossorigin": "use-credentials",
    }
    medium = {"url": f"{platform.http_url}/files/{_MEDIA[kind]}", "hosted": hosted}
    concept = {"id": "id-cat", "name": "cat", "value": 1, "app_id": "app"}
    return {
        "id": f"{prefix}-{kind}",
        "data": {kind: medium, "concepts": [concept], "metadata": {"source": kind}},
        "status": {"code": "INPUT_DOWNLOAD_SUCCESS", "description": "Download complete"},
        "created_at": AT,
        "modified_at": AT,
    }


def _inputs(platform: Platform) -> list[dict[str, Any]]:
    return [_input(platform, kind, "in") for kind in _MEDIA]


def _dataset_inputs(platform: Platform) -> list[dict[str, Any]]:
    kinds = [kind for kind in _MEDIA if kind != "audio"]
    return [{"input": {**_input(platform, k, "ds"), "dataset_ids": ["ds"]}} for k in kinds]


# -- uploads -------------------------------------------------------------------------------------


def _list_inputs(platform: Platform, request: Any) -> dict[str, Any]:
    if not request.ids:
        answer: dict[str, Any] = _paged("inputs", _inputs)(platform, request)
        return answer
    states = [{"id": one, "status": {"code": _state(platform, one)}} for one in request.ids]
    if request.status.code:
        states = [one for one in states if one["status"]["code"] == "INPUT_DOWNLOAD_SUCCESS"]
    return {"inputs": states}


def _state(platform: Platform, input_id: str) -> str:
    """Return the status of an input after the uploads of it so far."""
    times = UNPROCESSED.get(platform.use, ())
    sent = platform.posted[input_id]
    failed = 0 < sent <= len(times) and input_id in times[sent - 1]
    return "INPUT_DOWNLOAD_FAILED" if failed else "INPUT_DOWNLOAD_SUCCESS"


def _post_inputs(platform: Platform, request: Any) -> dict[str, Any]:
    platform.posted.update(one.id for one in request.inputs)
    if platform.use in DUPLICATES:
        taken = {"code": "INPUT_DUPLICATE", "description": "Input has a duplicate ID"}
        answered = [{"id": one.id, "status": taken} for one in request.inputs]
        return {"inputs": answered, "status": {"code": "FAILURE", "description": "Failure"}}
    pending = {"code": "INPUT_DOWNLOAD_PENDING", "description": "Download pending"}
    return {"inputs": [{"id": one.id, "status": pending} for one in request.inputs]}


def _put_into_dataset(_: Platform, request: Any) -> dict[str, Any]:
    state = {"code": "DATASET_INPUT_DUPLICATE"}
    ids = [one.input.id for one in request.dataset_inputs]
    return {"dataset_inputs": [{"input": {"id": one, "status": state}} for one in ids]}


def _job(platform: Platform, request: Any) -> dict[str, Any]:
    pending = 1 if platform.polls else 0
    platform.polls -= pending
    # How many succeeded cannot be told: the official SDK never reads it, and looks at the inputs.
    progress = {"pending_count": pending}
    return {"inputs_add_job": {"id": request.id, "progress": progress}}


def _metrics(_: Platform, __: Any) -> dict[str, Any]:
    counts = {
        "inputs_count": "3",
        "positive_input_tags_count": "3",
        "bounding_boxes_count": "2",
        "polygons_count": "1",
    }
    groups = [
        {"type": "INPUT_TYPE", "value": "image", "metrics": {"inputs_count": "3"}},
        {"type": "INPUT_TYPE", "value": "total", "metrics": counts},
    ]
    return {"dataset_version_metrics_groups": groups}


# -- single resources ----------------------------------------------------------------------------


def _scope_of(request: Any) -> dict[str, str]:
    given = request.user_app_id
    return {"user_id": given.user_id, "app_id": given.app_id}


def _created(field: str, single: str = "") -> Any:
    """Return a method that answers what was posted, with the ids of its scope.

    Args:
        field: What is posted, and answered.
        single: The field of the answer, where it holds one.
    """

    def answer(_: Platform, request: Any) -> dict[str, Any]:
        made = []
        for message in getattr(request, field):
            known = message.DESCRIPTOR.fields_by_name
            scope = {k: v for k, v in _scope_of(request).items() if k in known and v}
            made.append({**MessageToDict(message, preserving_proto_field_name=True), **scope})
        return {single: made[0]} if single else {field: made}

    return answer


def _get_app(_: Platform, request: Any) -> dict[str, Any]:
    return {"app": {**_app(1), "id": request.user_app_id.app_id}}


def _get_dataset(_: Platform, request: Any) -> dict[str, Any]:
    return {"dataset": {"id": request.dataset_id, **_scope_of(request)}}


def _get_workflow(_: Platform, request: Any) -> dict[str, Any]:
    return {"workflow": {"id": request.workflow_id, **_scope_of(request)}}


def _get_runner(_: Platform, request: Any) -> dict[str, Any]:
    return {"runner": {**_runner(1), "id": request.runner_id}}


def _nothing(_: Platform, __: Any) -> dict[str, Any]:
    return {}


# -- searches ------------------------------------------------------------------------------------


def _search(platform: Platform, request: Any) -> dict[str, Any]:
    count = 0 if platform.use in NO_HITS else request.pagination.per_page
    hits = [{"score": 0.5, "input": {"id": f"hit-{number}"}} for number in range(count)]
    return {"hits": hits}


# -- runners -------------------------------------------------------------------------------------


def _list_runner_items(platform: Platform, _: Any) -> dict[str, Any]:
    found = platform.work.pop(0)
    if isinstance(found, grpc.StatusCode):
        raise GrpcFailure(found)
    return found


_ANSWERS: dict[str, Callable[[Platform, Any], dict[str, Any]]] = {
    "ListApps": _paged("apps", _three(_app)),
    "ListRunners": _paged("runners", _three(_runner)),
    "ListDatasets": _paged("datasets", _three(_dataset)),
    "ListDatasetVersions": _paged("dataset_versions", lambda _: []),
    "ListModels": _paged("models", lambda _: []),
    "ListModelVersions": _paged("model_versions", lambda _: []),
    "ListModules": _paged("modules", _three(_module)),
    "ListWorkflows": _paged("workflows", _three(_workflow)),
    "ListInstalledModuleVersions": _paged("installed_module_versions", _three(_installed)),
    "ListConcepts": _paged("concepts", _concepts),
    "ListAnnotations": _paged("annotations", lambda _: []),
    "ListDatasetInputs": _paged("dataset_inputs", _dataset_inputs),
    "ListInputs": _list_inputs,
    "ListModelTypes": lambda _, __: {"model_types": models.MODEL_TYPES},
    "ListModelVersionEvaluations": lambda _, __: {
        "eval_metrics": [models.evaluation("eval-latest")]
    },
    "ListDatasetVersionMetricsGroups": _metrics,
    "ListRunnerItems": _list_runner_items,
    "GetApp": _get_app,
    "GetDataset": _get_dataset,
    "GetEvaluation": lambda _, asked: {"eval_metrics": models.evaluation(asked.evaluation_id)},
    "GetInputsAddJob": _job,
    "GetModel": lambda _, asked: {"model": models.model(asked)},
    "GetModelVersion": _nothing,
    "GetRunner": _get_runner,
    "GetWorkflow": _get_workflow,
    "PostApps": _created("apps"),
    "PostDatasets": _created("datasets"),
    "PostDatasetInputs": _put_into_dataset,
    "PostDatasetVersions": _created("dataset_versions"),
    "PostInputs": _post_inputs,
    "PostModels": _created("models", "model"),
    "PostModelOutputs": lambda _, asked: {"outputs": models.outputs(asked.inputs)},
    "PostModelVersions": lambda _, asked: {"model": models.model_with_new_version(asked)},
    "PostRunners": _created("runners"),
    "PostRunnerItemOutputs": _nothing,
    "PostWorkflows": _created("workflows"),
    "PostWorkflowResults": lambda _, asked: {"results": models.workflow_results(asked.inputs)},
    "PostInputsSearches": _search,
    "PostAnnotationsSearches": _search,
    "DeleteApp": _nothing,
    "DeleteDatasetVersions": _nothing,
    "DeleteInputs": _nothing,
    "DeleteModules": _nothing,
    "DeleteRunners": _nothing,
    "DeleteWorkflows": _nothing,
}
