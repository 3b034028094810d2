"""Switches that make the platform misbehave, so that programs can be tested against it.

    platform.faults.on("PostInputs", times=2).throttled()            # 11005, then it works
    platform.faults.on("PostInputs").unavailable(after_effect=True)  # done, but the answer is lost
    platform.faults.on("Get*", every=3).status(98004)                # every third status request
    platform.faults.on("*", probability=0.1, seed=7).latency(0.5)
    platform.faults.on("PostInputs").refuse_items(every=10)          # a partial batch
    platform.faults.on_http("/media/*", times=1).truncated(after_bytes=1000)
    platform.faults.on_disk().full()
    platform.faults.slow_indexing(60)                                # by the platform's clock
    platform.faults.clear()

They work the same for callers in process, over gRPC and with asyncio. Each line returns a `Fault`:
it counts how often it struck, can be removed, and removes itself at the end of a `with` block.
"""

from __future__ import annotations

from clarifai_local._faults.fault import Fault
from clarifai_local._faults.faults import Faults

__all__ = ["Fault", "Faults"]
