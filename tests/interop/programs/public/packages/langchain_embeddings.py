"""langchain-community's Clarifai embeddings, of queries and of many documents."""

from langchain_community.embeddings import ClarifaiEmbeddings

embeddings = ClarifaiEmbeddings(
    model_url="https://clarifai.com/clarifai/main/models/BAAI-bge-base-en-v15"
)
by_ids = ClarifaiEmbeddings(user_id="clarifai", app_id="main", model_id="BAAI-bge-base-en-v15")
query = embeddings.embed_query("roses are red")
documents = embeddings.embed_documents([f"roses are red {number}" for number in range(40)])
assert len(documents) == 40, len(documents)
assert {len(one) for one in documents} == {len(query)}
assert by_ids.embed_query("roses are red") == query
