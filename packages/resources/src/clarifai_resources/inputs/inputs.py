"""`Inputs`: what programs call; the work is in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_resources.inputs import annotations as regions
from clarifai_resources.inputs import builders, csv, downloads, folders, listings, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clarifai_grpc.grpc.api.resources_pb2 import Annotation, Input
    from clarifai_grpc.grpc.api.service_pb2 import MultiInputResponse
    from typing_extensions import Unpack

    from clarifai_core.arguments import Connection
    from clarifai_core.paging import Pager
    from clarifai_inputs.closed_sets import CsvType, MediaKind
    from clarifai_inputs.contents import ContentBytes
    from clarifai_resources.inputs.builders import FilePath, InputOptions

LogLevel: TypeAlias = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
"""How important a line about an upload is."""

_LEVELS = {"DEBUG": 10, "INFO": 20, "WARNING": 30, "ERROR": 40, "CRITICAL": 50}
_SETTINGS = ("context", "root_certificates_path", "timeout_seconds")


class Inputs(Handle):
    """The inputs of an app.

    The `get_...` methods make `Input` and `Annotation` messages and send nothing; they are static
    and can be called on the class.

    Example:
        >>> Inputs.get_text_input("demo", "This is a test").data.text.raw
        'This is a test'
    """

    _level = 20

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        logger_level: LogLevel = "INFO",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[Connection],
    ) -> None:
        """Open the inputs of an app.

        Args:
            user_id: Who owns the app.
            app_id: The app.
            logger_level: Lines about uploads below this level are left out: DEBUG, INFO, WARNING,
                ERROR or CRITICAL.
            base_url: Address of the platform.
            pat: Personal access token.
            token: Session token.
            **kwargs: context, root_certificates_path, timeout_seconds.

        Raises:
            UserError: An argument is wrong.
        """
        unknown = [name for name in kwargs if name not in _SETTINGS]
        if unknown:
            raise UserError(f"Unknown arguments of Inputs: {', '.join(unknown)}.")
        level = str(logger_level).upper()
        if level not in _LEVELS:
            raise UserError(
                f"logger_level must be one of {', '.join(_LEVELS)}, got {logger_level!r}."
            )
        self._level = _LEVELS[level]
        super().__init__(
            base_url=base_url, pat=pat, token=token, user_id=user_id, app_id=app_id, **kwargs
        )

    @staticmethod
    def get_input_from_bytes(
        input_id: str,
        image_bytes: ContentBytes | None = None,
        video_bytes: ContentBytes | None = None,
        audio_bytes: ContentBytes | None = None,
        text_bytes: ContentBytes | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` that carries its content.

        Args:
            input_id: Its id; empty lets the platform choose one.
            image_bytes: A picture as a file holds it, a file that is open for bytes, a picture of
                PIL, or an array H x W x 3 of uint8.
            video_bytes: A film.
            audio_bytes: A sound.
            text_bytes: A text in UTF-8.
            dataset_id: The dataset it goes to.
            **kwargs: labels (list of texts), geo_info ([longitude, latitude] in degrees) and
                metadata (dict or Struct).

        Raises:
            UserError: No content is given, or an argument is wrong.
        """
        contents = {
            "image": image_bytes,
            "video": video_bytes,
            "audio": audio_bytes,
            "text": text_bytes,
        }
        return builders.from_bytes(input_id, contents, dataset_id, kwargs)

    @staticmethod
    def get_input_from_file(
        input_id: str,
        image_file: FilePath | None = None,
        video_file: FilePath | None = None,
        audio_file: FilePath | None = None,
        text_file: FilePath | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` with the content of files; see `get_input_from_bytes`."""
        files = {
            "image": image_file,
            "video": video_file,
            "audio": audio_file,
            "text": text_file,
        }
        return builders.from_files(input_id, files, dataset_id, kwargs)

    @staticmethod
    def get_input_from_url(
        input_id: str,
        image_url: str | None = None,
        video_url: str | None = None,
        audio_url: str | None = None,
        text_url: str | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` whose content the platform gets; see `get_input_from_bytes`."""
        urls = {"image": image_url, "video": video_url, "audio": audio_url, "text": text_url}
        return builders.from_urls(input_id, urls, dataset_id, kwargs)

    @staticmethod
    def get_text_input(
        input_id: str,
        raw_text: str,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` of a text; see `get_input_from_bytes`."""
        return builders.from_text(input_id, raw_text, dataset_id, kwargs)

    @staticmethod
    def get_multimodal_input(
        input_id: str,
        raw_text: str | None = None,
        text_bytes: ContentBytes | None = None,
        image_url: str | None = None,
        image_bytes: ContentBytes | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` with a text and an image; see `get_input_from_bytes`.

        Args:
            input_id: Its id; empty lets the platform choose one.
            raw_text: The text; or
            text_bytes: the text in UTF-8.
            image_url: Address of the picture; or
            image_bytes: the picture.
            dataset_id: The dataset it goes to.
            **kwargs: As in `get_input_from_bytes`.

        Raises:
            UserError: Not exactly one text and one picture are given.
        """
        texts = {"raw_text": raw_text, "text_bytes": text_bytes}
        images = {"image_url": image_url, "image_bytes": image_bytes}
        return builders.multimodal(input_id, texts, images, dataset_id, kwargs)

    @staticmethod
    def get_inputs_from_csv(
        csv_path: FilePath,
        input_type: MediaKind = "text",
        csv_type: CsvType = "raw",
        dataset_id: str | None = None,
        labels: bool | str = True,
        *,
        columns: Mapping[str, str | None] | None = None,
        label_separator: str = ",",
    ) -> list[Input]:
        """Return an `Input` for each row of a CSV file.

        The first line names the columns: `input`, and where wanted `inputid`, `concepts` (or
        `labels`; several with commas between, or as a JSON list), `metadata` (JSON) and
        `geopoints` (longitude,latitude).

        Args:
            csv_path: A file that ends in `.csv`, in UTF-8, or in UTF-16 with a byte order mark.
            input_type: image, text, video or audio.
            csv_type: What the column `input` holds: raw (texts), url or file_path.
            dataset_id: The dataset they go to.
            labels: Whether the concepts are read.
            columns: What columns of other names are: `{"text": "input", "kind": "labels"}`. The
                roles are `input`, `inputid`, `labels` (several columns may be), `metadata` (each
                is kept by its name), `geopoints`, `multi_hot` (0 or 1: whether the input has the
                label that the column is called), and None: left out.
            label_separator: What stands between the labels of a cell: `","`, `";"` or `"|"`.

        Raises:
            UserError: All faults of the file at once, each with its row and column.
        """
        form = csv.CsvForm(input_type, csv_type, dataset_id, bool(labels), columns, label_separator)
        return csv.inputs_of_csv(csv_path, form)

    @staticmethod
    def get_image_inputs_from_folder(
        folder_path: FilePath, dataset_id: str | None = None, labels: bool = False
    ) -> list[Input]:
        """Return an `Input` for each picture in a folder, by name.

        Args:
            folder_path: The folder; folders in it are left out.
            dataset_id: The dataset they go to.
            labels: Whether the folder's name becomes a concept of each.

        Raises:
            UserError: There is no such folder, or no picture in it.
        """
        return folders.inputs_of_folder(folder_path, "image", dataset_id, labels)

    @staticmethod
    def get_text_inputs_from_folder(
        folder_path: FilePath, dataset_id: str | None = None, labels: bool = False
    ) -> list[Input]:
        """Return an `Input` for each `.txt` file; see `get_image_inputs_from_folder`."""
        return folders.inputs_of_folder(folder_path, "text", dataset_id, labels)

    @staticmethod
    def get_bbox_proto(input_id: str, label: str, bbox: list[float]) -> Annotation:
        """Return the `Annotation` of a box.

        Args:
            input_id: The input it belongs to.
            label: What is in the box.
            bbox: [x_min, y_min, x_max, y_max], fractions of width and height, 0..1.

        Raises:
            UserError: `bbox` is no such list.

        Example:
            >>> box = Inputs.get_bbox_proto("demo", "dog", [0.1, 0.2, 0.5, 0.75])
            >>> box.data.regions[0].region_info.bounding_box.bottom_row
            0.75
        """
        return regions.box(input_id, label, bbox)

    @staticmethod
    def get_mask_proto(input_id: str, label: str, polygons: list[Any]) -> Annotation:
        """Return the `Annotation` of one or several outlines, with a region for each.

        Args:
            input_id: The input it belongs to.
            label: What is inside.
            polygons: One outline [[x, y], ...] or several [[[x, y], ...], ...], in fractions of
                width and height, 0..1. `upload_annotations` sends a region at a time.

        Raises:
            UserError: `polygons` is no such list.
        """
        return regions.mask(input_id, label, polygons)

    def upload_inputs(
        self, inputs: Iterable[Input], show_log: bool = True
    ) -> tuple[str, MultiInputResponse]:
        """Send inputs; more than 128 go in several requests at a time, under one job id.

        When a request stays without an answer, its inputs are looked for, and sent again if they
        are not there. When the platform stops taking them, no more are sent, and the status of
        each input says what became of it. `Dataset.upload_dataset` does more: it resumes.

        Args:
            inputs: What the `get_...` methods return.
            show_log: Whether a line is logged (logger `clarifai_resources.inputs.uploads`).

        Returns:
            The id of the job, and the answer: its `inputs`, in order, with the status of each.

        Raises:
            UserError: Something is no `Input`; nothing was sent.
            ApiError: The platform took none of them.
            ApiClientError: No request was answered.
        """
        return uploads.upload_inputs(self, inputs, self._logger(show_log))

    def upload_from_bytes(
        self,
        input_id: str,
        image_bytes: ContentBytes | None = None,
        video_bytes: ContentBytes | None = None,
        audio_bytes: ContentBytes | None = None,
        text_bytes: ContentBytes | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input that carries its content: `get_input_from_bytes`, `upload_inputs`."""
        return self.upload_inputs(
            [
                self.get_input_from_bytes(
                    input_id,
                    image_bytes,
                    video_bytes,
                    audio_bytes,
                    text_bytes,
                    dataset_id,
                    **kwargs,
                )
            ]
        )

    def upload_from_file(
        self,
        input_id: str,
        image_file: FilePath | None = None,
        video_file: FilePath | None = None,
        audio_file: FilePath | None = None,
        text_file: FilePath | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input with the content of files: `get_input_from_file`, `upload_inputs`."""
        one = self.get_input_from_file(
            input_id, image_file, video_file, audio_file, text_file, dataset_id, **kwargs
        )
        return self.upload_inputs([one])

    def upload_from_url(
        self,
        input_id: str,
        image_url: str | None = None,
        video_url: str | None = None,
        audio_url: str | None = None,
        text_url: str | None = None,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input that the platform gets: `get_input_from_url`, `upload_inputs`."""
        one = self.get_input_from_url(
            input_id, image_url, video_url, audio_url, text_url, dataset_id, **kwargs
        )
        return self.upload_inputs([one])

    def upload_text(
        self,
        input_id: str,
        raw_text: str,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send a text: `get_text_input`, `upload_inputs`."""
        return self.upload_inputs([self.get_text_input(input_id, raw_text, dataset_id, **kwargs)])

    def upload_annotations(
        self, batch_annot: Iterable[Annotation], show_log: bool = True
    ) -> list[Annotation]:
        """Send annotations.

        Args:
            batch_annot: What `get_bbox_proto` and `get_mask_proto` return.
            show_log: Whether refused ones are logged.

        Returns:
            The annotations that the platform refused; an empty list when it took all.

        Raises:
            UserError: Something is no `Annotation`; nothing was sent.
            ApiError: A request was refused as a whole.
        """
        return uploads.upload_annotations(self, batch_annot, self._logger(show_log))

    def list_inputs(
        self,
        dataset_id: str | None = None,
        page_no: int | None = None,
        per_page: int | None = None,
        input_type: MediaKind | None = None,
    ) -> Pager[Input]:
        """Return the inputs of the app, newest first.

        Args:
            dataset_id: Only those of this dataset.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page; 16 when only `page_no` is given.
            input_type: Only image, text, video or audio inputs; a page is narrowed down after it
                was fetched, and may hold fewer items.

        Raises:
            UserError: An argument is wrong.
        """
        return listings.list_inputs(self, dataset_id, page_no, per_page, input_type)

    def list_annotations(
        self,
        batch_input: Iterable[Input] | None = None,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Annotation]:
        """Return the annotations of inputs, newest first.

        Args:
            batch_input: The inputs, or their ids; all of the app when it is left out.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page; 16 when only `page_no` is given.
        """
        return listings.list_annotations(self, batch_input, page_no, per_page)

    def patch_inputs(self, inputs: Sequence[Input], action: str = "merge") -> MultiInputResponse:
        """Change inputs.

        Args:
            inputs: Messages with the id and what is to change.
            action: `"merge"`, `"overwrite"` or `"remove"`.

        Returns:
            The answer: its `inputs` as they are now.

        Raises:
            UserError: The action is unknown, or an input has no id; nothing was sent.
            ApiError: The platform refused.
        """
        return uploads.patch_inputs(self, inputs, action)

    def delete_inputs(self, inputs: Iterable[Input | str]) -> None:
        """Delete inputs with their annotations.

        Args:
            inputs: The inputs, such as `list_inputs()` gives, or their ids. None at all: nothing
                is sent.

        Raises:
            UserError: Something has no id; nothing was sent.
            ApiError: The platform refused.
        """
        uploads.delete_inputs(self, inputs)

    def download_inputs(self, inputs: Iterable[Input]) -> list[bytes]:
        """Return the content of inputs, in order; several are fetched at once.

        The credentials go to the platform's own origins only. No more is fetched of an input than
        the platform takes of its kind (`clarifai_inputs.media_limits`).

        Raises:
            UserError: Something is no `Input`, or has nothing to download.
            ApiClientError: Some failed (`DownloadsFailed`); `contents` holds the others.
        """
        return downloads.download_inputs(self, inputs)

    def _logger(self, show_log: bool) -> Callable[[int, str], None]:
        def log(level: int, line: str) -> None:
            if show_log and level >= self._level:
                uploads.log_line(level, line)

        return log
