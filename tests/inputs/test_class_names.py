"""Class names as Ultralytics (data.yaml) and Darknet (obj.names) have them."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clarifai_inputs.class_names import from_lines, from_yaml, sorted_numbers

NAMES = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1)


@settings(deadline=None, max_examples=50)
@given(st.lists(NAMES, max_size=8, unique=True), st.booleans())
def test_what_a_yaml_writer_wrote_is_read(names, as_list):
    listed = names if as_list else dict(enumerate(names))
    content = yaml.safe_dump({"path": ".", "names": listed}, allow_unicode=True)
    assert from_yaml(content.encode()) == dict(enumerate(names))


def test_lines_count_from_zero():
    assert from_lines(["person", "traffic light ", "", "dog"]) == {
        0: "person",
        1: "traffic light",
        3: "dog",
    }


@pytest.mark.parametrize("content", ["names: 5", "names: cat", "names: {cat: 0}", "names: ["])
def test_what_lists_no_names_is_said(content):
    with pytest.raises(ValueError, match=r"names|cat|line"):
        from_yaml(content)


@settings(deadline=None, max_examples=50)
@given(st.lists(NAMES, max_size=20), st.integers(0, 1), st.randoms())
def test_each_class_has_one_number_whatever_the_order(labels, first, random):
    numbers = sorted_numbers(labels, first)
    assert set(numbers) == set(labels)
    assert list(numbers.values()) == list(range(first, first + len(set(labels))))
    random.shuffle(labels)
    assert sorted_numbers(labels, first) == numbers
