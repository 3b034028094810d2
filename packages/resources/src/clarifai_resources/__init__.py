"""Users, apps, inputs, models, workflows and modules: one handle class each.

What handles hand out is named by `from clarifai_resources import TrainingStatus`, for annotations
and `except`. Importing this costs nothing; each name is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.lazy import lazy_submodules

if TYPE_CHECKING:
    from clarifai_resources._concepts import Predicate
    from clarifai_resources._output_config import OutputSettings
    from clarifai_resources.inputs._builders import FilePath, InputOptions
    from clarifai_resources.inputs._downloads import DownloadsFailed
    from clarifai_resources.model._classifications import (
        Classification,
        Classifications,
        Scores,
        TopLabel,
        UnknownLabel,
    )
    from clarifai_resources.model._prediction_methods import PredictionMethods
    from clarifai_resources.model._raw_evaluations import RawFormat
    from clarifai_resources.model._training import TrainingStatus
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        Classification="clarifai_resources.model._classifications:Classification",
        Classifications="clarifai_resources.model._classifications:Classifications",
        DownloadsFailed="clarifai_resources.inputs._downloads:DownloadsFailed",
        FilePath="clarifai_resources.inputs._builders:FilePath",
        InputOptions="clarifai_resources.inputs._builders:InputOptions",
        OutputSettings="clarifai_resources._output_config:OutputSettings",
        Predicate="clarifai_resources._concepts:Predicate",
        PredictionMethods="clarifai_resources.model._prediction_methods:PredictionMethods",
        RawFormat="clarifai_resources.model._raw_evaluations:RawFormat",
        Scores="clarifai_resources.model._classifications:Scores",
        TopLabel="clarifai_resources.model._classifications:TopLabel",
        TrainingStatus="clarifai_resources.model._training:TrainingStatus",
        UnknownLabel="clarifai_resources.model._classifications:UnknownLabel",
    )

__all__ = [
    "Classification",
    "Classifications",
    "DownloadsFailed",
    "FilePath",
    "InputOptions",
    "OutputSettings",
    "Predicate",
    "PredictionMethods",
    "RawFormat",
    "Scores",
    "TopLabel",
    "TrainingStatus",
    "UnknownLabel",
]

lazy_submodules(__name__)
