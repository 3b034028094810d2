"""langchain-community's Clarifai vector store: texts with metadata, found by likeness."""

import os
import time

from langchain_community.vectorstores import Clarifai

from clarifai.client.user import User

USER_ID = os.environ["CLARIFAI_USER_ID"]
APP_ID = "langchain_store"
client = User(USER_ID)
app = client.create_app(APP_ID, base_workflow="Universal")
TEXTS = [
    "I love playing soccer with my friends",
    "The team scored a late goal in the match",
    "Fresh bread with butter and cheese",
    "A sweet apple pie out of the oven",
]
METADATA = [{"id": number, "text": text, "source": "book"} for number, text in enumerate(TEXTS)]
store = Clarifai.from_texts(
    user_id=USER_ID, app_id=APP_ID, texts=TEXTS, number_of_docs=2, metadatas=METADATA
)
while sum(one.status.code == 30000 for one in app.inputs().list_inputs()) < len(TEXTS):
    time.sleep(0.05)
found = store.similarity_search("I would love to see you playing soccer")
assert found[0].page_content == TEXTS[0], found
assert found[0].metadata["source"] == "book"
assert len(found) == 2
scored = store.similarity_search_with_score("bread and cheese", k=1)
assert [one.page_content for one, _ in scored] == [TEXTS[2]]
assert 0 < scored[0][1] <= 1
filtered = store.similarity_search("bread", k=4, filters={"id": 3})
assert [one.page_content for one in filtered] == [TEXTS[3]], filtered
again = Clarifai(user_id=USER_ID, app_id=APP_ID, number_of_docs=1)
again.add_texts(["A train leaves the station"], ids=["train"], metadatas=[{"id": 9}])
while all(one.id != "train" or one.status.code != 30000 for one in app.inputs().list_inputs()):
    time.sleep(0.05)
retriever = again.as_retriever()
assert retriever.invoke("When does the train leave?")[0].page_content == (
    "A train leaves the station"
)
client.delete_app(APP_ID)
