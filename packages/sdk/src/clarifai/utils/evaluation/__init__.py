"""Door to comparisons of evaluations; tables want pandas."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.evaluation import MACRO_AVG, EvalResultCompare, EvalType, get_eval_type

if not TYPE_CHECKING:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(__name__)

__all__ = ["MACRO_AVG", "EvalResultCompare", "EvalType", "get_eval_type"]
