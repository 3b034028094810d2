"""What tests of the event loop need: fixtures of the blocking replay, and pictures."""

from tests.datasets.conftest import make_png
from tests.wire.conftest import folder, recording_server

__all__ = ["folder", "make_png", "recording_server"]
