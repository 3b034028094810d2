"""The stubs that tell editors the fields of handles are those of the messages."""

from __future__ import annotations

import pytest

from tools.handle_fields import FILES, source


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_the_stubs_are_as_the_tool_writes_them(file):
    assert file.place.read_text("utf-8") == source(file.messages)


def test_every_field_of_a_message_is_there():
    text = source(("Dataset",))
    assert "version: resources_pb2.DatasetVersion" in text
    assert "description: str" in text
    assert " id:" not in text
