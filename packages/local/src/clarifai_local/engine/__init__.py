"""The learning half of the platform: pictures and texts in, vectors, models and metrics out.

Nothing here knows the store or the wire's requests. A model is data (numpy arrays and JSON in one
`.npz`), never code, so that a state directory from elsewhere can be opened without trust.
"""

from clarifai_local.engine.contracts import (
    CancelledError,
    Embedder,
    Engine,
    ModelInputs,
    Predictor,
    Samples,
    TrainingError,
    TrainingJob,
)

__all__ = [
    "CancelledError",
    "Embedder",
    "Engine",
    "ModelInputs",
    "Predictor",
    "Samples",
    "TrainingError",
    "TrainingJob",
]
