"""Asks a platform behind a port on a loop, forks, and asks it in the child and in the parent."""

from __future__ import annotations

import asyncio
import os
import sys

from clarifai.aio import User


async def count() -> int:
    return len(await User("me").list_apps().all())


def main() -> None:
    asyncio.run(count())
    child = os.fork()
    if child == 0:
        os._exit(asyncio.run(asyncio.wait_for(count(), 20)))
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    sys.exit(code or asyncio.run(count()))


if __name__ == "__main__":
    main()
