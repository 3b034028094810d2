"""What every test needs: that it leaves nothing in the user's home, and finds nothing of others."""

from __future__ import annotations

import itertools
import os
import signal
from pathlib import Path

import hypothesis
import pytest

from tests.order import longest_first

# How long an example takes, or its making, says how busy the machine is, and nothing of the code.
hypothesis.settings.register_profile(
    "unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.register_profile(
    "fixed", hypothesis.settings.get_profile("unhurried"), derandomize=True
)
# Tests at hand try other examples each time. Those of CI are the same ones each time: what is
# found by chance there would stop a change that has nothing to do with it.
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "unhurried")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # Behind a `&` of a script Ctrl-C is ignored, and every child inherits that: tests of it, too.
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Stand-ins answer the same everywhere and at once: real models are for tests/models, which ask for
# them by name.
os.environ.setdefault("CLARIFAI_BLOCK_PLUGINS", "clarifai-models")

if os.environ.get("TESTS_SLOW_PROCESSING"):
    # Here and in programs that tests start: each batch of inputs is taken up so many seconds late.
    import tests.slow_processing.sitecustomize  # noqa: F401 - it changes what is imported later

    _folder = str(Path(__file__).parent / "slow_processing")
    _folders = filter(None, (_folder, os.environ.get("PYTHONPATH")))
    os.environ["PYTHONPATH"] = os.pathsep.join(_folders)

# A library that shares small sums among all cores waits more than it computes: on two cores that
# several processes share, trainings took twice the processor time. Whoever tests threads sets them.
for _threads in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")

_numbers = itertools.count()


@pytest.fixture(scope="session")
def state_directories(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(autouse=True)
def variables_left_alone():
    """Leave the environment as it was found, as every test behind in this process has it too.

    Libraries set variables for the processes that they begin, and leave them there: a cluster of
    Dask has memory given back at once (MALLOC_TRIM_THRESHOLD_), which others then measured.
    """
    before = _variables()
    yield
    for name, now in {**dict.fromkeys(before), **_variables()}.items():
        if name not in before:
            os.environ.pop(name, None)
        elif now != before[name]:
            os.environ[name] = before[name]


def _variables():
    """Return the variables but those that come and go: pytest's, and gRPC's in other threads."""
    of_a_moment = {"PYTEST_CURRENT_TEST", "GRPC_VERBOSITY"}
    found = {name: os.environ.get(name) for name in list(os.environ) if name not in of_a_moment}
    return {name: value for name, value in found.items() if value is not None}


@pytest.fixture(autouse=True)
def state_directory(state_directories, monkeypatch):
    """Keep journals and contexts in a directory of this test, made when there is one."""
    folder = state_directories / str(next(_numbers))
    monkeypatch.setenv("CLARIFAI_STATE_DIR", str(folder))
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(folder / "contexts.yaml"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config):
    """Have one process more than there are cores: tests wait for processes, servers and disks."""
    return len(os.sched_getaffinity(0)) + 1 if hasattr(os, "sched_getaffinity") else None


def pytest_collection_modifyitems(items):
    """Begin with the files that take longest, where several processes share them."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        order = longest_first([item.nodeid.partition("::")[0] for item in items])
        items[:] = [items[number] for number in order]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Show half characters of what a test logged escaped: xdist sends reports as UTF-8 only."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    if isinstance(report.longrepr, str):
        report.longrepr = _sendable(report.longrepr)
    return report


def _sendable(text):
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
