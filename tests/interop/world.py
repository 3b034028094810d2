"""What the programs find: the platform on loopback, the internet in front of it, and files."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

from clarifai_local import Platform
from tests.interop.internet import Internet
from tests.interop.materials import lay_out, picture
from tests.local.moving_pictures import animation, video

PAT = "x"
SAMPLE_HOST = "samples.clarifai.com"
"""Pictures that the platform can download, without network: the programs name them by URL."""

_INHERITED = ("PATH", "LANG", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")


class World:
    """A platform in a fresh directory, served; use it as a context manager."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.materials = folder / "materials"
        lay_out(self.materials)
        samples = folder / "state" / "downloads" / SAMPLE_HOST
        samples.mkdir(parents=True)
        (samples / "red.png").write_bytes(picture("red"))
        moving = self.materials / "moving"
        moving.mkdir()
        (moving / "colours.mp4").write_bytes(video(6))
        (samples / "colours.mp4").write_bytes(video(6))
        (samples / "colours.gif").write_bytes(animation())
        self.errors: list[str] = []
        """What the platform logged as an error: it never should."""

    def environment(self, user_id: str, home: Path) -> dict[str, str]:
        """Return the variables of a program; the internet knows it by the name of its folder."""
        return {
            **{name: os.environ[name] for name in _INHERITED if name in os.environ},
            **self.internet.environment(home.name),
            "HOME": str(home),
            "CLARIFAI_API_BASE": self.server.base_url,
            "CLARIFAI_PAT": PAT,
            "CLARIFAI_USER_ID": user_id,
        }

    def __enter__(self) -> World:
        self._log = _Errors(self.errors)
        self.platform = Platform(self.folder / "state", pats=[PAT])
        self.server = self.platform.serve()
        http_port = urlsplit(self.server.http_url).port
        assert http_port is not None
        self.internet = Internet(self.server.port, http_port, self.folder)
        self.internet.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.internet.stop()
        self.server.stop()
        self.platform.close()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Note what the platform logs as an error; other tests have platforms that may."""
        logger = logging.getLogger("clarifai.local")
        logger.addHandler(self._log)
        try:
            yield
        finally:
            logger.removeHandler(self._log)


class _Errors(logging.Handler):
    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found
        self.setFormatter(logging.Formatter())

    def emit(self, record: logging.LogRecord) -> None:
        self._found.append(self.format(record))
