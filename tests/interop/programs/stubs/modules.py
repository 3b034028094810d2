"""Makes and installs modules with the bare stubs of the generation that has them."""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai_grpc.channel.clarifai_channel import ClarifaiChannel
from clarifai_grpc.grpc.api import resources_pb2, service_pb2, service_pb2_grpc

STUB = service_pb2_grpc.V2Stub(ClarifaiChannel.get_grpc_channel())
KEY = (("authorization", f"Key {os.environ['CLARIFAI_PAT']}"),)
USER = resources_pb2.UserAppIDSet(user_id=os.environ["CLARIFAI_USER_ID"])
APP = resources_pb2.UserAppIDSet(user_id=USER.user_id, app_id="modules")


def call(name, **fields):
    request = getattr(service_pb2, f"{name}Request")(**fields)
    return getattr(STUB, name)(request, metadata=KEY)


facts: dict[str, Any] = {}
call("PostApps", user_app_id=USER, apps=[resources_pb2.App(id="modules")])
module = resources_pb2.Module(id="panel", description="A panel")
facts["made"] = call("PostModules", user_app_id=APP, modules=[module]).status.code
facts["got"] = call("GetModule", user_app_id=APP, module_id="panel").module.description
version = resources_pb2.ModuleVersion(
    id="v1", git_commit_url="https://github.com/someone/panel/commit/0123456789"
)
posted = call("PostModuleVersions", user_app_id=APP, module_id="panel", module_versions=[version])
facts["version"] = [posted.status.code, posted.module_versions[0].id]
listed = call("ListModuleVersions", user_app_id=APP, module_id="panel")
facts["versions"] = [one.id for one in listed.module_versions]
installed = resources_pb2.InstalledModuleVersion(id="mine")
installed.module_version.CopyFrom(posted.module_versions[0])
answer = call("PostInstalledModuleVersions", user_app_id=APP, installed_module_versions=[installed])
facts["installed"] = [answer.status.code, answer.installed_module_versions[0].id]
there = call("ListInstalledModuleVersions", user_app_id=APP)
facts["there"] = [one.id for one in there.installed_module_versions]
call("DeleteInstalledModuleVersions", user_app_id=APP, ids=["mine"])
facts["deleted"] = call("DeleteModules", user_app_id=APP, ids=["panel"]).status.code
facts["left"] = len(call("ListModules", user_app_id=APP).modules)
call("DeleteApp", user_app_id=APP)
print(json.dumps(facts))
