"""A caller who asks a model that a runner answers for, and waits for what the runner says."""

from __future__ import annotations

import threading
import time
from typing import Any

from clarifai_local import Platform
from tests.local.fields.world import APP, call, request_of

RUNNER = "box"


class Asker:
    """Asks in the background.

    Args:
        platform: With the model and the runner.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._answers: list[Any] = []
        self._thread = threading.Thread(target=self._ask)
        self._thread.start()
        self._work = self._waiting()

    @property
    def item_id(self) -> str:
        """The id of the item that the runner has to answer."""
        return str(self._work.id)

    def answer(self) -> Any:
        """Return what the caller got: a refusal, when the runner said nothing."""
        self._platform.runner_queue.withdraw(self._work)
        self._thread.join(30)
        return self._answers[0]

    def _ask(self) -> None:
        fields = {
            "user_app_id": APP,
            "model_id": "sorter",
            "inputs": [{"data": {"text": {"raw": "the sun"}}}],
            "runner_selector": {"runner": {"id": RUNNER}},
        }
        request = request_of(self._platform, "PostModelOutputs", fields)
        self._answers.append(call(self._platform, "PostModelOutputs", request))

    def _waiting(self) -> Any:
        queue = self._platform.runner_queue
        until = time.monotonic() + 60
        while time.monotonic() < until:
            for work in list(queue._open.values()):
                return work
            time.sleep(0.0005)
        raise AssertionError("the question did not arrive in the queue")
