"""Predictions and uploads out of many threads, and out of asyncio's."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor, as_completed

from clarifai.client.model import Model
from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
model = Model("https://clarifai.com/clarifai/main/models/general-image-recognition")
paths = [f"materials/pictures/{colour}/{colour}{number}.png"
         for colour in ("red", "green", "blue") for number in range(4)]  # fmt: skip


def best(path):
    return model.predict_by_filepath(path, input_type="image").outputs[0].data.concepts[0].name


with ThreadPoolExecutor(max_workers=8) as executor:
    futures = {executor.submit(best, path): path for path in paths}
    threaded = {futures[future]: future.result() for future in as_completed(futures)}


async def gather():
    return await asyncio.gather(*(asyncio.to_thread(best, path) for path in paths))


assert asyncio.run(gather()) == [threaded[path] for path in paths]
app = User(USER_ID).create_app("threads", base_workflow="Empty")
inputs = app.inputs()
with ThreadPoolExecutor(max_workers=4) as executor:
    list(executor.map(lambda n: inputs.upload_text(f"t{n}", f"text {n}"), range(12)))
assert len(list(inputs.list_inputs())) == 12
User(USER_ID).delete_app("threads")
