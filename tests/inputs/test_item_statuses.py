"""Codes in the table are those of `status_code.proto`, by their names there."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_inputs import item_statuses
from clarifai_inputs.item_statuses import Outcome, RetryAdvice, meaning_of

TABLE = {
    "ZERO": (Outcome.ADDED, RetryAdvice.NEVER),
    "SUCCESS": (Outcome.ADDED, RetryAdvice.NEVER),
    "INPUT_SUCCESS": (Outcome.ADDED, RetryAdvice.NEVER),
    "INPUT_PENDING": (Outcome.PROCESSING, RetryAdvice.NEVER),
    "INPUT_IN_PROGRESS": (Outcome.PROCESSING, RetryAdvice.NEVER),
    "INPUT_DUPLICATE": (Outcome.THERE, RetryAdvice.NEVER),
    "INPUT_FAILED": (Outcome.BAD_URL, RetryAdvice.ANEW),
    "INPUT_INVALID_URL": (Outcome.BAD_URL, RetryAdvice.NEVER),
    "INPUT_UNSUPPORTED_FORMAT": (Outcome.BAD_CONTENT, RetryAdvice.NEVER),
    "INPUT_INVALID_ARGUMENT": (Outcome.BAD_CONTENT, RetryAdvice.NEVER),
    "INPUT_OVER_LIMIT": (Outcome.OVER_LIMIT, RetryAdvice.NEVER),
    "INPUT_DOES_NOT_EXIST": (Outcome.BAD_ID, RetryAdvice.ANEW),
    "INPUT_PERMISSION_DENIED": (Outcome.BAD_ID, RetryAdvice.ANEW),
    "CONN_DOES_NOT_EXIST": (Outcome.NO_PLACE, RetryAdvice.ANEW),
    "ANNOTATION_SUCCESS": (Outcome.ADDED, RetryAdvice.NEVER),
    "ANNOTATION_PENDING": (Outcome.ADDED, RetryAdvice.NEVER),
    "ANNOTATION_AWAITING_REVIEW": (Outcome.ADDED, RetryAdvice.NEVER),
    "ANNOTATION_FAILED": (Outcome.REFUSED, RetryAdvice.ANEW),
    "DATASET_INPUT_SUCCESS": (Outcome.ADDED, RetryAdvice.NEVER),
    "DATASET_INPUT_DUPLICATE": (Outcome.THERE, RetryAdvice.NEVER),
    "INTERNAL_UNCATEGORIZED": (Outcome.REFUSED, RetryAdvice.SOON),
    "CONN_THROTTLED": (Outcome.REFUSED, RetryAdvice.SOON),
    "CONN_BAD_REQUEST_FORMAT": (Outcome.REFUSED, RetryAdvice.ANEW),
}


@pytest.mark.parametrize("name", TABLE)
def test_the_table(name):
    found = meaning_of(status_pb2.Status(code=codes.StatusCode.Value(name)))
    assert (found.outcome, found.again) == TABLE[name]


@pytest.mark.parametrize("words", ["Input has a duplicate ID.", "it already exists in the app"])
@pytest.mark.parametrize("code", [codes.CONN_BAD_REQUEST_FORMAT, codes.DATABASE_DUPLICATE_KEY])
def test_a_duplicate_without_a_code_of_its_own_is_known_by_its_words(words, code):
    assert meaning_of(status_pb2.Status(code=code, details=words)).outcome is Outcome.THERE


def test_names_of_codes():
    asked = (item_statuses.INPUT_READY, item_statuses.INPUT_PENDING)
    assert asked == (codes.INPUT_SUCCESS, codes.INPUT_PENDING)
