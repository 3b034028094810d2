"""Short names for the fixtures that tests of plugins use; pytest finds them by itself.

They are parts of `clarifai_platform` (of `clarifai_local.pytest_plugin`), the platform in memory
that the SDK uses during the test. A project with fixtures of these names keeps its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from clarifai_local import Faults, Platform, Recorder, SystemClock


@pytest.fixture
def platform(clarifai_platform: Platform) -> Platform:
    """A new, empty platform in memory that the SDK uses by default during the test."""
    return clarifai_platform


@pytest.fixture
def faults(clarifai_platform: Platform) -> Faults:
    """The platform's faults: `faults.on("PostInputs", times=2).throttled()`."""
    return clarifai_platform.faults


@pytest.fixture
def clock(clarifai_platform: Platform) -> SystemClock:
    """The platform's `SystemClock`: `clock.advance(seconds)` moves its time."""
    return cast("SystemClock", clarifai_platform.clock)


@pytest.fixture
def recorder(clarifai_platform: Platform) -> Recorder:
    """The calls that came to the platform: `recorder.count("PostInputs")`."""
    return clarifai_platform.recorder
