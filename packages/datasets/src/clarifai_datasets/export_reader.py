"""The platform's archives, input by input, and as files: for programs that read them themselves.

`Dataset.export` does both in one call.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.files import PRIVATE
from clarifai_datasets._export import archive as archives
from clarifai_datasets._export import source
from clarifai_datasets.handle import Dataset

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator

    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Self

    from clarifai_datasets._export.report import ExportReport

__all__ = ["DatasetExportReader", "InputAnnotationDownloader"]


class DatasetExportReader:
    """The inputs of an archive; use it as a context manager, and iterate over it.

    Args:
        session: A session of the library requests, whose headers the address is asked with; None:
            the settings of the environment.
        archive_url: Address of the archive; or
        local_archive_path: the file that holds it.

    Raises:
        UserError: Not exactly one of the two is given, or it is no archive.

    Example:
        >>> with DatasetExportReader(local_archive_path="export.zip") as inputs:  # doctest: +SKIP
        ...     print(len(inputs), [one.id for one in inputs])
    """

    def __init__(
        self,
        session: Any = None,
        archive_url: str | None = None,
        local_archive_path: str | os.PathLike[str] | None = None,
    ) -> None:
        if bool(archive_url) == bool(local_archive_path):
            raise UserError("Give one of archive_url and local_archive_path.")
        self._open = contextlib.ExitStack()
        self.path = Path(local_archive_path or "")
        if archive_url:
            folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
            self.path = folder / "archive.zip"
            _download(session, archive_url, self.path)
        what = f"The archive {str(archive_url or self.path)!r}"
        with self._open.pop_all() as held:  # closed when the archive is none
            self._archive = held.enter_context(archives.open_archive(self.path, what))
            self._open = held.pop_all()

    @property
    def split_dir(self) -> str:
        """Return the first split, or `""` when the archive is empty."""
        return next(iter(self._archive.splits), "")

    def __len__(self) -> int:
        return sum(batch.inputs for batch in self._archive.batches)

    def __iter__(self) -> Iterator[resources_pb2.Input]:
        for batch in self._archive.batches:
            yield from self._archive.inputs(batch)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the archive, and delete it if it was downloaded."""
        self._open.close()


class InputAnnotationDownloader:
    """Writes the inputs of an archive with their labels into a zip, as `Dataset.export` does.

    Args:
        session: A session of the library requests, whose `Authorization` the media are asked with;
            None: the credentials of the environment.
        input_iterator: The open archive.
        num_workers: Downloads at once.
    """

    def __init__(
        self, session: Any, input_iterator: DatasetExportReader, num_workers: int = 4
    ) -> None:
        if not isinstance(input_iterator, DatasetExportReader):
            kind = type(input_iterator).__name__
            raise UserError(f"input_iterator must be a DatasetExportReader, got a {kind}.")
        self.input_iterator = input_iterator
        self.num_workers = num_workers
        self._pat = _pat_of(session)

    def download_archive(
        self, save_path: str | os.PathLike[str], split: str | None = None
    ) -> ExportReport:
        """Write the zip; see `Dataset.export`.

        Args:
            save_path: The zip to write.
            split: The split to write; None: all.
        """
        return Dataset(pat=self._pat).export(
            save_path,
            local_archive_path=self.input_iterator.path,
            split=split or archives.ALL,
            num_workers=self.num_workers,
        )


def _pat_of(session: Any) -> str:
    headers = getattr(session, "headers", None) or {}
    scheme, _, key = str(headers.get("Authorization", "")).partition(" ")
    return key if scheme == "Key" else ""


def _download(session: Any, url: str, path: Path) -> None:
    with source.downloads_of(Dataset(pat=_pat_of(session))) as downloads:
        downloads.check(url)
        most = source.MAX_ARCHIVE_BYTES
        downloads.downloader.save(url, path, max_bytes=most, mode=PRIVATE)
