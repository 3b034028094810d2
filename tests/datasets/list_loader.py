"""A loader over a list, as a user would write it."""

from __future__ import annotations

from clarifai_datasets.upload.base import ClarifaiDataLoader


class ListLoader(ClarifaiDataLoader):
    def __init__(self, task, items):
        self._task, self._given, self._items, self.loads = task, items, [], 0

    @property
    def task(self):
        return self._task

    def load_data(self):
        self.loads += 1
        self._items += self._given

    def __getitem__(self, index):
        item = self._items[index]
        if isinstance(item, Exception):
            raise item
        return item

    def __len__(self):
        return len(self._items)
