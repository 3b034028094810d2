"""What tells editors the fields and keyword arguments of handles is as the messages are."""

from __future__ import annotations

import pytest

from tools import keywords
from tools.handle_fields import FILES, source


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.path)
def test_the_fields_are_as_the_tool_writes_them(file):
    assert file.place.read_text("utf-8") == source(file.messages)


def test_every_field_of_a_message_is_there():
    text = source(("Dataset",))
    assert "version: resources_pb2.DatasetVersion" in text
    assert "description: str" in text
    assert " id:" not in text


@pytest.mark.parametrize("file", keywords.FILES, ids=lambda file: file.path)
def test_the_keyword_arguments_are_as_the_tool_writes_them(file):
    assert file.place.read_text("utf-8") == keywords.source(file.classes)


def test_keyword_arguments_are_plain_values_or_messages():
    (dataset,) = (one for one in keywords.FILES[1].classes if one.name == "DatasetValues")
    text = keywords.source((dataset,))
    assert "    metadata: struct_pb2.Struct | Mapping[str, Any]\n" in text
    assert " id:" not in text
