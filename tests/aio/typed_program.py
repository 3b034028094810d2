"""A program on an event loop as users write it; mypy --strict reads it, nothing runs it."""

from __future__ import annotations

import asyncio

from clarifai_grpc.grpc.api import resources_pb2
from typing_extensions import assert_type

from clarifai.aio import App, Dataset, Inputs, Model, Pager, Search, User, Workflow


async def main() -> None:
    async with User("me") as user:
        app = await user.create_app("demo", base_workflow="Universal")
        assert_type(app, App)
        assert_type(user.list_apps(), Pager[App])
        assert_type(await user.list_apps().all(), list[App])
        assert_type(await user.open(App, "demo"), App)

        inputs = app.inputs()
        assert_type(inputs, Inputs)
        async for one in inputs.list_inputs():
            assert_type(one, resources_pb2.Input)

        dataset = await app.create_dataset("train")
        assert_type(dataset, Dataset)
        report = await dataset.upload_dataset("folder", batch_size=64)
        assert_type(report.uploaded, int)
        async for page in dataset.list_inputs().pages():
            assert_type(page, list[resources_pb2.Input])

        model = await app.model("m")
        assert_type(model, Model)
        assert_type(await model.wait_until_trained(), Model)
        assert_type(await model.train(), str)
        async for part in model.generate([]):
            assert part.outputs
        assert_type(await app.workflow("w"), Workflow)
        search = app.search(top_k=3)
        assert_type(search, Search)
        assert_type(await search.count(filters=[]), int)
        async for answer in search.query(ranks=[{"text_raw": "a"}]):
            assert answer.hits


if __name__ == "__main__":
    asyncio.run(main())
