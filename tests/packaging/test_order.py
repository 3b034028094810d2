"""Long files of tests begin first, and the list of them names files that are there."""

from __future__ import annotations

import os

import pytest

from tests.order import LONGEST, longest_first
from tools.wheels import ROOT


def test_the_long_files_are_there():
    assert [one for one in LONGEST if not (ROOT / one).is_file()] == []
    assert len(set(LONGEST)) == len(LONGEST)


def test_long_files_then_full_ones_and_each_in_its_order():
    files = ["a.py", "b.py", "b.py", LONGEST[1], "b.py", LONGEST[0], LONGEST[1]]
    assert [files[number] for number in longest_first(files)] == [
        *(LONGEST[0], LONGEST[1], LONGEST[1]),
        *("b.py", "b.py", "b.py", "a.py"),
    ]
    assert longest_first(files)[3:6] == [1, 2, 4]


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="the system does not tell")
def test_there_is_one_process_more_than_cores(pytestconfig):
    hook = pytestconfig.pluginmanager.hook.pytest_xdist_auto_num_workers
    assert hook(config=pytestconfig) == len(os.sched_getaffinity(0)) + 1
