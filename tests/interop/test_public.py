"""Programs as strangers write them, run unchanged by the official SDK of both ages, and by ours.

Each was written anew, after the habits of public programs. What it asserts is what its author
counts on; that the official SDK runs it against our platform shows that the expectation is theirs.
Where a client stops by its own fault, or by a decision, the reason stands in `public_reasons.py`.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.interop import public
from tests.interop.clients import CLIENTS
from tests.interop.conftest import SWITCH
from tests.interop.public_reasons import NEVER, STOPS
from tools.environments import Unavailable

AT_A_TIME = 2
RUNS = [(group.name, client) for group in public.GROUPS.values() for client in group.tested_with]
PROGRAMS = [
    (group, program.stem, client)
    for group, client in RUNS
    for program in public.GROUPS[group].programs()
    if (program.stem, client) not in NEVER
]


@pytest.fixture(autouse=True)
def _no_error_is_logged():
    """Each run has a platform of its own, and looks itself."""


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    if os.environ.get(SWITCH) == "off":
        pytest.skip(f"{SWITCH}=off: asked for, where no index has the other clients")
    folder = tmp_path_factory.mktemp("public")
    with ThreadPoolExecutor(AT_A_TIME) as threads:
        yield {
            (group, client): threads.submit(
                public.run, CLIENTS[client], public.GROUPS[group], folder / group / client
            )
            for group, client in RUNS
        }


def outcome(runs, group: str, program: str, client: str) -> public.Outcome:
    try:
        outcomes = runs[group, client].result()
    except Unavailable as error:
        pytest.fail(f"{client} with {group} cannot be installed ({error}); {SWITCH}=off skips this")
    return next(one for one in outcomes if one.program == program)


@pytest.mark.parametrize(
    ("group", "program", "client"),
    [
        pytest.param(*one, marks=pytest.mark.xfail(strict=True, reason=STOPS[one[1], one[2]]))
        if (one[1], one[2]) in STOPS
        else one
        for one in PROGRAMS
    ],
)
def test_a_program_runs_unchanged(runs, group, program, client):
    fault = outcome(runs, group, program, client).fault
    assert fault is None, fault


def test_the_table_says_what_was_found(runs):
    found = public.cells(outcome(runs, *one) for one in PROGRAMS)
    documented = public.documented()
    assert {key: documented.get(key) for key in found} == found


def test_the_table_has_every_program_and_every_reason():
    documented = public.documented()
    programs = [one.stem for group in public.GROUPS.values() for one in group.programs()]
    assert list(documented) == [(one, client) for one in programs for client in public.COLUMNS]
    text = public.DOCUMENT.read_text("utf-8")
    assert public.table(documented) in text
    assert {key for key, cell in documented.items() if cell == "stops"} == set(STOPS)
    assert {key for key, cell in documented.items() if cell == "-"} == set(NEVER)
