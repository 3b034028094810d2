"""Calls that leave out what the SDK can find out: the kind of input, ids, the app."""

from clarifai.client.app import App
from clarifai.client.dataset import Dataset
from clarifai.client.input import Inputs
from clarifai.client.model import Model
from clarifai.client.user import User

PICTURE = open("materials/pictures/red/red0.png", "rb").read()
general = Model("https://clarifai.com/clarifai/main/models/general-image-recognition")
assert general.predict_by_bytes(PICTURE).outputs[0].data.concepts
assert general.predict_by_url("https://samples.clarifai.com/red.png").outputs[0].data.concepts
assert general.predict_by_filepath("materials/pictures/red/red0.png").outputs[0].data.concepts
chat = Model("https://clarifai.com/openai/chat-completion/models/GPT-4")
assert chat.predict_by_bytes(b"Hello").outputs[0].data.text.raw
three = Inputs.get_input_from_bytes("x", image_bytes=PICTURE)
answer = general.predict([three], output_config={"max_concepts": 3})
assert len(answer.outputs[0].data.concepts) == 3
for kind in (App, Dataset, Inputs, User):
    handle = kind()
    assert handle.user_app_id is not None, kind
