"""The recorded uses through `clarifai.aio`: the requests and results of blocking handles."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.aio import replaying
from tests.wire.recording import RecordingServer
from tests.wire.test_replay import USES, differing
from tests.wire.test_replay import replay as replay_blocking


@pytest.mark.parametrize("use", [use for use in USES if use not in replaying.NOT_REPLAYED])
def test_an_event_loop_asks_and_gets_the_same(
    use: str, recording_server: RecordingServer, folder: Path, monkeypatch: pytest.MonkeyPatch
):
    seen = {}
    for name, replay in (("blocking", replay_blocking), ("loop", replaying.replay)):
        work, state = folder / name, folder.parent / f"state-{name}"
        work.mkdir()
        monkeypatch.chdir(work)
        monkeypatch.setenv("CLARIFAI_STATE_DIR", str(state))
        seen[name] = replay(use, recording_server, work)

    blocking, loop = seen["blocking"], seen["loop"]
    assert _asked(loop) == _asked(blocking)
    assert differing(use, USES[use], loop) == differing(use, USES[use], blocking)


def _asked(seen: Any) -> Counter[str]:
    return Counter(one.rpc for one in seen.asked)


def test_what_is_not_replayed_is_told_and_little():
    assert set(replaying.NOT_REPLAYED) <= set(USES)
    assert len(USES) - len(replaying.NOT_REPLAYED) >= 210
