"""`clarifai whoami`: which platform, user and key would be used, and why."""

from __future__ import annotations

import click

from clarifai_cli._invocation import Invocation
from clarifai_cli._options import common_options

NO_KEY = "none: set CLARIFAI_PAT or run `clarifai login`"


@click.command()
@common_options
@click.option("--explain", is_flag=True, help="Show where each value comes from.")
def whoami(explain: bool) -> None:
    """Show which settings are in force; nothing is sent."""
    invocation = Invocation.current()
    settings = invocation.settings()
    if explain:
        rows = [
            {"setting": origin.name, "value": origin.value, "source": origin.source}
            for origin in settings.explain()
        ]
        invocation.output.table(rows)
        return
    key = settings.credentials
    shown = {
        "base_url": settings.base_url,
        "user_id": settings.user_id,
        "app_id": settings.app_id,
        "key": key.kind if key else "not needed" if settings.endpoint.is_plugin else NO_KEY,
    }
    invocation.output.record(shown)
