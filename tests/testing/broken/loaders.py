"""Loaders with one fault each."""

from __future__ import annotations

import itertools
import threading
from datetime import date
from pathlib import Path
from typing import Any

from clarifai_core.contracts import FormatMatch, LoaderSpec
from clarifai_datasets.upload.base import ClarifaiDataLoader
from clarifai_datasets.upload.features import TextFeatures
from clarifai_testing import LoaderContract
from tests.testing.cases import Cases, giving


class Contract(LoaderContract):
    name = "lines"

    def source(self, folder: Path) -> Path:
        path = folder / "words.lines"
        path.write_text("good\tsunny\nbad\train\nbad\twind\n")
        return path


def spec(target: Any, **more: Any) -> LoaderSpec:
    return LoaderSpec("lines", f"{__name__}:{target.__name__}", **{"help": "Lines.", **more})


cases = Cases(__name__, Contract, lambda target: giving("loaders", spec(target)))


@cases.good
class Lines(ClarifaiDataLoader):
    task = "text_classification"

    def __init__(self, source: str) -> None:
        self.path = Path(source)

    def load_data(self) -> None:
        self.lines = self.path.read_text().splitlines()

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, index: int) -> Any:
        label, _, text = self.lines[index].partition("\t")
        return TextFeatures(text, [label], id=index)


cases.add("Nameless", "test_loads", "", {})
cases.add("Missing", "test_loads", "no.such.plugin", {}, "No module named")
cases.add("Other", "test_implements_the_hook", giving("exporters"), {}, "add the function")
cases.add("Renamed", "test_registers_the_name", giving("loaders", spec(Lines)), {"name": "tsv"})
cases.add("Helpless", "test_has_one_line_of_help", giving("loaders", spec(Lines, help="")), {})
cases.add(
    "Verbose",
    "test_has_one_line_of_help",
    giving("loaders", spec(Lines, help="Lines.\nMany of them.")),
    {},
)
cases.add(
    "Nowhere",
    "test_target_can_be_imported",
    giving("loaders", LoaderSpec("lines", f"{__name__}:nothing", "Lines.")),
    {},
    "nothing",
)
cases.add(
    "Heavy",
    "test_announcing_is_cheap",
    "tests.testing.broken.heavy_plugin",
    {"name": "heavy"},
    "loads google.protobuf",
)
cases.add(
    "Undetected",
    "test_is_detected",
    giving("loaders", spec(Lines, suffixes=(".other",))),
    {},
    "is not detected",
)


def see_everything(listing: Any) -> FormatMatch:
    return FormatMatch(FormatMatch.SURE, "it has files")


cases.add(
    "Greedy",
    "test_detection_leaves_others_alone",
    giving("loaders", spec(Lines, detect=f"{__name__}:see_everything")),
    {},
    "return None where no mark",
)


@cases.fails("test_opens_a_source", "task of the dataloader")
class Taskless(Lines):
    task = "guessing"


@cases.fails("test_opens_a_source", "TypeError")
class Sourceless(Lines):
    def __init__(self) -> None:
        raise AssertionError("it is never called")


@cases.fails("test_is_sized", "must not change")
class Growing(Lines):
    def load_data(self) -> None:
        super().load_data()
        self.sizes = itertools.count(3)

    def __len__(self) -> int:
        return next(self.sizes)


@cases.fails("test_every_item_can_be_read", "item 2 of 3: KeyError")
class Holey(Lines):
    def __getitem__(self, index: int) -> Any:
        if index == 2:
            raise KeyError("label")
        return super().__getitem__(index)


@cases.fails("test_ends_with_an_index_error", "behind its last one")
class Endless(Lines):
    def __getitem__(self, index: int) -> Any:
        return super().__getitem__(min(index, 2))


@cases.fails("test_items_do_not_depend_on_the_order", "another item")
class Queue(Lines):
    def load_data(self) -> None:
        super().load_data()
        self.reads = 0

    def __getitem__(self, index: int) -> Any:
        self.reads += 1
        item = super().__getitem__(index)
        item.text += f" {self.reads}"
        return item


@cases.fails("test_a_second_loader_reads_the_same", "draw no lots")
class Drawn(Lines):
    numbers = itertools.count()

    def load_data(self) -> None:
        super().load_data()
        self.lines[0] += f" {next(self.numbers)}"


@cases.fails("test_items_are_features", "which the task 'text_classification' needs")
class Tuples(Lines):
    def __getitem__(self, index: int) -> Any:
        item = super().__getitem__(index)
        return (item.text, item.labels)


@cases.fails("test_labels_are_texts", "labels are a list")
class Unlisted(Lines):
    def __getitem__(self, index: int) -> Any:
        item = super().__getitem__(index)
        item.labels = f" {item.labels[0]}"
        return item


@cases.fails("test_ids_are_unique", "ids are unique in a source")
class Twins(Lines):
    def __getitem__(self, index: int) -> Any:
        item = super().__getitem__(index)
        item.id = "same"
        return item


LOCK = threading.Lock()


@cases.fails("test_items_can_be_pickled", "hold paths, texts and bytes")
class Stuck(Lines):
    def __getitem__(self, index: int) -> Any:
        item = super().__getitem__(index)
        item.metadata = {"lock": LOCK}
        return item


@cases.fails("test_reading_writes_nothing", "write into no source")
class Caching(Lines):
    def load_data(self) -> None:
        super().load_data()
        self.path.with_suffix(".cache").write_text("kept")


@cases.fails("test_a_bad_source_is_refused_in_one_sentence", "AttributeError")
class Careless(Lines):
    def load_data(self) -> None:
        if self.path.exists():
            super().load_data()


@cases.fails("test_a_bad_source_is_refused_in_one_sentence", "name the source")
class Mute(Lines):
    def load_data(self) -> None:
        try:
            super().load_data()
        except OSError:
            raise ValueError("something is wrong") from None


@cases.fails("test_uploads", "fail to upload")
class Refused(Lines):
    def __getitem__(self, index: int) -> Any:
        item = super().__getitem__(index)
        item.metadata = {"day": date(2026, 5, 1)} if index == 1 else None
        return item
