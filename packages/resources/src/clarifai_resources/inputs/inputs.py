"""`Inputs`: what programs call; the work is in the modules beside this one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_resources import _concepts
from clarifai_resources.inputs import _annotations as regions
from clarifai_resources.inputs import (
    _builders,
    _changes,
    _csv,
    _downloads,
    _folders,
    _listings,
    _uploads,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from clarifai_grpc.grpc.api.resources_pb2 import Annotation, Input
    from clarifai_grpc.grpc.api.service_pb2 import (
        MultiAnnotationResponse,
        MultiConceptResponse,
        MultiInputResponse,
    )
    from typing_extensions import Unpack

    from clarifai_core.arguments import ConnectionArguments
    from clarifai_core.ops import PatchAction
    from clarifai_core.paging import Pager
    from clarifai_inputs.closed_sets import CsvType, MediaKind
    from clarifai_inputs.contents import ContentBytes
    from clarifai_resources.inputs._builders import FilePath, InputOptions

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

    kind = "inputs"
    _level = 20

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        logger_level: LogLevel = "INFO",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[ConnectionArguments],
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
            **kwargs: labels (list of texts), label_ids (their ids, one for each), geo_info
                ([longitude, latitude] in degrees) and metadata (dict or Struct).

        Raises:
            UserError: No content is given, or an argument is wrong.
        """
        contents = {
            "image": image_bytes,
            "video": video_bytes,
            "audio": audio_bytes,
            "text": text_bytes,
        }
        return _builders.from_bytes(input_id, contents, dataset_id, kwargs)

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
        return _builders.from_files(input_id, files, dataset_id, kwargs)

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
        return _builders.from_urls(input_id, urls, dataset_id, kwargs)

    @staticmethod
    def get_text_input(
        input_id: str,
        raw_text: str,
        dataset_id: str | None = None,
        **kwargs: Unpack[InputOptions],
    ) -> Input:
        """Return an `Input` of a text; see `get_input_from_bytes`."""
        return _builders.from_text(input_id, raw_text, dataset_id, kwargs)

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
        return _builders.multimodal(input_id, texts, images, dataset_id, kwargs)

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
        form = _csv.CsvOptions(
            input_type, csv_type, dataset_id, bool(labels), columns, label_separator
        )
        return _csv.inputs_of_csv(csv_path, form)

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
        return _folders.inputs_of_folder(folder_path, "image", dataset_id, labels)

    @staticmethod
    def get_text_inputs_from_folder(
        folder_path: FilePath, dataset_id: str | None = None, labels: bool = False
    ) -> list[Input]:
        """Return an `Input` for each `.txt` file; see `get_image_inputs_from_folder`."""
        return _folders.inputs_of_folder(folder_path, "text", dataset_id, labels)

    @staticmethod
    def get_bbox_proto(
        input_id: str,
        label: str,
        bbox: list[float],
        label_id: str | None = None,
        annot_id: str | None = None,
    ) -> Annotation:
        """Return the `Annotation` of a box.

        Args:
            input_id: The input it belongs to.
            label: What is in the box.
            bbox: [x_min, y_min, x_max, y_max], fractions of width and height, 0..1.
            label_id: The label's id; else it is made of the label: `"id-dog"`.
            annot_id: The annotation's own id; else the platform chooses one.

        Raises:
            UserError: `bbox` is no such list, or an id is no text.

        Example:
            >>> box = Inputs.get_bbox_proto("demo", "dog", [0.1, 0.2, 0.5, 0.75], annot_id="a1")
            >>> box.data.regions[0].region_info.bounding_box.bottom_row, box.id
            (0.75, 'a1')
        """
        return regions.box(regions.AnnotationFields(input_id, label, label_id, annot_id), bbox)

    @staticmethod
    def get_mask_proto(
        input_id: str,
        label: str,
        polygons: list[Any],
        label_id: str | None = None,
        annot_id: str | None = None,
    ) -> Annotation:
        """Return the `Annotation` of one or several outlines, with a region for each.

        Args:
            input_id: The input it belongs to.
            label: What is inside.
            polygons: One outline [[x, y], ...] or several [[[x, y], ...], ...], in fractions of
                width and height, 0..1. `upload_annotations` sends a region at a time.
            label_id: The label's id; else it is made of the label: `"id-dog"`.
            annot_id: The annotation's own id; else the platform chooses one. Of several outlines
                the first is sent under it, the others as `<annot_id>-2` and so on.

        Raises:
            UserError: `polygons` is no such list, or an id is no text.

        Example:
            >>> outline = [[0.1, 0.1], [0.9, 0.1], [0.5, 0.9]]
            >>> mask = Inputs.get_mask_proto("demo", "sail", [outline], label_id="sail-1")
            >>> mask.data.regions[0].data.concepts[0].id
            'sail-1'
        """
        return regions.mask(regions.AnnotationFields(input_id, label, label_id, annot_id), polygons)

    def get_input(self, input_id: str) -> Input:
        """Return an input of the app, as it is now.

        Args:
            input_id: Its id.

        Raises:
            UserError: `input_id` is empty.
            NotFound: There is no such input.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> job_id, response = inputs.upload_text("got", "This is a test")
            >>> inputs.get_input("got").data.text.raw
            'This is a test'
        """
        return _changes.get_input(self, input_id)

    def upload_inputs(
        self,
        inputs: Iterable[Input],
        show_log: bool = True,
        *,
        raise_on_failure: bool = False,
    ) -> tuple[str, MultiInputResponse]:
        """Send inputs; more than 128 go in several requests at a time, under one job id.

        What the platform refuses, such as an id that is taken, is logged as a warning and told in
        the answer; the others are taken. When a request stays without an answer, its inputs are
        looked for, and sent again if they are not there. When the platform stops taking them, no
        more are sent, and the status of each input says what became of it.
        `Dataset.upload_dataset` does more: it resumes.

        Args:
            inputs: What the `get_...` methods return.
            show_log: Whether lines are logged (logger `clarifai_resources.inputs._uploads`).
            raise_on_failure: Whether to raise an error if any is refused; the others are taken.

        Returns:
            The id of the job, and the answer: its `inputs`, in order, with the status of each;
            `status.code` is 10000 when all were taken, 10010 when some were, 10020 when none.

        Raises:
            UserError: Something is no `Input`; nothing was sent.
            ApiError: The platform refuses the upload as such: the credentials may not do it, or
                the app does not exist. With `raise_on_failure` also what is refused: the error
                that all share, such as `AlreadyExists`, or `MixedStatus`; its `response` is the
                answer.
            ApiClientError: No request was answered.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> texts = [Inputs.get_text_input("twin", words) for words in ("one", "two")]
            >>> job_id, response = inputs.upload_inputs(texts)
            >>> [one.status.description for one in response.inputs]
            ['Download pending', 'Duplicate input']
        """
        log = self._logger(show_log)
        return _uploads.upload_inputs(self, inputs, log, raise_on_failure=raise_on_failure)

    def upload_from_bytes(
        self,
        input_id: str,
        image_bytes: ContentBytes | None = None,
        video_bytes: ContentBytes | None = None,
        audio_bytes: ContentBytes | None = None,
        text_bytes: ContentBytes | None = None,
        dataset_id: str | None = None,
        *,
        raise_on_failure: bool = False,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input that carries its content: `get_input_from_bytes`, `upload_inputs`."""
        one = self.get_input_from_bytes(
            input_id, image_bytes, video_bytes, audio_bytes, text_bytes, dataset_id, **kwargs
        )
        return self.upload_inputs([one], raise_on_failure=raise_on_failure)

    def upload_from_file(
        self,
        input_id: str,
        image_file: FilePath | None = None,
        video_file: FilePath | None = None,
        audio_file: FilePath | None = None,
        text_file: FilePath | None = None,
        dataset_id: str | None = None,
        *,
        raise_on_failure: bool = False,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input with the content of files: `get_input_from_file`, `upload_inputs`."""
        one = self.get_input_from_file(
            input_id, image_file, video_file, audio_file, text_file, dataset_id, **kwargs
        )
        return self.upload_inputs([one], raise_on_failure=raise_on_failure)

    def upload_from_url(
        self,
        input_id: str,
        image_url: str | None = None,
        video_url: str | None = None,
        audio_url: str | None = None,
        text_url: str | None = None,
        dataset_id: str | None = None,
        *,
        raise_on_failure: bool = False,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send an input that the platform gets: `get_input_from_url`, `upload_inputs`."""
        one = self.get_input_from_url(
            input_id, image_url, video_url, audio_url, text_url, dataset_id, **kwargs
        )
        return self.upload_inputs([one], raise_on_failure=raise_on_failure)

    def upload_text(
        self,
        input_id: str,
        raw_text: str,
        dataset_id: str | None = None,
        *,
        raise_on_failure: bool = False,
        **kwargs: Unpack[InputOptions],
    ) -> tuple[str, MultiInputResponse]:
        """Send a text: `get_text_input`, `upload_inputs`."""
        one = self.get_text_input(input_id, raw_text, dataset_id, **kwargs)
        return self.upload_inputs([one], raise_on_failure=raise_on_failure)

    def upload_annotations(
        self,
        batch_annot: Iterable[Annotation],
        show_log: bool = True,
        *,
        raise_on_failure: bool = False,
    ) -> list[Annotation]:
        """Send annotations; more than 128 go in several requests, one after another.

        Args:
            batch_annot: What `get_bbox_proto` and `get_mask_proto` return.
            show_log: Whether refused ones are logged.
            raise_on_failure: Whether to raise an error if any is refused; the others are taken.

        Returns:
            Those that the platform did not take, and that were not sent as it stopped taking them:
            an empty list when it took all. Of one with several outlines, of which it took some, a
            copy with the others.

        Raises:
            UserError: Something is no `Annotation`; nothing was sent.
            ApiError: The platform refuses what is done here as such, and has taken nothing. With
                `raise_on_failure` also what is refused; `response` of the error has the status of
                each, in the order sent.
            ApiClientError: No answer came, and it has taken nothing before.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> lost = Inputs.get_bbox_proto("nowhere", "dog", [0.1, 0.2, 0.5, 0.75])
            >>> inputs.upload_annotations([lost]) == [lost]
            True
        """
        log = self._logger(show_log)
        return _uploads.upload_annotations(
            self, batch_annot, log, raise_on_failure=raise_on_failure
        )

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
        return _listings.list_inputs(self, dataset_id, page_no, per_page, input_type)

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
        return _listings.list_annotations(self, batch_input, page_no, per_page)

    def patch_inputs(
        self,
        inputs: Iterable[Input],
        action: PatchAction = "merge",
        *,
        raise_on_failure: bool = False,
    ) -> MultiInputResponse:
        """Change inputs.

        Args:
            inputs: Messages with the id and what is to change.
            action: `"merge"`, `"overwrite"` or `"remove"`.
            raise_on_failure: Whether to raise an error if any is refused, such as an id that there
                is not, instead of a warning in the log; the others are changed.

        Returns:
            The answer: its `inputs`, in order, as they are now, or with the status that says why
            not; `status.code` is 10000 when all were changed, 10010 some, 10020 none.

        Raises:
            UserError: The action is unknown, or an input has no id; nothing was sent.
            ApiError: The platform refuses what is done here as such, and has changed nothing; or,
                with `raise_on_failure`, some of the inputs.
            ApiClientError: No answer came, and nothing was changed before.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> job_id, response = inputs.upload_text("patched", "This is a test")
            >>> change = inputs.get_input("patched")
            >>> change.data.metadata["seen"] = True
            >>> dict(inputs.patch_inputs([change]).inputs[0].data.metadata)
            {'seen': True}
        """
        return _changes.patch_inputs(
            self, inputs, action, self._logger(True), raise_on_failure=raise_on_failure
        )

    def patch_annotations(
        self,
        batch_annot: Iterable[Annotation],
        action: PatchAction = "merge",
        *,
        raise_on_failure: bool = False,
    ) -> MultiAnnotationResponse:
        """Change annotations.

        Args:
            batch_annot: Messages with the id of the annotation, that of its input, and what is to
                change: such as those of `list_annotations`, or `get_bbox_proto(annot_id=...)`.
            action: `"merge"`, `"overwrite"` or `"remove"`.
            raise_on_failure: Whether to raise an error if any is refused, instead of a warning in
                the log; the others are changed.

        Returns:
            The answer: its `annotations`, in order, as they are now, or with the status that says
            why not.

        Raises:
            UserError: The action is unknown, or an id is missing; nothing was sent.
            ApiError: The platform refuses what is done here as such, and has changed nothing; or,
                with `raise_on_failure`, some of the annotations.
            ApiClientError: No answer came, and nothing was changed before.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> job_id, response = inputs.upload_text("marked", "This is a test", labels=["test"])
            >>> own = inputs.list_annotations(["marked"]).all()[0]
            >>> own.data.concepts[0].value = 0.0
            >>> inputs.patch_annotations([own]).annotations[0].data.concepts[0].value
            0.0
        """
        return _changes.patch_annotations(
            self, batch_annot, action, self._logger(True), raise_on_failure=raise_on_failure
        )

    def patch_concepts(
        self,
        concept_ids: Sequence[str],
        labels: Sequence[str] = (),
        values: Sequence[float] = (),
        action: PatchAction = "overwrite",
        *,
        raise_on_failure: bool = False,
    ) -> MultiConceptResponse:
        """Change concepts of the app: their names.

        Args:
            concept_ids: Their ids.
            labels: A name for each; without, their ids become their names.
            values: A value for each, 1 by default.
            action: `"overwrite"`: the only one that concepts have.
            raise_on_failure: Whether to raise an error if any is refused, such as an id that there
                is not, instead of a warning in the log; the others are changed.

        Returns:
            The answer: its `concepts` are those that were changed, as they are now.

        Raises:
            UserError: There are not as many names or values as ids, or an argument is wrong;
                nothing was sent.
            ApiError: The platform refuses what is done here as such, and has changed nothing; or,
                with `raise_on_failure`, some of the concepts.
            ApiClientError: No answer came, and nothing was changed before.

        Example:
            >>> from clarifai_resources.app import App
            >>> app = App(app_id="main", user_id="me")
            >>> made = app.create_concepts(["id-puss"], ["puss"])
            >>> app.inputs().patch_concepts(["id-puss"], ["kitten"]).concepts[0].name
            'kitten'
        """
        given = _concepts.ConceptFields(concept_ids, labels, values)
        return _concepts.patch(
            self, given, action, self._logger(True), raise_on_failure=raise_on_failure
        )

    def delete_inputs(self, inputs: Iterable[Input | str]) -> None:
        """Delete inputs with their annotations.

        Args:
            inputs: The inputs, such as `list_inputs()` gives, or their ids. None at all: nothing
                is sent.

        Raises:
            UserError: Something has no id; nothing was sent.
            ApiError: The platform refused; of more than 128 the log says how many are deleted.
        """
        _changes.delete_inputs(self, inputs, self._logger(True))

    def delete_annotations(
        self,
        input_ids: Iterable[Input | str],
        annotation_ids: Iterable[Annotation | str] = (),
    ) -> None:
        """Delete annotations of inputs.

        Args:
            input_ids: Ids of the inputs, or the inputs. None at all: nothing is sent.
            annotation_ids: An annotation for each of `input_ids`, in the same order; none at all:
                every annotation of these inputs.

        Raises:
            UserError: There are not as many annotations as inputs, or something has no id; nothing
                was sent.
            ApiError: The platform refused; of more than 128 the log says how many are deleted.

        Example:
            >>> from clarifai_resources.app import App
            >>> inputs = App(app_id="main", user_id="me").inputs()
            >>> job_id, response = inputs.upload_text("cleared", "This is a test", labels=["test"])
            >>> inputs.delete_annotations(["cleared"])
            >>> inputs.list_annotations(["cleared"]).all()
            []
        """
        _changes.delete_annotations(self, input_ids, annotation_ids, self._logger(True))

    def download_inputs(self, inputs: Iterable[Input]) -> list[bytes]:
        """Return the content of inputs, in order; several are fetched at once.

        The credentials go to the platform's own origins only. No more is fetched of an input than
        the platform takes of its kind (`clarifai_inputs.media_limits`).

        Raises:
            UserError: Something is no `Input`, or has nothing to download.
            ApiClientError: Some failed (`DownloadsFailed`); `contents` holds the others.
        """
        return _downloads.download_inputs(self, inputs)

    def _logger(self, show_log: bool) -> Callable[[int, str], None]:
        def log(level: int, line: str) -> None:
            if show_log and level >= self._level:
                _uploads.log_line(level, line)

        return log
