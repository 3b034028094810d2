"""Networks that break: what is tried again, what waits, what is told, and what ends in time.

How gRPC behaves is taken from gRPC itself: these are real channels to real sockets.
"""

from __future__ import annotations

import gc
import logging
import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.errors import ApiClientError, ClarifaiError, DeadlineExceeded, Unreachable
from clarifai_core.credentials import Secret
from clarifai_core.settings import Settings
from clarifai_core.transport._sharing import KEPT_UNUSED
from clarifai_core.transport.session import Session, close_sessions
from clarifai_datasets.upload import _outage
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures
from clarifai_datasets.upload.report import UploadStopped
from tests.network import promises
from tests.network.proxy import TcpProxy
from tests.network.world import APP

LISTING = service_pb2.ListAppsRequest(user_app_id=resources_pb2.UserAppIDSet(user_id="me"))


def in_background(work):
    """Run it in a thread; returns the thread and where its result or error comes to be."""
    found = []

    def run():
        try:
            found.append(work())
        except Exception as error:  # noqa: BLE001  why: the test looks at it
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def break_off(world, user):
    """Take the network down, and return once the user's channel has seen it.

    A call that is begun before may be written into the dying connection: it has left the client.
    """
    seen = threading.Event()

    def watch(state):
        if state is not grpc.ChannelConnectivity.READY:
            seen.set()

    channel = user.session.connection.channel()
    world.proxy.go_down()
    channel.subscribe(watch)
    assert seen.wait(60)
    channel.unsubscribe(watch)


def warnings(caplog):
    return [one.getMessage() for one in caplog.records if one.levelno >= logging.WARNING]


def test_a_handshake_that_breaks_is_tried_again(world):
    world.proxy.on_connect = "reset"
    thread, found = in_background(lambda: list(world.user(timeout_seconds=20).list_apps()))
    while world.proxy.accepted < 2:
        thread.join(0.01)

    world.proxy.on_connect = ""
    thread.join(60)

    assert found == [[]]


@pytest.mark.parametrize("how", ["reset", "close"])
def test_a_handshake_that_always_breaks_is_not_explained_with_certificates(world, how):
    world.proxy.on_connect = how

    with pytest.raises(Unreachable, match="cannot reach localhost") as caught:
        list(world.user(timeout_seconds=3).list_apps())

    assert "ertificate" not in str(caught.value)
    assert caught.value.attempts > 1
    assert not caught.value.maybe_applied


def test_a_port_without_tls_is_named_and_tried_once(http_world):
    with pytest.raises(Unreachable, match="does not speak TLS at that port: write http://") as told:
        list(User("me", base_url=f"https://localhost:{http_world.proxy.port}", pat="x").list_apps())

    assert told.value.attempts == 1


def test_an_address_where_nothing_listens_is_told_though_the_deadline_is_far(monkeypatch):
    monkeypatch.setattr("clarifai_core.transport.policies.FIRST_CONTACT_SECONDS", 0.5)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        session = Session(
            Settings.resolve(base_url=f"http://127.0.0.1:{taken.getsockname()[1]}", pat="x")
        )
        began = time.monotonic()
        with pytest.raises(Unreachable, match=r"cannot reach .*Check base_url"):
            session.call("ListApps", LISTING)
        session.close()

    assert time.monotonic() - began < 20  # the call's own deadline is 60 s


def test_a_host_that_does_not_exist_is_no_failure_of_the_platform(monkeypatch):
    monkeypatch.setattr("clarifai_core.transport.policies.FIRST_CONTACT_SECONDS", 0.0)

    with pytest.raises(Unreachable) as caught:
        list(User("me", base_url="http://nowhere.invalid", pat="x").list_apps())

    assert not caught.value.maybe_applied


def test_calls_in_an_outage_wait_for_the_platform_and_none_fails_afterwards(http_world, caplog):
    """Issue 11: four threads had 1,030 failures in 15 s, and 336 when it was back."""
    user = http_world.user(timeout_seconds=30)
    list(user.list_apps())
    http_world.proxy.go_down()
    budget = user.session.rules.budget
    tokens = budget._tokens

    with ThreadPoolExecutor(4) as threads, caplog.at_level(logging.WARNING):
        calls = [threads.submit(lambda: list(user.list_apps())) for _ in range(40)]
        while not warnings(caplog):  # the first call has noticed
            assert not all(call.done() for call in calls)
            time.sleep(0.01)
        http_world.proxy.come_back()
        assert [call.result(60) for call in calls] == [[]] * 40

    assert budget._tokens >= tokens
    assert len(warnings(caplog)) == 1, "an outage is told once"
    assert "Trying on for up to" in warnings(caplog)[0]


def test_a_call_in_an_outage_ends_at_its_deadline_and_says_why(http_world):
    user = http_world.user(timeout_seconds=2)
    list(user.list_apps())
    break_off(http_world, user)
    began = time.monotonic()

    with pytest.raises(Unreachable, match="cannot reach") as caught:
        list(user.list_apps())

    assert time.monotonic() - began < 4
    assert not caught.value.maybe_applied


def test_a_write_that_never_left_is_sent_once_it_can_be(http_world):
    user = http_world.user(timeout_seconds=20)
    list(user.list_apps())
    break_off(http_world, user)

    thread, found = in_background(lambda: user.create_app("late"))
    http_world.proxy.come_back()
    thread.join(60)

    assert [app.id for app in found] == ["late"]
    assert [app.id for app in user.list_apps()] == ["late"]


def test_an_upload_goes_on_through_outages_and_resets(job):
    world = job.world
    world.proxy.rtt_seconds = 0.02
    thread, found = in_background(lambda: promises.upload(job))
    for _ in range(4):
        world.proxy.reset_all()
        thread.join(0.1)
        world.proxy.go_down()
        thread.join(0.1)
        world.proxy.come_back()
        thread.join(0.1)
    thread.join(60)

    assert found == [None]


class Cut(ClarifaiDataLoader):
    """Texts, of which one is read when the network goes down."""

    task = "text_classification"

    def __init__(self, proxy, count, cut_at):
        self.proxy, self.count, self.cut_at = proxy, count, cut_at

    def __len__(self):
        return self.count

    def __getitem__(self, index):
        if index == self.cut_at:
            self.proxy.go_down()
        return TextFeatures(f"text number {index}", ["label"], id=str(index))


def test_an_upload_tells_of_an_outage_and_gives_up_after_a_while(http_world, monkeypatch, caplog):
    """Nothing is lost: what is not there is in the report, and the next run completes it."""
    monkeypatch.setenv("CLARIFAI_OUTAGE_SECONDS", "3")
    User("me", **http_world.near).create_app(APP).create_dataset("texts")
    dataset = http_world.app().dataset("texts")
    cut = Cut(http_world.proxy, 6_000, cut_at=4_000)

    with pytest.raises(UploadStopped, match="could not be reached for 3 seconds") as caught:
        dataset.upload_dataset(cut)

    report = caught.value.report
    read = report.uploaded + len(report.failed) + len(report.unconfirmed)
    assert read >= 31 * 128, "whole batches that were sent"
    assert report.notes == [f"{6_000 - read:,} of 6,000 items were not tried"]
    first, *others = warnings(caplog)
    assert "Trying on for up to 3 seconds" in first
    assert len(others) == 1, others
    assert "cannot be reached since" in others[0]
    assert "the same upload, begun again, goes on from there" in others[0]

    http_world.proxy.come_back()
    again = dataset.upload_dataset(Cut(http_world.proxy, 6_000, cut_at=-1))
    assert (again.total, again.failed, again.unconfirmed) == (6_000, [], [])
    near = User("me", **http_world.near).app(APP).inputs()
    assert sum(1 for _ in near.list_inputs()) == 6_000


def test_an_upload_tells_that_a_platform_is_back(http_world, monkeypatch, caplog):
    monkeypatch.setattr(_outage, "TOLD_AFTER_SECONDS", 0.0)
    User("me", **http_world.near).create_app(APP).create_dataset("texts")
    dataset = http_world.app().dataset("texts")
    cut = Cut(http_world.proxy, 3_000, cut_at=2_000)
    thread, found = in_background(lambda: dataset.upload_dataset(cut))
    while not any("cannot be reached since" in one for one in warnings(caplog)):
        thread.join(0.05)
        assert thread.is_alive()

    http_world.proxy.come_back()
    thread.join(60)

    assert (found[0].total, found[0].failed) == (3_000, [])
    assert any("is reached again: the upload goes on" in one for one in warnings(caplog))


@pytest.mark.parametrize("trouble", [{"loss": 0.05}, {"jitter": 0.5}, {"bytes_per_second": 60_000}])
def test_every_promise_is_kept_over_a_bad_line(job, trouble):
    job.world.proxy.rtt_seconds = 0.05
    for name, value in trouble.items():
        setattr(job.world.proxy, name, value)

    assert [promises.tried(one, job, 50).error for one in promises.PROMISES] == [""] * 5


@pytest.mark.parametrize("silent", [{"up"}, {"down"}, {"up", "down"}])
def test_a_half_open_connection_costs_a_call_its_deadline_and_no_more(world, silent):
    user = world.user(timeout_seconds=2)
    list(user.list_apps())
    world.proxy.silent = frozenset(silent)
    began = time.monotonic()

    with pytest.raises(ApiClientError):
        list(user.list_apps())

    assert time.monotonic() - began < 4


def test_a_training_is_followed_through_an_outage(job):
    world = job.world
    model = Model(model_id="mood", user_id="me", app_id=APP, timeout_seconds=5, **world.far)
    model.get_params(save_to=str(job.folder / "params.yaml"))
    model.update_params(dataset_id="exported")
    version = model.train()
    world.proxy.go_down()

    thread, found = in_background(lambda: model.wait_until_trained(version, timeout_seconds=60))
    thread.join(0.3)
    world.proxy.come_back()
    thread.join(60)

    assert [type(one).__name__ for one in found] == ["Model"]


def test_a_wait_ends_at_its_own_deadline_though_nobody_answers(job):
    model = Model(model_id="mood", user_id="me", app_id=APP, **job.world.far)
    model.get_params(save_to=str(job.folder / "params.yaml"))
    model.update_params(dataset_id="exported")
    version = model.train()
    job.world.proxy.silent = frozenset({"down"})
    began = time.monotonic()

    with pytest.raises(DeadlineExceeded, match="last question had no answer"):
        model.wait_until_trained(version, timeout_seconds=1.5)

    assert time.monotonic() - began < 6  # one call alone may take 60 s


def test_a_closed_session_ends_what_waits_for_a_connection(http_world):
    user = http_world.user()
    list(user.list_apps())
    session = user.session
    http_world.proxy.go_down()
    thread, found = in_background(lambda: session.call("ListApps", LISTING))
    thread.join(0.2)

    session.close()
    thread.join(60)

    (error,) = found
    assert isinstance(error, Unreachable)  # of a class that is a grpc.RpcError, too
    assert "the session was closed" in str(error)


def test_an_impolite_ping_is_never_sent(monkeypatch):
    """A server with gRPC's defaults breaks connections that ping within 300 s.

    Source: gRPC's guide to keepalive, `grpc.http2.min_ping_interval_without_data_ms`.
    """
    from clarifai_core.transport.channel import OPTIONS

    assert dict(OPTIONS)["grpc.keepalive_time_ms"] > 300_000
    assert "grpc.min_reconnect_backoff_ms" not in dict(OPTIONS)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "grpc_proxy", "https_proxy"])
@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_proxy_is_never_asked_for_loopback(http_world, monkeypatch, variable, host):
    close_sessions()
    with TcpProxy(("127.0.0.1", http_world.server.port)) as proxy:
        monkeypatch.setenv(variable, f"http://me:secret@127.0.0.1:{proxy.port}")
        base_url = f"http://{host}:{http_world.server.port}"
        assert list(User("me", base_url=base_url, pat=http_world.server.pat).list_apps()) == []

        assert proxy.accepted == 0


class Refusing(grpc.GenericRpcHandler):
    """Answers every call with a listing that is empty."""

    def service(self, details):
        reply = service_pb2.MultiAppResponse(status=status_pb2.Status(code=10000))
        return grpc.unary_unary_rpc_method_handler(lambda *_: reply.SerializeToString())


def test_sessions_that_nobody_holds_are_let_go():
    """Issue 11: 300 keys kept 300 descriptors, 300 threads and the secrets."""
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Refusing(),))
    base_url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    close_sessions()
    of_others = set(threading.enumerate())  # platforms that tests before this one have embedded
    kept = User("me", base_url=base_url, pat="kept")
    list(kept.list_apps())
    session = kept.session

    for number in range(60):
        list(User("me", base_url=base_url, pat=f"key{number}").list_apps())
    gc.collect()

    alive = {one.reveal() for one in gc.get_objects() if isinstance(one, Secret)}
    assert len([text for text in alive if text.startswith("key")]) <= KEPT_UNUSED
    assert kept.session is session, "what is held stays"
    assert list(kept.list_apps()) == []
    ours = {t for t in threading.enumerate() if t.name.startswith("clarifai")} - of_others
    assert len(ours) <= 4
    close_sessions()
    server.stop(0).wait()


def test_a_session_that_is_let_go_closes_what_it_has_open(monkeypatch):
    server = grpc.server(ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((Refusing(),))
    base_url = f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    server.start()
    closed = threading.Semaphore(0)
    whole = "clarifai_core.transport.channel.GrpcConnection.close"
    monkeypatch.setattr(whole, lambda self: closed.release())

    for number in range(KEPT_UNUSED + 3):
        list(User("me", base_url=base_url, pat=f"other{number}").list_apps())

    assert all(closed.acquire(timeout=60) for _ in range(3))
    server.stop(0).wait()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_opens_its_own_session(http_world):
    from multiprocessing import get_context

    user = http_world.user()
    list(user.list_apps())
    session = user.session
    with get_context("fork").Pool(1) as pool:
        assert pool.apply(_lists_anew, (user,)) == []
    assert user.session is session


def _lists_anew(user):
    """Runs in the child."""
    try:
        return list(user.list_apps())
    except ClarifaiError as error:
        return str(error)
