"""What an upload asks of a loader."""

from __future__ import annotations

import pickle
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from clarifai_core.contracts import FormatMatch, LoaderSpec
from clarifai_core.errors import ClarifaiError
from clarifai_core.safe_text import failure, shown
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, NotSaid, check, one_sentence, place, wrong
from clarifai_testing._contract import SpecContract
from clarifai_testing._folders import changes, contents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_core.contracts import DataLoader


def _items(count: int) -> str:
    return f"{count} item{'' if count == 1 else 's'}"


READ = ["test_opens_a_source", "test_is_sized", "test_every_item_can_be_read"]


class LoaderContract(SpecContract):
    """A dataset loader: sized, indexed, the same each time it is read, and clear about faults.

    Say `plugin`, `name` and how to make a `source`; `options` are what it is opened with.
    """

    hook = "clarifai_register_loaders"
    options: ClassVar[Mapping[str, Any]] = {}

    def source(self, folder: Path) -> Path | str:
        """Make a small source in a folder, with two items at least, and return what names it."""
        raise NotSaid("say how to make a source: def source(self, folder)")

    def bad_source(self, folder: Path) -> Path | str:
        """Return a source that the loader must refuse; by default a file that is not there."""
        return folder / "no-such-file"

    @pytest.fixture
    def opened(self, tmp_path: Path) -> DataLoader:
        """Return the loader of the source, loaded."""
        try:
            return self._opened(self._source(tmp_path))
        except Exception:  # noqa: BLE001  why: test_opens_a_source tells it
            pytest.skip("test_opens_a_source says what to mend first")

    def _source(self, tmp_path: Path) -> str:
        folder = tmp_path / "source"
        folder.mkdir(exist_ok=True)
        source: object = self.source(folder)
        named = f"{type(self).__name__}.source()"
        if not isinstance(source, (str, PurePath)):
            wrong(f"{named} returns {shown(source)}: return the path, or the text, that names it.")
        if isinstance(source, Path) and not source.exists():
            wrong(f"{named} returns {source.name!r}, which is not there: make it first.")
        return str(source)

    def _opened(self, source: str) -> DataLoader:
        from clarifai_datasets.upload.loader import prepare

        loader: DataLoader = self.target(source, **self.options)
        prepare(loader)
        return loader

    def _items(self, loader: DataLoader) -> list[Any]:
        try:
            return [loader[index] for index in range(len(loader))]
        except Exception:  # noqa: BLE001  why: test_every_item_can_be_read tells it
            pytest.skip("test_every_item_can_be_read says what to mend first")

    @check()
    def test_opens_a_source(self, tmp_path: Path) -> None:
        """It is called with the source and the options, has a known task, and loads."""
        target = self.target
        if not callable(target):
            wrong(f"{self.title}: {self.spec.target} must be a class or function.")
        self._opened(self._source(tmp_path))

    @check(after=["test_opens_a_source"])
    def test_is_sized(self, opened: DataLoader) -> None:
        """It says how many items there are, and that does not change."""
        sizes = [len(opened), len(opened)]
        if sizes[0] < 2:
            wrong(f"{self.title} finds {_items(sizes[0])}: make a source with two at least.")
        if sizes[0] != sizes[1]:
            wrong(f"{self.title} has {sizes[0]} items, then {sizes[1]}: len() must not change.")

    @check(after=["test_opens_a_source", "test_is_sized"])
    def test_every_item_can_be_read(self, opened: DataLoader) -> None:
        """Items are counted from 0 and each of them can be had."""
        for index in range(len(opened)):
            try:
                opened[index]
            except Exception as error:  # noqa: BLE001  why: of a plugin
                wrong(
                    f"{self.title} cannot read item {index} of {len(opened)}: "
                    f"{failure(error)}{place(error)}."
                )

    @check(after=READ)
    def test_ends_with_an_index_error(self, opened: DataLoader) -> None:
        """Behind the last item there is an IndexError, so that `for item in loader` ends."""
        try:
            opened[len(opened)]
        except IndexError:
            return
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} raises {type(error).__name__} behind its last item: raise "
                "IndexError, so that `for item in loader` ends."
            )
        wrong(f"{self.title} returns an item behind its last one: raise IndexError there.")

    @check(after=READ)
    def test_items_do_not_depend_on_the_order(self, opened: DataLoader) -> None:
        """An upload that goes on reads from the middle: an item is the same whenever it is read."""
        forwards = self._items(opened)
        for index in reversed(range(len(opened))):
            if opened[index] != forwards[index]:
                wrong(
                    f"{self.title} gives another item {index} when it is read again: an upload "
                    "that goes on would send other content under the same id."
                )

    @check(after=[*READ, "test_items_do_not_depend_on_the_order"])
    def test_a_second_loader_reads_the_same(self, opened: DataLoader, tmp_path: Path) -> None:
        """The same source gives the same items in the same order, in the next run, too."""
        first = self._items(opened)
        second = self._items(self._opened(self._source(tmp_path)))
        if first != second:
            wrong(
                f"{self.title} reads the same source differently the second time: sort what a "
                "folder or a set gives, and draw no lots."
            )

    @check(after=READ)
    def test_items_are_features(self, opened: DataLoader) -> None:
        """Items have what the task needs."""
        from clarifai_datasets.upload.encode import check_features

        for index, item in enumerate(self._items(opened)):
            try:
                check_features(item, index, opened.task)
            except ClarifaiError as error:
                wrong(f"{self.title}: {error}")

    @check(after=[*READ, "test_items_are_features"])
    def test_labels_are_texts(self, opened: DataLoader) -> None:
        """Labels are a list of texts or numbers, none of them empty."""
        for index, item in enumerate(self._items(opened)):
            labels = getattr(item, "labels", [])
            good = isinstance(labels, list) and all(
                isinstance(one, (str, int)) and str(one).strip() == str(one) != "" for one in labels
            )
            if not good:
                wrong(
                    f"{self.title} gives item {index} the labels {labels!r}: labels are a list "
                    "of texts, without spaces around, none of them empty."
                )

    @check(after=READ)
    def test_ids_are_unique(self, opened: DataLoader) -> None:
        """No two items have the same id: the second would not be uploaded."""
        seen: dict[object, int] = {}
        for index, item in enumerate(self._items(opened)):
            own = getattr(item, "id", None)
            if own is not None and str(own) in seen:
                wrong(
                    f"{self.title} gives items {seen[str(own)]} and {index} the id {own!r}: ids "
                    "are unique in a source."
                )
            seen[str(own)] = index

    @check(after=READ)
    def test_items_can_be_pickled(self, opened: DataLoader) -> None:
        """Items travel to the workers of an executor."""
        for index, item in enumerate(self._items(opened)):
            try:
                pickle.dumps(item)
            except Exception as error:  # noqa: BLE001  why: pickle raises what it meets
                wrong(
                    f"{self.title}: item {index} cannot be pickled ({failure(error)}), so no "
                    "executor can upload it: hold paths, texts and bytes, no open files."
                )

    @check(after=["test_opens_a_source"])
    def test_reading_writes_nothing(self, tmp_path: Path) -> None:
        """Neither the source nor the working folder changes."""
        _, source = self.target, self._source(tmp_path)
        before = contents(tmp_path)
        self._items(self._opened(source))
        changed = changes(before, contents(tmp_path))
        if changed:
            wrong(f"{self.title} writes {changed[0]} while it reads: write into no source.")

    @check(after=["test_opens_a_source"])
    def test_a_bad_source_is_refused_in_one_sentence(self, tmp_path: Path) -> None:
        """What cannot be read is said with its name, before anything is sent."""
        source = str(self.bad_source(tmp_path))
        name = source.replace("\\", "/").rpartition("/")[2]
        try:
            size = len(self._opened(source))
        except (ClarifaiError, OSError, ValueError) as error:
            one_sentence(str(error), f"{self.title}, of the source {name!r},")
            if name not in str(error):
                wrong(
                    f"{self.title} refuses {name!r} with {str(error)!r}: name the source in the "
                    "sentence."
                )
        except Exception as error:  # noqa: BLE001  why: of a plugin
            wrong(
                f"{self.title} fails at {name!r} with {failure(error)}{place(error)}: raise "
                "clarifai_core.errors.UserError with a sentence, or let the OSError go."
            )
        else:
            wrong(f"{self.title} finds {_items(size)} in {name!r}, which it should refuse.")

    @check(after=["test_opens_a_source"])
    def test_is_detected(self, tmp_path: Path) -> None:
        """Where it says that it detects its sources, it is found for this one."""
        from clarifai_datasets.upload.detection import detect

        spec = self.spec
        if not (isinstance(spec, LoaderSpec) and (spec.suffixes or spec.detect)):
            pytest.skip("the spec has neither suffixes nor detect: the loader is asked by name")
        source = self._source(tmp_path)
        try:
            found = detect(source).spec.name
        except ClarifaiError as error:
            wrong(f"{self.title} is not detected: {error}")
        if found != self.name:
            wrong(
                f"{self.title} is not detected: {found!r} is surer of the source; return a "
                "FormatMatch with more confidence, or let detect see a mark of the format."
            )

    @check()
    def test_detection_leaves_others_alone(self, tmp_path: Path) -> None:
        """Asked about a folder of something else, it is not sure."""
        from clarifai_datasets.upload.detection import detect

        if not self.spec.detect:
            pytest.skip("the spec has no detect: the loader is asked by name or by suffix")
        for index in range(3):
            (tmp_path / f"{index}.unheard-of").write_bytes(bytes(range(64)))
        try:
            found = detect(str(tmp_path))
        except ClarifaiError:
            return
        if found.spec.name == self.name and found.sighting.confidence >= FormatMatch.LIKELY:
            wrong(
                f"{self.title} takes a folder of unknown files for its own "
                f"({found.sighting.reason}): return None where no mark of the format is seen."
            )

    @check(after=EVERY)
    def test_uploads(self, clarifai_app: str, opened: DataLoader) -> None:
        """Every item arrives on a platform."""
        app = User().app(clarifai_app)
        report = app.create_dataset("conformance").upload_dataset(opened, progress=False)
        if report.failed:
            wrong(f"{self.title}: {len(report.failed)} items fail to upload: {report.failed[0]}.")
        if report.uploaded != len(opened):
            wrong(f"{self.title} has {len(opened)} items, of which {report.uploaded} arrive.")
