"""The example on modules."""

from __future__ import annotations

from tests.docs.reference_examples.conftest import post_module_version


def test_list_versions(run, app):
    module = app.create_module("module_id")
    for number in ("1", "2"):
        post_module_version(module, number)
    listed = run("Module.list_versions()").all_Module_versions
    assert {one.module_version.id for one in listed} == {"1", "2"}
