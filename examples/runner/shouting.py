"""A runner that says its text in capitals.

clarifai runner start shouting:Shouting --runner-id ID
"""

from __future__ import annotations

from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client.runner import Runner


class Shouting(Runner):
    """Answers each text with the text in capitals."""

    def run_input(
        self,
        input: resources_pb2.Input,  # noqa: A002
        output_info: resources_pb2.OutputInfo,
    ) -> resources_pb2.Output:
        """Return the text of one input in capitals."""
        del output_info
        said = resources_pb2.Text(raw=input.data.text.raw.upper())
        return resources_pb2.Output(data=resources_pb2.Data(text=said))
