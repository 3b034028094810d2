"""A bulk tagger: pictures shared out among processes, each with a model of its own."""

import multiprocessing
import os
import sys

from clarifai.client.model import Model


def best(path):
    model = Model("https://clarifai.com/clarifai/main/models/general-image-recognition")
    concepts = model.predict_by_filepath(path, input_type="image").outputs[0].data.concepts
    return concepts[0].name, os.getpid()


paths = [f"materials/pictures/red/red{number}.png" for number in range(4)]
if sys.platform != "win32":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        found = pool.map(best, paths, chunksize=1)
    assert len(found) == 4
    assert os.getpid() not in {process for _, process in found}
