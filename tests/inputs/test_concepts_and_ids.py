"""Labels, concepts and ids: the rules are those of the platform's own clients."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarifai_inputs.concepts import ConceptNames, collisions, concept_id, label_fault
from clarifai_inputs.csv_cells import (
    labels_cell,
    labels_of,
    metadata_cell,
    metadata_of,
    place_cell,
    place_of,
)
from clarifai_inputs.identity import (
    DuplicateKeys,
    are_ids,
    content_id,
    item_id,
    stem_of,
    with_prefix,
)
from clarifai_resources.inputs._builders import concept


@pytest.mark.parametrize("label", ["cat", "big dog", "a\tb\u2003c", "\u732b", "hot dog"])
def test_the_concept_of_a_label_is_the_one_of_the_official_client(label):
    """clarifai.client.input: `id-` and the label without its blanks; the name is the label."""
    assert concept_id(label) == "id-" + "".join(label.split())
    made = concept(label)
    assert (made.id, made.name, made.value) == (concept_id(label), label, 1.0)


def test_labels_that_share_a_concept_are_found():
    assert collisions(["hot dog", "cat", "hotdog", "hot  dog", "hot dog"]) == {
        "id-hotdog": ("hot dog", "hotdog")
    }
    assert collisions(["cat", "Cat", "cat"]) == collisions([]) == {}


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("x" * 253, ""),
        ("x" * 254, "253 characters"),
        ("\x07", "control character"),
        (" ", "a label is empty"),
        ("", "a label is empty"),
    ],
)
def test_a_label_that_the_platform_refuses_is_told(label, said):
    """An id of the platform has 256 characters at most."""
    assert said in label_fault(label)
    assert bool(said) == bool(label_fault(label))


PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
LABELS = st.lists(st.text(PRINTABLE, min_size=1).map(str.strip).filter(bool))


@given(LABELS)
def test_labels_that_are_written_are_read_again(labels):
    assert labels_of(labels_cell(labels)) == labels


TEXTS = st.text(st.characters(codec="utf-8"))
NUMBERS = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=10,
)


@given(st.none() | st.dictionaries(TEXTS, JSON, max_size=4))
def test_metadata_that_are_written_are_read_again(metadata):
    assert metadata_of(metadata_cell(metadata)) == metadata


@given(st.none() | st.tuples(st.floats(-180, 180), st.floats(-90, 90)).map(list))
def test_a_place_that_is_written_is_read_again(place):
    assert place_of(place_cell(place)) == place


@given(st.text())
def test_an_id_is_always_one_that_the_platform_takes(original):
    made = item_id(original)
    assert are_ids([made])
    assert 0 < len(made) <= 200
    assert item_id(made) == made


def test_ids_that_become_alike_stay_apart():
    assert len({item_id(one) for one in ("a/b", "a\\b", "a-b", "/a/b/")}) == 4


def test_ids_follow_from_names_and_content():
    assert [stem_of(one) for one in ("a.png", "a.b.png", "a", ".a")] == ["a", "a", "a", ""]
    assert content_id(b"x") == content_id(b"x") != content_id(b"y")
    assert [with_prefix("d-", own, 7) for own in ("a", 0, "", None)] == ["d-a", "d-0", "d-7", "d-7"]


def test_repeats_are_counted_from_the_second_on():
    repeats = DuplicateKeys()
    repeats.add(["a", "b", "a"])
    repeats.add(["b", "a", "c"])
    assert repeats.found() == [2, 3, 4]


def test_names_tell_labels_apart_by_what_came_before():
    asked = []
    names = ConceptNames(lambda: asked.append(1) or {"id-icecream": "ice cream", "id-dog": "Rex"})
    assert names.fault("cat") == names.fault("cat") == names.fault("dog") == ""
    assert "'icecream' and 'ice cream'" in names.fault("icecream")
    assert names.fault(" ice  cream") == ""
    assert names.fault("Cat") == ""
    assert (names.alike, asked) == ({"Cat": "cat"}, [1])


def test_two_forms_of_the_same_characters_are_one_label():
    """Canonically equivalent, by Unicode Standard Annex #15; a Mac writes names of files so."""
    assert concept_id("cafe\u0301") == concept_id("caf\u00e9") == "id-caf\u00e9"
    assert concept("cafe\u0301").name == "caf\u00e9"
