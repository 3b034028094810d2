"""A module that takes the key from the environment, and the rest from the page's address."""

import os
from pathlib import Path

from streamlit.testing.v1 import AppTest

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
Path("page.py").write_text(
    """
import streamlit as st
from clarifai.client.app import App
from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.client.input import Inputs
from clarifai.client.model import Model

secrets_auth = ClarifaiAuthHelper.from_streamlit(st)
secrets_stub = create_stub(secrets_auth)
owner = ClarifaiAuthHelper.from_streamlit(st).get_user_app_id_proto()
params = st.experimental_get_query_params()
st.caption(params["app_id"][0])
inputs = Inputs(user_id=owner.user_id, app_id=owner.app_id)
st.text(str(len(list(inputs.list_inputs()))))
models = {one.id: one for one in App(user_id=owner.user_id, app_id=owner.app_id).list_models()}
st.json(sorted(models))
prompt = st.text_area("Prompt", value="Hello")
if st.button("Ask"):
    model = Model("https://clarifai.com/openai/chat-completion/models/GPT-4")
    answer = model.predict_by_bytes(prompt.encode(), input_type="text")
    st.success(answer.outputs[0].data.text.raw)
"""
)
app = User(user_id=USER_ID).create_app("module_of_secrets", base_workflow="Empty")
app.create_model("crop", model_type_id="image-crop").create_version()
page = AppTest.from_file("page.py", default_timeout=60)
page.query_params["user_id"] = USER_ID
page.query_params["app_id"] = "module_of_secrets"
page.run()
assert not page.exception, page.exception
assert not page.error, page.error
assert (page.caption[0].value, page.text[0].value) == ("module_of_secrets", "0")
assert page.json[0].value == '["crop"]', page.json[0].value
page.button[0].click().run()
assert page.success[0].value
User(user_id=USER_ID).delete_app("module_of_secrets")
