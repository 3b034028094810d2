"""Specs are no attrs classes, as listings wait for them, and act as frozen ones of attrs do."""

from __future__ import annotations

import copy
import pickle
import subprocess
import sys

import attrs
import pytest

import clarifai_core.contracts as contracts  # the module itself: `from` gives a stand-in
from clarifai_core.contracts import CommandSpec, LoaderSpec, MixinSpec, ResourceSpec, Spec

LOADER = LoaderSpec("acme", "acme.loader:Loader", "Acme's files.", (".acme",))


@attrs.frozen
class TimedSpec(CommandSpec):
    """What a third party may make of one."""

    seconds: float = 1.0


def test_specs_of_the_same_kind_and_values_are_equal():
    same = LoaderSpec("acme", "acme.loader:Loader", help="Acme's files.", suffixes=(".acme",))
    assert same == LOADER
    assert {same, LOADER} == {LOADER}
    assert CommandSpec("a", "m:a") != Spec("a", "m:a")
    assert CommandSpec("a", "m:a") != CommandSpec("a", "m:b")


def test_a_spec_never_changes():
    with pytest.raises(AttributeError, match="'help' cannot be set: a LoaderSpec never changes"):
        LOADER.help = ""
    with pytest.raises(AttributeError, match="cannot be deleted"):
        del LOADER.help
    with pytest.raises(AttributeError):
        LOADER.other = 1


def test_a_spec_prints_its_values():
    assert repr(CommandSpec("hi", "m:hi")) == "CommandSpec(name='hi', target='m:hi', help='')"


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))]
)
def test_a_spec_can_be_copied_and_sent(copied):
    assert copied(LOADER) == LOADER


def test_attrs_takes_specs_as_its_own():
    evolved = attrs.evolve(LOADER, help="Other files.")
    assert (evolved.help, evolved.suffixes) == ("Other files.", (".acme",))
    assert list(attrs.asdict(LOADER)) == ["name", "target", "help", "suffixes", "detect"]
    assert attrs.fields(LoaderSpec).target.default is attrs.NOTHING


def test_a_class_of_attrs_may_stand_on_a_spec():
    spec = TimedSpec("hi", "m:hi", seconds=2.0)
    assert (spec.name, spec.help, spec.seconds) == ("hi", "", 2.0)
    assert spec == TimedSpec("hi", "m:hi", seconds=2.0) != TimedSpec("hi", "m:hi")
    assert attrs.evolve(spec, name="ho").seconds == 2.0


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Spec("", "m:a"), "name must not be empty"),
        (lambda: Spec("a", "m"), "target must read 'package.module:attribute', got 'm'"),
        (lambda: LoaderSpec("a", "m:a", detect="m"), "detect must read"),
        (lambda: MixinSpec("a", "m:a"), r"names must be a tuple of texts, got \(\)"),
        (lambda: MixinSpec("a", "m:a", names=("__x",)), "names must be names of attributes"),
        (lambda: MixinSpec("a", "m:a", names=("x",), kinds="app"), "kinds must be a tuple"),
    ],
)
def test_a_wrong_value_is_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_lists_become_tuples_where_names_are_listed():
    assert ResourceSpec("a", "m:a", verbs=["list"], fields=["name"]).verbs == ("list",)


@pytest.mark.parametrize("name", contracts.__all__)
def test_every_name_of_the_contracts_opens(name):
    assert getattr(contracts, name) is not None


def test_specs_are_made_without_attrs():
    code = "import sys, clarifai_core.contracts; assert 'attr' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
