"""The process that gets killed: answers requests from its standard input, on several threads.

A line in is `{"n", "rpc", "body"}`; a line out, written once the platform has answered, is
`{"n", "code", "details"}`. It never ends by itself.
"""

from __future__ import annotations

import base64
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from clarifai_local import Platform

THREADS = 3


def main(directory: str) -> None:
    platform = Platform(directory)
    _say({"ready": os.getpid()})
    with ThreadPoolExecutor(THREADS) as threads:
        for line in sys.stdin.buffer:
            threads.submit(_answer, platform, json.loads(line))


def _answer(platform: Platform, asked: dict[str, str]) -> None:
    method = platform.dispatcher.methods[f"/clarifai.api.V2/{asked['rpc']}"]
    body = base64.b64decode(asked["body"])
    answer = platform.dispatcher.unary(method, body, {}, trusted=True)
    response: Any = method.response_type.FromString(answer)
    status = response.status
    _say({"n": asked["n"], "code": status.code, "details": status.details[:200]})


def _say(message: dict[str, object]) -> None:
    # One write of a short line: it arrives whole or not at all.
    os.write(1, json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1])
