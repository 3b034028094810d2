"""Small sums get one thread of the linear algebra, whichever thread of ours asks."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from clarifai_local.engine._threads import one_thread


def counts() -> set[int]:
    """How many threads each linear algebra library uses."""
    return {one["num_threads"] for one in threadpool_info() if one["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def two_threads():
    """Two threads, on a machine of one core, too."""
    assert np.ones((2, 2)).sum() == 4  # it is loaded
    with threadpool_limits(2, user_api="blas"):
        if counts() != {2}:
            pytest.skip("no linear algebra here whose threads can be set")
        yield


def test_any_thread_gets_the_limit_and_gives_it_back():
    def limited() -> tuple[set[int], set[int]]:
        with one_thread():
            inside = counts()
        return inside, counts()

    assert limited() == ({1}, {2})
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(limited).result() == ({1}, {2})
        assert limited() == ({1}, {2})
        assert pool.submit(limited).result() == ({1}, {2})


def test_the_last_to_leave_ends_it_wherever_it_began():
    entered, leave = threading.Event(), threading.Event()

    def first() -> None:
        with one_thread():
            entered.set()
            assert leave.wait(30)

    with ThreadPoolExecutor(1) as pool:
        began = pool.submit(first)
        assert entered.wait(30)
        with one_thread():
            leave.set()
            began.result()
            assert counts() == {1}
        assert counts() == {2}
