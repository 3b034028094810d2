"""Every promise of the SDK at the end of a long line, in the clear and by TLS.

The right values come from the near side: what the platform has is counted on a line of its own. All
distances are tried at once, as most of the time is the network's.
"""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.network.promises import PROMISES, RTT_MILLISECONDS, SCHEMES, rows

PLACES = list(itertools.product(SCHEMES, RTT_MILLISECONDS))


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(len(PLACES)) as threads:
        patch.setenv("CLARIFAI_STATE_DIR", str(tmp_path_factory.mktemp("state")))
        found = threads.map(lambda place: rows(place[0], 300, 12, (place[1],)), PLACES)
        return dict(zip(PLACES, found, strict=True))


@pytest.mark.parametrize("place", PLACES)
def test_every_promise_is_kept_at_any_distance(table, place):
    found = table[place]

    assert [row.promise for row in found] == [promise.__name__ for promise in PROMISES]
    assert [f"{row.promise}: {row.error}" for row in found if row.error] == []
    assert [row.promise for row in found if row.again] == []
