"""Workflows out of files: of public models, of one's own, exported and made again elsewhere."""

import os

import yaml

from clarifai.client.user import User
from clarifai.client.workflow import Workflow

USER_ID = os.environ["CLARIFAI_USER_ID"]
CONFIG = """
workflow:
  id: face-and-embedding
  nodes:
    - id: embed
      model:
        model_id: general-image-embedding
        user_id: clarifai
        app_id: main
    - id: mine
      model:
        model_id: cropped
        model_type_id: image-crop
        output_info:
          params:
            margin: 1.5
    - id: cluster
      model:
        model_id: general-clusterering
        user_id: clarifai
        app_id: main
      node_inputs:
        - node_id: embed
"""
with open("workflow.yml", "w") as file:
    file.write(CONFIG)
client = User(user_id=USER_ID)
app = client.create_app("workflows_by_file", base_workflow="Universal")
workflow = app.create_workflow(config_filepath="workflow.yml", display=True)
print(workflow)
assert [node.id for node in workflow.workflow_info.nodes] == ["embed", "mine", "cluster"]
answer = app.workflow("face-and-embedding").predict_by_filepath(
    "materials/pictures/red/red0.png", input_type="image"
)
assert answer.results[0].outputs[-1].data.clusters, answer.results[0].outputs[-1]
app.workflow("face-and-embedding").export("exported.yml")
exported = yaml.safe_load(open("exported.yml"))["workflow"]
assert [node["id"] for node in exported["nodes"]] == ["embed", "mine", "cluster"]
assert exported["nodes"][0]["model"]["model_id"] == "general-image-embedding"
app.delete_workflow("face-and-embedding")
again = app.create_workflow(config_filepath="exported.yml", display=False)
assert [node.id for node in again.workflow_info.nodes] == ["embed", "mine", "cluster"]

Workflow("https://clarifai.com/clarifai/main/workflows/General").export("general.yml")
other = client.create_app("workflows_by_file2", base_workflow="Universal")
copied = other.create_workflow(config_filepath="general.yml", generate_new_id=True, display=False)
answer = other.workflow(copied.id).predict_by_filepath(
    "materials/pictures/red/red0.png", input_type="image"
)
assert answer.status.code == 10000
assert {one.model.id for one in answer.results[0].outputs} >= {"general-image-recognition"}
client.delete_app("workflows_by_file")
client.delete_app("workflows_by_file2")
