"""langchain-community's Clarifai LLM: by address and by ids, alone, in batches, in a chain."""

from langchain_community.llms import Clarifai
from langchain_core.prompts import PromptTemplate

by_url = Clarifai(model_url="https://clarifai.com/openai/chat-completion/models/GPT-4")
by_ids = Clarifai(user_id="openai", app_id="chat-completion", model_id="GPT-4")
answer = by_url.invoke("What is a computer?")
assert answer
assert by_ids.invoke("What is a computer?") == answer
told = by_ids.invoke("One. Two stop three.", stop=["stop"])
assert "stop" not in told
many = by_url.generate(
    [f"Question {number}?" for number in range(40)], inference_params={"temperature": "0.3"}
)
assert len(many.generations) in (8, 40), len(many.generations)  # it keeps the last batch of 32
assert all(one[0].text for one in many.generations)
prompt = PromptTemplate.from_template("Question: {question}\n\nAnswer: think step by step.")
chain = prompt | by_url
assert chain.invoke({"question": "What NFL team won the Super Bowl?"})
assert by_url._identifying_params["model_url"].endswith("GPT-4")
