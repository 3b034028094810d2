"""llama-index's Clarifai language model and embeddings."""

import asyncio

from llama_index.core.llms import ChatMessage
from llama_index.embeddings.clarifai import ClarifaiEmbedding
from llama_index.llms.clarifai import Clarifai

llm = Clarifai(model_url="https://clarifai.com/clarifai/ml/models/llama2-7b-alternative-4k")
by_name = Clarifai(model_name="GPT-4", user_id="openai", app_id="chat-completion")
assert llm.complete("write a 10 line rhyming poem").text
assert by_name.complete(prompt="Hello", inference_params={"max_tokens": 30}).text
messages = [
    ChatMessage(role="system", content="You are a pirate."),
    ChatMessage(role="user", content="Tell me a story"),
]
assert by_name.chat(messages).message.content
assert asyncio.run(by_name.acomplete("Hello")).text
embedding = ClarifaiEmbedding(
    model_url="https://clarifai.com/clarifai/main/models/BAAI-bge-base-en-v15"
)
one = embedding.get_text_embedding("Hello World!")
many = embedding.get_text_embedding_batch([f"Hello World {number}!" for number in range(30)])
assert len(many) == 30
assert {len(vector) for vector in many} == {len(one)}
