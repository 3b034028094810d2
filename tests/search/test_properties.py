"""Random queries: every one is sent as it was meant, or refused before anything is sent."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_search import (
    Query,
    any_of,
    concept,
    in_dataset,
    input_id,
    input_type,
    metadata,
    near,
    status,
    within,
)
from clarifai_search.handle import Search

KEYS = [
    "image_url", "image_bytes", "text_raw", "metadata", "geo_point", "concepts", "input_types",
    "input_dataset_ids", "input_status_code", "geo_box", "input_id", "embedding", "unheard_of",
]  # fmt: skip

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
words = st.text("abcxyz-_ÄЖ中", min_size=1, max_size=9)
flags = st.sampled_from([0, 1])
json_values = st.recursive(
    st.none() | st.booleans() | st.floats(-1e9, 1e9) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
longitudes, latitudes = st.floats(-180, 180), st.floats(-90, 90)
terms = st.fixed_dictionaries({"name": words, "value": flags}) | st.fixed_dictionaries(
    {"id": words, "value": flags}
)


def edges(values: st.SearchStrategy[float]) -> st.SearchStrategy[list[float]]:
    return st.lists(values, min_size=2, max_size=2).map(sorted)


boxes = st.tuples(edges(longitudes), edges(latitudes)).map(
    lambda both: {
        "west": both[0][0], "south": both[1][0], "east": both[0][1], "north": both[1][1],
    }
)  # fmt: skip
places = st.fixed_dictionaries(
    {"longitude": longitudes, "latitude": latitudes, "geo_limit": st.integers(0, 20_040)}
)
WELL_FORMED: dict[str, st.SearchStrategy[Any]] = {
    "concepts": st.lists(terms, min_size=1, max_size=3),
    "metadata": st.dictionaries(words, json_values, max_size=3),
    "geo_point": places,
    "geo_box": boxes,
    "input_types": st.lists(
        st.sampled_from(["image", "video", "text", "audio"]), min_size=1, max_size=3, unique=True
    ),
    "input_dataset_ids": st.lists(words, min_size=1, max_size=3, unique=True),
    "input_status_code": st.integers(0, 2**31 - 1),
    "input_id": words,
}
items = st.one_of(*(st.fixed_dictionaries({key: one}) for key, one in WELL_FORMED.items()))
likely = st.dictionaries(st.sampled_from(KEYS), anything, max_size=3) | items
lists = st.lists(likely, max_size=3) | anything


class Unreachable(Search):
    """A search that must not be sent."""

    @property
    def session(self) -> Any:
        raise AssertionError("something was sent")


SEARCH = Unreachable(user_id="alice", app_id="zoo", base_url="local:")


@given(lists, lists)
def test_a_random_query_is_sent_whole_or_refused_with_paths(ranks, filters):
    faults: tuple[str, ...] = ()
    try:
        SEARCH.hits(ranks, filters)
    except UserError as error:
        faults = error.faults or ("no path",)
    if faults:
        assert all(fault.startswith(("ranks", "filters")) for fault in faults)
        return
    message = Query.read(ranks, filters).message()
    assert len(message.ranks) == max(1, len(ranks))
    assert len(message.filters) == max(1, len(filters))
    assert type(message).FromString(message.SerializeToString()) == message


@given(st.lists(items, max_size=4))
def test_the_builder_and_the_dicts_ask_the_same(filters):
    read, built = Query.read([{}], filters), Query().where(*map(spoken, filters))
    assert built.message() == read.message()
    assert built.rpc_name == read.rpc_name
    assert built.filters == read.filters
    assert str(built) == str(Query.read([], filters))


def spoken(item: dict[str, Any]) -> Any:
    """A dict as a user of the builder says it."""
    [(key, value)] = item.items()
    return {
        "concepts": lambda: any_of(*map(_spoken_concept, value)),
        "metadata": lambda: metadata(value),
        "geo_point": lambda: near(value["longitude"], value["latitude"], km=value["geo_limit"]),
        "geo_box": lambda: within(**value),
        "input_types": lambda: input_type(*value),
        "input_dataset_ids": lambda: in_dataset(*value),
        "input_status_code": lambda: status(value),
        "input_id": lambda: input_id(value),
    }[key]()


def _spoken_concept(term: dict[str, Any]) -> Any:
    given_id = {"id": term["id"]} if "id" in term else {"name": term["name"]}
    return concept(**given_id, present=bool(term["value"]))
