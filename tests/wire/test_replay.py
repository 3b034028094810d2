"""Replays the recorded uses of the official SDK through ours: the same requests, the same results.

`examples.json` is a copy of the recordings. What is better on purpose is in `rules.py`; what
differs beyond that is in `written.py`, with its reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from tests.wire import calls, results, rules
from tests.wire.answers import Platform
from tests.wire.compare import differences, total_of
from tests.wire.files import write_files
from tests.wire.recording import Asked, RecordingServer
from tests.wire.written import DIFFERENCES, MOST

USES: dict[str, dict[str, Any]] = json.loads(
    Path(__file__).with_name("examples.json").read_text("utf-8")
)
_RULES = [
    rule
    for rule in (*rules.REQUEST_RULES, *rules.RESULT_RULES)
    # By chance they may come in order.
    if rule not in (rules.downloads_side_by_side, rules.polls_side_by_side)
]
_WRITTEN = {one.use: one for one in DIFFERENCES}

_FREE = (
    (r"", r"result\.mro"),  # `raises` decides, with the classes of ours
    # whole_listings: the empty page at the end
    (r"app\.list_|user\.list_|inputs\.(list|download)_", r"requests\[2\] gone"),
    # no_concepts_when_none_are_named
    (r"model\.train\.", r"requests\[[234]\]"),
    # no_check_of_an_empty_job
    (r"dataset\.upload_dataset\.duplicate", r"requests\[1\]|add_job_id"),
    # the recording was cut short before these jobs are asked for
    (r"dataset\.upload_from_folder\.batches", r"add_job_id"),
    # refusal_for_a_page_as_data
    (r"dataset\.export\.url_404", r"result\.(raises|message)"),
)
"""Use, place: where a recording may change unnoticed, and the rule that does not look there."""


@attrs.frozen
class Seen:
    """What ours did in one use."""

    asked: list[Asked]
    result: Any


@pytest.mark.parametrize("use", USES)
def test_replay(
    use: str, recording_server: RecordingServer, folder: Path, replayed: dict[str, Any]
):
    seen = replay(use, recording_server, folder)
    replayed[use] = seen

    found = differing(use, USES[use], seen)

    written = _WRITTEN.get(use)
    if written is None:
        assert not found, "\n".join([f"{use} differs from the recording:", *found])
    else:
        assert found, f"{use} does not differ any more: take its line out of written.py"
        unwritten = [line for line in found if written.what not in line]
        assert not unwritten, "\n".join([f"{use} differs in more than {written.what}:", *unwritten])
    unnoticed = list(unnoticed_changes(use, seen))
    assert not unnoticed, "\n".join([f"{use} could change here, unnoticed:", *unnoticed])


def test_there_are_223_recordings_and_few_written_differences():
    assert len(USES) == 223
    assert len(DIFFERENCES) == len(_WRITTEN) <= MOST
    assert set(_WRITTEN) <= set(USES)
    assert all(len(one.reason) > 20 for one in DIFFERENCES)


def test_all_uses_were_replayed(request: pytest.FixtureRequest, replayed: dict[str, Seen]):
    asked_for = [one.name for one in request.session.items if one.name.startswith("test_replay[")]

    assert sorted(f"test_replay[{use}]" for use in replayed) == sorted(asked_for)


@pytest.mark.parametrize("rule", _RULES)
def test_every_rule_is_needed(
    rule: Callable[..., Any], replayed: dict[str, Seen], monkeypatch: pytest.MonkeyPatch
):
    for name in ("REQUEST_RULES", "RESULT_RULES"):
        monkeypatch.setattr(rules, name, [one for one in getattr(rules, name) if one is not rule])

    unwritten = [use for use in replayed if use not in _WRITTEN]
    needed = any(differing(use, USES[use], replayed[use]) for use in unwritten)

    assert needed or len(replayed) < len(USES)


def replay(use: str, server: RecordingServer, folder: Path) -> Seen:
    """Run one use."""
    recorded = USES[use]
    write_files(folder)
    server.begin(Platform(use, recorded, f"http://{server.http_host}"))
    addresses = calls.Addresses(server.host, server.http_host)
    try:
        made = calls.run(use, recorded["calls"], addresses)
        result = results.returned(use, made, recorded.get("result"), server, folder)
    except Exception as error:  # noqa: BLE001  why: whatever it raises is the result to compare
        result = results.raised(error)
    return Seen(server.asked, result)


def differing(use: str, recorded: dict[str, Any], seen: Seen) -> list[str]:
    """Return a line for each place where ours differs from a recording."""
    requests, ours = recorded["requests"], [one.as_recorded() for one in seen.asked]
    for rule in rules.REQUEST_RULES:
        requests, ours = rule(use, requests, ours)
    wanted, result = recorded.get("result", rules.NOTHING), seen.result
    for result_rule in rules.RESULT_RULES:
        wanted, result = result_rule(use, wanted, result)
    return [
        *differences(requests, ours, "requests"),
        *differences(wanted, result, "result"),
        *_differing_credentials(recorded["calls"], seen.asked),
    ]


def _differing_credentials(recorded: list[str], asked: list[Asked]) -> list[str]:
    """Each call must carry what the program gave: its token, or else its PAT."""
    by_token = any("token='t-1'" in call for call in recorded)
    wanted = ("x-clarifai-session-token", "t-1") if by_token else ("authorization", "Key test-pat")
    return [
        f"metadata of {one.rpc}: {wanted[0]} is {one.metadata.get(wanted[0])!r}"
        for one in asked
        if one.rpc != "HTTP GET" and one.metadata.get(wanted[0]) != wanted[1]
    ]


def unnoticed_changes(use: str, seen: Seen) -> Iterator[str]:
    """Yield each place of a recording where a change would make no difference."""
    recorded = USES[use]
    found = set(differing(use, recorded, seen))
    for name in ("requests", "result"):
        for path, changed in _changed(recorded.get(name), name):
            noticed = set(differing(use, {**recorded, name: changed}, seen)) != found
            if not noticed and not _is_free(use, path):
                yield path


def _is_free(use: str, path: str) -> bool:
    if path == "result.message" and USES[use]["result"]["raises"] != "Exception":
        return True  # same_exception: the words may be better
    return any(re.match(uses, use) and re.search(places, path) for uses, places in _FREE)


def _changed(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield (path, value with that place changed) for each place."""
    if isinstance(value, dict):
        for key, one in value.items():
            for below, changed in _changed(one, f"{path}.{key}"):
                yield below, {**value, key: changed}
    elif isinstance(value, list):
        for index, one in enumerate(value):
            for below, changed in _changed(one, f"{path}[{index}]"):
                yield below, [*value[:index], changed, *value[index + 1 :]]
            if total_of(value) is None:
                yield f"{path}[{index}] gone", [*value[:index], *value[index + 1 :]]
    elif total_of([value]) is not None:
        yield path, f"... {total_of([value])}9 in all"
    elif isinstance(value, str):
        yield path, "something else"
    elif value is not None:
        yield path, not value if isinstance(value, bool) else value + 1
