"""A module: a Streamlit page, run headless, that lists what is in the app and uploads to it."""

import os
from pathlib import Path

from streamlit.testing.v1 import AppTest

from clarifai.client.user import User

USER_ID = os.environ.pop("CLARIFAI_USER_ID")
PAT = os.environ.pop("CLARIFAI_PAT")
Path("page.py").write_text(
    """
import streamlit as st
from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.user import User
from clarifai.modules.css import ClarifaiStreamlitCSS
from clarifai_grpc.grpc.api import service_pb2
from google.protobuf import json_format

st.set_page_config(layout="wide")
ClarifaiStreamlitCSS.insert_default_css(st)

auth = ClarifaiAuthHelper.from_streamlit(st)
stub = create_stub(auth)
user_app_id = auth.get_user_app_id_proto()
pat = auth._pat
app = User(user_id=user_app_id.user_id, pat=pat).app(app_id=user_app_id.app_id)

st.title("Simple example to list inputs")
with st.form(key="data-inputs"):
    text = st.text_input("Text to add:")
    total = st.number_input("How many:", min_value=1, max_value=100, value=5)
    submitted = st.form_submit_button("Submit")
if submitted:
    if text:
        app.inputs().upload_text(text.replace(" ", "-"), raw_text=text, labels=["added"])
    rows = []
    for number, one in enumerate(app.inputs().list_inputs()):
        if number >= total:
            break
        rows.append(json_format.MessageToDict(one)["id"])
    st.text(", ".join(sorted(rows)))
response = stub.ListConcepts(service_pb2.ListConceptsRequest(user_app_id=user_app_id))
st.selectbox("Concepts", [concept.name for concept in response.concepts])
workflows = [workflow.id for workflow in app.list_workflows()]
st.caption(f"{len(workflows)} workflows")
"""
)
app = User(user_id=USER_ID, pat=PAT).create_app("module_page", base_workflow="Empty")
app.inputs().upload_text("first", raw_text="the first", labels=["old"])

page = AppTest.from_file("page.py", default_timeout=60)
page.query_params["user_id"] = USER_ID
page.query_params["app_id"] = "module_page"
page.query_params["pat"] = PAT
page.run()
assert not page.exception, page.exception
assert not page.error, page.error
assert page.title[0].value == "Simple example to list inputs"
assert page.selectbox[0].options == ["old"], page.selectbox[0].options
assert any("<style>" in one.value for one in page.markdown), page.markdown
page.text_input[0].set_value("the second")
page.button[0].click().run()
assert not page.exception, page.exception
assert page.text[0].value == "first, the-second", page.text[0].value
assert sorted(page.selectbox[0].options) == ["added", "old"]

nobody = AppTest.from_file("page.py", default_timeout=60).run()
assert nobody.error or nobody.exception  # neither key nor app: the page says so and stops
User(user_id=USER_ID, pat=PAT).delete_app("module_page")
