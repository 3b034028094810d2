"""Modules: small user interfaces that apps can install, and their versions.

Wire contracts after 12.1.1 know no modules: `module_messages` has their messages in any case.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local._services.family import shown

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._services.family import FamilyCall
    from clarifai_local._store import ResourceRow, Store
    from clarifai_local._wire_versions import module_messages

VERSION_KIND = "module_version"


def show(call: FamilyCall, row: ResourceRow) -> module_messages.Module:
    """Return a module as answers show it: with its newest version."""
    module: module_messages.Module = shown(call, row)
    version = newest(call.store, call.db, row)
    if version is not None:
        module.module_version.CopyFrom(show_version(call, version))
    return module


def show_version(call: FamilyCall, row: ResourceRow) -> module_messages.ModuleVersion:
    """Return a module's version as answers show it."""
    version: module_messages.ModuleVersion = shown(call.about("module_version"), row)
    return version


def remove(call: FamilyCall, module: ResourceRow) -> None:
    """Remove a module with its versions."""
    for version in versions(call.store, call.db, module):
        call.store.resources.delete(call.db, version)
    call.store.resources.delete(call.db, module)


def versions(store: Store, db: sqlite3.Connection, module: ResourceRow) -> list[ResourceRow]:
    """Return the versions of a module, newest first."""
    key = module.user_id, module.app_id
    return store.resources.list(db, VERSION_KIND, key, parent=module.id)


def newest(store: Store, db: sqlite3.Connection, module: ResourceRow) -> ResourceRow | None:
    """Return the newest version of a module, None when it has none yet."""
    return next(iter(versions(store, db, module)), None)
