"""Names next to the documented ones, that programs in the wild import, mean what they meant."""

from __future__ import annotations

import textwrap

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.client.app import App
from clarifai.client.auth import V2Stub, create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.base import BaseClient
from clarifai.client.user import User
from clarifai.constants.dataset import DATASET_UPLOAD_TASKS
from clarifai.constants.input import MAX_UPLOAD_BATCH_SIZE
from clarifai.constants.model import MAX_MODEL_PREDICT_INPUTS, TRAINABLE_MODEL_TYPES
from clarifai.constants.search import DEFAULT_SEARCH_METRIC, DEFAULT_TOP_K, MAX_TOP_K
from clarifai.errors import Unreachable, UserError
from clarifai.urls.helper import ClarifaiUrlHelper
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures
from clarifai_datasets.upload.utils import load_module_dataloader


@pytest.fixture
def auth(tmp_path):
    auth = ClarifaiAuthHelper("me", "demo", base=f"local:{tmp_path}")
    User("me", base_url=f"local:{tmp_path}").create_app("demo")
    return auth


def test_a_stub_calls_the_service_with_its_own_messages(auth):
    stub = create_stub(auth)
    request = service_pb2.PostConceptsRequest(
        user_app_id=auth.get_user_app_id_proto(), concepts=[resources_pb2.Concept(id="dog")]
    )
    assert stub.PostConcepts(request, metadata=auth.metadata).status.code == 10000
    listed = stub.ListConcepts(
        service_pb2.ListConceptsRequest(user_app_id=auth.get_user_app_id_proto())
    )
    assert [concept.id for concept in listed.concepts] == ["dog"]


def test_a_stub_answers_refusals_as_the_service_sends_them(auth):
    answer = auth.get_stub().GetApp(
        service_pb2.GetAppRequest(user_app_id=auth.get_user_app_id_proto(app_id="none"))
    )
    assert answer.status.code == 11101


def test_a_stub_answers_futures(auth):
    request = service_pb2.GetAppRequest(user_app_id=auth.get_user_app_id_proto())
    assert auth.get_stub().GetApp.future(request).result(timeout=60).app.id == "demo"


def test_a_stub_streams(auth):
    request = service_pb2.PostModelOutputsRequest(
        user_app_id=auth.get_user_app_id_proto(),
        model_id="none",
        inputs=[resources_pb2.Input(id="a")],
    )
    requests = iter([request])
    (answer,) = auth.get_stub().StreamModelOutputs(requests)
    assert answer.status.code == 21200


def test_a_stub_tells_a_request_of_another_method(auth):
    with pytest.raises(UserError, match="GetApp takes a GetAppRequest, got a ListAppsRequest"):
        auth.get_stub().GetApp(service_pb2.ListAppsRequest())


def test_a_stub_has_the_methods_of_the_service_only(auth):
    stub = auth.get_stub()
    assert isinstance(stub, V2Stub)
    assert {"PostInputs", "ListApps"} <= set(dir(stub))
    with pytest.raises(AttributeError, match="no method 'PostInput'"):
        _ = stub.PostInput


def test_a_broken_connection_is_an_error_of_ours(unused_port):
    auth = ClarifaiAuthHelper("me", "demo", "abc", base=f"http://127.0.0.1:{unused_port}")
    with pytest.raises(Unreachable) as caught:
        auth.get_stub().GetApp(service_pb2.GetAppRequest(), timeout=0.5)
    # It was none of gRPC's at first; programs that call stubs catch those, so now it is both.
    assert isinstance(caught.value, grpc.RpcError)
    assert caught.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # held, so that nobody else gets it; nobody listens
        yield held.getsockname()[1]


def test_the_environment_gives_what_no_argument_does(monkeypatch):
    monkeypatch.setenv("CLARIFAI_USER_ID", "ann")
    monkeypatch.setenv("CLARIFAI_APP_ID", "birds")
    monkeypatch.setenv("CLARIFAI_PAT", "from-env")
    auth = ClarifaiAuthHelper.from_env()
    assert (auth.user_id, auth.app_id, auth.pat) == ("ann", "birds", "from-env")
    assert auth.metadata == (("authorization", "Key from-env"),)
    assert auth.get_user_app_id_proto() == resources_pb2.UserAppIDSet(user_id="ann", app_id="birds")
    assert auth.base == "https://api.clarifai.com:443"
    assert ClarifaiAuthHelper.from_env(user_id="bob").user_id == "bob"


def test_an_explicit_token_beats_the_pat_of_the_environment(monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "from-env")
    auth = ClarifaiAuthHelper("me", "demo", token="session")
    assert auth.metadata == (("x-clarifai-session-token", "session"),)
    assert (auth.pat, auth.token) == ("", "session")


def test_what_is_missing_is_told_at_once_unless_not_wanted():
    with pytest.raises(UserError, match="user_id is empty"):
        ClarifaiAuthHelper(pat="abc")
    with pytest.raises(UserError, match="No credentials for api"):
        ClarifaiAuthHelper("me")
    assert ClarifaiAuthHelper(validate=False).metadata == ()


def test_the_pat_is_not_printed():
    assert "secret" not in repr(ClarifaiAuthHelper("me", "demo", "secret"))


def test_a_page_address_gives_user_app_and_pat():
    query = {"user_id": ["me"], "app_id": "demo", "pat": "abc", "base": "https://other.example"}
    auth = ClarifaiAuthHelper.from_streamlit_query_params(query)
    assert (auth.user_id, auth.app_id, auth.pat) == ("me", "demo", "abc")


def test_a_page_address_cannot_lead_our_credentials_elsewhere(monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "ours")
    query = {"user_id": "me", "app_id": "demo", "base": "https://evil.example"}
    with pytest.raises(UserError, match="no pat or token for it"):
        ClarifaiAuthHelper.from_streamlit_query_params(query)


def test_a_class_of_ones_own_has_stub_and_scope(auth):
    class Apps(BaseClient):
        def name(self):
            request = service_pb2.GetAppRequest(user_app_id=self.user_app_id)
            return self._grpc_request(self.STUB.GetApp, request).app.id

    apps = Apps(user_id="me", app_id="demo", base=auth.base)
    assert apps.name() == "demo"
    assert apps.metadata == ()
    assert apps.auth_helper.user_id == "me"


def test_an_unknown_argument_of_a_base_client_is_named():
    with pytest.raises(UserError, match=r"no argument 'app'.*app_id"):
        BaseClient(app="demo")


def test_addresses_are_made_and_taken_apart():
    links = ClarifaiUrlHelper(ClarifaiAuthHelper("me", pat="x", ui="https://ui.example/"))
    model = links.clarifai_url("me", "demo", "models", "dogs", "v1")
    assert model == "https://ui.example/me/demo/models/dogs/versions/v1"
    assert links.split_clarifai_url(model) == ("me", "demo", "models", "dogs", "v1")
    module = links.module_ui_url("me", "demo", "viewer", "2")
    assert links.split_module_ui_url(module) == ("me", "demo", "viewer", "2")
    assert links.split_clarifai_app_url("https://ui.example/me/demo/") == ("me", "demo")
    assert links.imv_ui_url("me", "demo", "x").endswith("/me/demo/installed_module_versions/x")
    page = links.module_install_ui_url("you", "app", module)
    assert page.endswith(f"/module_manager_install/install?install={module}")


@pytest.mark.parametrize(
    ("split", "url", "fault"),
    [
        ("split_clarifai_app_url", "https://clarifai.com/me", "2 parts"),
        ("split_clarifai_url", "https://clarifai.com/me/demo/models", "4 or 6 parts"),
        ("split_module_ui_url", "https://clarifai.com/me/a/models/m/versions/1", "of a module"),
        ("split_clarifai_url", "me/demo/models/x", "must look like"),
        ("split_clarifai_url", 3, "must look like"),
    ],
)
def test_an_address_of_another_kind_is_refused(split, url, fault):
    with pytest.raises(UserError, match=fault):
        getattr(ClarifaiUrlHelper, split)(url)


def test_the_constants_are_those_that_the_rooms_use():
    assert (MAX_MODEL_PREDICT_INPUTS, MAX_UPLOAD_BATCH_SIZE) == (128, 128)
    assert (DEFAULT_TOP_K, DEFAULT_SEARCH_METRIC, MAX_TOP_K) == (10, "cosine", 1000)
    assert App(app_id="demo").list_trainable_model_types() == list(TRAINABLE_MODEL_TYPES)
    assert "visual_detection" in DATASET_UPLOAD_TASKS


LOADER = """
    from clarifai_datasets.upload.base import ClarifaiDataLoader
    from clarifai_datasets.upload.features import TextFeatures
    from words import WORDS

    class GreetingsDataLoader(ClarifaiDataLoader):
        def __init__(self, split="train"):
            self.split = split

        @property
        def task(self):
            return "text_classification"

        def load_data(self):
            self.words = WORDS[self.split]

        def __getitem__(self, index):
            return TextFeatures(text=self.words[index], labels=["greeting"], id=str(index))

        def __len__(self):
            return len(self.words)
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "greetings"
    folder.mkdir()
    (folder / "words.py").write_text("WORDS = {'train': ['hello', 'hi'], 'test': ['hey']}\n")
    (folder / "dataset.py").write_text(textwrap.dedent(LOADER))
    return folder


def test_a_folder_brings_its_loader(folder):
    loader = load_module_dataloader(folder, "test")
    assert isinstance(loader, ClarifaiDataLoader)
    loader.load_data()
    assert [loader[i] for i in range(len(loader))] == [
        TextFeatures(text="hey", labels=["greeting"], id="0")
    ]


def test_two_folders_do_not_mix(folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    text = textwrap.dedent(LOADER).replace("Greetings", "Other").replace("from words", "#")
    (other / "dataset.py").write_text(text)
    names = [type(load_module_dataloader(str(path))).__name__ for path in (folder, other)]
    assert names == ["GreetingsDataLoader", "OtherDataLoader"]


@pytest.mark.parametrize(
    ("text", "fault"),
    [(None, "there is no file"), ("x = 1", "got none"), (LOADER, "cannot be made so")],
)
def test_a_folder_without_a_fitting_loader_is_refused(folder, text, fault):
    if text is None:
        (folder / "dataset.py").unlink()
    else:
        (folder / "dataset.py").write_text(textwrap.dedent(text))
    with pytest.raises(UserError, match=fault):
        load_module_dataloader(folder, "train", "too", "many")
