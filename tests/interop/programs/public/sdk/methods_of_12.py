"""A model of the newest kind, with methods of its own: asked by its argument's name."""

from clarifai.client import Model

model = Model(url="https://clarifai.com/openai/chat-completion/models/GPT-4")
assert model.predict(prompt="Hello")
