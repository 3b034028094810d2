"""Modules, their versions and installations; by RPC and through the handles."""

from __future__ import annotations

import subprocess
import sys

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai.client.module import Module
from clarifai.client.user import User
from clarifai.errors import NotFound
from clarifai_core.transport.session import close_sessions


def make(api, app, *module_ids):
    modules = [resources_pb2.Module(id=name, description=f"about {name}") for name in module_ids]
    return api.PostModules(user_app_id=app, modules=modules)


def make_version(api, app, version_id, module_id="m"):
    version = resources_pb2.ModuleVersion(
        id=version_id, git_commit_url=f"https://example.com/{version_id}"
    )
    return api.PostModuleVersions(user_app_id=app, module_id=module_id, module_versions=[version])


def test_modules_are_created_found_listed_patched_and_deleted(api, app):
    made = make(api, app, "a", "b")
    assert made.status.code == codes.SUCCESS
    assert [m.id for m in made.modules] == ["a", "b"]
    module = api.GetModule(user_app_id=app, module_id="a").module
    assert (module.user_id, module.app_id, module.description) == ("alice", "zoo", "about a")
    assert module.HasField("created_at")
    assert not module.HasField("module_version")
    assert [m.id for m in api.ListModules(user_app_id=app).modules] == ["b", "a"]
    assert [m.id for m in api.ListModules(user_app_id=app, page=2, per_page=1).modules] == ["a"]
    everywhere = resources_pb2.UserAppIDSet(user_id="alice")
    assert len(api.ListModules(user_app_id=everywhere).modules) == 2

    patch = resources_pb2.Module(id="a", description="D", user_id="mallory")
    patched = api.PatchModules(user_app_id=app, modules=[patch], action="overwrite").modules[0]
    assert (patched.description, patched.user_id) == ("D", "alice")

    assert "already exists" in make(api, app, "c", "a").status.details
    assert len(api.ListModules(user_app_id=app).modules) == 2
    assert api.DeleteModules(user_app_id=app).status.code == codes.CONN_INVALID_REQUEST
    missing = api.DeleteModules(user_app_id=app, ids=["a", "none"]).status
    assert missing.code == codes.MODULE_DOES_NOT_EXIST
    assert api.DeleteModules(user_app_id=app, ids=["a", "b"]).status.code == codes.SUCCESS
    assert not api.ListModules(user_app_id=app).modules


@pytest.mark.parametrize("module_id", ["", "a b", "x" * 49, "a/b"])
def test_an_odd_id_is_refused_or_made_up(api, app, module_id):
    reply = make(api, app, module_id)
    if module_id:
        assert reply.status.code == codes.CONN_INVALID_REQUEST
        assert repr(module_id) in reply.status.details
    else:
        assert len(reply.modules[0].id) == 32


def test_versions_belong_to_their_module(api, app):
    make(api, app, "m", "other")
    for version_id in ("1", "2", "3"):
        assert make_version(api, app, version_id).status.code == codes.SUCCESS
    assert make_version(api, app, "1", "other").status.code == codes.SUCCESS

    module = api.GetModule(user_app_id=app, module_id="m").module
    assert module.module_version.id == "3"
    listed = api.ListModuleVersions(user_app_id=app, module_id="m").module_versions
    assert [(v.id, v.module_id) for v in listed] == [("3", "m"), ("2", "m"), ("1", "m")]
    page = api.ListModuleVersions(user_app_id=app, module_id="m", page=2, per_page=2)
    assert [v.id for v in page.module_versions] == ["1"]
    one = api.GetModuleVersion(user_app_id=app, module_id="m", module_version_id="2")
    assert one.module_version.git_commit_url == "https://example.com/2"
    patch = resources_pb2.ModuleVersion(id="2", description="D", module_id="other")
    patched = api.PatchModuleVersions(
        user_app_id=app, module_id="m", module_versions=[patch], action="merge"
    ).module_versions[0]
    assert (patched.description, patched.module_id) == ("D", "m")

    assert "already exists" in make_version(api, app, "1").status.details
    assert make_version(api, app, "1", "none").status.code == codes.MODULE_DOES_NOT_EXIST
    gone = api.DeleteModuleVersions(user_app_id=app, module_id="m", ids=["3", "2"])
    assert gone.status.code == codes.SUCCESS
    assert api.GetModule(user_app_id=app, module_id="m").module.module_version.id == "1"
    api.DeleteModules(user_app_id=app, ids=["m"])
    make(api, app, "m")
    assert not api.ListModuleVersions(user_app_id=app, module_id="m").module_versions


def test_installed_module_versions(api, app):
    make(api, app, "m")
    empty = resources_pb2.InstalledModuleVersion(
        id="early", module_version=resources_pb2.ModuleVersion(module_id="m")
    )
    early = api.PostInstalledModuleVersions(user_app_id=app, installed_module_versions=[empty])
    assert early.status.code == codes.MODULE_DOES_NOT_EXIST
    make_version(api, app, "1")
    make_version(api, app, "2")
    api.PostApps(
        user_app_id=resources_pb2.UserAppIDSet(user_id="alice"),
        apps=[resources_pb2.App(id="shop")],
    )
    shop = resources_pb2.UserAppIDSet(user_id="alice", app_id="shop")

    def install(name, version_id):
        wanted = resources_pb2.ModuleVersion(id=version_id, module_id="m", app_id="zoo")
        given = resources_pb2.InstalledModuleVersion(id=name, module_version=wanted)
        return api.PostInstalledModuleVersions(user_app_id=shop, installed_module_versions=[given])

    assert install("old", "1").status.code == codes.SUCCESS
    assert install("new", "").installed_module_versions[0].module_version.id == "2"
    assert "already exists" in install("old", "1").status.details
    assert install("odd", "9").status.code == codes.MODULE_DOES_NOT_EXIST

    listed = api.ListInstalledModuleVersions(user_app_id=shop).installed_module_versions
    assert [(i.id, i.app_id, i.module_version.module_id) for i in listed] == [
        ("new", "shop", "m"),
        ("old", "shop", "m"),
    ]
    one = api.GetInstalledModuleVersion(user_app_id=shop, installed_module_version_id="old")
    assert one.installed_module_version == listed[1]
    assert not api.ListInstalledModuleVersions(user_app_id=app).installed_module_versions
    assert api.DeleteInstalledModuleVersions(user_app_id=shop, ids=["old"]).status.code == (
        codes.SUCCESS
    )
    gone = api.GetInstalledModuleVersion(user_app_id=shop, installed_module_version_id="old")
    assert gone.status.code == codes.CONN_DOES_NOT_EXIST


def test_through_the_handles(tmp_path):
    base_url = f"local:{tmp_path / 'platform'}"
    app = User("alice", base_url=base_url).create_app("zoo")
    module = app.create_module("m", description="D")
    assert (module.id, module.description) == ("m", "D")
    assert [m.id for m in app.list_modules()] == ["m"]
    assert app.module("m").description == "D"
    assert not list(
        Module(module_id="m", user_id="alice", app_id="zoo", base_url=base_url).list_versions()
    )
    with pytest.raises(NotFound):
        app.module("none")
    app.delete_module("m")
    assert not list(app.list_modules())
    assert not list(app.list_installed_module_versions())
    close_sessions()


def test_a_wire_contract_without_modules_is_fine():
    code = """
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
for contract in (resources_pb2, service_pb2):
    for name in [name for name in vars(contract) if "Module" in name]:
        delattr(contract, name)
from clarifai_local import Platform
Platform().close()
print("started")
"""
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (ran.stdout, ran.stderr) == ("started\n", "")
