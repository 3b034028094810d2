"""The real server: keys, media over HTTP, ports, and what a killed process leaves."""

from __future__ import annotations

import io
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading

import grpc
import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image

from clarifai_local import DirectoryInUse, Platform, UnknownVersion

APP = resources_pb2.UserAppIDSet(user_id="me", app_id="a")


def key(pat):
    return (("authorization", f"Key {pat}"),)


@pytest.fixture
def platform(tmp_path):
    with Platform(tmp_path / "state") as platform:
        yield platform


@pytest.fixture
def server(platform):
    with platform.serve() as server:
        yield server


@pytest.fixture
def api(server, connect):
    with grpc.insecure_channel(server.address) as channel:
        yield connect(channel, key(server.pat))


def test_the_server_needs_its_key(server, connect):
    with grpc.insecure_channel(server.address) as channel:
        for metadata in ((), key("wrong"), (("x-clarifai-session-token", "wrong"),)):
            status = connect(channel, metadata).GetUser(user_app_id=APP).status
            assert status.code == codes.CONN_KEY_INVALID
        assert connect(channel, key(server.pat)).GetUser(user_app_id=APP).user.id


def test_the_key_is_in_a_private_file_and_only_its_hash_in_the_database(server, platform):
    file = platform.path / "pat"
    assert file.read_text().strip() == server.pat
    if sys.platform != "win32":
        assert file.stat().st_mode & 0o777 == 0o600
    for kept in platform.path.glob("platform.sqlite3*"):
        assert server.pat.encode() not in kept.read_bytes()


def test_a_restart_keeps_key_and_content(platform, api, server, connect):
    api.PostApps(user_app_id=APP, apps=[resources_pb2.App(id="a")])
    server.stop()
    platform.close()
    with Platform(platform.path) as again, again.serve() as second:
        assert second.pat == server.pat
        with grpc.insecure_channel(second.address) as channel:
            got = connect(channel, key(second.pat)).GetApp(user_app_id=APP)
    assert got.app.id == "a"


def test_media_need_a_key_and_are_byte_for_byte(api, server, platform):
    out = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(out, "PNG")
    api.PostApps(user_app_id=APP, apps=[resources_pb2.App(id="a")])
    image = resources_pb2.Image(base64=out.getvalue())
    item = resources_pb2.Input(id="i", data=resources_pb2.Data(image=image))
    api.PostInputs(user_app_id=APP, inputs=[item])
    assert platform.wait_idle()
    hosted = api.GetInput(user_app_id=APP, input_id="i").input.data.image.hosted
    assert hosted.prefix.startswith(server.http_url)
    url = f"{hosted.prefix}/orig/{hosted.suffix}"
    good = httpx.get(url, headers={"Authorization": f"Key {server.pat}"})
    assert (good.status_code, good.content) == (200, out.getvalue())
    assert good.headers["content-type"] == "image/png"
    assert httpx.get(url, headers={"Authorization": "Key wrong"}).status_code == 401
    assert httpx.get(url).status_code == 404


def test_a_tls_probe_fails_with_an_ssl_error(server):
    context = ssl.create_default_context()
    with (
        socket.create_connection(("127.0.0.1", server.port), timeout=60) as plain,
        pytest.raises(ssl.SSLError),
    ):
        context.wrap_socket(plain, server_hostname="127.0.0.1")


def test_requests_over_four_megabytes_arrive(api):
    api.PostApps(user_app_id=APP, apps=[resources_pb2.App(id="a")])
    image = resources_pb2.Image(base64=bytes(50_000_000))
    item = resources_pb2.Input(id="big", data=resources_pb2.Data(image=image))
    assert api.PostInputs(user_app_id=APP, inputs=[item]).status.code == codes.SUCCESS


def test_a_taken_port_is_named(platform, server):
    with pytest.raises(OSError, match=str(server.port)):
        platform.serve(server.port)


def test_other_hosts_than_loopback_are_refused(platform):
    with pytest.raises(ValueError, match="loopback"):
        platform.serve(host="0.0.0.0")


def test_a_directory_is_open_once(platform):
    with pytest.raises(DirectoryInUse) as caught:
        Platform(platform.path)
    assert str(platform.path) in str(caught.value)
    assert "process" in str(caught.value)


def test_a_directory_of_a_newer_version_is_refused_and_left_alone(tmp_path):
    Platform(tmp_path).close()
    db = sqlite3.connect(tmp_path / "platform.sqlite3")
    db.execute("PRAGMA user_version = 99")
    db.close()
    for _ in range(2):
        with pytest.raises(UnknownVersion, match="99"):
            Platform(tmp_path)


_SERVE = """
import sys, time
from clarifai_local import Platform
platform = Platform(sys.argv[1])
server = platform.serve()
print(server.address, server.pat, flush=True)
time.sleep(60)
"""


def start(directory):
    process = subprocess.Popen(
        [sys.executable, "-c", _SERVE, str(directory)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    address, pat = process.stdout.readline().split()
    return process, address, pat


def test_what_was_acknowledged_survives_sigkill(tmp_path, connect):
    process, address, pat = start(tmp_path)
    acknowledged: list[str] = []
    enough = threading.Event()

    def upload(channel):
        api = connect(channel, key(pat))
        for batch in range(100_000):
            items = [
                resources_pb2.Input(
                    id=f"i{batch}-{n}",
                    data=resources_pb2.Data(text=resources_pb2.Text(raw=f"text {n}")),
                )
                for n in range(32)
            ]
            try:
                response = api.PostInputs(user_app_id=APP, inputs=items)
            except grpc.RpcError:
                return
            acknowledged.extend(i.id for i in response.inputs)
            if batch == 10:
                enough.set()

    with process, grpc.insecure_channel(address) as channel:
        connect(channel, key(pat)).PostApps(user_app_id=APP, apps=[resources_pb2.App(id="a")])
        thread = threading.Thread(target=upload, args=(channel,))
        thread.start()
        assert enough.wait(60)
        process.send_signal(signal.SIGKILL if sys.platform != "win32" else signal.SIGTERM)
        process.wait()
        thread.join()
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        assert platform.wait_idle(300)
        found: set[str] = set()
        page = 1
        while items := api.ListInputs(user_app_id=APP, page=page, per_page=1000).inputs:
            found.update(i.id for i in items)
            assert {i.status.code for i in items} == {codes.INPUT_DOWNLOAD_SUCCESS}
            page += 1
    assert len(acknowledged) >= 11 * 32
    assert set(acknowledged) <= found
