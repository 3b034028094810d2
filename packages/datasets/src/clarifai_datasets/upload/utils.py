"""Loaders that a project keeps in a folder of its own, as `dataset.py` beside the data.

The file's name is the one that programs import it by.
"""

from __future__ import annotations

import importlib.util
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import MissingFile, UserError
from clarifai_datasets.upload.base import ClarifaiDataLoader

if TYPE_CHECKING:
    from os import PathLike
    from types import ModuleType

__all__ = ["load_module_dataloader"]

_FILE = "dataset.py"


def load_module_dataloader(
    module_dir: str | PathLike[str], *args: Any, **kwargs: Any
) -> ClarifaiDataLoader:
    """Return the loader that the `dataset.py` in a folder defines.

    The file is run: only load folders that you trust. It may import modules beside it.

    Args:
        module_dir: The folder. Its `dataset.py` defines one class that derives from
            `ClarifaiDataLoader` and whose name ends in `DataLoader`.
        *args: What the class takes, such as a split.
        **kwargs: As above, by name.

    Raises:
        UserError: There is no such file, or not exactly one such class in it, or the class does
            not take these arguments.

    Example:
        >>> load_module_dataloader("no-such-folder")
        Traceback (most recent call last):
        ...
        clarifai_core.errors.MissingFile: module_dir: there is no file 'no-such-folder/dataset.py'.
    """
    folder = Path(module_dir)
    path = folder / _FILE
    if not path.is_file():
        raise MissingFile(f"module_dir: there is no file {path.as_posix()!r}.")
    cls = _loader_class(_run(path.resolve()), path)
    try:
        inspect.signature(cls).bind(*args, **kwargs)
    except TypeError as error:
        raise UserError(f"{path}: {cls.__name__} cannot be made so: {error}.") from error
    return cls(*args, **kwargs)


def _run(path: Path) -> ModuleType:
    """Import a file under a name of its own; what stands beside it can be imported meanwhile."""
    name = f"_clarifai_dataset_{abs(hash(path)):x}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UserError(f"{path} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # pickle and attrs look classes up there
    sys.path.insert(0, str(path.parent))
    try:
        spec.loader.exec_module(module)
    except BaseException:  # why: tidied up, and raised again
        del sys.modules[name]
        raise
    finally:
        sys.path.remove(str(path.parent))
    return module


def _loader_class(module: ModuleType, path: Path) -> type[ClarifaiDataLoader]:
    found = [
        value
        for name, value in vars(module).items()
        if inspect.isclass(value)
        and issubclass(value, ClarifaiDataLoader)
        and value.__module__ == module.__name__
        and name.endswith("DataLoader")
    ]
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise UserError(
            f"{path} must define one subclass of ClarifaiDataLoader whose name ends in "
            f"'DataLoader', got {names}."
        )
    return found[0]
