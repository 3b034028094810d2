"""What the global options of one command line said."""

from __future__ import annotations

from typing import Any

import attrs
import click

from clarifai_cli._output import Output
from clarifai_core.settings import Settings


@attrs.define
class Invocation:
    """The values of the options that every command understands; click hands it down as `obj`."""

    context: str = ""
    base_url: str = ""
    as_json: bool = False
    debug: bool = False

    @classmethod
    def current(cls) -> Invocation:
        """Return the one of the command that is running."""
        return click.get_current_context().ensure_object(cls)

    @property
    def output(self) -> Output:
        """Return where results go, in the form that was asked for."""
        return Output(as_json=self.as_json)

    def settings(self, **arguments: Any) -> Settings:
        """Return the settings that the options, the environment and the context give.

        Args:
            **arguments: Further settings, such as `user_id`; an empty value counts as not given.

        Raises:
            UserError: A value is of the wrong kind, or the context does not exist.
        """
        return Settings.resolve(context=self.context, base_url=self.base_url, **arguments)
