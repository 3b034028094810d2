"""A plugin that loads protobuf as soon as it is announced."""

from __future__ import annotations

from google.protobuf.message import Message

from clarifai_core.contracts import LoaderSpec
from clarifai_core.hookspecs import hookimpl

KIND = Message


@hookimpl
def clarifai_register_loaders():
    return [LoaderSpec("heavy", "tests.testing.broken.loaders:Lines", "Lines.")]
