"""Photographs that packages bring, and a platform that the pretrained models answer for.

scikit-image brings photographs that its documentation describes, foolbox twenty of ImageNet whose
file names end with the number of their class.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import pytest
from PIL import Image

from clarifai_core.transport.session import close_sessions
from clarifai_local import Platform
from clarifai_models import plugin


def _data(package: str) -> Path:
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent / "data"


@pytest.fixture(scope="session")
def photographs() -> Mapping[str, bytes]:
    """Those of scikit-image, by name without ending."""
    files = sorted(f for f in _data("skimage").iterdir() if f.suffix in {".png", ".jpg"})
    return {file.stem: file.read_bytes() for file in files}


@pytest.fixture(scope="session")
def imagenet() -> Sequence[tuple[int, bytes]]:
    """Class and photograph, of foolbox."""
    files = sorted(_data("foolbox").glob("imagenet_*.jpg"))
    return [(int(file.stem.rpartition("_")[2]), file.read_bytes()) for file in files]


@pytest.fixture(scope="session", autouse=True)
def conversions(tmp_path_factory) -> Iterator[Path]:
    """One state directory for all: weights are converted once, however many tests ask."""
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("models")
        patch.setenv("CLARIFAI_STATE_DIR", str(folder))
        yield folder


@pytest.fixture(autouse=True)
def state_directory(conversions, monkeypatch) -> Path:
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(conversions / "contexts.yaml"))
    return conversions


@pytest.fixture(scope="module")
def platform() -> Iterator[Platform]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("API_BASE", "PAT", "SESSION_TOKEN", "USER_ID", "APP_ID", "CONTEXT"):
            patch.delenv(f"CLARIFAI_{name}", raising=False)
        with Platform(engines=plugin.clarifai_register_engines()) as platform:
            yield platform
            close_sessions()


def encoded(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    written = io.BytesIO()
    picture.save(written, kind, **options)
    return written.getvalue()
