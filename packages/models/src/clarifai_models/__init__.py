"""Pretrained models for the embedded platform: what it sees, reads and understands, offline.

Installed, it answers for public models in the place of their stand-ins, through the hook
`clarifai_register_engines` and nothing else. Weights come from packages of others, as data: each
file is found where it was installed, compared with the hash of what was measured, and never
imported or unpickled as code. Nothing is loaded before it is asked for.

| module | what it is |
|---|---|
| `_catalogue` | the files: package, version, licence, hash; whether they are there |
| `_unpickling` | pickles of tensors, read without running what is in them |
| `_onnx_graphs` | ONNX graphs, made from tensors |
| `_onnx` | what runs them: one copy a process, few threads |
| `_image_vectors` | vectors of pictures, and what they tell of concepts |
| `_imagenet` | the names of the classes, and what they are kinds of |
| `_text_vectors` | vectors of texts |
| `_zero_shot` | how well pictures fit words |
| `_embedder` | the embedder of the platform, made of these |
| `_recognition` | the classes and kinds of things that pictures show |
| `_faces`, `_ocr`, `_moderation` | faces, text in pictures, what may not be shown |
"""

from __future__ import annotations

__version__ = "0.1.0"
