"""An illustrator: a picture out of a prompt, written to a file and opened."""

from pathlib import Path

from PIL import Image

from clarifai.client.model import Model

for number, url in enumerate(
    (
        "https://clarifai.com/openai/dall-e/models/dall-e-3",
        "https://clarifai.com/stability-ai/stable-diffusion-2/models/stable-diffusion-xl",
    )
):
    prediction = Model(url).predict_by_bytes(
        b"A red boat on a green lake",
        input_type="text",
        inference_params={"quality": "standard", "size": "1024x1024"},
    )
    output_base64 = prediction.outputs[0].data.image.base64
    Path(f"picture{number}.png").write_bytes(output_base64)
    assert Image.open(f"picture{number}.png").size > (0, 0)
