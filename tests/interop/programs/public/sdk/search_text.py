"""The documentation's search: by text, by picture, by metadata, place and concept."""

import os
import time

from google.protobuf.struct_pb2 import Struct

from clarifai.client.search import Search
from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
IMG_URL = "https://samples.clarifai.com/red.png"
client = User(user_id=USER_ID)
app = client.create_app(app_id="search_text", base_workflow="Universal")
inputs = app.inputs()
metadata = Struct()
metadata.update({"Breed": "Saint Bernard"})
inputs.upload_from_url(
    input_id="dog", image_url=IMG_URL, labels=["dog"], geo_info=[-30.0, 40.0], metadata=metadata
)
inputs.upload_text(input_id="text", raw_text="This is earth.", labels=["planet"])
inputs.upload_from_file("blue", image_file="materials/pictures/blue/blue0.png")
while any(one.status.code != 30000 for one in inputs.list_inputs()):
    time.sleep(0.05)


def ids(response):
    return [hit.input.id for page in response for hit in page.hits]


search = Search(user_id=USER_ID, app_id="search_text", top_k=1, metric="euclidean")
assert ids(search.query(ranks=[{"image_url": IMG_URL}])) == ["dog"]
assert ids(search.query(ranks=[{"text_raw": "This is earth."}])) == ["text"]
every = Search(user_id=USER_ID, app_id="search_text")
assert ids(every.query(filters=[{"metadata": {"Breed": "Saint Bernard"}}])) == ["dog"]
place = {"geo_point": {"longitude": -29.0, "latitude": 40.0, "geo_limit": 100}}
assert ids(every.query(filters=[place])) == ["dog"]
assert ids(every.query(filters=[{"concepts": [{"name": "dog", "value": 1}]}])) == ["dog"]
assert sorted(ids(every.query(filters=[{"input_types": ["image"]}]))) == ["blue", "dog"]
both = every.query(ranks=[{"text_raw": "earth"}], filters=[{"input_types": ["text"]}])
assert ids(both) == ["text"]
for page in every.query(ranks=[{"text_raw": "earth"}]):
    for hit in page.hits:
        assert 0 <= hit.score <= 1, hit.score
assert search.metric_distance == "EUCLIDEAN_DISTANCE"
client.delete_app("search_text")
