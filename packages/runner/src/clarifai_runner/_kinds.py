"""What the platform calls a runner: a resource of a user, not of an app."""

from __future__ import annotations

from clarifai_core.kinds import ResourceKind

RUNNER = ResourceKind("runner", in_app=False)
