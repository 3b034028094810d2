"""Modules that are imported on first use, by whichever thread comes first."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import ThreadPoolExecutor, wait

from clarifai_core.lazy import load_target


def test_a_thread_waits_for_a_module_that_another_one_is_importing(tmp_path, monkeypatch):
    name = "slow_module_of_test_lazy"
    begun, go_on = threading.Event(), threading.Event()
    (tmp_path / f"{name}.py").write_text(
        "import tests.core.test_lazy as test\n"
        f"begun, go_on = test.EVENTS['{name}']\n"
        "begun.set()\n"
        "go_on.wait(10)\n"
        "value = 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "tests.core.test_lazy", sys.modules[__name__])
    monkeypatch.setitem(EVENTS, name, (begun, go_on))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(load_target, f"{name}:value")
        assert begun.wait(10)
        second = threads.submit(load_target, f"{name}:value")
        # It must not answer before the module is whole; only then is it let go on.
        assert not wait([second], 0.2).done
        go_on.set()
        assert (first.result(10), second.result(10)) == (1, 1)


EVENTS: dict[str, tuple[threading.Event, threading.Event]] = {}
