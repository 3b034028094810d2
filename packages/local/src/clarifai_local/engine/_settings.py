"""What the parameters of a training template are for our engines.

Templates are those of the hosted service: their defaults suit deep networks on many graphics
processors. Our networks are small, so a template's own default means what suits them, and a value
beside it as many times more or less: half the `per_item_lrate` is half the step, twice the
`batch_size` are twice the inputs per step, and the step with them. Epochs are counted as given,
each of as many passes as the template says.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Literal

import attrs

from clarifai_local.engine._parameters import InvalidParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS = "settings"
"""The key of a training job's parameters that holds these."""

BATCH_SIZE = 16
EPOCHS = 30
STEP = 0.000391
DECAY = 1e-4
"""What suits our networks."""

_TRAINER = {"learning_rate": 5e-5, "per_device_train_batch_size": 8, "num_train_epochs": 3}
"""Defaults of the trainer that `trainer_config` is for (transformers.TrainingArguments)."""

_MAX_EPOCHS = 10_000

Flip = Literal["", "horizontal", "vertical"]


@attrs.frozen
class TrainingSettings:
    """How an engine trains."""

    batch_size: int = BATCH_SIZE
    epochs: int = EPOCHS
    passes: int = 1
    """How often an epoch goes over the data."""
    step: float = STEP
    """Size of a step, for Adam."""
    decay: float = DECAY
    """How strongly large weights are held back."""
    seed: int = 0
    image_size: Any = None
    """Side in pixels that pictures are shrunk to: 320, [320] or [width, height]; None: not."""
    flip: Flip = "horizontal"
    """How copies of pictures are mirrored that are learned too; "" for no copies."""
    exclusive: bool | None = None
    """Whether the values of an input sum to 1; None: if each has exactly one concept."""
    hidden_units: tuple[int, ...] = ()
    embedding_size: int = 0
    """Numbers of an embedding; 0 leaves it to the engine."""

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> TrainingSettings:
        """Return those of a training job, the usual ones where its type has no templates."""
        found = params.get(SETTINGS)
        return found if isinstance(found, cls) else cls()


def with_batch(params: Mapping[str, Any], times: int) -> dict[str, Any]:
    """Return a job's parameters with as many times the items per step: an input has several."""
    asked = TrainingSettings.of(params)
    return {**params, SETTINGS: attrs.evolve(asked, batch_size=asked.batch_size * times)}


def settings(
    values: Mapping[str, Any],
    defaults: Mapping[str, Any],
    passes: int = 1,
    hidden_units: tuple[int, ...] = (),
) -> TrainingSettings:
    """Return what checked parameters mean.

    Args:
        values: The parameters of the template, and those of ours that go over them.
        defaults: What the template says of each that it has.
        passes: How often an epoch of the template goes over the data.
        hidden_units: Units of the hidden layers.

    Raises:
        InvalidParameterError: A part of `trainer_config` or `custom_config` cannot be used.

    Example:
        >>> usual = {"num_epochs": 1, "batch_size": 32}
        >>> made = settings({"num_epochs": 2, "batch_size": 64}, usual, passes=30)
        >>> made.epochs, made.passes, made.batch_size, made.step
        (2, 30, 32, 0.000782)
    """
    trainer = _Trainer(values.get("trainer_config"), defaults.get("trainer_config"))
    batch = _times(values, defaults, "batch_size") * trainer.times("per_device_train_batch_size")
    step = (
        batch
        * _times(values, defaults, "per_item_lrate")
        * _times(values, defaults, "lrate")
        * trainer.times("learning_rate")
    )
    size = values.get("batch_size") if "batch_size" not in defaults else None
    epochs, passes = _epochs(values, defaults, trainer, passes)
    return TrainingSettings(
        batch_size=size or max(1, round(BATCH_SIZE * batch)),
        epochs=epochs,
        passes=passes,
        step=values.get("learning_rate") or max(STEP * step, 1e-12),
        decay=DECAY * _times(values, defaults, "weight_decay"),
        seed=_seed(values, trainer),
        image_size=values.get("image_size"),
        flip=_flip(values),
        exclusive=_exclusive(values),
        hidden_units=hidden_units,
        embedding_size=values.get("embeddings_size") or 0,
    )


def max_epochs(custom_config: str) -> int | None:
    """Return the `max_epochs` of a configuration in the form of the OpenMMLab toolkits.

    It is read as Python, and nothing of it is run. None: it says none.

    Raises:
        InvalidParameterError: It is no Python, or `max_epochs` is no whole number of 1 or more.

    Example:
        >>> max_epochs("runner = dict(type='EpochBasedRunner', max_epochs=60)")
        60
    """
    try:
        tree = ast.parse(custom_config)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f", line {line}" if line else ""
        what = getattr(error, "msg", None) or error
        raise InvalidParameterError(f"custom_config{where}: no Python: {what}") from error
    found: int | None = None
    for name, value in _assigned(tree):
        if name == "max_epochs":
            found = _whole(value)
    return found


def _assigned(tree: ast.AST) -> list[tuple[str, ast.expr]]:
    """Return what names are given: `a = 1`, `dict(a=1)` and `{"a": 1}`, in order of lines."""
    found: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            found += [(one.id, node.value) for one in node.targets if isinstance(one, ast.Name)]
        elif isinstance(node, ast.keyword) and node.arg:
            found.append((node.arg, node.value))
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            found += [
                (key.value, value)
                for key, value in pairs
                if isinstance(key, ast.Constant) and isinstance(key.value, str)
            ]
    return sorted(found, key=lambda pair: pair[1].lineno)


def _whole(value: ast.expr) -> int:
    number = value.value if isinstance(value, ast.Constant) else None
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= _MAX_EPOCHS:
        raise InvalidParameterError(
            f"custom_config, line {value.lineno}: max_epochs must be a whole number between 1 and "
            f"{_MAX_EPOCHS:,}, got {ast.unparse(value)[:100]}"
        )
    return number


class _Trainer:
    """The `trainer_config` of a template for language models."""

    def __init__(self, given: Mapping[str, Any] | None, default: Mapping[str, Any] | None) -> None:
        self._given = given or {}
        self._default = {**_TRAINER, **(default or {})}

    def times(self, name: str) -> float:
        """Return how many times the usual value a number is."""
        return self.number(name) / float(self._default[name])

    def number(self, name: str) -> float:
        value = self._given.get(name, self._default[name])
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not value > 0:
            raise InvalidParameterError(
                f"trainer_config.{name} must be a number over 0, got {value!r}"
            )
        return float(value)

    @property
    def seed(self) -> int:
        value = self._given.get("seed", 0)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != int(value):
            raise InvalidParameterError(
                f"trainer_config.seed must be a whole number, got {value!r}"
            )
        return int(value) % 2**32


def _times(values: Mapping[str, Any], defaults: Mapping[str, Any], name: str) -> float:
    default, value = defaults.get(name), values.get(name)
    return value / default if default and value is not None else 1.0


def _epochs(
    values: Mapping[str, Any], defaults: Mapping[str, Any], trainer: _Trainer, passes: int
) -> tuple[int, int]:
    """Return the epochs, and the passes of each."""
    if "num_epochs" in defaults:
        return int(values["num_epochs"]), passes
    if values.get("num_epochs"):
        return int(values["num_epochs"]), 1
    if "trainer_config" in defaults:
        wanted = trainer.number("num_train_epochs")
        epochs = max(1, round(wanted))
        return epochs, max(1, round(wanted * passes / epochs))
    configured = max_epochs(values["custom_config"]) if values.get("custom_config") else None
    return configured or EPOCHS, passes


def _seed(values: Mapping[str, Any], trainer: _Trainer) -> int:
    given = values.get("seed")
    return int(given) if given is not None and given >= 0 else trainer.seed


def _flip(values: Mapping[str, Any]) -> Flip:
    if values.get("flip_image") is False or values.get("flip_probability", 1) == 0:
        return ""
    return "vertical" if values.get("flip_direction") == "vertical" else "horizontal"


def _exclusive(values: Mapping[str, Any]) -> bool | None:
    if "logreg" in values:
        return bool(values["logreg"] == 0)
    problem = (values.get("model_config") or {}).get("problem_type")
    if problem is not None:
        return bool(problem == "single_label_classification")
    exclusive: bool | None = values.get("concepts_mutually_exclusive")
    return exclusive
