"""Asks models by their methods, in Python and from the shell, as the newest SDK does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from clarifai.runners.utils.data_types import Image  # type: ignore[import-not-found]  # official

from clarifai.client.model import Model

RED = Path(sys.argv[1]) / "pictures" / "red" / "red0.png"
BASE = os.environ["CLARIFAI_API_BASE"]
GENERAL = "clarifai/main/models/general-image-recognition"
CHAT = "openai/chat-completion/models/GPT-4"


def open_model(path):
    return Model(url=f"https://clarifai.com/{path}", base_url=BASE)


def shell(*args):
    """Run `clarifai model predict`; returns its exit code and what it says."""
    run = subprocess.run(
        [sys.executable, "-m", "clarifai.cli", "model", "predict", *args],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    return [run.returncode, run.stdout.strip() or run.stderr[-300:]]


facts: dict[str, Any] = {}
chat = open_model(CHAT)
facts["text"] = chat.predict("A dog is an animal.")
facts["by name"] = chat.predict(prompt="A dog is an animal.", max_tokens=2)
facts["in parts"] = "".join(chat.generate(prompt="A dog is an animal."))
facts["several"] = chat.predict([{"prompt": "One."}, {"prompt": "Two."}])
facts["methods"] = sorted(chat.available_methods())
general = open_model(GENERAL)
facts["concepts"] = [one.name for one in general.predict(image=Image(bytes=RED.read_bytes()))][:1]
facts["plain"] = len(general.predict_by_bytes(RED.read_bytes(), "image").outputs[0].data.concepts)
facts["untyped"] = len(general.predict_by_bytes(RED.read_bytes()).outputs[0].data.concepts)
colours = open_model("clarifai/main/models/color-recognition")
answer = colours.predict_by_bytes(RED.read_bytes(), "image")
facts["without methods"] = answer.outputs[0].data.colors[0].raw_hex
vector = open_model("clarifai/main/models/multimodal-clip-embed").predict("a dog")
facts["vector"] = len(vector.shape)

facts["shell"] = shell(CHAT, "A dog is an animal.")
facts["shell, by name"] = shell(CHAT, "-i", "prompt=A dog.", "-i", "max_tokens=1", "-o", "json")
facts["shell, a file"] = shell(GENERAL, "--file", str(RED))
facts["shell, methods"] = shell(CHAT, "--info")
print(json.dumps(facts))
