"""What docs/plugins.md shows of exporters."""

# --8<-- [start:exporter]
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_core.contracts import ExportTarget, WriteResult


class TsvExporter:
    """Lines of `label<TAB>text`."""

    def __init__(self, target: ExportTarget) -> None:
        self.target = target
        self.lines = (target.scratch / "texts.tsv").open("w", encoding="utf-8")

    def add(
        self, split: str, message: resources_pb2.Input, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        kind, content = media[0]
        labels = [concept.name for concept in message.data.concepts]
        if kind != "text" or isinstance(content, Path) or len(labels) != 1:
            raise ValueError("tsv holds texts with one label each")
        self.lines.write(f"{labels[0]}\t{content.decode()}\n")
        return WriteResult(len(content), labels=1, lost={"regions": len(message.data.regions)})

    def finish(self) -> None:
        self.lines.close()
        self.target.add("texts.tsv", self.target.scratch / "texts.tsv")


# --8<-- [end:exporter]
