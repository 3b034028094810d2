import attrs
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import given
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_core.kinds import ResourceKind
from clarifai_core.wire.converter import structure
from clarifai_core.wire.messages import fill, plain, struct

json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=4))
def test_metadata_comes_back_as_it_went(values):
    assert plain(struct(values)) == values


def test_a_message_is_filled_from_plain_values():
    dataset = fill(
        resources_pb2.Dataset(),
        {
            "id": "d",
            "metadata": {"k": [1, {"x": None}]},
            "version": {"id": "v"},
            "visibility": {"gettable": "PUBLIC"},
            "description": None,
        },
        "dataset",
    )

    assert dataset.version.id == "v"
    assert dataset.visibility.gettable == resources_pb2.Visibility.PUBLIC
    assert plain(dataset.metadata) == {"k": [1.0, {"x": None}]}


def test_every_wrong_value_is_named_at_once():
    with pytest.raises(UserError) as raised:
        fill(
            resources_pb2.Dataset(),
            {"descripton": "x", "id": 3, "metadata": "m", "version": {"idd": "v"}},
            "dataset",
        )

    assert raised.value.faults == (
        "descripton: unknown; did you mean 'description'?",
        "id: must be text, got 3",
        "metadata: must be a mapping, got 'm'",
        "version.idd: unknown; did you mean 'id'?",
    )


@attrs.frozen
class Version:
    id: str
    count: int = 0


@attrs.frozen
class Thing:
    id: str
    version: Version
    tags: list[str] = attrs.field(factory=list)


def test_an_attrs_class_is_read_from_a_dict():
    thing = structure({"id": "t", "version": {"id": "v", "count": 2}}, Thing, "thing.yml")

    assert thing == Thing("t", Version("v", 2))


def test_faults_of_a_dict_come_all_at_once_with_their_path():
    with pytest.raises(UserError) as raised:
        structure(
            {"id": 3, "version": {"id": "v", "cuont": 1}, "tags": ["a", 4]}, Thing, "thing.yml"
        )

    assert set(raised.value.faults) == {
        "id: 3 is not text",
        "version.cuont: unknown; did you mean 'count'?",
        "tags[1]: 4 is not text",
    }


def test_a_missing_key_is_named():
    with pytest.raises(UserError, match="version: missing"):
        structure({"id": "t"}, Thing, "thing.yml")


def test_a_kind_finds_its_methods_and_fields_in_the_descriptors():
    version = ResourceKind("dataset_version", parent="dataset")

    assert version.rpc("list").name == "ListDatasetVersions"
    assert version.id_field("delete") == "dataset_version_ids"
    assert version.message_field("create") == "dataset_versions"
    assert version.reply_field("get") == "dataset_version"
    assert ResourceKind("workflow").id_field("delete") == "ids"
