"""What an export asks of a format."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest

from clarifai_core.contracts import WriteResult
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.heavy import resources_pb2
from clarifai_core.safe_text import failure
from clarifai_inputs.file_names import is_safe_path
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, check, place, wrong
from clarifai_testing._contract import SpecContract
from clarifai_testing._folders import changes, contents

WRITES = ["test_makes_an_exporter", "test_says_what_it_wrote"]


@attrs.frozen
class Example:
    """One input with its media, as an export hands it over."""

    message: Any
    """The `Input`: id, labels, regions."""
    media: Sequence[tuple[str, bytes]]
    """Kind and content: `[("text", b"sunny")]`."""
    split: str = "train"


@attrs.define
class Target:
    """What is written into, as the SDK's own targets take it: safe names, each once, no case."""

    scratch: Path
    files: dict[str, bytes] = attrs.field(factory=dict)

    def add(self, name: str, content: bytes | Path) -> int:
        """Keep one file."""
        if not is_safe_path(name):
            raise ValueError(f"{name!r} cannot be the name of a file")
        if name.casefold() in {one.casefold() for one in self.files}:
            raise ValueError(f"{name!r} is the name of another file on some systems")
        if isinstance(content, Path):
            data = content.read_bytes()
            content.unlink()
        else:
            data = bytes(content)
        self.files[name] = data
        return len(data)


def text_example(input_id: str, text: str, label: str, split: str = "train") -> Example:
    """Return a text with one label."""
    message = resources_pb2.Input(id=input_id)
    message.data.text.raw = text
    message.data.concepts.add(id=label, name=label, value=1)
    return Example(message, [("text", text.encode())], split)


class ExporterContract(SpecContract):
    """An export format: what goes in is counted, what does not is refused with a reason.

    Say `plugin` and `name`; `examples` when it does not hold texts with one label.
    """

    hook = "clarifai_register_exporters"

    def examples(self) -> Sequence[Example]:
        """Return two inputs or more that the format holds; by default texts with one label."""
        return [text_example("a", "sunny", "good"), text_example("b", "rain", "bad")]

    def unfit(self) -> Example:
        """Return an input that the format cannot hold; by default one of an unknown kind."""
        return Example(resources_pb2.Input(id="unfit"), [("hologram", b"?")])

    @pytest.fixture(autouse=True)
    def all_are_finished(self) -> Iterator[None]:
        """Finish what a check leaves unfinished, so that its files are closed."""
        self.begun: list[Any] = []
        yield
        for one in self.begun:
            with contextlib.suppress(Exception):  # a second time, or what the check told
                one.finish()

    def _made(self, tmp_path: Path) -> tuple[Any, Target]:
        spec, _ = self.spec, self.target
        scratch = tmp_path / f"scratch-{len(list(tmp_path.iterdir()))}"
        scratch.mkdir()
        target = Target(scratch)
        try:
            made = spec.make(target, having=("add", "finish"))
        except PluginError:
            pytest.skip("test_makes_an_exporter says what to mend first")
        self.begun.append(made)
        return made, target

    def _written(self, tmp_path: Path, examples: Sequence[Example]) -> Target:
        exporter, target = self._made(tmp_path)
        for one in examples:
            exporter.add(one.split, one.message, one.media)
        exporter.finish()
        return target

    @check()
    def test_makes_an_exporter(self, tmp_path: Path) -> None:
        """It is called with what it writes into, and has add and finish."""
        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a class or function.")
        made = target(Target(tmp_path))
        self.begun.append(made)
        for name in ("add", "finish"):
            if not callable(getattr(made, name, None)):
                wrong(f"{self.title} makes a {type(made).__name__} without {name}().")

    @check(after=["test_makes_an_exporter"])
    def test_says_what_it_wrote(self, tmp_path: Path) -> None:
        """`add` returns a WriteResult: the bytes of the media, the labels, and what got lost."""
        exporter, _ = self._made(tmp_path)
        for one in self.examples():
            found = exporter.add(one.split, one.message, one.media)
            if not isinstance(found, WriteResult):
                wrong(
                    f"{self.title}: add() returns a {type(found).__name__}: return "
                    "clarifai_core.contracts.WriteResult."
                )
            counts = {"media_bytes": found.media_bytes, "labels": found.labels, **found.lost}
            for what, count in counts.items():
                if not isinstance(count, int) or count < 0:
                    wrong(f"{self.title}: {what} of what add() returns is {count!r}: count them.")

    @check(after=WRITES)
    def test_bytes_are_counted(self, tmp_path: Path) -> None:
        """The media of an input are counted: the report adds them up."""
        exporter, _ = self._made(tmp_path)
        for one in self.examples():
            found = exporter.add(one.split, one.message, one.media)
            if found.media_bytes == 0 and any(content for _, content in one.media):
                wrong(
                    f"{self.title} writes {one.message.id!r} and counts 0 bytes of media: return "
                    "WriteResult(media_bytes=...)."
                )

    @check(after=WRITES)
    def test_losses_are_told(self, tmp_path: Path) -> None:
        """Labels that come are in `labels` or in `lost`: nothing is passed over in silence."""
        exporter, _ = self._made(tmp_path)
        for one in self.examples():
            concepts = len(one.message.data.concepts)
            found = exporter.add(one.split, one.message, one.media)
            if concepts and not found.labels and not found.lost:
                wrong(
                    f"{self.title} tells of {concepts} labels of {one.message.id!r} neither in "
                    "labels nor in lost: what the format cannot hold is in the report."
                )

    @check(after=WRITES)
    def test_writes_into_the_target(self, tmp_path: Path) -> None:
        """When it has finished, the target has files, and nothing else was written."""
        before = contents(tmp_path)
        target = self._written(tmp_path, self.examples())
        if not target.files:
            wrong(f"{self.title} writes no file: call target.add(name, content), in finish() too.")
        after = contents(tmp_path)
        inside = f"{target.scratch.relative_to(tmp_path).as_posix()}/"
        outside = [name for name in changes(before, after) if not name.startswith(inside)]
        if outside:
            wrong(
                f"{self.title} writes {outside[0]}: drafts go into target.scratch, files come to "
                "be by target.add()."
            )

    @check(after=[*WRITES, "test_writes_into_the_target"])
    def test_every_input_counts(self, tmp_path: Path) -> None:
        """More inputs make another export: none of them takes the place of another."""
        examples = self.examples()
        whole = self._written(tmp_path, examples)
        for left_out in range(len(examples)):
            rest = [one for index, one in enumerate(examples) if index != left_out]
            if self._written(tmp_path, rest).files == whole.files:
                wrong(
                    f"{self.title} writes the same with and without "
                    f"{examples[left_out].message.id!r}: each input has a place of its own."
                )

    @check(after=[*WRITES, "test_writes_into_the_target"])
    def test_the_same_inputs_give_the_same_bytes(self, tmp_path: Path) -> None:
        """An export that goes on compares what it writes with what is there."""
        first = self._written(tmp_path, self.examples()).files
        second = self._written(tmp_path, self.examples()).files
        if first != second:
            name = next(n for n in {*first, *second} if first.get(n) != second.get(n))
            wrong(
                f"{self.title} writes {name!r} differently the second time: leave out times, "
                "random names and the order of sets, as an export that goes on compares."
            )

    @check(after=["test_makes_an_exporter"])
    def test_an_export_without_inputs_ends(self, tmp_path: Path) -> None:
        """Where no input fits, `finish` is called all the same."""
        self._written(tmp_path, [])

    @check(after=["test_makes_an_exporter"])
    def test_refuses_what_it_cannot_hold(self, tmp_path: Path) -> None:
        """What the format cannot hold is a ValueError with a reason, and the rest goes on."""
        exporter, _ = self._made(tmp_path)
        one = self.unfit()
        try:
            exporter.add(one.split, one.message, one.media)
        except ValueError as error:
            if not str(error).strip() or "\n" in str(error):
                wrong(f"{self.title} refuses an input with {str(error)!r}: say why in one line.")
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} fails at an input that it cannot hold with {failure(error)}"
                f"{place(error)}: raise ValueError, and the export goes on without it."
            )

    @check(after=[*WRITES, "test_writes_into_the_target"])
    def test_odd_ids_have_places_of_their_own(self, tmp_path: Path) -> None:
        """Ids that differ in case only, or are devices of Windows, are written or refused."""
        first = self.examples()[0]
        exporter, _ = self._made(tmp_path)
        for input_id in ("cat", "Cat", "con", "a.b"):
            message = resources_pb2.Input()
            message.CopyFrom(first.message)
            message.id = input_id
            try:
                exporter.add(first.split, message, first.media)
            except ValueError as error:
                wrong(
                    f"{self.title} does not write the input {input_id!r} ({error}): "
                    "clarifai_inputs.file_names.FileNames gives ids names of files."
                )
        exporter.finish()

    @check(after=[*WRITES, "test_an_export_without_inputs_ends"])
    def test_notes_are_sentences(self, tmp_path: Path) -> None:
        """What it has to say besides is a list of texts."""
        exporter, _ = self._made(tmp_path)
        exporter.finish()
        notes = getattr(exporter, "notes", [])
        if isinstance(notes, str) or not all(isinstance(one, str) for one in notes):
            wrong(f"{self.title}: notes is {notes!r}: it must be a list of sentences.")

    @check(after=EVERY)
    def test_exports(self, clarifai_app: str, tmp_path: Path) -> None:
        """A dataset on a platform comes down in the format."""
        texts = [one for one in self.examples() if [kind for kind, _ in one.media] == ["text"]]
        if not texts:
            pytest.skip("the examples are no texts, which this check uploads")
        app = User().app(clarifai_app)
        dataset = app.create_dataset("conformance")
        dataset.upload_dataset([_row(one) for one in texts], progress=False)  # waits for them
        folder = tmp_path / "exported"
        try:
            report: Any = dataset.export(folder, format=self.name, progress=False)
        except ClarifaiError as error:  # why: one that brings nothing has a report, too
            report = getattr(error, "report", None)
            if report is None:
                raise
        if report.failed:
            wrong(f"{self.title}: {len(report.failed)} inputs do not come: {report.failed[0]}.")
        if report.exported != len(texts) or not contents(folder):
            wrong(f"{self.title} exports {report.exported} of {len(texts)} inputs.")


def _row(one: Example) -> dict[str, object]:
    """Return an example of a text as `upload_dataset` takes it."""
    labels = [concept.name for concept in one.message.data.concepts]
    return {"id": one.message.id, "text": one.media[0][1].decode(), "label": labels}
