"""Makes a runner, lets it work in a thread until its input ends, and tells what it saw."""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2, status_pb2

from clarifai.client.runner import Runner
from clarifai.client.user import User

USER_ID, BASE = os.environ["CLARIFAI_USER_ID"], os.environ["CLARIFAI_API_BASE"]


class Shouting(Runner):
    """Answers in capitals; refuses to shout "quiet"."""

    def run_input(self, input, output_info):
        if input.data.text.raw == "quiet":
            raise ValueError("cannot shout that")
        text = resources_pb2.Text(raw=input.data.text.raw.upper())
        # The old one counts an output without this for a failed one.
        done = status_pb2.Status(code=status_code_pb2.SUCCESS)
        return resources_pb2.Output(status=done, data=resources_pb2.Data(text=text))


user = User(USER_ID, base_url=BASE)
for runner_id in ("box", "spare"):
    user.create_runner(runner_id, labels=["loud"], description="shouts")
facts: dict[str, Any] = {
    "runners": sorted(runner.id for runner in user.list_runners()),
    "page": len(list(user.list_runners(page_no=1, per_page=1))),
    "labels": list(user.runner("box").labels),
}
user.delete_runner("spare")
facts["left"] = [runner.id for runner in user.list_runners()]
runner = Shouting(runner_id="box", user_id=USER_ID, base_url=BASE, num_parallel_polls=2)
threading.Thread(target=runner.start, daemon=True).start()
sys.stdin.read()
print(json.dumps(facts), flush=True)
# Runners of the old age never stop by themselves.
os._exit(0)
