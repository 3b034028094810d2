"""A pickled handle holds its key in the clear; one of `without_key()` finds it where it is used."""

from __future__ import annotations

import copy
import multiprocessing
import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core.errors import UserError
from clarifai_core.settings import Settings
from clarifai_core.transport.session import close_sessions
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload.features import TextFeatures
from clarifai_datasets.upload.report import UploadFailed
from clarifai_resources.app import App
from clarifai_resources.user import User
from clarifai_search.handle import Search
from tests.datasets.list_loader import ListLoader

OK = status_pb2.Status(code=10000)
KEY = "the-key-of-the-parent"


@pytest.fixture(autouse=True)
def _closed():
    yield
    close_sessions()


@pytest.fixture
def user(server):
    server.queue("ListInputs", service_pb2.MultiInputResponse(status=OK))
    found = service_pb2.SingleAppResponse(status=OK, app=resources_pb2.App(id="zoo"))
    server.queue("GetApp", found)
    return User("ann", base_url=server.url, pat=KEY)


@pytest.fixture
def elsewhere():
    """A process of its own, with what the environment holds when it is first asked."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


def opened(user):
    try:
        return user.app("zoo").id
    except UserError as error:
        return str(error)


def keys_sent(server):
    return [sent.get("authorization") for sent in server.metadata]


def test_a_pickled_handle_holds_its_key(user):
    assert KEY.encode() in pickle.dumps(user)
    assert opened(pickle.loads(pickle.dumps(user))) == "zoo"


@pytest.mark.parametrize(
    "made",
    [
        lambda user: user,
        lambda user: user.app("zoo"),
        lambda user: user.app("zoo").inputs(),
        lambda user: Dataset(dataset_id="d", user_id="a", app_id="b", pat=KEY),
        lambda user: Search(user_id="a", app_id="b", pat=KEY),
        lambda user: App(app_id="b", user_id="a", token=KEY),
    ],
)
def test_the_pickle_of_one_without_key_holds_none(user, made):
    handle = made(user)
    for bare in (handle.without_key(), copy.copy(handle.without_key())):
        assert KEY.encode() not in pickle.dumps(bare)
        assert (repr(bare), bare.scope) == (repr(handle), handle.scope)
    assert handle.settings.credentials is not None  # the handle itself is as it was


def test_a_worker_uses_the_key_of_its_own_environment(server, user, elsewhere, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "the-key-of-the-worker")
    assert elsewhere.submit(opened, user.without_key()).result(60) == "zoo"
    assert keys_sent(server) == ["Key the-key-of-the-worker"]


def test_a_worker_without_a_key_says_so_and_sends_nothing(server, user, elsewhere):
    said = elsewhere.submit(opened, user.without_key()).result(60)
    assert said == (
        f"No credentials for 127.0.0.1:{server.port} in this process; nothing was sent. The handle "
        "was made by without_key(), which leaves them out: set CLARIFAI_PAT (or "
        "CLARIFAI_SESSION_TOKEN) here, or run `clarifai login` on this machine."
    )
    assert server.asked == []


def test_the_key_of_a_context_goes_to_its_own_platform_only(server, user, tmp_path):
    contexts = tmp_path / "contexts.yaml"
    for base_url, expected in (
        (server.url, "zoo"),
        ("https://other.example", "belong to https://"),
    ):
        contexts.write_text(
            "current_context: work\ncontexts:\n"
            f"  work: {{base_url: '{base_url}', pat: from-file}}\n"
        )
        contexts.chmod(0o600)
        close_sessions()
        assert expected in opened(user.without_key())
    assert keys_sent(server) == ["Key from-file"]


def test_handles_that_come_from_it_find_theirs_as_well(server, user, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "here")
    app = user.without_key().app("zoo")
    assert b"here" not in pickle.dumps(app)
    assert app.dataset.__self__.settings.finds_key
    assert opened(pickle.loads(pickle.dumps(user.without_key()))) == "zoo"
    assert set(keys_sent(server)) == {"Key here"}


def test_units_of_an_upload_by_executor_hold_none(user, monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "the-key-of-this-process")
    where = {"app_id": "b", "user_id": "a", "base_url": user.settings.base_url}
    dataset = Dataset(dataset_id="d", pat=KEY, **where)
    source = ListLoader("text_classification", [TextFeatures("x", ["y"])])
    with_key, without = Keeping(), Keeping()
    for handle, workers in ((dataset, with_key), (dataset.without_key(), without)):
        with pytest.raises(UploadFailed):
            handle.upload_dataset(source, executor=workers).raise_for_failures()
    assert all(KEY.encode() in one for one in with_key.units)
    for key in (KEY, "the-key-of-this-process"):
        assert not [one for one in without.units if key.encode() in one]
    assert with_key.units
    assert without.units


class Keeping(Executor):
    """Keeps what would go to workers, and has none."""

    def __init__(self):
        self.units = []

    def submit(self, work, unit):
        self.units.append(pickle.dumps(unit))
        gone = Future()
        gone.set_exception(OSError("no worker"))
        return gone


def test_settings_of_both_are_not_the_same_session():
    given = Settings.resolve(base_url="localhost:8080", pat=KEY)
    assert given.without_key().session_key != given.session_key
