"""The small helpers that programs borrow of newer releases: loggers, waiting, chunks, addresses."""

import logging
import os

import clarifai
from clarifai.urls.helper import ClarifaiUrlHelper
from clarifai.utils.logging import get_logger
from clarifai.utils.logging import logger as sdk_logger
from clarifai.utils.misc import BackoffIterator, Chunker, get_from_dict_or_env

assert clarifai.__version__
sdk_logger.info("starts")
logger = get_logger(logger_level="INFO", name="my-program")
logger.info("starts")
assert isinstance(logger, logging.Logger)
waits = BackoffIterator()
assert [next(waits) > 0 for _ in range(3)] == [True] * 3
assert list(Chunker(list(range(7)), 3).chunk()) == [[0, 1, 2], [3, 4, 5], [6]]
os.environ["MY_KEY"] = "found"
assert get_from_dict_or_env(key="mine", env_key="MY_KEY") == "found"
assert get_from_dict_or_env(key="mine", env_key="MY_KEY", mine="given") == "given"
user, app, kind, name, version = ClarifaiUrlHelper.split_clarifai_url(
    "https://clarifai.com/me/mine/models/one/versions/two"
)
assert (user, app, kind, name, version) == ("me", "mine", "models", "one", "two")
assert ClarifaiUrlHelper().split_clarifai_app_url("https://clarifai.com/me/mine") == ("me", "mine")
made = ClarifaiUrlHelper().clarifai_url("me", "mine", "models", "one")
assert made.endswith("/me/mine/models/one"), made
