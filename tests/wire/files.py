"""The files that the recorded calls name, inferred from the requests that they led to."""

from __future__ import annotations

import base64
from pathlib import Path

_B64 = base64.b64decode

IMAGE = _B64(
    "iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAIAAAASFvFNAAAAEElEQVR4nGM4IScHQQxwFgBBAAYZPEVBlgAAAABJRU5E"
    "rkJggg=="
)
IMAGE_A = _B64(
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAEElEQVR4nGM4IScHRAwQCgAfJgQRoo8irwAAAABJRU5E"
    "rkJggg=="
)
IMAGE_B = _B64(
    # The recording has the first 240 characters; the rest of this JPEG is made up.
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1tdhbWG"
    "kJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKT/wAARCAACAAIDASIAAhEBAxEB/8QA"
) + bytes(32)
IMAGE_C = _B64(
    "iVBORw0KGgoAAAANSUhEUgAAAAQAAAAECAIAAAAmkwkpAAAAEElEQVR4nGM4IScHRwzEcQCxYxBBO0tjggAAAABJRU5E"
    "rkJggg=="
)
IMAGE_D = _B64(
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAIAAAACDbGyAAAAEUlEQVR4nGM4ISeHjBgo5AMACMYZZT841OIAAAAASUVO"
    "RK5CYII="
)
IMAGE_TWO = _B64(
    "iVBORw0KGgoAAAANSUhEUgAAAAYAAAAGCAIAAABvrngfAAAAEUlEQVR4nGM4ISeHhhhoKwQAPOIkkbbipm0AAAAASUVO"
    "RK5CYII="
)
TEXT = b"The quick brown fox\njumps over the lazy dog.\n"
VIDEO = b"\x00\x00\x00\x18ftypmp42" + b"wire-video" * 4
AUDIO = b"ID3\x03\x00\x00\x00\x00\x00\x00" + b"wire-audio" * 4

HTTP_FILES = {"image.png": IMAGE, "text.txt": TEXT, "video.mp4": VIDEO, "audio.mp3": AUDIO}
"""What the HTTP server has under /files/."""

_LABELS = ("cat", '"cat,big dog"', "dog")


def _rows(*cells: str, labels: bool = True) -> bytes:
    head = "inputid,input,concepts" if labels else "inputid,input"
    lines = [
        f"c{number},{cell}" + (f",{label}" if labels else "")
        for number, (cell, label) in enumerate(zip(cells, _LABELS, strict=True), 1)
    ]
    return "\n".join([head, *lines, ""]).encode()


def _urls(ending: str, labels: bool = True) -> bytes:
    urls = [f"https://samples.example.com/{number}.{ending}" for number in (1, 2, 3)]
    return _rows(*urls, labels=labels)


_MANY = "".join(f"c{number:03},line {number},cat\n" for number in range(10))
_TEXTS = ("hello world", '"second, with comma"', "third")

_FILES: dict[str, bytes] = {
    **HTTP_FILES,
    "images/a.png": IMAGE_A,
    "images/b.jpg": IMAGE_B,
    "images/c.png": IMAGE_C,
    "images/d.png": IMAGE_D,
    "images/two.dots.png": IMAGE_TWO,
    "texts/a.txt": b"alpha",
    "texts/b.txt": b"beta",
    "text_raw.csv": _rows(*_TEXTS),
    "text_raw.txt": _rows(*_TEXTS),
    "text_raw_many.csv": f"inputid,input,concepts\n{_MANY}".encode(),
    "text_raw_noid.csv": b"input,concepts\none,cat\ntwo,dog\nthree,cat\n",
    "text_raw_badmeta.csv": b"inputid,input,concepts,metadata\nc1,hello,cat,{not json\n",
    "text_url.csv": _urls("txt"),
    "text_file_path.csv": _rows("text.txt", "texts/a.txt", "texts/b.txt"),
    "image_file_path.csv": _rows("image.png", "images/a.png", "images/b.jpg"),
    "image_url_nolabels.csv": _urls("png", labels=False),
    "audio_url_nolabels.csv": _urls("mp3", labels=False),
    "audio_file_path_nolabels.csv": _rows(*["audio.mp3"] * 3, labels=False),
    "video_file_path.csv": _rows(*["video.mp4"] * 3),
    "video_file_path_nolabels.csv": _rows(*["video.mp4"] * 3, labels=False),
    "export_bad.zip": b"this is no archive",
    "wf_bad_schema.yml": b"""\
workflow:
  id: bad id with spaces
  nodes:
    - id: a
      model:
        model_id: general-image-recognition
        model_version_id: aa7f35c01e0642fda5cf400f543e7c40
""",
    "wf_bad_dependency.yml": b"""\
workflow:
  id: wf-bad
  nodes:
    - id: a
      model:
        model_id: general-image-recognition
        model_version_id: aa7f35c01e0642fda5cf400f543e7c40
      node_inputs:
        - node_id: nowhere
""",
    "wf_pinned.yml": b"""\
workflow:
  id: wf-pinned
  nodes:
    - id: concepts
      model:
        model_id: general-image-recognition
        model_version_id: aa7f35c01e0642fda5cf400f543e7c40
""",
    "wf_new.yml": b"""\
workflow:
  id: wf-new
  nodes:
    - id: detector
      model:
        model_id: face-detection
        model_version_id: aa7f35c01e0642fda5cf400f543e7c40
    - id: crop
      model:
        model_id: my-cropper
        model_type_id: image-crop
        output_info:
          params:
            margin: 1.5
            mode: fast
      node_inputs:
        - node_id: detector
""",
}


def write_files(folder: Path) -> None:
    """Write every file into `folder`."""
    for name, content in _FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
