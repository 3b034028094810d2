# Made of clarifai_datasets.handle by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Datasets: collections of inputs, their versions, and the ways to fill them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from clarifai_aio._core import ops, threads
from clarifai_aio._core.handles import Handle
from clarifai_aio._datasets import _members, _upload_status, _versions
from clarifai_aio._datasets import archive_source as archives
from clarifai_aio._datasets import export as exports
from clarifai_aio._datasets.upload import _pipeline, _run
from clarifai_core import errors
from clarifai_core.handles import DEFAULT_BASE_URL
from clarifai_core.heavy import resources_pb2
from clarifai_datasets import _kinds, _upload_logs
from clarifai_datasets._export import options
from clarifai_datasets._fields import DatasetFields
from clarifai_datasets.handle import (
    _KEPT_RULES,
    _VERSION_ID_LENGTH,
    STATUS_TIMEOUT_SECONDS,
    _absolute,
    _but_source,
    _log_to_file,
    _show,
)
from clarifai_datasets.upload import _broken, _conflicts, _sources, encode
from clarifai_datasets.upload import loader as loaders
from clarifai_datasets.upload import report as reports

if TYPE_CHECKING:
    import os
    from collections.abc import AsyncIterator, Iterable, Mapping
    from concurrent.futures import Executor

    from typing_extensions import Unpack

    from clarifai_aio._core.paging import Pager
    from clarifai_core.contracts import DataLoader
    from clarifai_datasets._export.report import ExportReport
    from clarifai_datasets.arguments import DatasetArguments, DatasetVersionValues
    from clarifai_datasets.upload.report import UploadReport
    from clarifai_inputs.closed_sets import CsvType, MediaKind, OnConflict


class Dataset(Handle, DatasetFields):
    """A named collection of inputs of an app, or one version of it.

    Example:
        >>> dataset = await App(app_id="demo", user_id="me").dataset("train")  # doctest: +SKIP
        >>> print(await dataset.upload_from_folder("pictures", "image", labels=True))  # doctest: +SKIP
        train: 1,437 uploaded (1,437 with labels), 0 already there, 0 failed, ...
    """

    kind = "dataset"

    def __init__(
        self,
        url: str = "",
        dataset_id: str = "",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        *,
        dataset_version_id: str = "",
        **kwargs: Unpack[DatasetArguments],
    ) -> None:
        """Name a dataset; nothing is sent.

        Args:
            url: Its address, such as `"https://clarifai.com/me/app/datasets/train"`; or else ...
            dataset_id: ... its id, with user_id and app_id.
            base_url: The platform.
            pat: A personal access token; CLARIFAI_PAT by default.
            token: A session token; CLARIFAI_SESSION_TOKEN by default.
            dataset_version_id: The version to export; else what the dataset holds then.
            **kwargs: user_id, app_id, and fields of the dataset.

        Raises:
            UserError: An argument is wrong.
        """
        if len(base_url or "") == _VERSION_ID_LENGTH and base_url.isalnum():
            raise errors.UserError(
                f"{base_url!r} is no base_url: give dataset_version_id= by name."
            )
        if dataset_version_id:
            kwargs["version"] = {"id": dataset_version_id}
        super().__init__(dataset_id, url=url, base_url=base_url, pat=pat, token=token, **kwargs)

    # -- versions --------------------------------------------------------------------------------

    async def create_version(self, **kwargs: Unpack[DatasetVersionValues]) -> Dataset:
        """Take a snapshot of the dataset.

        Args:
            **kwargs: Fields of the version, such as `description` (text) and `metadata` (dict).

        Returns:
            The dataset at this version: `.version.id` is the version's id.

        Raises:
            UserError: A field is unknown or wrong; nothing was sent.
        """
        return self._at(await _versions.create(self, kwargs))

    def list_versions(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[Dataset]:
        """Return the versions of the dataset, lazily.

        Args:
            page_no: Number of the only page to get, from 1; with 16 versions by default.
            per_page: Versions of that page.

        Returns:
            The dataset at each version.
        """
        return _versions.listed(self, self._at, page_no, per_page)

    async def delete_version(self, version_id: str) -> None:
        """Delete a version; its inputs stay.

        Args:
            version_id: Id of the version.
        """
        await _versions.delete(self, version_id)

    def _at(self, version: resources_pb2.DatasetVersion) -> Dataset:
        message = resources_pb2.Dataset()
        message.CopyFrom(self.message)
        message.version.CopyFrom(version)
        return type(self).of(message, self)

    # -- inputs ----------------------------------------------------------------------------------

    def list_inputs(
        self,
        page_no: int | None = None,
        per_page: int | None = None,
        input_type: MediaKind | None = None,
    ) -> Pager[resources_pb2.Input]:
        """Return the inputs that the dataset holds now, newest first.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page; 16 when only `page_no` is given.
            input_type: Only image, text, video or audio inputs; a page is narrowed down after it
                was fetched, and may hold fewer items.

        Raises:
            UserError: An argument is wrong, or the dataset has no id.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> dataset = await app.create_dataset("listed")
            >>> job_id, response = await app.inputs().upload_text("in-it", "A text", "listed")
            >>> [one.id async for one in dataset.list_inputs()]
            ['in-it']
        """
        return _members.listed(self, page_no, per_page, input_type)

    async def merge_dataset(self, merge_dataset_id: str) -> None:
        """Put the inputs of another dataset of the app into this one; they stay in that one, too.

        Args:
            merge_dataset_id: Id of the other dataset.

        Raises:
            UserError: An id is missing, or it is this dataset; nothing was sent.
            NotFound: There is no such dataset.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> whole, part = await app.create_dataset("whole"), await app.create_dataset("part")
            >>> job_id, response = await app.inputs().upload_text("merged", "A text", "part")
            >>> await whole.merge_dataset("part")
            >>> [one.id async for one in whole.list_inputs()]
            ['merged']
        """
        await _members.merge(self, merge_dataset_id)

    # -- uploads ---------------------------------------------------------------------------------

    async def upload_dataset(
        self,
        dataloader: DataLoader | Iterable[Any] | str | os.PathLike[str],
        batch_size: int = 128,
        get_upload_status: bool = False,
        log_warnings: bool = False,
        *,
        loader: str = "",
        options: Mapping[str, Any] | None = None,
        progress: bool | None = None,
        resume: bool = True,
        executor: Executor | None = None,
        on_conflict: OnConflict = "fail",
    ) -> UploadReport:
        """Upload the items of a loader, with their labels, boxes and polygons.

        Ids are `<dataset>-<item id>`, so that the same upload can be run again: what is there
        already is left as it is. The same call also goes on where an earlier run was broken off,
        by Ctrl-C, a crash or a lost network: a journal in the state directory knows how far it
        got, as long as the loader is of the same class and names the same files.

        Args:
            dataloader: A `ClarifaiDataLoader`; or a file, folder, zip or URL, whose format is then
                detected (`clarifai dataset detect` shows how); or rows: a list or another iterable
                of pairs (content, label) or of dicts, a DataFrame, a dict of columns, a data set of
                Hugging Face. `RowsLoader` says more, and takes options.
            batch_size: Inputs in one request; more than 128 count as 128.
            get_upload_status: Whether to show what the dataset holds before and after.
            log_warnings: Whether to save the report as `Dataset_Upload_<time>.log` here.
            loader: Name of the loader of a file or folder, instead of the one that is detected.
            options: What the loader of a file or folder is to be opened with: `{"split": "val"}`.
            progress: Whether to show a bar; None: when stderr is a terminal.
            resume: Whether to go on where an earlier run of the same upload was broken off;
                False: forget about it, and keep no journal.
            executor: Any `concurrent.futures.Executor`; its workers then read and send.
            on_conflict: What to do where the app has another input under the id of an item, told
                by its content: `"fail"`, it is reported as failed; `"skip"`, it is left out, and
                reported; `"replace"`, the input is deleted, with all that was said of it, and the
                item sent; `"suffix"`, it is sent as `<id>-<checksum of its content>`.

        Returns:
            What became of each item.

        Raises:
            UserError: An argument is wrong; nothing was sent.
            ApiError: The platform refuses the upload as such.
            UploadStopped: It could not go on; `report` of the error says how far it got.
            Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says how far it got.
        """
        limits = _pipeline.UploadLimits(batch_inputs=batch_size)
        source, found = await threads.to_thread(loaders.of_source, dataloader, loader, options)
        before, tally = None, _upload_status.Tally()
        if get_upload_status:
            await threads.to_thread(loaders.prepare, source)
            _, before = await _upload_status.measure(
                self, STATUS_TIMEOUT_SECONDS, delete_version=False
            )
        rules = {"id_prefix": f"{self.id}-", "on_conflict": on_conflict}
        how: dict[str, Any] = {
            "limits": limits,
            "progress": progress,
            "resume": resume,
            "executor": executor,
        }
        if get_upload_status:
            how["hear"] = tally.hear  # each item is read once, and counted on the way
        made = await self._upload(source, rules, **how)
        made.notes[:0] = found
        if log_warnings:
            await threads.to_thread(_log_to_file, made)
        if get_upload_status:
            await self._show_status(source, before, tally)
        return made

    async def upload_from_csv(
        self,
        csv_path: str = "",
        input_type: MediaKind = "text",
        csv_type: CsvType | Literal[""] = "",
        labels: bool = True,
        batch_size: int = 128,
        *,
        progress: bool | None = None,
        resume: bool = True,
        executor: Executor | None = None,
        columns: Mapping[str, str | None] | None = None,
        label_separator: str = ",",
        on_conflict: OnConflict = "fail",
    ) -> UploadReport:
        """Upload the rows of a CSV file.

        Args:
            csv_path: The file, with the columns `input` and, if wanted, `inputid`, `concepts` (or
                `labels`), `metadata`, `geopoints`; or a folder, a zip, or (extra
                `fsspec`) a URL, with one such file in it. Ids that the platform would refuse are
                changed; `notes` of the report says so.
            input_type: `"text"`, `"image"`, `"video"` or `"audio"`.
            csv_type: What the column `input` holds: `"raw"` text, `"url"` or `"file_path"`.
            labels: Whether to read the column of labels.
            batch_size: Inputs in one request; more than 128 count as 128.
            progress: Whether to show a bar; None: when stderr is a terminal.
            resume: Whether to go on where an earlier run of the same upload was broken off;
                False: forget about it, and keep no journal.
            executor: Any `concurrent.futures.Executor`; its workers then read and send.
            columns: What columns of other names are: `{"text": "input", "kind": "labels"}`. The
                roles are `input`, `inputid`, `labels` (several columns may be), `metadata` (each
                is kept by its name), `geopoints`, `multi_hot` (0 or 1: whether the input has the
                label that the column is called), and None: left out.
            label_separator: What stands between the labels of a cell: `","`, `";"` or `"|"`.
            on_conflict: What to do where the app has another input under the id of an item, told
                by its content: `"fail"`, it is reported as failed; `"skip"`, it is left out, and
                reported; `"replace"`, the input is deleted, with all that was said of it, and the
                item sent; `"suffix"`, it is sent as `<id>-<checksum of its content>`.

        Returns:
            What became of each row.

        Raises:
            UserError: An argument or the file is wrong, with all faults and their rows; nothing
                was sent.
        """
        limits = _pipeline.UploadLimits(batch_inputs=batch_size)
        options = {
            "source": str(csv_path),
            "input_type": input_type,
            "csv_type": csv_type,
            "labels": bool(labels),
            "id_seed": self.id,
            "allow_outside": True,  # the user's own list of paths
            "columns": dict(columns.items()) if columns and hasattr(columns, "items") else columns,
            "label_separator": label_separator,
        }
        how = {"limits": limits, "progress": progress, "resume": resume, "executor": executor}
        return await self._upload_from("csv", options, on_conflict, **how)

    async def upload_from_folder(
        self,
        folder_path: str,
        input_type: MediaKind,
        labels: bool = False,
        batch_size: int = 128,
        *,
        progress: bool | None = None,
        resume: bool = True,
        executor: Executor | None = None,
        on_conflict: OnConflict = "fail",
        allow_outside: bool = False,
    ) -> UploadReport:
        """Upload the files of a folder and of its sub-folders.

        Args:
            folder_path: The folder; or a zip or a URL of one (extra `fsspec`).
            input_type: `"text"`, `"image"`, `"video"` or `"audio"`; other files are left alone.
            labels: Whether the name of the folder that a file lies in is its label.
            batch_size: Inputs in one request; more than 128 count as 128.
            progress: Whether to show a bar; None: when stderr is a terminal.
            resume: Whether to go on where an earlier run of the same upload was broken off;
                False: forget about it, and keep no journal.
            executor: Any `concurrent.futures.Executor`; its workers then read and send.
            on_conflict: What to do where the app has another input under the id of an item, told
                by its content: `"fail"`, it is reported as failed; `"skip"`, it is left out, and
                reported; `"replace"`, the input is deleted, with all that was said of it, and the
                item sent; `"suffix"`, it is sent as `<id>-<checksum of its content>`.
            allow_outside: Whether links in the folder may lead to files outside of it; otherwise
                such files are reported as failed.

        Returns:
            What became of each file; one that is no image, say, is reported as failed and the
            others go on.

        Raises:
            UserError: An argument is wrong, or there is no such folder, or no file of this kind
                in it; nothing was sent. Of a folder without any files the report is empty.
        """
        limits = _pipeline.UploadLimits(batch_inputs=batch_size)
        options = {
            "source": str(folder_path),
            "input_type": input_type,
            "labels": bool(labels),
            "allow_outside": bool(allow_outside),
        }
        how = {"limits": limits, "progress": progress, "resume": resume, "executor": executor}
        return await self._upload_from("folder", options, on_conflict, **how)

    async def retry_failed(
        self,
        report: UploadReport,
        dataloader: DataLoader | None = None,
        *,
        progress: bool | None = None,
    ) -> UploadReport:
        """Upload again what a report says failed or was left unconfirmed, and nothing else.

        Inputs are looked for before they are sent again, and annotations have ids of their own, so
        that nothing is there twice.

        Args:
            report: What an upload returned, or `UploadReport.load` read.
            dataloader: What the upload had; needed when the report was loaded from a file and the
                upload was one of `upload_dataset`.
            progress: Whether to show a bar; None: when stderr is a terminal.

        Returns:
            What became of these items; `attempts` of what fails again counts all of them.

        Raises:
            UserError: The report is of another dataset, or its items cannot be read again.
            ApiError: The platform refuses the upload as such.
            UploadStopped: It could not go on; `report` of the error says how far it got.

        Example:
            >>> report = await dataset.upload_from_csv("texts.csv", csv_type="raw")  # doctest: +SKIP
            >>> if report.failed:  # doctest: +SKIP
            ...     report = await dataset.retry_failed(report)
        """
        if not isinstance(report, reports.UploadReport):
            raise errors.UserError(f"report must be an UploadReport, got {report!r:.80}.")
        return await self._retry(report, dataloader, progress=progress)

    async def _retry(
        self, report: UploadReport, dataloader: DataLoader | None, **how: Any
    ) -> UploadReport:
        if report.dataset_id != _versions.checked_id(self):
            raise errors.UserError(
                f"The report is of dataset {report.dataset_id!r}, not of {self.id!r}."
            )
        order = self._order_again(report, dataloader, **how)
        return await _run.retry(order, report)

    async def retry_upload_from_logs(
        self,
        log_file_path: str | os.PathLike[str],
        dataloader: DataLoader | Iterable[Any] | str | os.PathLike[str] | None = None,
        retry_duplicates: bool = False,
        log_warnings: bool = False,
        *,
        batch_size: int = 128,
        progress: bool | None = None,
    ) -> UploadReport:
        """Upload again what the log of an upload says failed, and nothing else.

        Args:
            log_file_path: The file that `upload_dataset(log_warnings=True)` wrote, or that the
                official SDK did.
            dataloader: What the upload had; needed where the log does not say it.
            retry_duplicates: Whether to send also those for which the app had another input under
                their id: as `<id>-<checksum of its content>`.
            log_warnings: Whether to save the report as `Dataset_Upload_<time>.log` here.
            batch_size: Inputs in one request; more than 128 count as 128.
            progress: Whether to show a bar; None: when stderr is a terminal.

        Returns:
            What became of these items; see `retry_failed`.

        Raises:
            UserError: The file is no such log, or is of another dataset, or its items cannot be
                read again.
            ApiError: The platform refuses the upload as such.
            UploadStopped: It could not go on; `report` of the error says how far it got.

        Example:
            >>> report = await dataset.retry_upload_from_logs(  # doctest: +SKIP
            ...     "Dataset_Upload_20260101_120000.log", dataloader
            ... )
        """
        dataset_id = _versions.checked_id(self)
        report = await threads.to_thread(
            _upload_logs.read, log_file_path, dataset_id, duplicates=bool(retry_duplicates)
        )
        limits = _pipeline.UploadLimits(batch_inputs=batch_size)
        source = (
            None
            if dataloader is None
            else (await threads.to_thread(loaders.of_source, dataloader))[0]
        )
        made = await self._retry(report, source, limits=limits, progress=progress)
        if log_warnings:
            await threads.to_thread(_log_to_file, made)
        return made

    async def get_upload_status(
        self,
        dataloader: DataLoader | None = None,
        delete_version: bool = False,
        timeout: float = STATUS_TIMEOUT_SECONDS,
        pre_upload_stats: _upload_status.Stats | _upload_status.UploadStatus | None = None,
        pre_upload: bool = False,
    ) -> _upload_status.UploadStatus | _upload_status.Stats:
        """Show what the dataset holds, beside what a loader has.

        Makes a version of the dataset to have it counted.

        Args:
            dataloader: What the dataset was filled from.
            delete_version: Whether to delete that version afterwards.
            timeout: Seconds that the platform may take.
            pre_upload_stats: What this method returned before the upload, with or without
                `pre_upload`.
            pre_upload: Whether to return only the counts, and show nothing.

        Returns:
            An `UploadStatus`; with `pre_upload` its two dicts of counts: inputs by type, and
            concepts, bboxes, polygons.

        Raises:
            UserError: The platform took longer.
        """
        _versions.checked_id(self)
        if pre_upload:
            _, stats = await _upload_status.measure(self, timeout, delete_version=delete_version)
            return stats
        return await self._show_status(
            dataloader, pre_upload_stats, timeout_seconds=timeout, delete_version=delete_version
        )

    async def _show_status(
        self,
        dataloader: DataLoader | None,
        before: _upload_status.Stats | _upload_status.UploadStatus | None,
        expected: _upload_status.Tally | None = None,
        *,
        timeout_seconds: float = STATUS_TIMEOUT_SECONDS,
        delete_version: bool = False,
    ) -> _upload_status.UploadStatus:
        status = await _upload_status.upload_status(
            self,
            dataloader,
            delete_version=delete_version,
            timeout_seconds=timeout_seconds,
            before=before,
            expected=expected,
        )
        _show(str(status))
        return status

    # -- export ----------------------------------------------------------------------------------

    async def export(
        self,
        save_path: str | os.PathLike[str] = "",
        archive_url: str | None = "",
        local_archive_path: str | os.PathLike[str] | None = "",
        split: str | None = "all",
        num_workers: int = 4,
        *,
        format: str = "clarifai",  # noqa: A002 - what it is called everywhere
        image_format: str = "",
        progress: bool | None = None,
    ) -> ExportReport:
        """Write the inputs of a Clarifai archive, with their labels, as files into a zip.

        In Clarifai's own layout its members are `<split>/inputs/<id>.<ending>`, the original
        bytes, and `<split>/annotations/<id>.json`, one list of the input's concepts, regions,
        frames and time segments, as far as it has any. The zip comes to be at the end, in one go;
        an earlier export there is replaced.

        Without `archive_url` and `local_archive_path` the dataset itself is exported: the version
        that this handle is at, else a new version of what the dataset holds now, which is deleted
        afterwards.

        An export that was broken off, by whatever, goes on when the same call is made again: until
        it is whole, what has come lies in the folder `.<name>.partial` beside `save_path`. What is
        there but was not made by an export is left as it is, and so is a `save_path` that is a
        link, or that another program makes meanwhile: the export is then refused. Of a zip
        in which inputs are missing that may come later, the same call asks for these alone.

        Args:
            save_path: The zip file to write; in other formats than Clarifai's a name that does not
                end in `.zip` is the folder to write.
            archive_url: Address of a Clarifai archive.
            local_archive_path: File that holds one; no dataset id is needed then, and a PAT only
                for media on the platform's host.
            split: The split to export; `"all"` (or nothing): every split of the archive. Where the
                archive has no splits, only `all`: the name of the folder to write.
            num_workers: Downloads at once; more than 64 count as 64.
            format: `"clarifai"`, `"coco"`, `"yolo"`, `"voc"`, `"csv"`, `"jsonl"`, `"parquet"`, or
                one that a plugin adds. What it cannot hold is counted in `lost` of the report.
            image_format: `"png"`: write every image as PNG, upright, as the official SDK does
                (extra `images`); by default the original bytes.
            progress: Whether to show a bar; None: when stderr is a terminal.

        Returns:
            What became of each input: a failed download is reported, and the others go on. Its
                labels are written all the same, where the format can hold them alone.

        Raises:
            UserError: An argument is wrong, the archive lacks the split, the disk is full, or an
                export to the same place is under way already.
            ApiError: The platform refused the export, or a server the archive.
            ApiClientError: The archive did not come whole.
            ExportFailed: Not a single input came; `report` of the error says why.

        Example:
            >>> report = Dataset().export(  # doctest: +SKIP
            ...     save_path="output.zip", local_archive_path="clarifai-data-protobuf.zip"
            ... )
            >>> print(report)  # doctest: +SKIP
            output.zip: 1,437 exported (1,437 train), 0 failed, 1,437 with labels, 0.4 MB in 1.0 s
        """
        wanted = options.checked(
            save_path, archive_url, local_archive_path, split, num_workers, format, image_format
        )
        return await exports.export(self, wanted, progress=progress)

    async def archive_zip(self, wait: bool = True) -> str:
        """Have the platform make an archive of the version that this handle is at.

        Args:
            wait: Whether to wait until it is there; else it is an error when it is not.

        Returns:
            Its address, for `export(archive_url=...)`.

        Raises:
            UserError: The handle is at no version: `create_version()` returns one that is.
            ApiError: The platform refused, or it failed, or is not there and was not waited for.

        Example:
            >>> from clarifai.aio import App
            >>> dataset = await App(app_id="main", user_id="me").create_dataset("archived")
            >>> (await (await dataset.create_version()).archive_zip()).startswith("http")
            True
        """
        export = await archives.archive_of_version(self, self._version_id(), wait=bool(wait))
        return str(export.url)

    def __aiter__(self) -> AsyncIterator[resources_pb2.Input]:
        """Yield the inputs of the version that this handle is at, with their annotations.

        The platform makes an archive of it, which is fetched; `list_inputs` lists what the dataset
        holds now, without.
        """
        return archives.inputs_of(self, self._version_id())

    def _version_id(self) -> str:
        version_id = str(self.message.version.id)
        if not version_id:
            raise errors.UserError(
                "An archive is of a version: give dataset_version_id=, or use the handle that "
                "create_version() or list_versions() returns."
            )
        return version_id

    async def _upload_from(
        self, name: str, options: dict[str, Any], on_conflict: str, **how: Any
    ) -> UploadReport:
        source = await threads.to_thread(
            loaders.open_loader, options["source"], name, **_but_source(options)
        )
        origin = reports.Origin(name, {**options, "source": _absolute(options["source"])})
        rules = {"default_metadata": False, "on_conflict": on_conflict}
        return await self._upload(source, rules, origin=origin, **how)

    async def _upload(self, source: DataLoader, rules: dict[str, Any], **how: Any) -> UploadReport:
        try:
            order = self._order(source, rules, **how)
        except _broken.NoItems as error:
            return reports.UploadReport(self.id, notes=[str(error)], dataloader=source)
        return await _run.run(order)

    def _order(self, source: DataLoader, rules: dict[str, Any], **how: Any) -> _run.UploadCall:
        dataset_id = _versions.checked_id(self)
        if rules.get("on_conflict", "fail") not in _conflicts.CONFLICTS:
            raise errors.UserError(
                f"on_conflict must be one of {', '.join(_conflicts.CONFLICTS)}, "
                f"got {rules['on_conflict']!r}."
            )
        scope = ops.scope_of(self, _kinds.DATASET, "create")
        loaders.prepare(source)
        labels = _sources.source_of_labels(source)
        items = encode.ItemRules(dataset_id, source.task, source=labels, **rules)
        return _run.UploadCall(self.session, scope, source, items, **how)

    def _order_again(
        self, report: UploadReport, dataloader: DataLoader | None, **how: Any
    ) -> _run.UploadCall:
        origin = report.origin
        source = report.dataloader if dataloader is None else dataloader
        if source is None and origin.loader:
            options = _but_source(origin.options)
            source = loaders.open_loader(origin.options["source"], origin.loader, **options)
        if source is None:
            raise errors.UserError(
                "The report does not say where its items came from: give dataloader="
                "what the upload had."
            )
        rules = {name: origin.rules[name] for name in _KEPT_RULES if name in origin.rules}
        return self._order(source, rules, origin=origin, **how)


__all__ = ["Dataset"]
