"""Keeping order: concepts, relations, patches of everything, annotations taken away again."""

import os
import time

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
client = User(USER_ID)
app = client.create_app("changes", base_workflow="Empty")
client.patch_app("changes", action="overwrite", description="changed")
assert client.app("changes").description == "changed"
app.create_concepts(["dog", "animal"], concepts=["Dog", "Animal"])
app.create_concept_relations("dog", ["animal"], ["hyponym"])
relations = list(app.search_concept_relations(concept_id="dog"))
assert [one.object_concept.id for one in relations] == ["animal"]
app.delete_concept_relations("dog", concept_relation_ids=[one.id for one in relations])
assert list(app.search_concept_relations(concept_id="dog")) == []
one = app.create_dataset("one")
two = app.create_dataset("two")
app.patch_dataset("one", action="merge", notes="kept")
inputs = app.inputs()
inputs.upload_text("a", "first", dataset_id="one", labels=["x"])
inputs.upload_text("b", "second", dataset_id="two", labels=["y"])
while any(found.status.code != 30000 for found in inputs.list_inputs()):
    time.sleep(0.05)
one.merge_dataset(merge_dataset_id="two")
assert sorted(found.id for found in one.list_inputs()) == ["a", "b"]
assert inputs.get_input("a").id == "a"
assert app.get_input_count() == 2
inputs.patch_concepts(["dog"], labels=["Hound"])
assert "Hound" in {found.name for found in app.list_concepts()}
inputs.delete_annotations(["a"])
assert list(inputs.list_annotations(batch_input=[inputs.get_input("a")])) == []
model = app.create_model("m", model_type_id="text-classifier")
app.patch_model("m", action="merge", description="patched")
assert app.model("m").description == "patched"
client.delete_app("changes")
