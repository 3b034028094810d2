"""The kinds of resources that this room brings."""

from __future__ import annotations

from clarifai_core.kinds import ResourceKind

DATASET = ResourceKind("dataset")
"""A named collection of an app's inputs."""

DATASET_VERSION = ResourceKind("dataset_version", parent="dataset")
"""A snapshot of a dataset: what trainings, evaluations and exports read."""
