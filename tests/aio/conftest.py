"""What tests of the event loop need: the recording server of the blocking replay."""

from tests.wire.conftest import folder, recording_server

__all__ = ["folder", "recording_server"]
