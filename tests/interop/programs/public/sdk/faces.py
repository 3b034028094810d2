"""An attendance list: faces found, cut out with PIL, and what is written in the picture."""

import io

from PIL import Image

from clarifai.client.model import Model

PATH = "materials/pictures/red/red0.png"
with open(PATH, "rb") as file:
    picture = file.read()
image = Image.open(io.BytesIO(picture))

for url in (
    "https://clarifai.com/clarifai/main/models/face-detection",
    "https://clarifai.com/clarifai/main/models/general-image-detection",
    "https://clarifai.com/clarifai/main/models/ocr-scene-english-paddleocr",
):
    output = Model(url).predict_by_bytes(picture, input_type="image").outputs[0]
    assert output.status.code == 10000, output.status
    for region in output.data.regions:
        box = region.region_info.bounding_box
        crop = image.crop(
            (
                int(round(box.left_col, 3) * image.width),
                int(round(box.top_row, 3) * image.height),
                int(round(box.right_col, 3) * image.width),
                int(round(box.bottom_row, 3) * image.height),
            )
        )
        assert crop.width >= 0
        names = [(one.name, round(one.value, 4)) for one in region.data.concepts]
        assert names or region.data.text.raw, region
