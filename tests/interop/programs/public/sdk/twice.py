"""Programs that are run again: what is there already warns, and the rest goes through."""

import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(USER_ID)
for _ in range(2):
    try:
        app = client.create_app("twice", base_workflow="Empty")
    except Exception as error:
        assert "exists" in str(error).lower(), error
        app = client.app("twice")
    try:
        app.create_dataset("set")
    except Exception:
        app.dataset("set")
    inputs = app.inputs()
    inputs.upload_from_file("first", image_file="materials/pictures/red/red0.png", labels=["red"])
    inputs.upload_text("second", raw_text="some text", dataset_id="set")
    folder = "materials/pictures/red"
    protos = [
        inputs.get_input_from_file(f"red{number}", image_file=f"{folder}/red{number}.png")
        for number in range(3)
    ]
    inputs.upload_inputs(protos)
    app.dataset("set").upload_from_folder("materials/texts/food", "text", labels=True)
time.sleep(0.5)
held = sorted(one.id for one in inputs.list_inputs())
texts = [f"food{number}" for number in range(4)]
assert held == sorted(["first", "second", "red0", "red1", "red2", *texts]), held
gone = inputs.get_input_from_bytes("nobody", image_bytes=b"x")
inputs.patch_inputs([gone], action="merge")
inputs.delete_inputs([one for one in inputs.list_inputs() if one.id.startswith("food")])
assert len(list(inputs.list_inputs())) == 5
client.delete_app("twice")
