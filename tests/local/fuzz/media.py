"""Sends damaged pictures, sounds, videos and masks to a platform, and looks at what they become.

What must hold: each input ends in a status that says what is wrong with it, or is usable; nothing
is logged as an error; its neighbours in the request are as they were; it takes little time and
memory.
"""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Callable
from random import Random
from typing import Any

import httpx
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image

from clarifai_local import Platform
from tests.local.fuzz.chooser import Chooser
from tests.local.fuzz.figures import Figures, Watch
from tests.local.fuzz.ids import Ids
from tests.local.fuzz.world import call, furnish, open_platform
from tests.local.pictures import huge_png, picture, text_bomb_png

SLOW_SECONDS = 60.0
"""A batch that takes longer is a hang."""

MAX_MEGABYTES = 1_500
"""Memory that a run may take."""

BATCH = 8
SCOPE = resources_pb2.UserAppIDSet(user_id="fuzz", app_id="one")
PUBLIC = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")

_EXPECTED = {
    codes.INPUT_DOWNLOAD_SUCCESS, codes.INPUT_UNSUPPORTED_FORMAT, codes.INPUT_OVER_LIMIT,
    codes.INPUT_INVALID_ARGUMENT, codes.CONN_INVALID_REQUEST,
}  # fmt: skip


def _saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _pictures() -> list[bytes]:
    noise = Image.effect_noise((48, 32), 90)
    colour = Image.merge("RGB", (noise, noise.rotate(90).resize(noise.size), noise))
    frames = [noise.rotate(turn) for turn in range(0, 90, 10)]
    return [
        *(_saved(colour, kind) for kind in ("PNG", "JPEG", "GIF", "TIFF", "WEBP", "BMP")),
        *(_saved(image, "PNG") for image in _modes(colour)),
        _saved(colour, "JPEG", progressive=True),
        _saved(colour.convert("CMYK"), "JPEG"),
        _saved(colour, "WEBP", lossless=True),
        *(
            _saved(colour, "TIFF", compression=name)
            for name in ("tiff_lzw", "tiff_deflate", "jpeg")
        ),
        *(_saved(frames[0], kind, save_all=True, append_images=frames) for kind in _MOVING),
        _saved(noise, "GIF", save_all=True, append_images=frames * 300),
        huge_png(60_000, 60_000),
        huge_png(4_000, 4_000, 4_000),
        huge_png(2**31 - 1, 1),
        text_bomb_png(50_000_000),
        _saved(colour, "PPM"),
        _saved(colour, "ICO"),
        _saved(colour, "PDF"),
        b"<svg xmlns='http://www.w3.org/2000/svg' width='1e9' height='1e9'/>",
        b"%PDF-1.7\n%%EOF",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 99999 99999\n",
        b"",
    ]


_MOVING = ("GIF", "PNG", "TIFF", "WEBP")


def _modes(colour: Image.Image) -> list[Image.Image]:
    names = ("1", "L", "P", "LA", "RGBA", "I;16")
    return [colour.convert("L").convert(n) if n == "I;16" else colour.convert(n) for n in names]


def _sounds() -> list[bytes]:
    wav = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        2**32 - 1,
        b"WAVE",
        b"fmt ",
        16,
        1,
        65535,
        2**32 - 1,
        2**32 - 1,
        65535,
        65535,
        b"data",
        2**32 - 1,
    )
    box = struct.pack(">I4sIQ", 1, b"ftyp", 0, 2**64 - 1)
    return [
        wav + bytes(100),
        b"ID3\x04\0\xff\x7f\x7f\x7f\x7f" + bytes(50),
        b"fLaC\0\0\0\x22" + bytes(34),
        b"OggS" + bytes(60),
        box,
        struct.pack(">I4s4s", 0, b"ftyp", b"mp42") + bytes(64),
        b"\x1a\x45\xdf\xa3" + b"\x01" + b"\xff" * 8,
        b"RIFF\xff\xff\xff\xffAVI LIST",
        b"\x00\x00\x01\xba" + bytes(40),
        b"\x30\x26\xb2\x75" + bytes(30),
        b"\0\0\0\x08moov",
    ]


class MediaFuzzer:
    """One run on one platform.

    Args:
        seed_number: Where the choices come from.
    """

    def __init__(self, seed_number: int) -> None:
        self.figures = Figures()
        self._choose = Chooser(Random(seed_number))
        self._pictures = _pictures()
        self._sounds = _sounds()

    def run(self, requests: int, seconds: float | None = None) -> Figures:
        """Send files until they are enough, or the time is over; returns what came of it."""
        until = None if seconds is None else time.monotonic() + seconds
        with Watch(self.figures) as watch, open_platform() as platform:
            furnish(platform, Ids())
            platform.wait_idle(300)
            while self.figures.requests < requests:
                if until is not None and time.monotonic() > until:
                    break
                self._batch(platform, watch)
        if self.figures.megabytes > MAX_MEGABYTES:
            self.figures.fail("too much memory", f"{self.figures.megabytes} MB")
        return self.figures

    def _batch(self, platform: Platform, watch: Watch) -> None:
        started = time.monotonic()
        number = self.figures.requests
        files = [self._file() for _ in range(BATCH)]
        watch.last = " ".join(data[:80].hex() for _, data in files)
        inputs = [_input(f"m{number}-{n}", *file) for n, file in enumerate(files)]
        inputs.append(_input(f"m{number}-good", "image", picture()))
        self.figures.requests += len(files)
        posted = call(platform, "PostInputs", user_app_id=SCOPE, inputs=inputs)
        self._count(posted.status.code)
        if not platform.wait_idle(SLOW_SECONDS):
            self.figures.fail("processing hangs", watch.last)
        self._look(platform, inputs, watch.last)
        self._predict(platform, inputs[:-1], watch.last)
        self._mark(platform, f"m{number}-good", watch.last)
        ids = [item.id for item in inputs]
        call(platform, "DeleteInputs", user_app_id=SCOPE, ids=ids)
        took = time.monotonic() - started
        self.figures.took(took, watch.last)
        if took > SLOW_SECONDS:
            self.figures.fail("a batch is slow", f"{took:.1f} s: {watch.last}")

    def _look(self, platform: Platform, inputs: list[Any], files: str) -> None:
        for item in inputs:
            found = call(platform, "GetInput", user_app_id=SCOPE, input_id=item.id).input
            code = found.status.code or codes.CONN_INVALID_REQUEST  # refused when it was posted
            self._count(code)
            if code not in _EXPECTED:
                self.figures.fail(f"an input ends with {code} {found.status.details}", files)
            if item.id.endswith("good") and code != codes.INPUT_DOWNLOAD_SUCCESS:
                self.figures.fail("a good picture beside bad ones fails", files)
            if code == codes.INPUT_DOWNLOAD_SUCCESS and found.data.HasField("image"):
                self._fetch(platform, found.data.image.hosted, files)

    def _fetch(self, platform: Platform, hosted: Any, files: str) -> None:
        with httpx.Client(transport=platform.http_transport()) as client:
            for size in hosted.sizes:
                status = client.get(f"{hosted.prefix}/{size}/{hosted.suffix}").status_code
                self.figures.statuses[f"HTTP {status}"] += 1
                if status >= 500:
                    self.figures.fail(f"a rendition answers {status}", files)

    def _predict(self, platform: Platform, inputs: list[Any], files: str) -> None:
        model = self._choose.of(("general-image-recognition", "face-detection"))
        answer = call(
            platform, "PostModelOutputs", user_app_id=PUBLIC, model_id=model, inputs=inputs
        )
        for output in answer.outputs:
            self._count(output.status.code)
        self._count(answer.status.code)

    def _mark(self, platform: Platform, input_id: str, files: str) -> None:
        """Annotate with a mask that is damaged, and fetch it."""
        annotation = resources_pb2.Annotation(input_id=input_id)
        region = annotation.data.regions.add()
        region.region_info.mask.image.base64 = self._damaged(self._choose.of(self._pictures))
        region.data.concepts.add(id="dog", value=1)
        answer = call(platform, "PostAnnotations", user_app_id=SCOPE, annotations=[annotation])
        self._count(answer.status.code)
        for made in answer.annotations:
            for shown in made.data.regions:
                url = shown.region_info.mask.image.url
                with httpx.Client(transport=platform.http_transport()) as client:
                    if url and client.get(url).status_code >= 500:
                        self.figures.fail("a mask answers 500", files)

    def _count(self, code: int) -> None:
        named: Any = codes.StatusCode.Name
        self.figures.statuses[named(code)] += 1
        if code >= 98_000:
            self.figures.fail(f"status {code}", "")

    def _file(self) -> tuple[str, bytes]:
        if self._choose.chance(70):
            return "image", self._damaged(self._choose.of(self._pictures))
        kind = self._choose.of(("audio", "video", "text", "image"))
        return kind, self._damaged(self._choose.of((*self._sounds, *self._pictures)))

    def _damaged(self, data: bytes) -> bytes:
        if self._choose.chance(10):
            return bytes(data)
        for _ in range(1 + self._choose.below(3)):
            data = self._choose.of(_WAYS)(data, self._choose)
        return bytes(data)


def _cut(data: bytes, choose: Chooser) -> bytes:
    return data[: choose.below(len(data) + 1)]


def _flipped(data: bytes, choose: Chooser) -> bytes:
    out = bytearray(data)
    for _ in range(1 + choose.below(8)):
        if out:
            # What matters most is in front.
            at = choose.below(min(len(out), choose.of((40, 400, len(out)))))
            out[at] = choose.of((0, 0xFF, 0x7F, 0x80, choose.below(256)))
    return bytes(out)


def _swollen(data: bytes, choose: Chooser) -> bytes:
    """Let some number in it be huge."""
    at = choose.below(max(1, min(len(data), 200)))
    value = choose.of((b"\xff\xff\xff\xff", b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"\0\0\0\0"))
    return data[:at] + bytes(value) + data[at + 4 :]


def _doubled(data: bytes, choose: Chooser) -> bytes:
    start, end = sorted((choose.below(len(data) + 1), choose.below(len(data) + 1)))
    return data[:end] + data[start:end] * choose.of((1, 2, 20)) + data[end:]


def _spliced(data: bytes, choose: Chooser) -> bytes:
    at = choose.below(len(data) + 1)
    return data[:at] + choose.data() + data[at:]


_WAYS: tuple[Callable[[bytes, Chooser], bytes], ...] = (
    _cut,
    _flipped,
    _flipped,
    _swollen,
    _doubled,
    _spliced,
)


def _input(input_id: str, kind: str, data: bytes) -> resources_pb2.Input:
    item = resources_pb2.Input(id=input_id)
    if kind == "text":
        item.data.text.raw = data.decode("utf-8", "replace")
    else:
        getattr(item.data, kind).base64 = data
    return item


def fuzz(requests: int, seed_number: int, seconds: float | None = None) -> Figures:
    """Run the fuzzer on a platform of its own."""
    return MediaFuzzer(seed_number).run(requests, seconds)
