"""Retrieval-augmented chat: `RAG.setup`, texts that are found, and a conversation."""

import os
import time

from clarifai.client.user import User
from clarifai.rag import RAG

USER_ID = os.environ["CLARIFAI_USER_ID"]
agent = RAG.setup(user_id=USER_ID)
app = agent._app
workflow = agent._prompt_workflow
assert len(workflow.workflow_info.nodes) == 2
for number, text in enumerate(("Clarifai is an AI company.", "Bread is made of flour.")):
    app.inputs().upload_text(f"text{number}", raw_text=text)
while any(one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)
messages = agent.chat(messages=[{"role": "human", "content": "What is Clarifai"}])
assert messages[-1]["role"] == "assistant", messages
assert messages[-1]["content"], messages
url = f"https://clarifai.com/{workflow.user_id}/{workflow.app_id}/workflows/{workflow.id}"
again = RAG(workflow_url=url)
assert again._app.id == app.id
User(USER_ID).delete_app(app.id)
