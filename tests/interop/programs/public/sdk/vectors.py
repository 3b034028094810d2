"""A recommender: embeddings of texts and pictures, held against each other with numpy."""

import numpy as np

from clarifai.client.input import Inputs
from clarifai.client.model import Model

URLS = (
    "https://clarifai.com/openai/embed/models/text-embedding-ada",
    "https://clarifai.com/clarifai/main/models/BAAI-bge-base-en",
    "https://clarifai.com/clarifai/main/models/multimodal-clip-embed",
)


def embed(model, texts):
    batch = [Inputs.get_text_input(input_id=str(n), raw_text=one) for n, one in enumerate(texts)]
    outputs = model.predict(inputs=batch).outputs
    return np.array([list(one.data.embeddings[0].vector) for one in outputs])


for url in URLS:
    model = Model(url)
    vectors = embed(model, ["bread and butter", "bread with butter", "a late goal in the match"])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    near, far = float(vectors[0] @ vectors[1]), float(vectors[0] @ vectors[2])
    assert near > far, (url, near, far)
picture = Model("https://clarifai.com/clarifai/main/models/general-image-embedding")
output = picture.predict_by_filepath("materials/pictures/red/red0.png", "image").outputs[0]
assert len(output.data.embeddings[0].vector) == output.data.embeddings[0].num_dimensions
