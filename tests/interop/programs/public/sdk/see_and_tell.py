"""Questions about a picture: text and picture in one input, by bytes and by URL."""

from clarifai.client.input import Inputs
from clarifai.client.model import Model

with open("materials/pictures/green/green0.png", "rb") as file:
    file_bytes = file.read()
PROMPT = "Identify the ingredients in this dish."

for url in (
    "https://clarifai.com/openai/chat-completion/models/openai-gpt-4-vision",
    "https://clarifai.com/openai/chat-completion/models/gpt-4o",
    "https://clarifai.com/qwen/qwen-VL/models/qwen-VL-Chat",
):
    prediction = Model(url).predict(
        inputs=[Inputs.get_multimodal_input(input_id="", image_bytes=file_bytes, raw_text=PROMPT)],
        inference_params={"temperature": 0.2, "max_tokens": 100},
    )
    assert prediction.outputs[0].data.text.raw, url
    multi_inputs = Inputs.get_multimodal_input(
        input_id="", image_url="https://samples.clarifai.com/red.png", raw_text=PROMPT
    )
    prediction = Model(url=url).predict(inputs=[multi_inputs])
    assert prediction.outputs[0].data.text.raw, url
text_alone = Inputs.get_text_input(input_id="", raw_text=PROMPT)
assert Model(url).predict(inputs=[text_alone]).outputs[0].data.text.raw
caption = Model(
    "https://clarifai.com/salesforce/blip/models/general-english-image-caption-blip"
).predict_by_bytes(file_bytes, input_type="image")
assert caption.outputs[0].data.text.raw
