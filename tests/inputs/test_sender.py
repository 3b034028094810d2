"""The one sender, as `Inputs.upload_inputs` and the bulk pipeline use it: same faults, same end."""

from __future__ import annotations

import itertools
import time
from collections import defaultdict

import attrs
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import ApiClientError, InvalidArgument, PermissionDenied, ServerError
from clarifai_core.page_sizes import PageSizes
from clarifai_core.wire.framing import framed, tag
from clarifai_datasets.upload.features import TextFeatures
from clarifai_inputs.batching import BATCH_BYTES, MAX_BATCH_ITEMS, InFlight, in_batches
from clarifai_inputs.bulk import MAX_ATTEMPTS, BulkCall, BulkSender
from clarifai_inputs.sender import InputSender, annotation_call, app_concepts
from clarifai_local._faults import Faults
from clarifai_resources.inputs import Inputs
from tests.datasets.conftest import World
from tests.datasets.list_loader import ListLoader

COUNT = 300
IDS = [f"train-{n}" for n in range(COUNT)]


@pytest.fixture
def world(tmp_path):
    made = World(f"local:{tmp_path / 'platform'}")
    yield made
    made.dataset.session.close()


@pytest.fixture
def faults(world):
    world.platform.faults = Faults()
    world.platform.recorder.start()
    return world.platform.faults


def by_inputs(world):
    """Return the ids that arrived, and what is said of the others."""
    inputs = Inputs(user_id="me", app_id="demo", base_url=world.dataset.settings.base_url)
    messages = [Inputs.get_text_input(one, "words", dataset_id="train") for one in IDS]
    _, answer = inputs.upload_inputs(messages, show_log=False)
    assert [one.id for one in answer.inputs] == IDS
    accepted = [one.id for one in answer.inputs if one.status.code in (30000, 30001, 30003)]
    said = {one.id: one.status for one in answer.inputs if one.id not in accepted}
    return accepted, {one: (said[one].code, said[one].details) for one in said}


def by_pipeline(world):
    """Return the ids that arrived, and what is said of the others."""
    items = [TextFeatures("words", [], id=f"{n}") for n in range(COUNT)]
    report = world.dataset.upload_dataset(ListLoader("text_classification", items))
    assert report.uploaded + len(report.failed) == COUNT
    failed = {one.id: (one.code, one.reason.rpartition(": ")[2]) for one in report.failed}
    return [one for one in IDS if one not in failed], failed


WAYS = pytest.mark.parametrize("way", [by_inputs, by_pipeline])

TROUBLE = {
    "answers are lost": lambda on: on("PostInputs", times=2).unavailable(after_effect=True),
    "requests are lost": lambda on: on("PostInputs", times=2).unavailable(),
    "the platform fails for the moment": lambda on: on("PostInputs", times=2).status(98004),
    "it answers for nobody": lambda on: on("PostInputs", times=1).status(10010),
    "it answers for nobody, and took all": lambda on: on("PostInputs", times=1).status(
        10010, after_effect=True
    ),
    "it throttles": lambda on: on("PostInputs", times=3).throttled(),
    "items fail once": lambda on: on("PostInputs", times=2).refuse_items(98004, every=10),
    "looking fails, too": lambda on: (
        on("PostInputs", times=1).unavailable(after_effect=True),
        on("ListInputs", times=1).status(10020),
    ),
}


@WAYS
@pytest.mark.parametrize("trouble", TROUBLE)
def test_trouble_that_passes_costs_nothing(world, faults, way, trouble):
    TROUBLE[trouble](faults.on)
    accepted, refused = way(world)
    faults.clear()
    assert (accepted, refused) == (IDS, {})
    assert set(world.inputs()) == set(IDS)


@WAYS
def test_what_one_input_is_refused_for_is_said_of_it_alone(world, faults, way):
    faults.on("PostInputs").refuse_items(30105, ids=["train-7"])
    accepted, refused = way(world)
    faults.clear()
    assert accepted == [one for one in IDS if one != "train-7"]
    assert [code for code, _ in refused.values()] == [30105]
    assert set(world.inputs()) == set(accepted)


@WAYS
def test_a_culprit_costs_the_same_requests_either_way(world, faults, way, monkeypatch):
    from clarifai_local._services import inputs as input_service
    from clarifai_local.statuses import invalid

    original = input_service.prepare

    def prepare(message):
        if message.id == "train-150":
            raise invalid("train-150 is wrong")
        return original(message)

    monkeypatch.setattr(input_service, "prepare", prepare)
    accepted, refused = way(world)
    assert accepted == [one for one in IDS if one != "train-150"]
    assert refused == {"train-150": (11102, "train-150 is wrong")}
    assert world.platform.recorder.count("PostInputs") == 3 + 14


@WAYS
def test_a_failing_platform_is_left_alone_between_attempts(world, faults, way, monkeypatch):
    """Three posts within a millisecond, once, from one of two senders."""
    session = world.dataset.session
    longest = attrs.evolve(session.rules, spread=lambda _, high: high)
    monkeypatch.setattr(session, "rules", longest)
    started = time.monotonic()
    faults.on("PostInputs").status(98004)
    with pytest.raises(ServerError):
        way(world)
    faults.clear()
    pauses = [longest.retry.pause_seconds(n, longest.spread) for n in range(1, MAX_ATTEMPTS)]
    assert time.monotonic() - started >= sum(pauses)
    assert world.platform.recorder.count("PostInputs") == MAX_ATTEMPTS * 3


@attrs.define
class Entry:
    """An input that is ready to be sent."""

    id: str
    head: bytes
    content: bytes = b""


def entry(input_id):
    made = Inputs.get_text_input(input_id, "words")
    field = tag(service_pb2.PostInputsRequest.DESCRIPTOR, "inputs")
    return Entry(made.id, framed(field, made.SerializeToString()))


def sender_of(world, **more):
    return InputSender(world.dataset.session, world.dataset.user_app_id, **more)


def test_pauses_are_those_of_the_retry_rules(world, faults):
    pauses = []
    faults.on("PostInputs").status(98004)
    posted = sender_of(world, sleep=pauses.append).post([entry("a")], "job")
    assert [one.attempts for one in posted.refused] == [MAX_ATTEMPTS]
    assert len(pauses) == MAX_ATTEMPTS - 1
    rules = world.dataset.session.rules.retry
    assert all(0 <= one <= rules.base_seconds * 2**n for n, one in enumerate(pauses))


def test_an_input_without_an_id_is_not_sent_again_when_its_answer_is_lost(world, faults):
    faults.on("PostInputs", times=1).unavailable(after_effect=True)
    posted = sender_of(world).post([entry("")], "job")
    faults.clear()
    assert isinstance(posted.lost, ApiClientError)
    assert [one.item.id for one in posted.refused] == [""]
    assert len(world.inputs()) == 1


def test_annotations_with_ids_are_sent_again_and_those_without_are_not(world, faults):
    world.call("PostInputs", inputs=[Inputs.get_text_input("a", "words")])
    field = tag(service_pb2.PostAnnotationsRequest.DESCRIPTOR, "annotations")

    def entries(annotations):
        return b"".join(framed(field, one.SerializeToString()) for one in annotations)

    call = annotation_call(world.dataset.user_app_id, entries, lambda some: all(o.id for o in some))
    bulk = BulkSender(world.dataset.session, call, sleep=lambda _: None)
    box = Inputs.get_bbox_proto("a", "dog", [0, 0, 1, 1])
    for one, posts in ((box, 1), (resources_pb2.Annotation(), 2)):
        if posts == 2:
            one.CopyFrom(box)
            one.id = "box-1"
        world.platform.recorder.clear()
        faults.on("PostAnnotations", times=1).unavailable(after_effect=True)
        posted = bulk.post([one])
        faults.clear()
        assert world.platform.recorder.count("PostAnnotations") == posts
        assert (len(posted.taken), len(posted.refused)) == ((0, 1) if posts == 1 else (1, 0))
    assert len(world.regions()) == 2


def test_the_platforms_words_and_its_request_id_are_kept(world, faults):
    said = status_pb2.Status(code=11102, description="short", details="long")
    faults.on("PostInputs").status(said.code, said.details, description=said.description)
    (refused,) = sender_of(world).post([entry("a")], "job").refused
    kept = refused.status
    assert (kept.code, kept.description, kept.details) == (11102, "short", "long")
    assert kept.req_id
    assert refused.reason == "short: long"


def test_what_arrived_before_permission_ends_is_told(world, faults):
    world.call("PostInputs", inputs=[Inputs.get_text_input("a", "words")])
    faults.on("PostInputs", times=1).unavailable()
    sender = sender_of(world, sleep=lambda _: faults.on("PostInputs").status(11007))
    posted = sender.post([entry("a"), entry("b")], "job")
    faults.clear()
    assert [item.id for item in posted.taken] == ["a"]
    assert [one.item.id for one in posted.refused] == ["b"]
    assert isinstance(posted.fatal, PermissionDenied)


def test_a_failure_without_a_list_names_each(world, faults):
    faults.on("PostInputs").status(10020)
    posted = sender_of(world).post([entry("a"), entry("b")], "job")
    assert [one.item.id for one in posted.refused] == ["a", "b"]
    assert isinstance(posted.whole, InvalidArgument)


def test_batches_by_count_and_bytes():
    sizes = [BATCH_BYTES + 5, 1, 2, *itertools.repeat(0, 300)]
    parts = [len(one) for one in in_batches(sizes, int)]
    assert parts == [1, MAX_BATCH_ITEMS, MAX_BATCH_ITEMS, COUNT + 2 - 2 * MAX_BATCH_ITEMS]


def test_a_window_lets_a_single_large_request_through():
    window = InFlight(max_requests=2, max_bytes=10)
    assert not window.is_full(100)
    window.add(100)
    assert window.is_full(1)
    window.remove(100)
    window.add(1)
    assert not window.is_full(1)
    window.add(1)
    assert window.is_full(0)


def test_answers_in_another_order_are_those_of_their_items(world):
    class Answer:
        def __init__(self, name):
            self.name, self.status = name, status_pb2.Status(code=10000 if name == "a" else 30105)

    class Later:
        def exception(self):
            return None

        def result(self):
            return attrs.make_class("R", ["things", "status"])(
                [Answer("b"), Answer("a")], status_pb2.Status(code=10010)
            )

    def arrange(items, answers):
        told = {one.name: one for one in answers}
        return [told[one] for one in items]

    call = BulkCall("PostInputs", "things", lambda _: b"", arrange=arrange)
    posted = BulkSender(world.dataset.session, call).post(["a", "b"], Later())
    assert (posted.taken, [one.item for one in posted.refused]) == (["a"], ["b"])


class CutPages:
    """The session of a server that gives at most 128 items a page, or refuses more."""

    def __init__(self, session, *, refuses=False):
        self.session, self.refuses, self.asked = session, refuses, []
        self.page_sizes = defaultdict(PageSizes)

    def call(self, name, request, **options):
        self.asked.append((request.page, request.per_page))
        if self.refuses and request.per_page > 128:
            raise InvalidArgument(name, code=11102)
        request.per_page = min(request.per_page, 128)
        return self.session.call(name, request, **options)


@pytest.mark.parametrize(
    ("refuses", "asked"),
    [(False, [(1, 300), (2, 128), (3, 128)]), (True, [(1, 300), (1, 100), (2, 100), (3, 100)])],
)
def test_inputs_are_found_where_a_server_gives_fewer_a_page(world, refuses, asked):
    """Those that are not found count as not sent, and would be sent again."""
    for batch in in_batches(IDS, len):
        world.call("PostInputs", inputs=[Inputs.get_text_input(one, "words") for one in batch])
    session = CutPages(world.dataset.session, refuses=refuses)
    sender = InputSender(session, world.dataset.user_app_id)
    assert {one.id for one in sender.states(IDS)} == set(IDS)
    assert session.asked == asked
    assert len(sender.states(IDS[:5])) == 5
    assert session.asked[len(asked) :] == [(1, 5)]


def test_those_that_are_ready_are_asked_for_once_a_look(world):
    for batch in in_batches(IDS, len):
        world.call("PostInputs", inputs=[Inputs.get_text_input(one, "words") for one in batch])
    assert world.platform.wait_idle()
    session = CutPages(world.dataset.session)
    sender = InputSender(session, world.dataset.user_app_id)
    ready = [one.id for one in sender.states(IDS, ready_only=True)]
    assert len(ready) == 128
    rest = [one for one in IDS if one not in ready]
    assert not {one.id for one in sender.states(rest, ready_only=True)} & set(ready)


@pytest.mark.parametrize("refuses", [False, True])
def test_all_concepts_of_an_app_are_known_where_a_server_gives_fewer_a_page(world, refuses):
    for start in range(0, 300, 100):
        concepts = [resources_pb2.Concept(id=f"c{n}") for n in range(start, start + 100)]
        world.call("PostConcepts", concepts=concepts)
    session = CutPages(world.dataset.session, refuses=refuses)
    found = app_concepts(session, world.dataset.scope)
    assert {f"c{n}" for n in range(300)} <= set(found)
