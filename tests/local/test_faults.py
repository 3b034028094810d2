"""The platform misbehaves as its switches say: in process, served, with asyncio, over HTTP."""

from __future__ import annotations

import asyncio
import errno
import threading
import time

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_local import Faults, ManualClock, Platform
from clarifai_local._faults.items import BATCHES
from clarifai_local._store.blobs import MAX_INLINE_BYTES

SCOPE = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
WAYS = ("in process", "served", "asyncio")


class Caller:
    """Calls RPCs in one of three ways; a gRPC error is returned, not raised."""

    def __init__(self, platform, way):
        self.way = way
        self.platform = platform
        self.server = platform.serve() if way == "served" else None
        self.metadata = ()
        if self.server is None:
            self.channel = platform.channel()
        else:
            self.channel = grpc.insecure_channel(self.server.address)
            self.metadata = (("authorization", f"Key {self.server.pat}"),)

    def __call__(self, rpc, **fields):
        fields = {"user_app_id": SCOPE, **fields}
        request = getattr(service_pb2, f"{rpc}Request")(**fields)
        try:
            if self.way == "asyncio":
                return asyncio.run(self._async(rpc, request))
            call = self.channel.unary_unary(*self._method(rpc, request))
            return call(request, metadata=self.metadata, timeout=60)
        except grpc.RpcError as error:
            return error

    async def _async(self, rpc, request):
        async with self.platform.aio_channel() as channel:
            return await channel.unary_unary(*self._method(rpc, request))(request)

    def _method(self, rpc, request):
        method = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name[rpc]
        answer = getattr(service_pb2, method.output_type.name)
        return f"/clarifai.api.V2/{rpc}", type(request).SerializeToString, answer.FromString

    def close(self):
        self.channel.close()
        if self.server is not None:
            self.server.stop()


def make_app(call):
    empty = resources_pb2.Workflow(id="Empty")
    call("PostApps", apps=[resources_pb2.App(id="zoo", default_workflow=empty)])


@pytest.fixture(params=WAYS)
def call(request, platform):
    caller = Caller(platform, request.param)
    make_app(caller)
    yield caller
    caller.close()


@pytest.fixture
def inside(platform):
    """Calls in process only: for what is the same in every way."""
    caller = Caller(platform, "in process")
    make_app(caller)
    return caller


def texts(*ids):
    return [
        resources_pb2.Input(id=i, data=resources_pb2.Data(text=resources_pb2.Text(raw=f"text {i}")))
        for i in ids
    ]


def ids_of(call):
    return {one.id for one in call("ListInputs", per_page=1000).inputs}


def outcome(answer):
    """What a client sees of a call: a gRPC code, or the number of a status."""
    return answer.code() if isinstance(answer, grpc.RpcError) else answer.status.code


def test_unavailable_before_the_effect(call, platform):
    fault = platform.faults.on("PostInputs", times=2).unavailable()
    seen = [outcome(call("PostInputs", inputs=texts("a"))) for _ in range(3)]
    assert seen == [grpc.StatusCode.UNAVAILABLE] * 2 + [10000]
    assert (fault.struck, fault.reached) == (2, 3)
    assert ids_of(call) == {"a"}


def test_unavailable_after_the_effect(call, platform):
    platform.faults.on("PostInputs", times=1).unavailable(after_effect=True)
    assert outcome(call("PostInputs", inputs=texts("a"))) is grpc.StatusCode.UNAVAILABLE
    assert ids_of(call) == {"a"}
    again = call("PostInputs", inputs=texts("a"))
    assert again.inputs[0].status.details == "Input has a duplicate ID."


def test_a_burst_of_throttling_with_the_contracts_texts(call, platform):
    platform.faults.on("*", times=3).throttled()
    answers = [call("ListInputs") for _ in range(4)]
    assert [outcome(a) for a in answers] == [11005, 11005, 11005, 10000]
    assert answers[0].status.description == "Making too many requests"
    assert answers[0].status.details == "exceeded limit of 15 requests per second"
    assert len({a.status.req_id for a in answers}) == 4


def test_a_status_before_and_after_the_effect(call, platform):
    platform.faults.on("PostInputs", times=1).status(98004, "by the test")
    platform.faults.on("PostInputs", times=1).status(98004, after_effect=True)
    answers = [call("PostInputs", inputs=texts("a")) for _ in range(3)]
    assert [outcome(a) for a in answers] == [98004, 98004, 10020]
    assert answers[0].status.details == "by the test"
    assert ids_of(call) == {"a"}


def test_a_connection_reset(call, platform):
    platform.faults.on("GetApp", times=1).reset()
    error = call("GetApp")
    assert (error.code(), error.details()) == (
        grpc.StatusCode.UNAVAILABLE,
        "Connection reset by peer",
    )


def test_a_partial_batch(call, platform):
    platform.faults.on("PostInputs", times=1).refuse_items(30104, "no luck", at=(0, 2))
    answer = call("PostInputs", inputs=texts("a", "b", "c", "d"))
    assert answer.status.code == codes.MIXED_STATUS
    assert answer.status.req_id
    assert [one.id for one in answer.inputs] == ["a", "b", "c", "d"]
    assert [one.status.code for one in answer.inputs] == [30104, 30001, 30104, 30001]
    assert answer.inputs[0].status.details == "no luck"
    assert ids_of(call) == {"b", "d"}
    assert outcome(call("PostInputs", inputs=texts("a", "c"))) == 10000


def test_a_batch_of_which_nothing_is_left(inside, platform):
    platform.faults.on("PostInputs").refuse_items(every=1)
    answer = inside("PostInputs", inputs=texts("a", "b"))
    assert answer.status.code == codes.FAILURE
    assert [one.status.code for one in answer.inputs] == [codes.INTERNAL_UNCATEGORIZED] * 2
    assert ids_of(inside) == set()


def test_an_item_is_refused_once_by_its_id_whichever_batch_it_is_in(inside, platform):
    fault = platform.faults.on("PostInputs", times=1).refuse_items(ids={"c"})
    seen = [
        outcome(inside("PostInputs", inputs=texts(*names)))
        for names in (("a", "b"), ("c", "d"), ("c",))
    ]
    assert seen == [10000, 10010, 10000]
    assert (fault.struck, fault.reached) == (1, 2)


@pytest.mark.parametrize("name", ["PostAnnotations", "PostModelOutputs", "PostWorkflowResults"])
def test_other_batches_name_the_refused_item(inside, platform, name):
    inputs = [resources_pb2.Input(id=i) for i in "ab"]
    fields = {
        "PostAnnotations": {
            "annotations": [resources_pb2.Annotation(id=f"n{i}", input_id=i) for i in "ab"]
        },
        "PostModelOutputs": {"model_id": "missing", "inputs": inputs},
        "PostWorkflowResults": {"workflow_id": "missing", "inputs": inputs},
    }[name]
    platform.faults.on(name).refuse_items(30104, every=1)
    answer = inside(name, **fields)
    _, (_, items) = answer.ListFields()
    named = [one.input_id if name == "PostAnnotations" else one.input.id for one in items]
    assert (answer.status.code, named) == (10020, ["a", "b"])
    assert {one.status.code for one in items} == {30104}


def test_every_batch_of_the_table_has_a_status_per_item():
    methods = service_pb2.DESCRIPTOR.services_by_name["V2"].methods_by_name
    for rpc, (asked, answered) in BATCHES.items():
        assert asked in methods[rpc].input_type.fields_by_name
        item = methods[rpc].output_type.fields_by_name[answered].message_type
        assert "status" in item.fields_by_name


def test_a_request_that_is_refused_as_a_whole_stays_so(inside, platform):
    platform.faults.on("PostInputs").refuse_items(at=[0])
    answer = inside("PostInputs", inputs=texts(*(f"i{n}" for n in range(200))))
    assert answer.status.code not in (10000, 10010)
    assert not answer.inputs


def test_latency_outlasts_a_deadline_and_ends_with_the_fault(platform, call):
    with platform.faults.on("GetApp").latency(600) as fault:
        answers = []
        waiting = threading.Thread(target=lambda: answers.append(call("GetApp")))
        waiting.start()
        while not fault.struck:
            time.sleep(0.001)  # why: until the other thread is there
        assert answers == []
    waiting.join(30)
    assert [outcome(a) for a in answers] == [10000]


def test_latency_makes_a_short_deadline_fail(platform, inside):
    with platform.faults.on("GetApp").latency(600):
        method = inside._method("GetApp", service_pb2.GetAppRequest())
        with pytest.raises(grpc.RpcError) as raised:
            inside.channel.unary_unary(*method)(
                service_pb2.GetAppRequest(user_app_id=SCOPE), timeout=0.05
            )
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED


def test_lines_make_a_sequence(inside, platform):
    platform.faults.on("GetApp", times=2).throttled()
    platform.faults.on("GetApp", times=1).unavailable()
    seen = [outcome(inside("GetApp")) for _ in range(4)]
    assert seen == [11005, 11005, grpc.StatusCode.UNAVAILABLE, 10000]


def test_every_nth_call_behind_the_first_ones(inside, platform):
    platform.faults.on("GetApp", after=2, every=3, times=2).status(98004)
    seen = [n for n in range(1, 15) if outcome(inside("GetApp")) == 98004]
    assert seen == [5, 8]


def test_a_seed_repeats_its_dice(inside, platform):
    def struck(seed):
        with platform.faults.on("GetApp", probability=0.5, seed=seed).status(98004):
            return [outcome(inside("GetApp")) == 98004 for _ in range(40)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 5 < sum(struck(3)) < 35


def test_a_pattern_concerns_its_rpcs_only(inside, platform):
    platform.faults.on("Get*").status(98004)
    assert outcome(inside("GetApp")) == 98004
    assert outcome(inside("ListInputs")) == 10000


def test_the_second_page_fails(inside, platform):
    inside("PostInputs", inputs=texts("a", "b", "c"))
    platform.faults.on("ListInputs", after=1, times=1).status(codes.CONN_INSUFFICIENT_SCOPES)
    seen = [outcome(inside("ListInputs", page=n, per_page=1)) for n in (1, 2, 2)]
    assert seen == [10000, 11007, 10000]


def test_a_function_runs_in_the_middle(inside, platform):
    """Such as an input that somebody adds between two pages."""
    inside("PostInputs", inputs=texts("a"))
    platform.faults.on("ListInputs", times=1).run(
        lambda: inside("PostInputs", inputs=texts("b")) and None, after_effect=True
    )
    assert ids_of(inside) == {"a"}
    assert ids_of(inside) == {"a", "b"}


def test_a_function_may_answer(inside, platform):
    platform.faults.on("GetApp", times=1).run(lambda: status_pb2.Status(code=98004))
    assert [outcome(inside("GetApp")) for _ in range(2)] == [98004, 10000]


def test_a_stream_breaks_after_its_first_message(platform, inside):
    platform.faults.on("GenerateModelOutputs", times=1).breaks_stream()
    stream = platform.channel().unary_stream(
        "/clarifai.api.V2/GenerateModelOutputs",
        request_serializer=service_pb2.PostModelOutputsRequest.SerializeToString,
        response_deserializer=service_pb2.MultiOutputResponse.FromString,
    )
    known = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    inputs = [resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw="a")))]
    request = service_pb2.PostModelOutputsRequest(
        user_app_id=known, model_id=text_model(inside), inputs=inputs
    )
    answers = stream(request)
    assert next(answers).status.code == 10000
    with pytest.raises(grpc.RpcError) as raised:
        next(answers)
    assert raised.value.code() is grpc.StatusCode.UNAVAILABLE
    assert [one.status.code for one in stream(request)] == [10000]


def text_model(inside):
    public = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
    listed = inside("ListModels", user_app_id=public, per_page=100)
    return next(m.id for m in listed.models if m.model_type_id == "text-embedder")


def test_removing_and_clearing(inside, platform):
    first = platform.faults.on("GetApp").status(98004)
    platform.faults.on("ListInputs").status(98004)
    assert len(platform.faults.active()) == 2
    first.remove()
    first.remove()
    assert (outcome(inside("GetApp")), outcome(inside("ListInputs"))) == (10000, 98004)
    platform.faults.clear()
    assert outcome(inside("ListInputs")) == 10000
    assert platform.faults.active() == ()


def test_counting_is_exact_with_many_threads(inside, platform):
    fault = platform.faults.on("GetApp", times=50).status(98004)
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.extend(outcome(inside("GetApp")) for _ in range(20)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen.count(98004) == 50
    assert (fault.struck, fault.reached) == (50, 160)


WRONG = [
    (lambda f: f.on("PostInput"), "did you mean 'PostInputs'"),
    (lambda f: f.on("PostInputs", times=0), "times must be at least 1, got 0"),
    (lambda f: f.on("PostInputs", after=-1), "after must be at least 0, got -1"),
    (lambda f: f.on("PostInputs", every=0), "every must be at least 1, got 0"),
    (lambda f: f.on("PostInputs", probability=1.5), "within 0..1, got 1.5"),
    (lambda f: f.on("PostInputs").status(10000), "got 10000"),
    (lambda f: f.on("PostInputs").status(1), "got 1"),
    (lambda f: f.on("PostInputs").latency(-1), "got -1"),
    (lambda f: f.on("PostInputs").grpc_error(grpc.StatusCode.OK), "got OK"),
    (lambda f: f.on("PostInputs").refuse_items(), "exactly one of"),
    (lambda f: f.on("PostInputs").refuse_items(every=1, at=[1]), "exactly one of"),
    (lambda f: f.on("PostInputs").refuse_items(every=0), "got 0"),
    (lambda f: f.on("GetApp").refuse_items(every=1), "these have: PatchAnnotations"),
    (lambda f: f.on("GetApp").breaks_stream(after_messages=0), "got 0"),
    (lambda f: f.on_http("media"), "must begin with '/', got 'media'"),
    (lambda f: f.on_http("/media/*").status(200), "got 200"),
    (lambda f: f.on_http().truncated(after_bytes=-1), "got -1"),
    (lambda f: f.on_http().latency(-1), "got -1"),
    (lambda f: f.slow_indexing(0), "must be positive, got 0"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG, ids=[words for _, words in WRONG])
def test_wrong_switches_are_refused(wrong, words):
    faults = Faults()
    with pytest.raises(ValueError, match="(?s)" + words.replace("..", r"\.\.")):
        wrong(faults)
    assert faults.active() == ()


def test_a_class_of_ones_own_replaces_the_board(inside, platform):
    class Mine(Faults):
        def __init__(self):
            self.seen = []

        def before(self, rpc):
            self.seen.append(rpc)

    platform.faults.on("GetApp").status(98004)
    platform.faults = mine = Mine()
    assert outcome(inside("GetApp")) == 10000
    assert outcome(inside("PostInputs", inputs=texts("a"))) == 10000
    assert mine.seen == ["GetApp", "PostInputs"]


# Slow indexing, by the platform's clock


def status_of(call, name):
    return call("GetInput", input_id=name).input.status.code


def test_slow_indexing_waits_for_the_platforms_clock(call, platform):
    platform.faults.slow_indexing(60)
    call("PostInputs", inputs=texts("a"), inputs_add_job_id="job")
    platform.clock.advance(30)
    call("PostInputs", inputs=texts("b"), inputs_add_job_id="job")
    assert not platform.wait_idle(0.2)
    job = call("GetInputsAddJob", id="job").inputs_add_job
    assert (job.progress.pending_count, job.status.code) == (2, codes.JOB_RUNNING)
    platform.clock.advance(30)
    wait_until(lambda: status_of(call, "a") == codes.INPUT_DOWNLOAD_SUCCESS)
    assert status_of(call, "b") == codes.INPUT_DOWNLOAD_PENDING
    platform.clock.advance(30)
    assert platform.wait_idle()
    job = call("GetInputsAddJob", id="job").inputs_add_job
    assert (job.progress.success_count, job.status.code) == (2, codes.JOB_COMPLETED)


def test_inputs_go_on_when_the_delay_is_removed(inside, platform):
    fault = platform.faults.slow_indexing(3600)
    inside("PostInputs", inputs=texts("a"))
    assert not platform.wait_idle(0.1)
    fault.remove()
    assert platform.wait_idle()
    assert status_of(inside, "a") == codes.INPUT_DOWNLOAD_SUCCESS


def test_slow_indexing_by_the_machines_clock():
    with Platform() as platform:
        call = Caller(platform, "in process")
        make_app(call)
        platform.faults.slow_indexing(0.2)
        began = time.monotonic()
        call("PostInputs", inputs=texts("a"))
        assert platform.wait_idle()
        assert time.monotonic() - began >= 0.2
        platform.faults.clear()
        platform.faults.slow_indexing(3600)
        call("PostInputs", inputs=texts("b"))
        platform.clock.advance(3600)
        assert platform.wait_idle()


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)  # why: asks again


# HTTP


MEDIA = b"RIFF\x10\x00\x00\x00WAVE" + bytes(5000)


@pytest.fixture(params=["in process", "served", "asyncio"])
def get(request, platform):
    """`get()` fetches a stored file of 5,012 bytes in one of three ways."""
    call = Caller(platform, "served" if request.param == "served" else "in process")
    make_app(call)
    audio = resources_pb2.Audio(base64=MEDIA)
    call("PostInputs", inputs=[resources_pb2.Input(id="a", data=resources_pb2.Data(audio=audio))])
    platform.wait_idle()
    url = call("GetInput", input_id="a").input.data.audio.url
    headers = {"authorization": f"Key {call.server.pat}"} if call.server else {}

    def fetch():
        if request.param == "asyncio":
            return asyncio.run(fetch_async())
        transport = None if call.server else platform.http_transport()
        with httpx.Client(transport=transport) as client:
            return client.get(url, headers=headers)

    async def fetch_async():
        async with httpx.AsyncClient(transport=platform.http_transport()) as client:
            return await client.get(url)

    yield fetch
    call.close()


def test_a_truncated_download(get, platform):
    platform.faults.on_http("/media/*", times=1).truncated(after_bytes=1000)
    with pytest.raises(httpx.RemoteProtocolError, match=r"received 1000 bytes, expected 5012"):
        get()
    assert get().content == MEDIA


def test_a_download_whose_connection_is_reset(get, platform):
    platform.faults.on_http("/media/*", times=1).reset()
    platform.faults.on_http("/media/*", times=1).reset(after_bytes=None)
    for _ in range(2):
        with pytest.raises((httpx.ReadError, httpx.RemoteProtocolError)):
            get()
    assert get().content == MEDIA


def test_http_statuses(get, platform):
    platform.faults.on_http(every=2).status(503, "later")
    replies = [get() for _ in range(4)]
    assert [r.status_code for r in replies] == [200, 503, 200, 503]
    assert replies[1].text == "later"


def test_http_latency_ends_with_the_fault(get, platform):
    fault = platform.faults.on_http().latency(600)
    replies = []
    waiting = threading.Thread(target=lambda: replies.append(get()))
    waiting.start()
    wait_until(lambda: fault.struck)
    fault.remove()
    waiting.join(30)
    assert replies[0].content == MEDIA


def test_other_paths_are_left_alone(get, platform):
    fault = platform.faults.on_http("/exports/*").status(500)
    assert get().status_code == 200
    assert fault.reached == 0


# Disk full


@pytest.fixture(params=["memory", "directory"])
def kept(request, tmp_path):
    """A platform whose clock stands, in memory or in a directory."""
    path = tmp_path / "state" if request.param == "directory" else None
    with Platform(path, clock=ManualClock()) as platform:
        yield platform


def files_of(platform):
    directory = platform.path / "blobs"
    return {p.name for p in directory.rglob("*") if p.is_file()} if directory.is_dir() else set()


@pytest.mark.parametrize("size", [100, MAX_INLINE_BYTES * 2])
def test_a_full_disk_takes_nothing_half(kept, size):
    call = Caller(kept, "in process")
    make_app(call)
    audio = resources_pb2.Audio(base64=b"RIFF\x10\x00\x00\x00WAVE" + bytes(size))
    sent = [resources_pb2.Input(id="a", data=resources_pb2.Data(audio=audio)), *texts("b")]
    with kept.faults.on_disk().full() as fault:
        answer = call("PostInputs", inputs=sent)
        assert answer.status.code == codes.INTERNAL_SERVER_ISSUE
        assert answer.status.details == "no space is left on the platform's disk"
        assert not answer.inputs
        assert ids_of(call) == set()
        assert fault.struck
        if kept.path is not None:
            assert files_of(kept) == set()
    assert outcome(call("PostInputs", inputs=sent)) == 10000
    assert kept.wait_idle()
    assert ids_of(call) == {"a", "b"}
    assert status_of(call, "a") == status_of(call, "b") == codes.INPUT_DOWNLOAD_SUCCESS


def test_inputs_wait_for_space(kept):
    call = Caller(kept, "in process")
    make_app(call)
    kept.faults.slow_indexing(60)
    call("PostInputs", inputs=texts("a", "b"))
    full = kept.faults.on_disk(after=1).full()  # after the step from pending to in progress
    kept.clock.advance(60)
    wait_until(lambda: full.struck)
    assert not kept.wait_idle(0.1)
    assert ids_of(call) == {"a", "b"}
    full.remove()
    assert kept.wait_idle()
    assert status_of(call, "a") == status_of(call, "b") == codes.INPUT_DOWNLOAD_SUCCESS


def test_a_job_waits_for_space(inside, platform):
    """A version of a dataset is made in the background."""
    inside("PostInputs", inputs=texts("a"))
    inside("PostDatasets", datasets=[resources_pb2.Dataset(id="train")])
    inputs = [resources_pb2.DatasetInput(input=resources_pb2.Input(id="a"))]
    inside("PostDatasetInputs", dataset_id="train", dataset_inputs=inputs)
    assert platform.wait_idle()
    full = platform.faults.on_disk(after=1, times=2).full()
    version = resources_pb2.DatasetVersion(id="v1")
    inside("PostDatasetVersions", dataset_id="train", dataset_versions=[version])
    assert platform.wait_idle()
    assert full.struck == 2
    made = inside("GetDatasetVersion", dataset_id="train", dataset_version_id="v1")
    assert made.dataset_version.status.code == codes.DATASET_VERSION_READY


def test_the_error_of_a_real_full_database_is_understood(tmp_path):
    """SQLite says it in its own words when it may not grow."""
    with Platform(tmp_path / "state") as platform:
        call = Caller(platform, "in process")
        make_app(call)
        with platform.store.write() as db:
            pages = db.execute("PRAGMA page_count").fetchone()[0]
            db.execute(f"PRAGMA max_page_count = {pages}")
        many = texts(*(f"i{n}" for n in range(128)))
        for one in many:
            one.data.text.raw *= 1000
        answer = call("PostInputs", inputs=many)
        assert answer.status.details == "no space is left on the platform's disk"
        assert ids_of(call) == set()
        with platform.store.write() as db:
            db.execute("PRAGMA max_page_count = 1000000")
        assert outcome(call("PostInputs", inputs=many)) == 10000


# As text


TEXTS = {
    "PostInputs: throttled, times=3": [11005],
    "PostInputs:unavailable": [grpc.StatusCode.UNAVAILABLE],
    "PostInputs: lost-answer": [grpc.StatusCode.UNAVAILABLE],
    "PostInputs: reset": [grpc.StatusCode.UNAVAILABLE],
    "*: status=98004, every=2": [10000, 98004],
    "Post*: status = 98004, after=1": [10000, 98004],
    "PostInputs: refuse-items=2": [10010],
    "PostInputs: latency=0": [10000],
    "disk: full": [98004],
    "disk: full, after=1, times=1": [10000],
    "indexing: slow=1": [10000],
    "*: status=98004, probability=0, seed=4": [10000],
}


@pytest.mark.parametrize("text", TEXTS)
def test_faults_as_text(inside, platform, text):
    platform.faults.slow_indexing(1)  # no writes of the background
    platform.faults.add(text)
    wanted = TEXTS[text]
    seen = [
        outcome(inside("PostInputs", inputs=texts(f"a{n}", f"b{n}"))) for n in range(len(wanted))
    ]
    assert seen == wanted


def test_http_faults_as_text(get, platform):
    platform.faults.add("/media/*: truncated=10, times=1")
    platform.faults.add("/media/*: status=503, times=1")
    assert get().status_code == 503
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        get()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("PostInputs", "a fault looks like 'PostInputs: throttled, times=3', got 'PostInputs'"),
        ("", "a fault looks like"),
        ("PostInput: throttled", "did you mean 'PostInputs'"),
        ("PostInputs: slow", "can be: latency, unavailable"),
        ("PostInputs: throttled=3", "throttled takes no value, got '3'"),
        ("PostInputs: latency", "latency needs a number"),
        ("PostInputs: latency=soon", "latency must be a number, got 'soon'"),
        ("PostInputs: throttled, time=3", "'time' stands where one of times, after"),
        ("PostInputs: throttled, times=x", "times must be a number, got 'x'"),
        ("PostInputs: throttled, times=0", "times must be at least 1"),
        ("disk: full, seed=1", "'seed' stands where one of times, after may"),
        ("disk: empty", "disk can be: full; got 'empty'"),
        ("indexing: slow=1, times=2", "'times' stands where nothing more may"),
    ],
)
def test_texts_that_are_not_understood(text, words):
    faults = Faults()
    with pytest.raises(ValueError) as raised:
        faults.add(text)
    assert words in str(raised.value)
    assert faults.active() == ()


def test_a_full_disk_raises_what_the_system_raises():
    faults = Faults()
    faults.on_disk(times=1).full()
    with pytest.raises(OSError, match="No space left") as raised:
        faults.write()
    assert raised.value.errno == errno.ENOSPC
    faults.write()
