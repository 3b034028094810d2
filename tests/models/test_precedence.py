"""The pretrained models are defaults: what somebody else registers comes before them."""

from __future__ import annotations

import logging

import pytest

from clarifai_core.contracts import EngineSpec
from clarifai_core.plugins import Plugins
from clarifai_local import Platform
from clarifai_local.engine._embed import FeatureEmbedder
from clarifai_models import plugin as ours
from clarifai_models._embedder import PretrainedEmbedder
from tests.core.test_plugin_identity import plugin
from tests.core.test_plugins import ALL, Point

NAMES = ("embedder", "clarifai/main/face-detection")


def theirs(*names):
    return plugin(clarifai_register_engines=lambda: [EngineSpec(n, "acme:engine") for n in names])


def models(distribution="clarifai-models"):
    return Point("models", lambda: ours, distribution)


def targets(plugins):
    return {spec.name: spec.target for spec in plugins.specs("engines")}


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
@pytest.mark.parametrize("distribution", ["clarifai-models", "zzz-models"])
def test_an_engine_of_somebody_else_comes_first_whatever_the_order(order, distribution):
    """Plugins load by who wrote them and by name: neither may matter."""
    given = [models(distribution), Point("acme", theirs(*NAMES), "acme-engines")]

    plugins = Plugins(ALL, [given[place] for place in order])

    found = targets(plugins)
    assert {name: found[name] for name in NAMES} == dict.fromkeys(NAMES, "acme:engine")
    assert all(plugins.owner("engines", name) == "acme of acme-engines" for name in NAMES)
    assert found["clarifai/main/moderation-recognition"] == "clarifai_models._moderation:moderator"
    assert {info.state for info in plugins.list()} == {"loaded"}


def test_two_of_others_clash_as_ever():
    points = [Point(name, theirs("embedder"), f"dist-{name}") for name in "ab"]

    plugins = Plugins(ALL, [models(), *points])

    states = {info.name: info.state for info in plugins.list()}
    assert states == {"models": "loaded", "a": "loaded", "b": "broken"}
    assert targets(plugins)["embedder"] == "acme:engine"
    assert plugins.owner("engines", "embedder") == "a of dist-a"


def test_what_a_refused_plugin_took_stays_with_the_default():
    clashing = theirs("embedder", "clarifai/main/colours")
    points = [Point("a", theirs("clarifai/main/colours"), "dist-a"), Point("b", clashing, "dist-b")]

    plugins = Plugins(ALL, [models(), *points])

    assert targets(plugins)["embedder"] == "clarifai_models._embedder:PretrainedEmbedder"


def specs(*others):
    """Return the specs that a platform gets when others are installed, too."""
    points = [Point(f"p{n}", plugin(clarifai_register_engines=lambda s=s: [s]), f"dist-{n}")
              for n, s in enumerate(others)]  # fmt: skip
    return Plugins(ALL, [models(), *points]).specs("engines")


def test_the_platform_takes_the_embedder_of_somebody_else():
    target = f"{FeatureEmbedder.__module__}:{FeatureEmbedder.__name__}"

    with Platform(engines=specs(EngineSpec("embedder", target))) as platform:
        assert platform.embedder.image_space == FeatureEmbedder.image_space
    with Platform(engines=specs()) as platform:
        assert platform.embedder.image_space == PretrainedEmbedder.image_space


def test_a_default_that_cannot_be_made_leaves_the_platform_its_own(caplog):
    spec = EngineSpec("embedder", "no_such_package:embedder", is_default=True)

    with caplog.at_level(logging.WARNING), Platform(engines=[spec]) as platform:
        assert platform.embedder.image_space == FeatureEmbedder.image_space
        assert not platform.engines.answers()

    (record,) = caplog.records
    assert record.message.startswith("The stand-in answers for embedder: ")
    assert "no_such_package" in record.message


def test_an_engine_of_somebody_else_that_cannot_be_made_is_an_error():
    with pytest.raises(Exception, match="no_such_package"):
        Platform(engines=[EngineSpec("embedder", "no_such_package:embedder")])
