"""Modules that an app has installed.

The embedded platform shows no user interfaces: an installation is a record without `deploy_url`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._services.family import NewResource, new_id
from clarifai_local._services.modules import newest, show_version
from clarifai_local._wire_versions import module_messages
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from clarifai_local._services.family import FamilyCall
    from clarifai_local._store import ResourceRow


def draft(call: FamilyCall, given: module_messages.InstalledModuleVersion) -> NewResource:
    """Return the installation of a version: the one that is named, or else the newest.

    Raises:
        Refused: 25300, when there is no such module or version.
    """
    installed_id = new_id(call, given)
    user_id, app_id = call.key
    gettable = given.visibility.gettable or resources_pb2.Visibility.Gettable.PRIVATE
    return NewResource(
        module_messages.InstalledModuleVersion(
            id=installed_id,
            user_id=user_id,
            app_id=app_id,
            module_version=show_version(call, _version(call, given.module_version)),
            visibility=resources_pb2.Visibility(gettable=gettable),
        )
    )


def _version(call: FamilyCall, wanted: module_messages.ModuleVersion) -> ResourceRow:
    user_id, app_id = call.key
    owner = call.caller.user_id if wanted.user_id == "me" else wanted.user_id or user_id
    key = owner, wanted.app_id or app_id
    store, db = call.store, call.db
    module = call.families["module"].require(store, db, key, wanted.module_id)
    if wanted.id:
        return call.families["module_version"].require(store, db, key, wanted.id, module.id)
    version = newest(store, db, module)
    if version is None:
        raise Refused(
            codes.MODULE_DOES_NOT_EXIST, f"module {module.id!r} has no version to install"
        )
    return version
