"""What programs do with listings: the next one, a slice, a page, a number, a dictionary."""

import itertools
import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(user_id=USER_ID)
app = client.create_app("listings", base_workflow="Empty", name="My lists", description="For me")
inputs = app.inputs()
inputs.upload_inputs(
    [inputs.get_text_input(f"t{number:03}", f"text {number}") for number in range(128)]
)
inputs.upload_inputs(
    [inputs.get_text_input(f"u{number:03}", f"text {number}") for number in range(40)]
)
while len(list(inputs.list_inputs())) < 168:
    time.sleep(0.05)
first = next(inputs.list_inputs())
assert first.id
assert len(list(itertools.islice(inputs.list_inputs(), 20))) == 20
assert len(list(inputs.list_inputs(page_no=1, per_page=100))) == 100
assert len(list(inputs.list_inputs(page_no=2, per_page=100))) == 68
assert len(list(inputs.list_inputs(page_no=0, per_page=10))) == 10
assert len({one.id for one in inputs.list_inputs()}) == 168
assert [one.id for one in client.list_apps(filter_by={"name": "My lists"})] == ["listings"]
for name in ("one", "two"):
    app.create_dataset(name)
datasets = {one.id: one for one in app.list_datasets()}
assert sorted(datasets) == ["one", "two"]
assert datasets["one"].app_id == "listings"
assert datasets["one"].user_id == USER_ID
opened = client.app("listings")
assert opened.id == "listings"
assert "listings" in str(opened)
client.delete_app("listings")
