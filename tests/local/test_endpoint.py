"""`local:` URLs: sharing, closing, forking."""

from __future__ import annotations

import os
import subprocess
import sys

import grpc
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_core.contracts import Connection, EndpointSpec
from clarifai_local import DirectoryInUse, _open_platforms, plugin
from clarifai_local._endpoint import open_local

APP = resources_pb2.UserAppIDSet(user_id="me", app_id="a")


@pytest.fixture(autouse=True)
def _fresh():
    _open_platforms.close_all()
    yield
    _open_platforms.close_all()


def make_app(connect, connection):
    api = connect(connection.channel())
    return api.PostApps(user_app_id=APP, apps=[resources_pb2.App(id="a")]).status.code


def exists(connect, connection):
    status = connect(connection.channel()).GetApp(user_app_id=APP).status
    return status.code == codes.SUCCESS


def test_the_plugin_announces_the_scheme():
    [spec] = plugin.clarifai_register_endpoints()
    assert isinstance(spec, EndpointSpec)
    assert (spec.name, spec.load()) == ("local", open_local)


def test_a_connection_is_what_the_contract_says():
    connection = open_local("local:", None)
    assert isinstance(connection, Connection)
    assert connection.needs_credentials is False
    assert connection.media_origins == ("http://clarifai.local",)
    assert connection.channel() is connection.channel()
    connection.close()


def test_memory_is_shared_within_the_process_and_outlives_connections(connect):
    first = open_local("local:")
    assert make_app(connect, first) == codes.SUCCESS
    first.close()
    with pytest.raises(grpc.RpcError):
        exists(connect, first)
    assert exists(connect, open_local("local:"))


def test_a_directory_is_shared_kept_and_let_go(connect, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first, second = open_local("local:./state"), open_local(f"local:{tmp_path}/state")
    assert first.platform is second.platform
    make_app(connect, first)
    first.close()
    assert exists(connect, second)
    second.close()
    assert first.platform.closed
    third = open_local("local:state")
    assert third.platform is not first.platform
    assert exists(connect, third)


def test_a_file_or_an_unknown_option_is_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="directory"):
        open_local(f"local:{tmp_path}/file")
    with pytest.raises(ValueError, match="downloads"):
        open_local("local:?colour=red")
    with pytest.raises(ValueError, match="downloads"):
        open_local("local:?downloads=maybe")


def test_downloads_can_be_allowed(tmp_path):
    assert not open_local(f"local:{tmp_path}/off").platform.url_fetcher.allow_network
    allowed = open_local(f"local:{tmp_path}/on?downloads=on").platform.url_fetcher
    assert (allowed.allow_network, allowed.allow_private) == (True, False)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_gets_errors_that_say_so_and_a_platform_of_its_own(connect, tmp_path):
    memory, kept = open_local("local:"), open_local(f"local:{tmp_path}/state")
    make_app(connect, memory)
    read, write = os.pipe()
    pid = os.fork()
    if not pid:
        lines = []
        try:
            exists(connect, memory)
        except grpc.RpcError as error:
            lines.append(str(error.details()))
        try:
            open_local(f"local:{tmp_path}/state")
        except DirectoryInUse as error:
            lines.append(str(error))
        lines.append(str(exists(connect, open_local("local:"))))
        os.write(write, "\n".join(lines).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read().splitlines()
    os.waitpid(pid, 0)
    assert "forked" in said[0]
    assert "in use by process" in said[1]
    assert said[2] == "False"
    assert exists(connect, memory)
    kept.close()


def test_the_directory_is_free_once_a_killed_process_is_gone(tmp_path):
    code = (
        "import sys, os\nfrom clarifai_local import Platform\nPlatform(sys.argv[1])\nos._exit(1)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=False)
    open_local(f"local:{tmp_path}").close()
