"""A small program as users write it, with every class; mypy --strict reads it, nothing runs it."""

from __future__ import annotations

from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client import (
    App,
    Dataset,
    Inputs,
    Lister,
    Model,
    Module,
    Runner,
    Search,
    User,
    Workflow,
)
from clarifai.client.auth.helper import ClarifaiAuthHelper
from clarifai.errors import ApiClientError, ApiError, UserError
from clarifai.urls.helper import ClarifaiUrlHelper
from clarifai.utils.misc import Chunker
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures


class Greetings(ClarifaiDataLoader):
    """Texts to upload."""

    words = ("hello", "good night")

    @property
    def task(self) -> str:
        """Return what the items are for."""
        return "text_classification"

    def __getitem__(self, index: int) -> TextFeatures:
        return TextFeatures(self.words[index], labels=["greeting"], id=str(index))

    def __len__(self) -> int:
        return len(self.words)


class Shouting(Runner):
    """A runner that answers in capitals."""

    def run_input(
        self, input: resources_pb2.Input, output_info: resources_pb2.OutputInfo
    ) -> resources_pb2.Output:
        """Return the text of the input in capitals."""
        shouted = resources_pb2.Text(raw=input.data.text.raw.upper())
        return resources_pb2.Output(data=resources_pb2.Data(text=shouted))


def fill(user: User) -> int:
    """Make an app and fill a dataset; return how many inputs arrived."""
    app: App = user.create_app("demo", base_workflow="Universal")
    dataset: Dataset = app.create_dataset("greetings", metadata={"by": "hand"})
    uploaded: int = dataset.upload_dataset(Greetings(), batch_size=64).uploaded
    inputs: Inputs = app.inputs()
    inputs.upload_text("one", "hi", dataset_id="greetings", labels=["greeting"])
    inputs.patch_inputs([resources_pb2.Input(id="one")], action="overwrite")
    inputs.patch_annotations([resources_pb2.Annotation(id="a")], action="remove")
    inputs.patch_concepts(["greeting"], ["Greeting"], action="overwrite")
    app.create_concept_relations("hi", ["greeting"], ["hypernym"])
    names: list[str] = [one.id for one in inputs.list_inputs(dataset_id="greetings")]
    return uploaded + len(names)


def train(app: App) -> str:
    """Train a model and return the name of the best concept for a text."""
    model: Model = app.create_model("greeter", model_type_id="text-classifier")
    model.get_params(template="", save_to=None)
    version_id: str = model.train()
    trained = model.wait_until_trained(timeout_seconds=60)
    answer = trained.predict_by_bytes(b"hello", "text", output_config={"max_concepts": 1})
    return f"{version_id}: {answer.outputs[0].data.concepts[0].name}"


def look(app: App) -> list[float]:
    """Return the scores of a search."""
    search: Search = app.search(top_k=5, metric="cosine")
    scores = [hit.score for page in search.query(ranks=[{"text_raw": "hi"}]) for hit in page.hits]
    workflow: Workflow = app.workflow("General")
    workflow.predict_by_url("https://samples.clarifai.com/dog.tiff", "image")
    module: Module = app.module("viewer")
    link = ClarifaiUrlHelper().clarifai_url(app.user_id, app.id, "modules", module.id)
    lister = Lister(page_size=4)
    return [*scores, float(len(link) + lister.page_size)]


def serve(user: User) -> None:
    """Serve a runner; tell what went wrong."""
    runner: Runner = user.create_runner("shouter", labels=["text"])
    try:
        Shouting(runner_id=runner.id, user_id=user.id).start()
    except UserError as error:
        print(error.faults)
    except ApiError as error:
        print(error.code, error.req_id)
    except ApiClientError as error:
        print(error.attempts)


def main() -> None:
    """Run everything in turn."""
    user = User("me", base_url="local:")
    fill(user)
    for batch in Chunker(list(user.list_apps()), 10).chunk():
        for app in batch:
            print(train(app), look(app))
    print(ClarifaiAuthHelper("me", "demo").get_user_app_id_proto())
    serve(user)
