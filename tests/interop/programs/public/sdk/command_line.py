"""The newest command line's `model predict`: a text, a picture, parameters, what there is."""

import json
import subprocess
import sys
from pathlib import Path

CLARIFAI = Path(sys.executable).with_name("clarifai")
CHAT = "openai/chat-completion/models/GPT-4"
GENERAL = "clarifai/main/models/general-image-recognition"
PICTURE = "materials/pictures/red/red0.png"


def predict(*arguments, **options):
    done = subprocess.run(
        [CLARIFAI, "model", "predict", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        **options,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


assert predict(CHAT, "Hello world").strip()
assert predict(CHAT, input="Hello").strip()
assert predict("--model-url", f"https://clarifai.com/{CHAT}", input="Hello").strip()
said = predict(CHAT, "Hello", "-o", "json")
assert json.loads(said), said
seen = predict(GENERAL, "--file", PICTURE)
assert seen.strip(), seen
again = predict(GENERAL, "--url", "https://samples.clarifai.com/red.png", "-o", "json")
assert "Concept" in json.loads(again)["result"], again
