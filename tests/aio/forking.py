"""Asks a platform on a loop, forks, and asks it in the child and in the parent.

python -m tests.aio.forking          # the one of the environment, behind a port
python -m tests.aio.forking memory   # one in this process; the child has another one
"""

from __future__ import annotations

import asyncio
import os
import sys

from clarifai.aio import User
from clarifai_core.transport.session import session_for


async def count() -> int:
    return len(await User("me").list_apps().all())


def behind_a_port() -> None:
    asyncio.run(count())
    child = os.fork()
    if child == 0:
        os._exit(asyncio.run(asyncio.wait_for(count(), 60)))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(code or asyncio.run(count()))


def in_memory() -> None:
    user = User("me", base_url="local:")
    assert asyncio.run(user.list_apps().all()) == []
    shared = user.session.shared
    child = os.fork()
    if child == 0:
        own = session_for(user.settings)
        code = 0 if own is not shared and shared.closed else 2
        os._exit(code or len(asyncio.run(user.list_apps().all())))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(code or len(asyncio.run(user.list_apps().all())))


if __name__ == "__main__":
    in_memory() if "memory" in sys.argv else behind_a_port()
