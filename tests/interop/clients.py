"""The clients that the platform has to serve, each in an environment of its own."""

from __future__ import annotations

import sys
from pathlib import Path

import attrs

from tools import environments

PROGRAMS = Path(__file__).with_name("programs")


@attrs.frozen
class Client:
    """What programs run with."""

    name: str
    programs: str
    """The folder of its programs."""
    requirements: tuple[str, ...] = ()
    """What its environment holds; nothing for the one that the tests run in."""
    python: str = ""

    @property
    def user_id(self) -> str:
        """The user whose apps its programs make."""
        return self.name.replace(".", "-")

    def interpreter(self) -> Path:
        """Return the Python that has it; made when it is not there.

        Raises:
            environments.Unavailable: It cannot be installed.
        """
        if not self.requirements:
            return Path(sys.executable)
        return environments.make(self.name, self.requirements, python=self.python).python


_PYTHON = environments.old_python()

OLD = environments.OFFICIAL_10[0]
NEW = "official-12.5.0"
OURS = "ours"
OLD_STUBS = "stubs-10.1.6"
NEW_STUBS = "stubs-12.6.0"

CLIENTS = {
    client.name: client
    for client in (
        # The new ones need a distribution that they do not ask for: for the status of uploads, and
        # for JSON. The old stubs get the protobuf of their day.
        Client(OLD, "sdk", environments.OFFICIAL_10[1], _PYTHON),
        Client(NEW, "sdk", ("clarifai==12.5.0", "rich"), _PYTHON),
        Client(OURS, "sdk"),
        Client(OLD_STUBS, "stubs", ("clarifai-grpc==10.1.6", "protobuf==4.25.3"), _PYTHON),
        Client(NEW_STUBS, "stubs", ("clarifai-grpc==12.6.0", "requests"), _PYTHON),
    )
}
