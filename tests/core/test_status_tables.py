"""Codes in the SDK's tables are those of `status_code.proto`, by their names there."""

from __future__ import annotations

import tokenize
from io import StringIO
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core import jobs, status
from clarifai_core.errors import ServerError
from clarifai_core.jobs import JobState
from clarifai_core.transport.calls import RpcCall
from clarifai_core.transport.catalogue import CallLimits, rpc

P, D, F = JobState.PENDING, JobState.DONE, JobState.FAILED

STATES = [
    (jobs.TRAINING, "MODEL_", {"TRAINED": D, "TRAINING": P, "QUEUED_FOR_TRAINING": P}),
    (jobs.TRAINING, "MODEL_", {"UPLOADING": P, "BUILDING": P, "TRAINING_FAILED": F}),
    (jobs.TRAINING, "MODEL_", {"BUILDING_FAILED": F, "TRAINING_TIMED_OUT": F, "UNTRAINED": F}),
    (jobs.EVALUATION, "MODEL_", {"EVALUATED": D, "EVALUATING": P, "QUEUED_FOR_EVALUATION": P}),
    (jobs.EVALUATION, "MODEL_", {"EVALUATION_FAILED": F, "EVALUATION_TIMED_OUT": F}),
    (jobs.DATASET_VERSION, "DATASET_VERSION_", {"PENDING": P, "IN_PROGRESS": P, "READY": D}),
    (jobs.DATASET_VERSION, "DATASET_VERSION_", {"FAILURE": F, "CONFLICT": F}),
    (jobs.DATASET_EXPORT, "DATASET_VERSION_EXPORT_", {"PENDING": P, "IN_PROGRESS": P}),
    (jobs.DATASET_EXPORT, "DATASET_VERSION_EXPORT_", {"SUCCESS": D, "FAILED": F}),
]


@pytest.mark.parametrize(
    ("job", "name", "state"),
    [(job, start + name, state) for job, start, by in STATES for name, state in by.items()],
)
def test_states_of_jobs(job, name, state):
    assert job.state_of(codes.StatusCode.Value(name)) is state


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (status.SUCCESS, "SUCCESS"),
        (status.MIXED_STATUS, "MIXED_STATUS"),
        (status.FAILURE, "FAILURE"),
        (status.NO_WORK, "RUNNER_NEEDS_RETRY"),
        (status.STREAM_START, "RUNNER_STREAM_START"),
        (status.STREAM_END, "RUNNER_STREAM_END"),
        (status.MODEL_PREDICTION_FAILED, "MODEL_PREDICTION_FAILED"),
    ],
)
def test_names_of_codes(code, name):
    assert code == codes.StatusCode.Value(name)


def test_what_ends_a_stream():
    ends = [
        one for one in codes.StatusCode.values() if status.ends_stream(status_pb2.Status(code=one))
    ]
    assert ends == [codes.RUNNER_NEEDS_RETRY, codes.RUNNER_STREAM_END]


HOMES = {
    "clarifai_core/status.py",
    "clarifai_core/jobs.py",
    "clarifai_inputs/item_statuses.py",
}


def test_no_other_file_knows_codes():
    """Rooms ask the tables; `local`, the other side of the wire, has tables of its own."""
    packages = Path(__file__).parents[2] / "packages"
    known = {str(one) for one in codes.StatusCode.values() if one >= 10000}
    found = set()
    for path in packages.glob("*/src/**/*.py"):
        where = path.relative_to(packages).as_posix().partition("/src/")[2]
        if where.startswith("clarifai_local/") or where == "clarifai_core/heavy.py":
            continue  # heavy.py names the module for those that read it
        tokens = tokenize.generate_tokens(StringIO(path.read_text(encoding="utf-8")).readline)
        words = {one.string for one in tokens if one.type in (tokenize.NUMBER, tokenize.NAME)}
        if words & known or "status_code_pb2" in words:
            found.add(where)
    assert found == HOMES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("MODEL_DOES_NOT_EXIST", "model"),
        ("WORKFLOW_DOES_NOT_EXIST", "workflow"),
        ("RUNNER_DOES_NOT_EXIST", "runner"),
        ("INPUT_DOES_NOT_EXIST", "input"),
        ("CONN_DOES_NOT_EXIST", ""),
    ],
)
def test_what_does_not_exist(name, kind):
    assert status.meaning_of(codes.StatusCode.Value(name)).missing == kind


def test_only_throttling_teaches_the_rate():
    telling = [code for code in codes.StatusCode.values() if status.meaning_of(code).tells_rate]
    assert telling == [codes.CONN_THROTTLED]


@pytest.mark.parametrize(("own", "kept"), [("", "of-the-answer"), ("of-the-part", "of-the-part")])
def test_an_error_within_an_answer_keeps_all_that_the_platform_says(own, kept):
    part = status_pb2.Status(code=98004, description="short", details="long", req_id=own)
    response = service_pb2.SingleModelVersionResponse(
        status=status_pb2.Status(code=10000, req_id="of-the-answer"),
        model_version=resources_pb2.ModelVersion(id="v", status=part),
    )
    call = RpcCall(rpc("GetModelVersion"), b"", CallLimits(1, 1), where="here")
    error = status.error_within(response, part, call)
    assert isinstance(error, ServerError)
    said = (error.code, error.description, error.details, error.req_id)
    assert said == (98004, "short", "long", kept)
    assert error.response.model_version.id == "v"
    assert response.status.code == 10000
