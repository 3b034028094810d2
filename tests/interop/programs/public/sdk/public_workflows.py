"""Public workflows asked as programs ask them, with everything that they read of the answers."""

from clarifai.client.input import Inputs
from clarifai.client.workflow import Workflow

PICTURE = open("materials/pictures/red/red0.png", "rb").read()
for name in ("Face-Sentiment", "Demographics", "General", "Universal", "General-Detection"):
    workflow = Workflow(f"https://clarifai.com/clarifai/main/workflows/{name}")
    result = workflow.predict_by_bytes(PICTURE, input_type="image").results[0]
    for output in result.outputs:
        assert output.model.id, name
        for region in output.data.regions:
            assert region.region_info.bounding_box.bottom_row > 0, name
            for concept in region.data.concepts:
                assert concept.name, name
text = Workflow("https://clarifai.com/clarifai/main/workflows/Language-Understanding")
result = text.predict_by_bytes(b"Hello world", input_type="text").results[0]
assert any(one.data.embeddings for one in result.outputs)
limited = Workflow(
    workflow_id="General", user_id="clarifai", app_id="main", output_config={"max_concepts": 3}
)
answer = limited.predict_by_url("https://samples.clarifai.com/red.png", input_type="image")
concepts = [one for output in answer.results[0].outputs for one in output.data.concepts]
assert 0 < len(concepts) <= 3 * len(answer.results[0].outputs)
several = limited.predict(
    inputs=[Inputs.get_input_from_bytes(str(n), image_bytes=PICTURE) for n in range(3)]
)
assert [one.input.id for one in several.results] == ["0", "1", "2"]
