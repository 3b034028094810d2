"""Attributes that plugins put on handles of others (`clarifai_register_mixins`)."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

import pytest

import clarifai_core.plugins as core_plugins
from clarifai.client import App, Dataset, Inputs, Model, Runner, Search, User
from clarifai_core.contracts import MixinSpec
from clarifai_core.errors import PluginError, UserError
from clarifai_core.plugins import Plugins, PluginSwitches
from tests.core.test_plugin_identity import plugin, states
from tests.core.test_plugins import ALL, Point


class Extra:
    """What handles get: one of each kind of attribute."""

    CONSTANT = 7

    def shout(self: Any) -> str:
        return str(self.id.upper())

    @property
    def twice(self: Any) -> str:
        return str(self.id * 2)

    @property
    def nickname(self) -> str:
        return self.__dict__.get("_nickname", "none")

    @nickname.setter
    def nickname(self, value: str) -> None:
        self.__dict__["_nickname"] = value

    @classmethod
    def made(cls, **arguments: Any) -> Any:
        return cls(**arguments)

    @staticmethod
    def plus(a: int, b: int) -> int:
        return a + b

    @property
    def description(self) -> str:
        return "nobody described it"


class More(Extra):
    """Inherits what it does not say itself."""

    def shout(self) -> str:
        return "more"


NAMES = ("CONSTANT", "made", "nickname", "plus", "shout", "twice")


def spec(name: str = "extra", names: tuple[str, ...] = NAMES, cls: str = "Extra", **more: Any):
    return MixinSpec(name, f"{__name__}:{cls}", names=names, **more)


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Plugins]:
    """Have the process's plugins be one that registers these specs, besides those of the rooms."""

    def add(*specs: MixinSpec) -> Plugins:
        point = Point("extra", plugin(clarifai_register_mixins=lambda: list(specs)), "acme-extra")
        rooms = [info.entry_point for info in core_plugins.plugins().list() if info.is_ours]
        made = Plugins(PluginSwitches(), [*rooms, point])
        (info,) = [info for info in made.list() if info.distribution == "acme-extra"]
        assert info.state == "loaded", info.reason
        monkeypatch.setattr(core_plugins, "plugins", lambda: made)
        monkeypatch.setattr("clarifai_core._mixins.plugins", lambda: made)
        return made

    return add


@pytest.fixture
def app() -> App:
    return App(app_id="zoo", user_id="me", base_url="local:")


def test_attributes_are_bound_as_those_of_a_base_class(use, app):
    use(spec())
    assert (app.shout(), app.twice, app.CONSTANT, app.plus(1, 2)) == ("ZOO", "zoozoo", 7, 3)
    assert app.made(app_id="x", base_url="local:").id == "x"


def test_they_are_attributes_of_the_class_too(use, app):
    use(spec())
    assert (App.plus(1, 2), App.CONSTANT, App.shout(app)) == (3, 7, "ZOO")
    assert type(App.made(app_id="y", base_url="local:")) is App
    assert isinstance(App.twice, property)
    with pytest.raises(AttributeError, match="type object 'App' has no attribute 'thrice'"):
        _ = App.thrice


def test_a_base_class_of_the_target_counts(use, app):
    use(spec(cls="More"))
    assert (app.shout(), app.twice) == ("more", "zoozoo")


@pytest.mark.parametrize(
    "handle",
    [
        User("me", base_url="local:"),
        App(app_id="a", user_id="me", base_url="local:"),
        Dataset(dataset_id="d", user_id="me", app_id="a", base_url="local:"),
        Inputs("me", "a", base_url="local:"),
        Model(model_id="m", user_id="me", app_id="a", base_url="local:"),
        Runner("r", "me", check_runner_exists=False, base_url="local:"),
        Search("me", "a", base_url="local:"),
    ],
    ids=lambda handle: type(handle).__name__,
)
def test_a_spec_for_a_kind_reaches_that_kind_only(use, handle):
    use(spec(kinds=(handle.kind,)))
    assert handle.plus(2, 3) == 5
    other = "app" if handle.kind == "model" else "model"
    use(spec(kinds=(other,)))
    assert not hasattr(handle, "plus")
    assert not hasattr(type(handle), "plus")


def test_of_one_plugin_the_kind_counts_before_all(use, app):
    use(spec(names=("shout",)), spec("other", ("shout",), "More", kinds=("app",)))
    assert app.shout() == "more"
    assert User("me", base_url="local:").shout() == "ME"


def test_own_attributes_and_fields_come_first(use, app):
    use(spec(names=("id", "description", "list_models", "shout")))
    app.description = "described"
    assert (app.id, app.description) == ("zoo", "described")
    assert app.list_models.__func__ is App.list_models


def test_names_may_stand_in_for_fields_without_a_value(use, app):
    use(spec(names=("description",), fills_unset_fields=True))
    assert app.description == "nobody described it"
    app.message.description = "described"
    assert app.description == "described"


def test_dir_lists_them(use, app):
    use(spec(kinds=("app",)))
    assert set(NAMES) <= set(dir(app))
    assert "shout" not in dir(User("me", base_url="local:"))


def test_setting_one_calls_its_setter(use, app):
    use(spec())
    app.nickname = "Z"
    assert (app.nickname, vars(app)["_nickname"]) == ("Z", "Z")


def test_setting_one_without_a_setter_keeps_the_value_on_that_handle(use, app):
    use(spec())
    app.twice = "mine"
    assert (app.twice, App.of(app.message, app).twice) == ("mine", "zoozoo")


def test_handles_are_copied_and_pickled(use, app):
    use(spec())
    for made in (copy.copy(app), copy.deepcopy(app), pickle.loads(pickle.dumps(app))):
        assert (made.shout(), made.app_id) == ("ZOO", "zoo")


def test_a_half_built_handle_has_none(use):
    use(spec())
    half = App.__new__(App)
    assert not hasattr(half, "shout")
    assert not hasattr(half, "description")


def test_special_names_load_no_plugin():
    code = """
import sys
from clarifai.client import App
app = App.__new__(App)
app.__dict__["_settings"] = None
for owner in (app, App):
    assert not hasattr(owner, "__wrapped__")
assert "pluggy" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.parametrize(
    ("cls", "said"),
    [("Nothing", "No|cannot be imported"), ("NAMES", "must be a class, not a tuple")],
)
def test_a_target_that_is_no_class_is_the_plugins_fault(use, app, cls, said):
    use(spec(cls=cls))
    with pytest.raises(PluginError, match=said):
        app.shout()


def test_a_name_that_the_class_lacks_is_the_plugins_fault(use, app):
    use(spec(names=("whisper",)))
    with pytest.raises(
        PluginError, match=r"plugin extra of acme-extra names .*Extra.* no 'whisper'"
    ):
        app.whisper()


def mixins(distribution: str, *specs: MixinSpec) -> Any:
    return Point("p", plugin(clarifai_register_mixins=lambda: list(specs)), distribution)


@pytest.mark.parametrize(
    ("first", "second", "is_refused"),
    [
        (("*",), ("*",), True),
        (("*",), ("model",), True),
        (("model", "app"), ("app",), True),
        (("model",), ("app",), False),
    ],
)
def test_two_plugins_cannot_put_one_name_on_one_kind(first, second, is_refused):
    points = [
        mixins("acme-a", spec("a", ("shout", "plus"), kinds=first)),
        mixins("acme-b", spec("b", ("plus",), kinds=second)),
    ]
    found = Plugins(ALL, points)
    assert states(found)["acme-b:p"] == ("broken" if is_refused else "loaded")
    if is_refused:
        assert "register mixins 'plus'" in found.list()[1].reason
        assert [one.name for one in found.specs("mixins")] == ["a"]


def test_one_plugin_cannot_put_a_name_on_one_kind_twice():
    (info,) = Plugins(ALL, [mixins("acme-a", spec("a", ("plus",)), spec("b", ("plus",)))]).list()
    assert "'a' and 'b' both put 'plus' on handles of '*'" in info.reason


@pytest.mark.parametrize(
    "wrong",
    [
        {"names": ()},
        {"names": ("a b",)},
        {"names": ("__len__",)},
        {"names": "shout"},
        {"kinds": ()},
    ],
)
def test_names_that_cannot_be_are_refused(wrong):
    with pytest.raises(ValueError, match="must be"):
        MixinSpec("x", "m:C", **{"names": ("shout",), **wrong})


def test_blocked_plugins_put_nothing():
    found = Plugins(PluginSwitches.parse(None, "acme-a"), [mixins("acme-a", spec())])
    assert found.mixin("app", "shout") is None
    assert found.mixin_names("app") == []


# -- what programs set on handles ---------------------------------------------------------------


def test_setting_a_field_sets_it_in_the_message():
    model = Model(model_id="m", user_id="me", app_id="a", base_url="local:")
    model.description = "better"
    model.model_version = {"id": "v1"}
    model.metadata = {"k": 1}
    assert (model.message.description, model.message.model_version.id) == ("better", "v1")
    model.metadata = {"other": 2}
    assert dict(model.message.metadata) == {"other": 2}
    with pytest.raises(UserError, match="model_version: must be a mapping, got 3"):
        model.model_version = 3
    assert model.model_version.id == "v1"


def test_attributes_of_a_class_of_ones_own_are_ones_own():
    """As in any Python class: what was set is what is read, of whatever type it is."""

    class Labeller(Runner):
        def __init__(self) -> None:
            self.user_id = "me"
            self.id = "early"
            self.logger = "mine"
            super().__init__("laptop", check_runner_exists=False, base_url="local:")
            own: Any = self
            own.labels = {"cat": 1}
            own.description = ["any", "thing"]

    made = Labeller()
    assert (made.user_id, made.id, made.logger) == ("me", "laptop", "mine")
    assert (made.labels, made.description) == ({"cat": 1}, ["any", "thing"])


def test_ids_set_before_init_count_where_none_are_given():
    class Zoo(App):
        def __init__(self) -> None:
            self.user_id = "ann"
            self.app_id = "zoo"
            super().__init__(base_url="local:")

    assert (Zoo().id, Zoo().user_id, Zoo().user_app_id.app_id) == ("zoo", "ann", "zoo")


def test_setting_ids_sets_the_scope():
    app = App(app_id="zoo", user_id="me", base_url="local:", name="Zoo")
    app.user_id, app.app_id = "ann", "pond"
    assert (app.id, app.message.user_id, app.message.id) == ("pond", "ann", "pond")
    model = Model(model_id="m", user_id="me", app_id="a", base_url="local:")
    model.user_app_id = app.user_app_id
    assert (model.user_id, model.app_id, model.id) == ("ann", "pond", "m")
    with pytest.raises(UserError, match="user_id must be text, got 3"):
        model.user_id = 3


def test_handles_may_have_an_abstract_base_beside():
    class Base(ABC):
        @abstractmethod
        def run(self) -> int: ...

    class Mine(Runner, Base):
        def run(self) -> int:
            return 1

    assert Mine("r", "me", check_runner_exists=False, base_url="local:").run() == 1
