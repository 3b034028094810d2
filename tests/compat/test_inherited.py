"""Names that programs inherit from the official classes.

What each gives is compared with both official SDKs in tests/interop/test_inherited.py; here is what
ours does beyond, and that the page lists every name.
"""

from __future__ import annotations

import copy
import json
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from google.protobuf import json_format, struct_pb2

from clarifai.client import App, BaseClient, Dataset, Inputs, Lister, Model, Runner, Search, User
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.errors import PermissionDenied, UserError
from clarifai_compat.plugin import clarifai_register_mixins
from tests.compat.conftest import PAT

PAGE = (Path(__file__).parents[2] / "docs/inherited-names.md").read_text("utf-8")
PAIRS = sorted(
    (kind, name)
    for spec in clarifai_register_mixins()
    for kind in spec.kinds
    for name in spec.names
)


def test_the_page_lists_every_name_and_no_other():
    everywhere, of_kinds = PAGE.partition("## On handles of one kind")[::2]
    listed = {("*", name) for name in re.findall(r"^\| `(\w+)[`(]", everywhere, re.MULTILINE)}
    listed |= set(re.findall(r"^\| `(\w+)` \| `(\w+)[`(]", of_kinds, re.MULTILINE))
    assert listed == set(PAIRS)


def handle_of(kind: str, address: str):
    where: dict[str, Any] = {"user_id": "me", "app_id": "zoo", "base_url": address, "pat": PAT}
    makers = {
        "user": lambda: User("me", base_url=address, pat=PAT),
        "app": lambda: App(**where),
        "dataset": lambda: Dataset(dataset_id="d", **where),
        "inputs": lambda: Inputs(**where),
        "model": lambda: Model(model_id="m", **where),
        "runner": lambda: Runner("r", "me", check_runner_exists=False, base_url=address, pat=PAT),
        "search": lambda: Search(**where),
        "workflow": lambda: App(**where).child("workflow"),
        "module": lambda: App(**where).child("module"),
    }
    return makers[kind]()


KINDS = ("user", "app", "dataset", "inputs", "model", "runner", "search", "workflow", "module")


@pytest.mark.parametrize("kind", KINDS)
def test_every_handle_has_every_name_of_its_kind(kind, address):
    handle = handle_of(kind, address)
    for where, name in PAIRS:
        if where in ("*", kind):
            assert hasattr(handle, name), name
            assert name in dir(handle)
        elif name != "inputs":  # which is a method of apps
            assert not hasattr(handle, name), name


@pytest.mark.parametrize("kind", KINDS)
def test_handles_that_were_asked_are_copied_and_pickled(kind, address):
    handle = handle_of(kind, address)
    _ = (handle.auth_helper, handle.STUB, handle.metadata, handle.kwargs, handle.logger)
    for made in (copy.copy(handle), copy.deepcopy(handle), pickle.loads(pickle.dumps(handle))):
        assert (made.pat, made.app_id) == (PAT, handle.app_id)


def test_metadata_of_ones_own_come_before_those_of_calls(app):
    dataset = app.create_dataset("plain")
    assert dataset.metadata[0] == ("authorization", f"Key {PAT}")
    with_some = app.create_dataset("told", metadata={"k": 1})
    assert isinstance(with_some.metadata, struct_pb2.Struct)
    assert dict(with_some.metadata) == {"k": 1}


def test_metadata_of_calls_are_the_empty_field_too(app):
    dataset = app.create_dataset("plain")
    assert (dict(dataset.metadata), json_format.MessageToDict(dataset.metadata)) == ({}, {})
    assert PAT not in repr(dataset.metadata)
    assert app.create_dataset("copy", metadata=dataset.metadata).id == "copy"
    dataset.metadata["k"] = "v"
    assert dict(dataset.message.metadata) == dict(dataset.metadata) == {"k": "v"}


def test_a_stub_of_the_wire_package_takes_them(app, address):
    from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
    from clarifai_grpc.grpc.api import service_pb2_grpc

    host, _, port = address.removeprefix("http://").rpartition(":")
    channel = ClarifaiChannel.get_insecure_grpc_channel(base=host, port=int(port))
    stub = service_pb2_grpc.V2Stub(channel)
    request = service_pb2.GetAppRequest(user_app_id=app.user_app_id)
    assert stub.GetApp(request, metadata=app.metadata).app.id == app.id
    assert app._grpc_request(stub.GetApp, request).app.id == app.id
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        app.STUB = stub
    assert app.STUB is stub
    assert "the handle's own requests go on through its session" in str(caught[0].message)


def test_fields_as_constructors_take_them(app):
    made = app.create_dataset("d", description="told", metadata={"k": 1})
    again = resources_pb2.Dataset(**made.kwargs)
    assert again == made.message
    assert Dataset(dataset_id="x", base_url="local:").kwargs == {"id": "x"}


def test_a_helper_that_is_set_is_who_the_handle_calls_as(app, address):
    other = ClarifaiAuthHelper("me", "elsewhere", pat="revoked", base=address)
    app.auth_helper = other
    assert (app.auth_helper, app.pat) == (other, "revoked")
    assert app.app_id != "elsewhere"
    with pytest.raises(PermissionDenied):
        app.list_datasets().all()
    with pytest.raises(UserError, match="must be a ClarifaiAuthHelper, got 3"):
        app.auth_helper = 3


def test_a_helper_follows_the_scope(app):
    assert app.auth_helper is app.auth_helper
    app.user_id = "ann"
    assert app.auth_helper.user_id == "ann"


def test_a_message_of_another_kind_is_refused(app):
    with pytest.raises(UserError, match="app_info must be a App message, got a Model"):
        app.app_info = resources_pb2.Model()


def test_handles_from_a_helper_keep_what_is_given(address):
    auth = ClarifaiAuthHelper("me", "zoo", pat=PAT, base=address)
    assert Search.from_auth_helper(auth, top_k=3).top_k == 3
    assert Dataset.from_auth_helper(auth, dataset_id="d", user_id="ann").user_id == "ann"
    runner = Runner.from_auth_helper(auth, runner_id="r", check_runner_exists=False)
    assert (runner.id, runner.user_id, runner.pat) == ("r", "me", PAT)
    token = ClarifaiAuthHelper("me", "zoo", token="t", base=address)
    assert App.from_auth_helper(token).token == "t"

    class Zoo(App):
        def __init__(self, size: int, **arguments):
            super().__init__(**arguments)
            self.size = size

    zoo = Zoo.from_auth_helper(auth, size=5)
    assert (type(zoo), zoo.size, zoo.id) == (Zoo, 5, "zoo")


def test_handles_from_the_environment(monkeypatch):
    monkeypatch.setenv("CLARIFAI_USER_ID", "ann")
    monkeypatch.setenv("CLARIFAI_PAT", "from-env")
    assert (User.from_env().id, User.from_env().pat) == ("ann", "from-env")


def test_inputs_that_fail_are_returned(app):
    inputs = app.inputs()
    bad = Inputs.get_input_from_url("bad", image_url="https://nowhere.invalid/a.png")
    good = Inputs.get_text_input("good", "text")
    assert [one.id for one in inputs._upload_batch([good, bad])] == ["bad"]
    assert inputs._bulk_upload([Inputs.get_text_input("more", "text")]) is None


def test_an_input_of_messages_names_its_faults():
    with pytest.raises(UserError, match=r"image must be a message, got 'a\.png'"):
        Inputs._get_proto("i", imagepb="a.png")
    with pytest.raises(UserError, match="There are 1 label_ids for 2 labels"):
        Inputs._get_proto("i", labels=["a", "b"], label_ids=["x"])
    made = Inputs._get_proto("i", labels=["a", "b"], label_ids=["x", "y"])
    assert [(one.id, one.name) for one in made.data.concepts] == [("x", "a"), ("y", "b")]


def test_json_of_messages_becomes_constructor_arguments(app):
    """What the official method makes of an answer, by its own code of 12.5.0 run on the same."""
    version = resources_pb2.ModelVersion(id="v")
    version.created_at.FromJsonString("2024-05-01T10:00:00Z")
    version.output_info.params.update({"a": 1})
    message = resources_pb2.Model(id="m", model_version=version)
    found = app.process_response_keys(
        json_format.MessageToDict(message, preserving_proto_field_name=True), "model"
    )
    assert found["model_id"] == "m"
    assert found["model_version"]["created_at"].seconds == 1714557600
    assert dict(found["model_version"]["output_info"]["params"]) == {"a": 1}
    assert resources_pb2.ModelVersion(**found["model_version"]) == version
    assert app.convert_string_to_timestamp("never").seconds == 0


def test_a_class_of_ones_own_may_be_a_lister_and_a_client(app, address):
    class Own(Lister, BaseClient):
        def __init__(self, **arguments):
            BaseClient.__init__(self, **arguments)
            Lister.__init__(self, page_size=2)

        def all(self):
            request = service_pb2.ListDatasetsRequest
            return list(
                self.list_pages_generator(
                    "ListDatasets", request, {"user_app_id": self.user_app_id}
                )
            )

    app.create_dataset("d")
    own = Own(user_id="me", app_id=app.id, pat=PAT, base=address)
    assert len(own.all()) == 1
    own.pat = "another"
    assert own.pat == "another"
    assert isinstance(own, BaseClient)
    assert isinstance(app, BaseClient)
    assert not isinstance(3, BaseClient)


def test_metadata_of_a_helper_are_headers(app):
    """langchain's integration sends them along so."""
    headers = dict(app.auth_helper.metadata)
    assert json.loads(json.dumps(headers)) == {"authorization": f"Key {PAT}"}
