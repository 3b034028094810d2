"""A chat of hackathons: language models of many owners, with parameters of all kinds."""

from clarifai.client.model import Model

MODELS = (
    "https://clarifai.com/openai/chat-completion/models/GPT-4",
    "https://clarifai.com/openai/chat-completion/models/GPT-3_5-turbo",
    "https://clarifai.com/openai/chat-completion/models/gpt-4-turbo",
    "https://clarifai.com/openai/chat-completion/models/gpt-4o",
    "https://clarifai.com/anthropic/completion/models/claude-v2",
    "https://clarifai.com/anthropic/completion/models/claude-3-opus",
    "https://clarifai.com/meta/Llama-2/models/llama2-70b-chat",
    "https://clarifai.com/meta/Llama-3/models/Llama-3-8B-Instruct",
    "https://clarifai.com/mistralai/completion/models/mistral-7B-Instruct",
    "https://clarifai.com/mistralai/completion/models/mixtral-8x7B-Instruct-v0_1",
    "https://clarifai.com/gcp/generate/models/gemini-pro",
    "https://clarifai.com/gcp/generate/models/gemma-7b-it",
    "https://clarifai.com/cohere/generate/models/cohere-generate-command",
    "https://clarifai.com/qwen/qwenLM/models/Qwen2_5-72B-Instruct",
)
history = []


def answer(url, prompt, **params):
    prediction = Model(url).predict_by_bytes(
        prompt.encode(), input_type="text", inference_params=params
    )
    return prediction.outputs[0].data.text.raw


for url in MODELS:
    history.append("Human: What is a computer?\nAssistant:")
    text = answer(url, "\n".join(history[-2:]), temperature=0.7, max_tokens=100)
    assert isinstance(text, str), url
    assert text, url
    history.append(text)
assert answer(MODELS[0], "Hello", temperature="0.7", top_p=0.95, system_prompt="Be kind.")
assert answer(MODELS[6], "Hello", max_new_tokens=200, top_k=50)
