"""What the services of a platform work with: its parts, not the platform that holds them.

A service is made with it: `Apps(context)`. `Platform` puts it together.
"""

from __future__ import annotations

import attrs

from clarifai_local._clock import Clock
from clarifai_local._content import ContentLoader
from clarifai_local._http_routes import HttpRoutes
from clarifai_local._jobs import Jobs
from clarifai_local._masks import Masks
from clarifai_local._models.engines import Engines
from clarifai_local._models.predictors import Predictors
from clarifai_local._models.remote import RunnerModels
from clarifai_local._originals import Originals
from clarifai_local._processing import InputProcessor
from clarifai_local._reindexing import Reindexing
from clarifai_local._runner_queue import RunnerQueue
from clarifai_local._scope import AppScopes
from clarifai_local._store import Store
from clarifai_local._views import InputViews
from clarifai_local.engine.contracts import Embedder


@attrs.frozen
class ServiceContext:
    """The parts of one platform that services use."""

    store: Store
    """Tables, blobs and vectors."""
    clock: Clock
    scopes: AppScopes
    """From a request's `user_app_id` to a user or app."""
    jobs: Jobs
    """Work in the background."""
    http: HttpRoutes
    """The base of addresses in answers, and the routes behind them."""
    views: InputViews
    """Stored inputs as answers show them."""
    originals: Originals
    """The bytes of stored inputs."""
    masks: Masks
    """Annotations as answers show them."""
    content: ContentLoader
    """The pictures and texts of requests."""
    processor: InputProcessor
    """Downloads, checks and embeds inputs that were posted."""
    embedder: Embedder
    """Makes vectors of pictures and texts."""
    reindexing: Reindexing
    """Brings the inputs of apps into its spaces."""
    engines: Engines
    """What trains each model type."""
    predictors: Predictors
    """What answers for each model version."""
    runner_queue: RunnerQueue
    """Work that waits for runners."""
    runner_models: RunnerModels
    """The models that runners answer for."""
