"""Modules that are imported on first use, by whichever thread comes first."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

import clarifai_core
from clarifai_core import heavy
from clarifai_core.endpoint import Endpoint
from clarifai_core.lazy import lazy_module, load_target
from clarifai_core.transport.channel import GrpcConnection


def test_a_thread_waits_for_a_module_that_another_one_is_importing(tmp_path, monkeypatch):
    name = "slow_module_of_test_lazy"
    begun, go_on = threading.Event(), threading.Event()
    (tmp_path / f"{name}.py").write_text(
        "import tests.core.test_lazy as test\n"
        f"begun, go_on = test.EVENTS['{name}']\n"
        "begun.set()\n"
        "go_on.wait(60)\n"
        "value = 1\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "tests.core.test_lazy", sys.modules[__name__])
    monkeypatch.setitem(EVENTS, name, (begun, go_on))
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(load_target, f"{name}:value")
        assert begun.wait(60)
        second = threads.submit(load_target, f"{name}:value")
        # It must not answer before the module is whole; only then is it let go on.
        assert not wait([second], 0.2).done
        go_on.set()
        assert (first.result(60), second.result(60)) == (1, 1)


EVENTS: dict[str, tuple[threading.Event, threading.Event]] = {}


@pytest.fixture
def package(tmp_path, monkeypatch) -> Iterator[str]:
    """A package that says `lazy_submodules`, with a module `late` that counts its runs."""
    name = "package_of_test_lazy"
    files = {
        "__init__.py": """
            from clarifai_core.lazy import lazy_submodules
            def __getattr__(name):
                if name == "own":
                    return "of the package"
                raise AttributeError(f"no {name}")
            lazy_submodules(__name__)
        """,
        "late.py": "value = 1",
        "user.py": f"from {name} import late",
    }
    (tmp_path / name).mkdir()
    for file, text in files.items():
        (tmp_path / name / file).write_text(textwrap.dedent(text))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield name
    for module in [module for module in sys.modules if module.partition(".")[0] == name]:
        del sys.modules[module]


def test_a_plain_import_of_a_module_runs_it_on_first_use(package):
    late = load_target(f"{package}.user:late")
    assert f"{package}.late" not in sys.modules
    assert late.value == 1
    assert f"{package}.late" in sys.modules


def test_the_package_still_answers_for_itself(package):
    assert load_target(f"{package}:own") == "of the package"
    with pytest.raises(AttributeError, match="no elsewhere"):
        load_target(f"{package}:elsewhere")


def test_a_name_that_is_no_module_is_refused_as_python_does():
    with pytest.raises(ImportError, match="cannot import name 'opps' from 'clarifai_core'"):
        from clarifai_core import opps  # noqa: F401  # type: ignore[attr-defined]
    assert not hasattr(clarifai_core, "__opps__")


def test_what_a_test_patches_is_the_module_itself(package, monkeypatch):
    late = load_target(f"{package}.user:late")
    with monkeypatch.context() as patched:
        patched.setattr(f"{package}.late.value", 2)
        assert (late.value, sys.modules[f"{package}.late"].value) == (2, 2)
    assert (late.value, sys.modules[f"{package}.late"].value) == (1, 1)
    late.extra = 3
    del late.extra
    assert not hasattr(sys.modules[f"{package}.late"], "extra")


def test_a_stand_in_lists_what_the_module_has():
    assert {"loads", "dumps"} <= set(dir(lazy_module("json")))
    assert repr(lazy_module("json")) == "<lazy module 'json'>"


MISUNDERSTANDING = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from clarifai_core.heavy import grpc
server = grpc.server(ThreadPoolExecutor(1))
port = server.add_insecure_port("127.0.0.1:0")
server.start()
with grpc.secure_channel(f"127.0.0.1:{port}", grpc.ssl_channel_credentials()) as channel:
    try:
        channel.unary_unary("/a/b")(b"", timeout=5)
    except grpc.RpcError as error:
        print(error.code().name, os.environ.get("GRPC_VERBOSITY"))
server.stop(None).wait()
"""


@pytest.mark.parametrize("asked", [None, "INFO"])
def test_grpc_prints_nothing_of_its_own_unless_it_is_asked_to(asked):
    environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    environment |= {"GRPC_VERBOSITY": asked} if asked else {}
    done = subprocess.run(
        [sys.executable, "-c", MISUNDERSTANDING],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout.split() == ["UNAVAILABLE", str(asked)]  # what was set is as it was
    assert ("Handshake failed" in done.stderr, done.stderr == "") == (bool(asked), not asked)


@pytest.mark.parametrize("asked", [None, "INFO"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "https://127.0.0.1:1"])
def test_the_first_channel_of_an_older_grpc_is_made_in_silence_too(url, asked, monkeypatch):
    """gRPC before 1.74 looks at the variable then, not as it is imported."""
    seen = []
    monkeypatch.delenv("GRPC_VERBOSITY", raising=False)
    if asked:
        monkeypatch.setenv("GRPC_VERBOSITY", asked)
    for name in ("insecure_channel", "secure_channel"):
        for module in (heavy.grpc, heavy.grpc.aio):  # the stand-in keeps what it was asked for
            monkeypatch.setattr(
                module, name, lambda *_, **__: seen.append(os.environ.get("GRPC_VERBOSITY"))
            )
    connection = GrpcConnection(Endpoint.parse(url))

    connection.channel()
    connection.aio_channel()

    assert seen == [asked or "NONE"] * 2
    assert os.environ.get("GRPC_VERBOSITY") == asked
