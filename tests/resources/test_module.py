"""Modules: handles and versions."""

from __future__ import annotations

import copy
import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import UserError
from clarifai_resources.module import Module

URL = "https://clarifai.com/ann/zoo/modules/m"


def test_a_url_names_a_module_and_perhaps_its_version():
    assert Module(URL).module_version.id == ""
    made = Module(f"{URL}/versions/2")
    assert (made.id, made.user_id, made.app_id, made.module_version.id) == ("m", "ann", "zoo", "2")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"url": URL, "module_id": "m"}, "not both"),
        ({"url": URL.replace("modules", "models")}, "names a model, not a module"),
        ({"module_id": "m", "module_version": "2"}, "module_version must be a dict"),
        ({"module_id": "m", "descripton": "D"}, "did you mean 'description'"),
    ],
)
def test_what_makes_no_module_is_refused(arguments, text: str):
    with pytest.raises(UserError, match=text):
        Module(**arguments)


def test_a_module_keeps_what_it_was_made_with():
    made = Module(module_id="m", module_version={"id": "2"}, description="D")
    for same in (made, copy.copy(made), pickle.loads(pickle.dumps(made))):
        assert (same.id, same.module_version.id, same.description) == ("m", "2", "D")


def test_versions_are_modules_in_a_version(scripted):
    versions = [resources_pb2.ModuleVersion(id=str(n), module_id="m") for n in (2, 1)]
    answer = service_pb2.MultiModuleVersionResponse(module_versions=versions)
    answer.status.code = 10000
    scripted.queue("ListModuleVersions", answer)
    made = Module(module_id="m", user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")
    found = made.list_versions(page_no=1, per_page=5).all()
    assert [(one.id, one.module_version.id) for one in found] == [("m", "2"), ("m", "1")]
    ((_, request),) = scripted.asked
    assert (request.module_id, request.page, request.per_page) == ("m", 1, 5)
