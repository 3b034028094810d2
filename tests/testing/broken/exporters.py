"""Export formats with one fault each."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

from clarifai_core.contracts import ExporterSpec, WriteResult
from clarifai_testing import ExporterContract
from tests.testing.cases import Cases, giving


class Contract(ExporterContract):
    name = "lines"


def spec(target: Any) -> ExporterSpec:
    return ExporterSpec("lines", f"{__name__}:{target.__name__}", "Lines.")


cases = Cases(__name__, Contract, lambda target: giving("exporters", spec(target)))


@cases.good
class Lines:
    def __init__(self, target: Any) -> None:
        self.target = target
        self.lines: list[str] = []

    def add(self, split: str, message: Any, media: Any) -> Any:
        kind, content = media[0]
        labels = [concept.name for concept in message.data.concepts]
        if kind != "text" or isinstance(content, Path):
            raise ValueError("it holds texts")
        self.lines.append(f"{message.id}\t{labels[0]}\t{content.decode()}\n")
        return WriteResult(len(content), labels=len(labels))

    def finish(self) -> None:
        self.target.add("lines.tsv", "".join(self.lines).encode())


@cases.fails("test_makes_an_exporter", "without finish()")
class Endless:
    def __init__(self, target: Any) -> None:
        self.add = target.add


@cases.fails("test_makes_an_exporter", "TypeError")
class Targetless(Lines):
    def __init__(self) -> None:
        raise AssertionError("it is never called")


@cases.fails("test_says_what_it_wrote", "returns a NoneType")
class Silent(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        super().add(split, message, media)


@cases.fails("test_says_what_it_wrote", "count them")
class Vague(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        super().add(split, message, media)
        return WriteResult(3, labels=1, lost={"regions": "some"})  # type: ignore[dict-item]


@cases.fails("test_bytes_are_counted", "counts 0 bytes")
class Weightless(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        super().add(split, message, media)
        return WriteResult(labels=1)


@cases.fails("test_losses_are_told", "neither in labels nor in lost")
class Forgetful(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        return WriteResult(super().add(split, message, media).media_bytes)


@cases.fails("test_writes_into_the_target", "writes no file")
class Empty(Lines):
    def finish(self) -> None:
        self.lines.clear()


@cases.fails("test_writes_into_the_target", "drafts go into target.scratch")
class Littering(Lines):
    def finish(self) -> None:
        super().finish()
        Path("draft.tsv").write_text("left behind")


@cases.fails("test_every_input_counts", "with and without 'a'")
class Overwriting(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        self.lines.clear()
        return super().add(split, message, media)


@cases.fails("test_the_same_inputs_give_the_same_bytes", "leave out times")
class Dated(Lines):
    numbers = itertools.count()

    def finish(self) -> None:
        self.lines.append(f"# export {next(self.numbers)}\n")
        super().finish()


@cases.fails("test_an_export_without_inputs_ends", "IndexError")
class Hasty(Lines):
    def finish(self) -> None:
        self.lines[0] = self.lines[0].strip() + "\n"
        super().finish()


@cases.fails("test_refuses_what_it_cannot_hold", "raise ValueError")
class Failing(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        kind, _ = media[0]
        if kind != "text":
            raise KeyError(kind)
        return super().add(split, message, media)


@cases.fails("test_refuses_what_it_cannot_hold", "say why in one line")
class Wordless(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        if media[0][0] != "text":
            raise ValueError
        return super().add(split, message, media)


@cases.fails("test_odd_ids_have_places_of_their_own", "does not write the input 'Cat'")
class Filed(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        written = super().add(split, message, media)
        self.target.add(f"{message.id}.txt", media[0][1])
        return written


@cases.fails("test_notes_are_sentences", "a list of sentences")
class Noted(Lines):
    notes = "all is well"


@cases.fails("test_exports", "do not come")
class Picky(Lines):
    def add(self, split: str, message: Any, media: Any) -> Any:
        if message.HasField("created_at"):
            raise ValueError("it holds what no platform has seen")
        return super().add(split, message, media)
