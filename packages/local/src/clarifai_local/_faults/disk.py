"""What can happen to writes."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

import attrs

from clarifai_local._faults.fault import Schedule
from clarifai_local._faults.injector import Injector

if TYPE_CHECKING:
    from clarifai_local._faults.fault import Fault


@attrs.frozen
class DiskSwitch:
    """The writes that `Faults.on_disk` chose."""

    _injector: Injector
    _schedule: Schedule

    def full(self) -> Fault:
        """Let writes fail for lack of space (ENOSPC); the platform answers 98004 and goes on.

        A transaction fails at its end and is taken back; the file of a large blob fails half-way.
        """
        return self._injector.switch_on("disk", "disk: full", "*", self._schedule, _fail)


def _fail(_: Fault) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
