"""One parent for the loggers of all packages."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from clarifai_core.loggers import logger_for

PACKAGES = Path(__file__).parents[2] / "packages"
MODULES = [
    path.relative_to(source).with_suffix("").as_posix().replace("/", ".")
    for source in PACKAGES.glob("*/src")
    for path in source.rglob("*.py")
    if "logger_for(__name__)" in path.read_text("utf-8")
]


def test_no_module_makes_a_logger_of_another_kind():
    for path in PACKAGES.glob("*/src/**/*.py"):
        text = path.read_text("utf-8")
        assert not re.search(r"getLogger\(\s*__name__", text), path
    assert len(MODULES) > 20


@pytest.fixture
def parent():
    logger = logging.getLogger("clarifai")
    level = logger.level
    yield logger
    logger.setLevel(level)


def test_the_level_of_one_logger_reaches_all(parent):
    for level in (logging.DEBUG, logging.CRITICAL):
        parent.setLevel(level)
        for module in MODULES:
            assert logger_for(module).getEffectiveLevel() == level, module


@pytest.mark.parametrize("module", MODULES)
def test_names_are_those_of_the_modules(module):
    """The underscore of a private module is none of a user's business; a name says which it is."""
    package, *inside = module.split(".")
    wanted = [package.replace("_", "."), *(part.removeprefix("_") for part in inside)]
    assert logger_for(module).name == ".".join(wanted)
    assert logger_for(module).name.startswith("clarifai.")


def test_no_two_modules_share_a_logger():
    assert len({logger_for(module).name for module in MODULES}) == len(MODULES)


def test_what_is_logged_arrives_at_the_parent(parent, caplog):
    parent.setLevel(logging.INFO)
    for module in MODULES:
        logger_for(module).info("from %s", module)
    assert [record.getMessage() for record in caplog.records] == [f"from {m}" for m in MODULES]
