"""What an upload tells while its platform cannot be reached."""

from __future__ import annotations

import time
from contextvars import ContextVar

import attrs

from clarifai_core.errors import Unreachable
from clarifai_core.loggers import logger_for
from clarifai_core.transport.policies import CallRules

logger = logger_for(__name__)

TOLD_AFTER_SECONDS = 2.0
"""An outage that is shorter is no news: what waits goes on by itself."""

AGAIN: ContextVar[str] = ContextVar("AGAIN", default="the same upload, begun again,")
"""What goes on with an upload that ended early; the prompt puts its command line here."""


@attrs.define
class Outage:
    """Whether the platform of an upload cannot be reached, told once for each time.

    Args:
        rules: Of the session.
        where: The platform, for people.
    """

    _rules: CallRules
    _where: str
    _is_told: bool = False

    def look(self) -> None:
        """Tell that the platform is away, or back, if that is news; asked every second or so."""
        lost_at = self._rules.contact.lost_at
        if lost_at is None:
            if self._is_told:
                logger.warning("%s is reached again: the upload goes on.", self._where)
            self._is_told = False
            return
        gone = self._rules.clock() - lost_at
        if not self._is_told and gone >= TOLD_AFTER_SECONDS:
            self._is_told = True
            logger.warning("%s", self._sentence(gone))

    def _sentence(self, gone: float) -> str:
        left = max(0.0, self._rules.outage_left_seconds())
        return (
            f"{self._where} cannot be reached since {_clock_time(-gone)}; it is tried until "
            f"{_clock_time(left)}. Ctrl-C loses nothing: {AGAIN.get()} goes on from there."
        )

    @property
    def is_too_long(self) -> bool:
        """Return whether it was waited for long enough."""
        return self._rules.contact.lost_at is not None and self._rules.outage_left_seconds() <= 0

    @property
    def reason(self) -> str:
        """Return why what was under way is given up."""
        seconds = self._rules.retry.outage_seconds
        return f"{self._where} could not be reached for {seconds:g} seconds"

    def error(self) -> Unreachable:
        """Return what an upload ends with that waited for long enough."""
        return Unreachable(
            f"{self.reason} (CLARIFAI_OUTAGE_SECONDS). When it is there again, {AGAIN.get()} goes "
            "on from there."
        )


def _clock_time(seconds_from_now: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(time.time() + seconds_from_now))
