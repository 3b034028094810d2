"""Messages and handles as flat rows: which columns, which values, and that nothing is asked."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2

from clarifai_core import _record_columns as tables
from clarifai_core.errors import UserError
from clarifai_core.kinds import ResourceKind
from clarifai_core.records import id_of, ids, record, records, row_of

PLAIN = (str, int, float, bool, type(None), datetime, list, dict)


def every_message() -> list[type]:
    return [getattr(resources_pb2, name) for name in resources_pb2.DESCRIPTOR.message_types_by_name]


def full(kind: type, inside: tuple[str, ...] = ()):
    """Return a message with every field set; what holds itself does so twice."""
    made = kind()
    for field in made.DESCRIPTOR.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        if field.message_type is not None:
            name = field.message_type.name
            known = field.message_type.file.package == "google.protobuf"
            if known or inside.count(name) > 1 or len(inside) > 4:
                continue
            inner = full(field.message_type._concrete_class, (*inside, name))
            if field.is_repeated:
                getattr(made, field.name).append(inner)
            else:
                getattr(made, field.name).CopyFrom(inner)
            continue
        value = _scalar(field)
        if field.is_repeated:
            getattr(made, field.name).append(value)
        else:
            setattr(made, field.name, value)
    return made


def _scalar(field):
    if field.enum_type is not None:
        return field.enum_type.values[-1].number
    return {
        field.CPPTYPE_STRING: b"x" if field.type == field.TYPE_BYTES else "x",
        field.CPPTYPE_BOOL: True,
        field.CPPTYPE_DOUBLE: 0.5,
        field.CPPTYPE_FLOAT: 0.75,
    }.get(field.cpp_type, 3)


@pytest.mark.parametrize("kind", every_message(), ids=lambda kind: kind.DESCRIPTOR.name)
def test_every_message_of_the_platform_gives_plain_values(kind):
    for message in (kind(), full(kind)):
        row = record(message)
        assert all(isinstance(value, PLAIN) for value in row.values()), row
        lists = [value for value in row.values() if isinstance(value, list)]
        assert all(isinstance(one, str) for value in lists for one in value), row


@pytest.mark.parametrize("name", sorted(tables.COLUMNS))
def test_the_table_names_messages_and_fields_that_there_are(name):
    kind = getattr(resources_pb2, name)
    empty, whole = record(kind()), record(full(kind))
    assert list(empty) == list(whole) == [column for column, _ in tables.COLUMNS[name]]
    filled = [column for column, value in whole.items() if value not in (None, "", [], {})]
    times = {column for column in whole if column.endswith("_at")}
    others = {"model_id"} if name == "Runner" else set()  # it has a model or a workflow
    assert set(whole) - set(filled) <= times | {"metadata"} | others, "a path leads nowhere"


def test_values_are_as_people_write_them():
    made = resources_pb2.Concept(id="id-cat", name="cat", value=0.9)
    made.created_at.FromJsonString("2024-02-29T12:00:00Z")
    row = record(made)
    assert row["value"] == 0.9  # not 0.8999999761581421
    assert row["created_at"] == datetime(2024, 2, 29, 12, tzinfo=timezone.utc)


@pytest.mark.parametrize("wire", [0, 1])
def test_a_concept_of_an_app_has_no_value(wire):
    of_app = resources_pb2.Concept(id="id-cat", value=wire)
    of_app.created_at.FromSeconds(1)
    said = resources_pb2.Concept(id="id-cat", value=wire)
    assert (record(of_app)["value"], record(said)["value"]) == (None, wire)


@pytest.mark.parametrize(
    ("summary", "told"),
    [
        ({"top1_accuracy": 0.5}, (0.5, 0, None, 0)),
        ({"macro_avg_roc_auc": 0.25}, (0, 0.25, None, 0)),
        ({"top5_accuracy": 1}, (0, 0, None, 0)),
        ({"mean_avg_precision_iou_50": 0.75}, (None, None, 0.75, 0)),
        ({"mean_avg_precision_iou_range": 0.1, "macro_avg_recall": 1}, (None, None, 0, 1)),
        ({"macro_avg_recall": 0}, (None, None, None, 0)),
    ],
)
def test_a_figure_of_zero_is_told_where_it_was_computed(summary, told):
    row = record(resources_pb2.EvalMetrics(summary=summary))
    names = ("accuracy", "roc_auc", "mean_avg_precision_iou_50", "recall")
    assert tuple(row[name] for name in names) == told
    unfinished = record(resources_pb2.EvalMetrics())
    assert [unfinished[name] for name in names] == [None] * 4


def test_a_label_is_a_concept_that_is_there():
    made = resources_pb2.Input(id="a")
    for name, value in (("cat", 1), ("dog", 0), ("maybe", 0.5), ("cat", 0.9)):
        made.data.concepts.add(name=name, value=value)
    made.data.regions.add().data.concepts.add(id="id-nose", value=1)
    made.status.code = status_code_pb2.INPUT_SUCCESS
    made.data.metadata.update({"shelf": 3, "tags": ["x", {"y": None}]})
    row = record(made)
    assert row["concepts"] == ["cat", "id-nose"]
    assert (row["status"], row["status_code"]) == ("INPUT_SUCCESS", 30000)
    assert row["metadata"] == {"shelf": 3.0, "tags": ["x", {"y": None}]}


def test_a_response_is_a_row_for_each_thing_that_it_is_about():
    outputs = service_pb2.MultiOutputResponse()
    for name in ("a", "b"):
        one = outputs.outputs.add(input={"id": name})
        one.data.concepts.add(name="cat", value=0.25)
        one.data.concepts.add(name="dog", value=0.75)
    found = [(row["input_id"], row["label"], row["score"]) for row in records(outputs)]
    assert found == [("a", "dog", 0.75), ("b", "dog", 0.75)]
    assert ids(outputs) == ["a", "b"]
    single = service_pb2.SingleAppResponse(app={"id": "zoo"})
    assert [row["id"] for row in records([single, outputs.outputs[0]])[:1]] == ["zoo"]


def test_outputs_of_a_workflow_name_their_input():
    answer = service_pb2.PostWorkflowResultsResponse()
    result = answer.results.add(input={"id": "a"})
    result.outputs.add(model={"id": "embed"})
    result.outputs.add(model={"id": "classify"})
    found = [(row["input_id"], row["model_id"]) for row in records(answer)]
    assert found == [("a", "embed"), ("a", "classify")]


def test_messages_without_an_entry_give_what_is_set():
    made = resources_pb2.Collector(id="c", pre_queue_workflow_id="w")
    made.created_at.FromSeconds(0)
    assert record(made) == {
        "id": "c",
        "created_at": datetime(1970, 1, 1, tzinfo=timezone.utc),
        "pre_queue_workflow_id": "w",
    }


def test_keys_and_secrets_are_not_shown():
    key = resources_pb2.Key(id="0123456789abcdef0123456789abcdef", description="mine")
    secret = resources_pb2.Secret(id="s", value="hidden")
    assert "0123456789abcdef" not in repr([record(key), id_of(key), ids([key])])
    assert "hidden" not in repr(record(secret))


def test_a_kind_brings_its_own_columns():
    kind = ResourceKind("collector", columns=[["name", "id"], ("source", "collector_source.id")])
    made = resources_pb2.Collector(id="c", description="mine")
    assert row_of(made, kind.columns) == {"name": "c", "source": None}


class Acme:
    """Somebody's thing."""

    def __init__(self, own_id="a"):
        self.id = own_id

    def to_record(self):
        return {"id": self.id, "size": 3}


def test_things_of_others_bring_their_rows():
    assert record(Acme()) == {"id": "a", "size": 3}
    assert records([Acme("a"), {"id": "b"}]) == [{"id": "a", "size": 3}, {"id": "b"}]
    assert ids([Acme("a"), {"id": "b"}, object()]) == ["a", "b"]


@pytest.mark.parametrize("wrong", [3, "text", None, object(), b"x", Acme])
def test_what_is_no_row_is_named(wrong):
    with pytest.raises(UserError, match="is no row: give a handle"):
        record(wrong)
    with pytest.raises(UserError, match="is no row"):
        records([wrong])


def test_times_that_no_calendar_has_are_none():
    made = resources_pb2.App(id="a")
    made.created_at.seconds = 10**14
    assert record(made)["created_at"] is None
