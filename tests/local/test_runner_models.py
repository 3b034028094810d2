"""Models that a runner answers for, and the two ways by which runners get their work."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._models import remote
from clarifai_local._runner_queue import RunnerQueue, labelled

ALICE = resources_pb2.UserAppIDSet(user_id="alice")
PATH = "/clarifai.api.V2/ProcessRunnerItems"


def text(raw, input_id=""):
    return resources_pb2.Input(id=input_id, data={"text": {"raw": raw}})


def capitals(request):
    """What the runners of these tests answer: the text in capitals; "bad" is too much for them."""
    response = service_pb2.MultiOutputResponse()
    for given in request.inputs:
        raw = given.data.text.raw
        if raw == "bad":
            response.outputs.add(status={"code": codes.MODEL_PREDICTION_FAILED, "details": "no"})
        else:
            response.outputs.add(data={"text": {"raw": raw.upper()}})
    return response


def take(api, runner_id="r"):
    return list(api.ListRunnerItems(user_app_id=ALICE, runner_id=runner_id).runner_items)


def give(api, item, response=None, runner_id="r"):
    made = response or capitals(item.post_model_outputs_request)
    return api.PostRunnerItemOutputs(
        user_app_id=ALICE,
        runner_id=runner_id,
        runner_item_id=item.id,
        runner_item_outputs=[service_pb2.RunnerItemOutput(multi_output_response=made)],
    )


def said(answer):
    return [output.data.text.raw for output in answer.outputs]


@pytest.fixture
def threads():
    with ThreadPoolExecutor(8) as made:
        yield made


@pytest.fixture
def bind(api, app, platform):
    """`bind(metadata={...})`: the model `m`, and the runners `r` and `s` labelled "gpu"."""
    platform.runner_queue.poll_seconds = 5

    def make(**fields):
        made = [resources_pb2.Runner(id=one, labels=["gpu", "lab"]) for one in ("r", "s")]
        api.PostRunners(user_app_id=ALICE, runners=made)
        model = resources_pb2.Model(id="m", model_type_id="multimodal-to-text")
        api.PostModels(user_app_id=app, models=[model])
        version = resources_pb2.ModelVersion(id="v1", **fields)
        reply = api.PostModelVersions(user_app_id=app, model_id="m", model_versions=[version])
        assert reply.status.code == codes.SUCCESS

    return make


@pytest.fixture
def ask(api, app, threads):
    """`ask("a", "b").result()`: the answer of the model `m`."""

    def predict(*raws, **fields):
        inputs = [text(raw, f"id-{raw}") for raw in raws]
        return threads.submit(
            api.PostModelOutputs, user_app_id=app, model_id="m", inputs=inputs, **fields
        )

    return predict


LABEL = {"metadata": {"runner_label": "gpu"}}


def test_a_version_with_a_label_is_answered_by_any_runner_that_has_it(api, bind, ask):
    bind(**LABEL)
    for runner_id in ("r", "s"):
        answer = ask("a", "b")
        [item] = take(api, runner_id)
        assert give(api, item, runner_id=runner_id).status.code == codes.SUCCESS
        got = answer.result(60)
        assert (got.status.code, said(got)) == (codes.SUCCESS, ["A", "B"])
        assert [output.input.id for output in got.outputs] == ["id-a", "id-b"]
        assert got.outputs[0].model.model_version.id == "v1"


def test_the_runner_is_told_what_is_asked_of_the_model(api, bind, ask):
    bind(output_info={"params": {"temperature": 0.5, "top": 1}}, **LABEL)
    version = {"output_info": {"params": {"top": 2}, "output_config": {"max_concepts": 3}}}
    answer = ask("a", model={"model_version": version})
    [item] = take(api)
    request = item.post_model_outputs_request
    info = request.model.model_version.output_info
    assert (request.model_id, request.version_id, request.user_app_id.app_id) == ("m", "v1", "zoo")
    assert dict(info.params) == {"temperature": 0.5, "top": 2}
    assert info.output_config.max_concepts == 3
    give(api, item)
    answer.result(60)


def test_a_failed_input_harms_no_other(api, bind, ask):
    bind(**LABEL)
    answer = ask("a", "bad")
    give(api, *take(api))
    got = answer.result(60)
    assert got.status.code == codes.MIXED_STATUS
    assert said(got) == ["A", ""]
    failed = got.outputs[1].status
    assert (failed.code, failed.details) == (codes.MODEL_PREDICTION_FAILED, "no")


def test_outputs_that_do_not_match_the_inputs_fail_them_all(api, bind, ask):
    bind(**LABEL)
    answer = ask("a", "b")
    [item] = take(api)
    give(api, item, service_pb2.MultiOutputResponse(outputs=[resources_pb2.Output()]))
    got = answer.result(60).status
    assert (got.code, got.details) == (
        codes.MODEL_PREDICTION_FAILED,
        "a runner with the label 'gpu' returned 1 outputs for 2 inputs",
    )


def test_a_workflow_node_is_answered_by_a_runner_too(api, app, bind, threads):
    bind(**LABEL)
    node = resources_pb2.WorkflowNode(id="shout", model={"id": "m"})
    api.PostWorkflows(user_app_id=app, workflows=[resources_pb2.Workflow(id="w", nodes=[node])])
    answer = threads.submit(
        api.PostWorkflowResults, user_app_id=app, workflow_id="w", inputs=[text("a"), text("b")]
    )
    give(api, *take(api))
    got = answer.result(60)
    assert got.status.code == codes.SUCCESS
    assert [one.outputs[0].data.text.raw for one in got.results] == ["A", "B"]


def test_a_runner_whose_worker_names_the_model_answers_for_it(api, app, bind, ask):
    bind()
    unbound = ask("a").result(60).status
    assert unbound.code == codes.MODEL_PREDICTION_FAILED
    assert "a runner" in unbound.details
    worker = {"model": {"id": "m", "app_id": "zoo", "model_version": {"id": "v1"}}}
    api.PostRunners(user_app_id=ALICE, runners=[resources_pb2.Runner(id="w", worker=worker)])
    answer = ask("a")
    [item] = take(api, "w")
    give(api, item, runner_id="w")
    assert said(answer.result(60)) == ["A"]


def test_a_request_can_name_the_runner(api, bind, ask):
    bind(**LABEL)
    answer = ask("a", runner_selector={"runner": {"id": "s"}})
    [item] = take(api, "s")
    give(api, item, runner_id="s")
    assert said(answer.result(60)) == ["A"]
    nobody = ask("a", runner_selector={"runner": {"id": "nobody"}}).result(60).status
    assert nobody.code == codes.RUNNER_DOES_NOT_EXIST


def test_without_a_runner_the_time_runs_out_with_a_reason(platform, bind, ask):
    bind(**LABEL)
    platform.runner_queue.answer_seconds = 0.05
    got = ask("a").result(60)
    assert got.status.code == codes.MODEL_PREDICTION_FAILED
    assert got.status.details == (
        "no answer within 0.05 seconds: a runner with the label 'gpu' is not connected"
    )
    assert platform.runner_queue.open_count() == 0


def test_a_runner_that_took_it_and_is_silent_is_named(api, platform, bind, ask):
    bind(**LABEL)
    platform.runner_queue.answer_seconds = 1
    answer = ask("a")
    [item] = take(api)
    assert answer.result(60).status.details == ("no answer within 1 seconds; given to runner 'r'")
    assert give(api, item).status.code == codes.CONN_DOES_NOT_EXIST


def test_what_a_dead_runner_held_is_answered_by_another(api, platform, bind, ask):
    bind(**LABEL)
    platform.runner_queue.lease_seconds = 0.1
    answer = ask("a")
    [lost] = take(api, "r")
    [again] = take(api, "s")
    assert again.id == lost.id
    give(api, again, runner_id="s")
    assert said(answer.result(60)) == ["A"]
    late = service_pb2.MultiOutputResponse(outputs=[resources_pb2.Output()])
    assert give(api, lost, late).status.code == codes.SUCCESS
    assert said(answer.result(60)) == ["A"]


def test_each_lease_is_longer_than_the_one_before():
    now = [0.0]
    work_queue = RunnerQueue(lambda: now[0])
    work_queue.poll_seconds, work_queue.lease_seconds = 0, 10
    work = work_queue.put(labelled("alice", "gpu"), service_pb2.PostModelOutputsRequest())
    runner, also = ("alice", "r"), [labelled("alice", "gpu")]

    def given(at):
        now[0] = at
        return [one.id for one in work_queue.take(runner, also=also)]

    assert [given(at) for at in (0, 9, 10, 29, 30)] == [[work.id], [], [work.id], [], [work.id]]


def test_too_many_waiting_requests_are_refused_for_now(api, platform, bind, ask, monkeypatch):
    bind(**LABEL)
    monkeypatch.setattr(remote, "MAX_OPEN", 1)
    first = ask("a")
    [item] = take(api)
    assert ask("b").result(60).status.code == codes.MODEL_BUSY_PLEASE_RETRY
    give(api, item)
    assert said(first.result(60)) == ["A"]


def test_who_waits_when_the_platform_stops_may_ask_again(api, platform, bind, ask):
    bind(**LABEL)
    answer = ask("a")
    take(api)
    platform.runner_queue.hang_up()
    with pytest.raises(grpc.RpcError) as caught:
        answer.result(60)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


def test_deleting_a_runner_gives_its_work_to_others(api, bind, ask):
    bind(**LABEL)
    answer = ask("a")
    take(api, "r")
    api.DeleteRunners(user_app_id=ALICE, ids=["r"])
    [item] = take(api, "s")
    give(api, item, runner_id="s")
    assert said(answer.result(60)) == ["A"]


class Stream:
    """A stream of ProcessRunnerItems, as a runner holds it."""

    def __init__(self, platform, runner_id="r"):
        self.head = {"user_app_id": ALICE, "runner_id": runner_id}
        self.sent = queue.SimpleQueue()
        call = platform.channel().stream_stream(
            PATH,
            request_serializer=service_pb2.PostRunnerItemOutputsRequest.SerializeToString,
            response_deserializer=service_pb2.MultiRunnerItemResponse.FromString,
        )
        self.answers = call(iter(self.sent.get, None))

    def want(self):
        self.send(status={"code": codes.RUNNER_STREAM_START})

    def send(self, **fields):
        self.sent.put(service_pb2.PostRunnerItemOutputsRequest(**self.head, **fields))

    def give(self, item):
        outputs = {"multi_output_response": capitals(item.post_model_outputs_request)}
        self.send(runner_item_id=item.id, runner_item_outputs=[outputs])

    def next(self):
        response = next(self.answers)
        assert response.status.code == codes.SUCCESS
        return response.runner_items[0]

    def end(self):
        """Hang up; returns the statuses of what still came."""
        self.sent.put(None)
        return [answer.status.code for answer in self.answers]


def test_a_stream_carries_work_in_and_outputs_out(platform, bind, ask):
    bind(**LABEL)
    stream = Stream(platform)
    stream.want()
    for raw in ("a", "b"):
        answer = ask(raw)
        item = stream.next()
        assert item.processing_info.runner_method_type == resources_pb2.UNARY_UNARY
        stream.give(item)
        taken = stream.next()
        assert (taken.id, taken.processing_info.status.code) == (item.id, codes.SUCCESS)
        assert said(answer.result(60)) == [raw.upper()]
        stream.want()
    assert stream.end() == [codes.RUNNER_STREAM_END]


def test_a_stream_gets_no_more_than_it_has_room_for(api, platform, bind, ask):
    bind(**LABEL)
    stream = Stream(platform)
    stream.want()
    answers = [ask("a"), ask("a")]
    item = stream.next()
    [other] = take(api, "s")
    assert other.id != item.id
    stream.give(item)
    give(api, other, runner_id="s")
    assert [said(answer.result(60)) for answer in answers] == [["A"], ["A"]]
    stream.end()


def test_what_a_broken_stream_held_goes_to_others_at_once(api, platform, bind, ask):
    bind(**LABEL)
    stream = Stream(platform)
    stream.want()
    answer = ask("a")
    held = stream.next()
    stream.end()
    [item] = take(api, "s")
    assert item.id == held.id
    give(api, item, runner_id="s")
    assert said(answer.result(60)) == ["A"]


def test_outputs_of_an_item_that_is_gone_are_refused_and_the_stream_goes_on(platform, bind, ask):
    bind(**LABEL)
    stream = Stream(platform)
    stream.give(service_pb2.RunnerItem(id="none", post_model_outputs_request={}))
    refused = stream.next()
    assert refused.processing_info.status.code == codes.CONN_DOES_NOT_EXIST
    stream.want()
    answer = ask("a")
    stream.give(stream.next())
    assert said(answer.result(60)) == ["A"]
    stream.end()


def test_a_stream_of_an_unknown_runner_is_refused(platform, bind):
    bind()
    stream = Stream(platform, "nobody")
    stream.want()
    assert [answer.status.code for answer in stream.answers] == [codes.RUNNER_DOES_NOT_EXIST]


def test_deleting_the_runner_ends_its_stream(api, platform, bind):
    bind()
    stream = Stream(platform)
    stream.want()
    statuses = []
    reader = threading.Thread(target=lambda: statuses.extend(a.status.code for a in stream.answers))
    reader.start()
    while not platform.runner_queue.connected(("alice", "r")):
        reader.join(0.01)
    api.DeleteRunners(user_app_id=ALICE, ids=["r"])
    reader.join(20)
    assert statuses == [codes.RUNNER_DOES_NOT_EXIST]


def test_a_worker_names_its_own_user_as_me(api, platform):
    """The official SDK's workers say `user_id="me"`, as its RPCs take it everywhere."""
    platform.runner_queue.poll_seconds = 5
    caller = api.GetUser(user_app_id=resources_pb2.UserAppIDSet(user_id="me")).user.id
    mine = resources_pb2.UserAppIDSet(user_id="me", app_id="studio")
    api.PostApps(user_app_id=mine, apps=[resources_pb2.App(id="studio")])
    api.PostModels(
        user_app_id=mine, models=[resources_pb2.Model(id="m", model_type_id="any-to-any")]
    )
    api.PostModelVersions(user_app_id=mine, model_id="m")
    runner = resources_pb2.Runner(id="r")
    runner.worker.model.user_id, runner.worker.model.app_id = "me", "studio"
    runner.worker.model.id = "m"
    made = api.PostRunners(user_app_id=mine, runners=[runner])
    assert made.status.code == codes.SUCCESS, made.status
    assert made.runners[0].worker.model.user_id == caller

    changed = resources_pb2.Runner(id="r", description="changed")
    changed.worker.model.user_id, changed.worker.model.id = "me", "m"
    patched = api.PatchRunners(user_app_id=mine, runners=[changed], action="merge").runners[0]
    assert (patched.description, patched.worker.model.user_id) == ("changed", caller)

    with ThreadPoolExecutor(1) as threads:
        answer = threads.submit(
            api.PostModelOutputs, user_app_id=mine, model_id="m", inputs=[text("hello")]
        )
        (item,) = api.ListRunnerItems(user_app_id=mine, runner_id="r").runner_items
        api.PostRunnerItemOutputs(
            user_app_id=mine,
            runner_id="r",
            runner_item_id=item.id,
            runner_item_outputs=[
                service_pb2.RunnerItemOutput(
                    multi_output_response=capitals(item.post_model_outputs_request)
                )
            ],
        )
        assert said(answer.result(60)) == ["HELLO"]
