"""What is in a dataset: its inputs, those of another one, and the archive of a version."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import ApiError, NotFound, UserError
from clarifai_datasets.handle import Dataset
from clarifai_local.dispatch import rpc
from clarifai_resources.app import App
from clarifai_resources.inputs import Inputs


@pytest.fixture
def app(world) -> App:
    return App(app_id="demo", user_id="me", base_url=world.dataset.settings.base_url)


def fill(app, dataset_id, *names):
    texts = [Inputs.get_text_input(name, f"about {name}", dataset_id) for name in names]
    app.inputs().upload_inputs(texts)


def held(dataset):
    return sorted(one.id for one in dataset.list_inputs())


class Answers:
    """Answers PostDatasetInputs as a test says, and keeps what it was asked."""

    def __init__(self, answer) -> None:
        self.answer = answer
        self.asked: list[service_pb2.PostDatasetInputsRequest] = []

    @rpc("PostDatasetInputs")
    def post(self, request, caller) -> service_pb2.MultiDatasetInputResponse:
        self.asked.append(request)
        return self.answer


def member(name, code):
    return resources_pb2.DatasetInput(
        input=resources_pb2.Input(id=name, status=status_pb2.Status(code=code))
    )


def test_the_inputs_of_a_dataset_are_listed(world, app):
    fill(app, "train", "a", "b")
    fill(app, "", "outside")
    dataset = world.dataset
    assert held(dataset) == ["a", "b"]
    assert len(dataset.list_inputs(page_no=1, per_page=1).all()) == 1
    assert dataset.list_inputs(input_type="image").all() == []
    assert next(dataset.list_inputs()).id in "ab"
    with pytest.raises(UserError, match="one of image"):
        dataset.list_inputs(input_type="pictures")


def test_a_dataset_takes_the_inputs_of_another_one(world, app):
    other = app.create_dataset("other")
    fill(app, "train", "a", "both")
    fill(app, "other", "c")
    world.call(
        "PostDatasetInputs",
        dataset_id="other",
        dataset_inputs=[resources_pb2.DatasetInput(input=resources_pb2.Input(id="both"))],
    )
    world.dataset.merge_dataset("other")
    assert held(world.dataset) == ["a", "both", "c"]
    assert held(other) == ["both", "c"]
    with pytest.raises(NotFound):
        world.dataset.merge_dataset("nowhere")


def test_the_request_is_that_of_the_official_sdk(world, app):
    app.create_dataset("other")
    ok = status_pb2.Status(code=10000)
    desk = Answers(service_pb2.MultiDatasetInputResponse(status=ok))
    world.platform.dispatcher.add(desk)
    world.dataset.merge_dataset("other")
    wanted = resources_pb2.Filter(input=resources_pb2.Input(dataset_ids=["other"]))
    assert desk.asked == [
        service_pb2.PostDatasetInputsRequest(
            user_app_id=world.dataset.user_app_id,
            dataset_id="train",
            search=resources_pb2.Search(query=resources_pb2.Query(filters=[wanted])),
        )
    ]


@pytest.mark.parametrize(
    ("top", "members", "fails"),
    [
        (10000, [], False),
        (10010, [member("a", 64100), member("b", 64101)], False),  # one was there already
        (10020, [member("b", 64101)], False),
        (10010, [member("a", 64100), member("b", 30103)], True),
        (10020, [], True),
        (11007, [], True),
    ],
)
def test_what_is_there_already_is_no_failure(world, app, top, members, fails):
    app.create_dataset("other")
    answer = service_pb2.MultiDatasetInputResponse(
        status=status_pb2.Status(code=top), dataset_inputs=members
    )
    world.platform.dispatcher.add(Answers(answer))
    if fails:
        with pytest.raises(ApiError):
            world.dataset.merge_dataset("other")
    else:
        world.dataset.merge_dataset("other")


def test_a_version_is_archived_and_read(world, app, tmp_path):
    fill(app, "train", "a", "b")
    version = world.dataset.create_version()
    fill(app, "train", "later")
    url = version.archive_zip()
    assert url == version.archive_zip(wait=False)
    assert sorted(one.id for one in version) == ["a", "b"]
    same = Dataset(
        dataset_id="train",
        user_id="me",
        app_id="demo",
        base_url=world.dataset.settings.base_url,
        dataset_version_id=version.version.id,
    )
    assert len(list(same)) == 2
    report = Dataset(base_url=world.dataset.settings.base_url).export(
        str(tmp_path / "out.zip"), archive_url=url
    )
    assert report.exported == 2


def test_a_version_that_is_not_ready_is_an_error_without_waiting(world):
    class Slow:
        @rpc("PutDatasetVersionExports")  # type: ignore[untyped-decorator]
        def put(self, request, caller) -> service_pb2.MultiDatasetVersionExportResponse:
            waiting = status_pb2.Status(code=64201, description="Export pending")
            export = resources_pb2.DatasetVersionExport(status=waiting)
            return service_pb2.MultiDatasetVersionExportResponse(exports=[export])

    version = world.dataset.create_version()
    world.platform.dispatcher.add(Slow())
    with pytest.raises(ApiError, match="Export pending"):
        version.archive_zip(wait=False)


def test_nothing_is_sent_for_wrong_arguments(world):
    base_url = world.dataset.settings.base_url
    nameless = Dataset(user_id="me", app_id="demo", base_url=base_url)
    calls = {
        "merge_dataset_id must be": lambda: world.dataset.merge_dataset(""),
        "is this dataset itself": lambda: world.dataset.merge_dataset("train"),
        "You must specify one of url or dataset_id": lambda: nameless.merge_dataset("other"),
        "one of url or dataset_id": nameless.list_inputs,
        "An archive is of a version": world.dataset.archive_zip,
        "archive is of a version": lambda: list(world.dataset),
        "give dataset_version_id= by name": lambda: Dataset("", "train", "0" * 32),
    }
    for said, call in calls.items():
        with pytest.raises(UserError, match=said):
            call()
    assert not world.faults.calls
