"""Pretrained models for the embedded platform: what it sees, reads and understands, offline.

Installed, it answers for public models in the place of their stand-ins, through the hook
`clarifai_register_engines` and nothing else. Weights come from packages of others, as data: each
file is found where it was installed, compared with the hash of what was measured, and never
imported or unpickled as code. Nothing is loaded before it is asked for.

| module | what it is |
|---|---|
| `catalogue` | the files: package, version, licence, hash; whether they are there |
| `unpickling` | pickles of tensors, read without running what is in them |
| `graphs` | ONNX graphs, made from tensors |
| `running` | what runs them: one copy a process, few threads |
| `seeing` | vectors of pictures, and what they tell of concepts |
| `kinds` | the names of the classes, and what they are kinds of |
| `understanding` | vectors of texts |
| `words` | how well pictures fit words |
| `embedder` | the embedder of the platform, made of these |
| `faces`, `reading`, `moderation` | faces, text in pictures, what may not be shown |
"""

from __future__ import annotations

__version__ = "0.1.0"
