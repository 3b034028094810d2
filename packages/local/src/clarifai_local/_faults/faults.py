"""The switches of one platform's faults; what they switch on is in `injector`."""

from __future__ import annotations

import difflib
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from clarifai_local._faults import texts
from clarifai_local._faults.disk import DiskSwitch
from clarifai_local._faults.fault import Fault, Schedule
from clarifai_local._faults.http import HttpSwitch
from clarifai_local._faults.injector import Injector
from clarifai_local._faults.rpc import RpcSwitch
from clarifai_local._methods import SERVICE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Faults(Injector):
    """The faults of one platform; see the package's docstring for examples.

    When several faults meet a call they act in the order they were switched on, and the first that
    answers or breaks off the call is the last one to see it. So two lines make a sequence:
    `on("GetApp", times=2).throttled()` and `on("GetApp", times=1).unavailable()`.

    A program may also subclass it and override `before` and `after`.

    Args:
        rpcs: Returns the names of the RPCs there are; by default those of the V2 service.
    """

    def __init__(self, rpcs: Callable[[], Iterable[str]] | None = None) -> None:
        super().__init__()
        self._rpcs = rpcs or _service_rpcs

    def on(
        self,
        rpc: str = "*",
        *,
        times: int | None = None,
        after: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int = 0,
    ) -> RpcSwitch:
        """Choose calls; the methods of what it returns say what happens to them.

        Args:
            rpc: Such as `"PostInputs"`, or a pattern: `"Post*"`, `"*"`.
            times: Strike so many calls, then no more; None: all.
            after: Leave the first so many alone.
            every: Of the rest strike every n-th.
            probability: Of those strike this share, 0..1.
            seed: Of the dice that `probability` throws.

        Raises:
            ValueError: There is no such RPC, or a number is out of its range.
        """
        known = sorted(self._rpcs())
        if not any(fnmatchcase(name, rpc) for name in known):
            near = difflib.get_close_matches(rpc, known, 1, 0.5)
            hint = f": did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"there is no RPC {rpc!r}{hint}")
        return RpcSwitch(self, rpc, Schedule(times, after, every, probability, seed))

    def on_http(
        self,
        path: str = "/*",
        *,
        times: int | None = None,
        after: int = 0,
        every: int = 1,
        probability: float = 1.0,
        seed: int = 0,
    ) -> HttpSwitch:
        """Choose HTTP requests: media, logs, archives; see `on` for the numbers.

        Args:
            path: A path or a pattern of paths, such as `"/media/*"`.
            times: As in `on`.
            after: As in `on`.
            every: As in `on`.
            probability: As in `on`.
            seed: As in `on`.

        Raises:
            ValueError: The path does not begin with a slash, or a number is out of its range.
        """
        if not path.startswith(("/", "*")):
            raise ValueError(f"path must begin with '/', got {path!r}")
        return HttpSwitch(self, path, Schedule(times, after, every, probability, seed))

    def on_disk(self, *, times: int | None = None, after: int = 0) -> DiskSwitch:
        """Choose writes to the platform's disk (or memory): transactions and large blobs.

        Args:
            times: Strike so many writes, then no more; None: all.
            after: Leave the first so many alone.

        Raises:
            ValueError: A number is out of its range.
        """
        return DiskSwitch(self, Schedule(times, after))

    def slow_indexing(self, seconds: float) -> Fault:
        """Let inputs stay pending until they are `seconds` old by the platform's clock.

        Raises:
            ValueError: `seconds` is not positive.
        """
        if seconds <= 0:
            raise ValueError(f"seconds must be positive, got {seconds}")
        name = f"indexing: {seconds:g} seconds"
        return self.switch_on("indexing", name, "*", Schedule(), lambda _: seconds)

    def add(self, text: str) -> Fault:
        """Switch on the fault that a text describes, as `clarifai local up --fault` takes it.

        Args:
            text: Such as `"PostInputs: throttled, times=3"`.

        Raises:
            ValueError: The text is not understood; the message says what would be right.
        """
        return texts.switch_on(self, text)


def _service_rpcs() -> Iterable[str]:
    return (method.name for method in SERVICE.methods)
