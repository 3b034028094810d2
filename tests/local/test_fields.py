"""Every field of every request is kept, has an effect, or is refused by its name.

Nothing here says what a field does: a base request that succeeds is compared with the same one with
one more field. The requests are in `fields.bases`, what people looked at in `fields.reviewed`.
"""

from __future__ import annotations

import fnmatch
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform
from tests.local.fields import reviewed
from tests.local.fields.bases import ALIKE, ALSO, bases
from tests.local.fields.probing import Fate, Probe, Verdict
from tests.local.fields.universe import places
from tests.local.fields.world import APP, call, furnished, request_of


@attrs.frozen
class Found:
    """What became of all fields."""

    platform: Platform
    verdicts: Sequence[Verdict]
    of_references: int
    """What a reference could say besides the names of what it refers to."""
    rpcs: frozenset[str]
    failed_bases: Sequence[str]

    def left(self) -> Iterator[tuple[Verdict, str]]:
        """Yield the fields that nothing comes of, each with the reason that was reviewed, or ""."""
        for verdict in self.verdicts:
            if verdict.fate in {Fate.DROPPED, Fate.UNFIT}:
                yield verdict, reason_of(verdict)


def reason_of(verdict: Verdict) -> str:
    """Return why nothing comes of a field, "" when nobody said."""
    if verdict.fate is Fate.DROPPED and verdict.field in reviewed.OWN:
        return reviewed.OWN[verdict.field]
    for pattern, reason in reviewed.LISTED.items():
        if fnmatch.fnmatchcase(verdict.place, pattern):
            return reason
    return ""


@pytest.fixture(scope="module")
def found() -> Iterator[Found]:
    """Set every field of every request once."""
    platform = furnished()
    keys = call(platform, "ListAppKeys", request_of(platform, "ListAppKeys", {"user_app_id": APP}))
    verdicts: list[Verdict] = []
    failed, of_references = [], 0
    requests = bases(keys.keys[0].id)
    for rpc, base in sorted(requests.items()):
        probe = Probe(platform, rpc, base, reviewed.MINIMAL, reviewed.VALUES, ALSO)
        if not probe.base_succeeds():
            failed.append(rpc)
        request: Any = platform.dispatcher.methods[f"/clarifai.api.V2/{rpc}"].request_type
        for place in places(request.DESCRIPTOR, reviewed.REFERENCES, reviewed.OWN):
            verdicts += probe.at(place)
            of_references += len(place.unread)
    yield Found(platform, verdicts, of_references, frozenset(requests), failed)
    platform.close()


def test_every_rpc_that_is_answered_is_looked_at(found):
    assert found.platform.dispatcher.implemented() == found.rpcs | set(ALIKE)
    assert found.failed_bases == []


def test_no_field_is_dropped(found):
    dropped: dict[str, list[str]] = defaultdict(list)
    for verdict, reason in found.left():
        if not reason:
            note = f" ({verdict.details[:100]})" if verdict.details else ""
            dropped[verdict.rpc].append(verdict.place.partition(": ")[2] + note)
    assert dict(dropped) == {}


def test_every_exception_is_one(found):
    places_left = [verdict.place for verdict, _ in found.left()]
    unused = [one for one in reviewed.LISTED if not fnmatch.filter(places_left, one)]
    assert unused == []


def test_a_refusal_names_what_it_is_about(platform, api, app):
    # 11102 "Invalid request", as for all values that cannot be; the detail has the field.
    answer = api.PatchModelVersions(
        user_app_id=app, model_id="none", model_versions=[{"id": "v"}], action="merge"
    )
    assert answer.status.code == codes.MODEL_DOES_NOT_EXIST
    refused = api.PostConceptsSearches(
        user_app_id=app, concept_query={"name": "*", "use_cases": ["DETECTION"]}
    )
    assert refused.status.code == codes.NOT_IMPLEMENTED
    assert "concept_query.use_cases" in refused.status.details
