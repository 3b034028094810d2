"""`clarifai doctor`: the hop that fails has a name."""

from __future__ import annotations

import json
import os
import socket
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

from clarifai_local import Platform
from tests.cli.conftest import PAT, Shell
from tests.cli.connect_proxy import ConnectProxy


@pytest.fixture
def shell(shell_here):
    return shell_here


@pytest.fixture
def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))  # held, so that nobody else gets it; nobody listens
        yield probe.getsockname()[1]


def hops(done) -> dict[str, str]:
    return {row["hop"]: row["state"] for row in json.loads(done.stdout)}


def test_the_embedded_platform_is_well(shell, tmp_path):
    done = shell().run("doctor", "--base-url", f"local:{tmp_path / 'p'}", "--json")
    assert done.returncode == 0, done.stderr
    assert hops(done) == {"setting base_url": "ok", "key": "ok", "platform": "ok"}


def test_a_server_is_well_with_its_key_and_refuses_another(shell, tmp_path):
    with Platform(tmp_path / "p") as platform, platform.serve(0) as server:
        pat = (tmp_path / "p" / "pat").read_text().strip()
        place = {"CLARIFAI_API_BASE": server.base_url, "CLARIFAI_USER_ID": "me"}
        good = shell(**place, CLARIFAI_PAT=pat).run("doctor", "--json", "--debug")
        wrong = shell(**place, CLARIFAI_PAT=PAT).run("doctor", "--json", "--debug")
        nobody = shell(**place).run("doctor", "--json")
    assert good.returncode == 0, good.stderr
    assert hops(good)["platform"] == "ok"
    assert wrong.returncode == 1
    assert hops(wrong)["platform"] == "failed"
    assert "Check the PAT" in wrong.stderr
    assert nobody.returncode == 2
    assert hops(nobody)["key"] == "failed"
    assert "No credentials for" in nobody.stderr
    assert "CLARIFAI_PAT" in nobody.stderr
    printed = [stream for done in (good, wrong) for stream in (done.stdout, done.stderr)]
    assert not [text for text in printed if PAT in text or pat in text]


def test_an_unreachable_port_is_named(shell, unused_port):
    done = shell(CLARIFAI_PAT=PAT).run("doctor", "--base-url", f"localhost:{unused_port}", "--json")
    assert done.returncode == 1
    assert hops(done)["name"] == "ok"
    assert hops(done)["connection"] == "failed"
    assert f"The connection hop to localhost:{unused_port} fails" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_host_without_an_address_is_named(shell):
    done = shell(CLARIFAI_PAT=PAT).run("doctor", "--base-url", "https://no-such-host.invalid")
    assert done.returncode == 1
    assert "The name hop to no-such-host.invalid fails" in done.stderr
    assert PAT not in done.stderr + done.stdout


@contextmanager
def tls_server(authority: trustme.CA) -> Iterator[int]:
    """A port that shakes hands with whoever trusts the authority, and says nothing."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                try:
                    context.wrap_socket(client, server_side=True).close()
                except OSError:
                    client.close()

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_certificate_that_nobody_vouches_for_is_named(shell):
    with tls_server(trustme.CA()) as port:
        done = shell(CLARIFAI_PAT=PAT).run("doctor", "--base-url", f"https://localhost:{port}")
    assert done.returncode == 1
    assert "The certificate hop to" in done.stderr
    assert "CLARIFAI_ROOT_CERTIFICATES_PATH" in done.stderr


def test_a_wrong_setting_is_the_first_hop(shell):
    done = shell(CLARIFAI_TIMEOUT_SECONDS="soon").run("doctor", "--json")
    assert done.returncode == 2
    assert hops(done) == {"settings": "failed"}
    assert "got 'soon'" in done.stderr


def test_keys_that_others_may_read_are_named_and_closed_by_the_next_login(shell, tmp_path):
    fresh = shell()
    fresh.contexts.parent.mkdir(parents=True)
    fresh.contexts.parent.chmod(0o755)
    fresh.contexts.write_text(f"current_context: x\ncontexts:\n  x:\n    pat: {PAT}\n")
    fresh.contexts.chmod(0o644)
    where = ("--base-url", f"local:{tmp_path / 'p'}")

    done = fresh.run("doctor", *where, "--json")

    assert done.returncode == 0, done.stderr
    assert hops(done)["contexts file"] == "warning"
    assert f"others may read the keys in {fresh.contexts}: run `chmod 600" in done.stdout
    assert PAT not in done.stdout + done.stderr
    assert fresh.run("login", "--base-url", "https://h.example", stdin="k" * 32).returncode == 0
    assert stat.S_IMODE(fresh.contexts.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.contexts.parent.stat().st_mode) == 0o755  # it was there before
    assert "contexts file" not in hops(fresh.run("doctor", *where, "--json"))


def test_a_login_makes_folders_and_files_for_its_owner_only(shell):
    fresh = shell()
    before = os.umask(0)
    try:
        done = fresh.run("login", "--base-url", "https://h.example", stdin="k" * 32)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert stat.S_IMODE(fresh.contexts.stat().st_mode) == 0o600
    assert stat.S_IMODE(fresh.contexts.parent.stat().st_mode) == 0o700
    assert [path.name for path in fresh.contexts.parent.iterdir()] == [fresh.contexts.name]


@pytest.mark.parametrize("kind", ["a device", "a folder", "a circle"])
def test_a_login_replaces_nothing_but_files(shell, kind):
    fresh = shell()
    fresh.contexts.parent.mkdir(parents=True)
    if kind == "a device":
        fresh.contexts.symlink_to("/dev/null")
    elif kind == "a folder":
        fresh.contexts.mkdir()
    else:
        fresh.contexts.symlink_to(fresh.contexts.name)
    done = fresh.run("login", "--base-url", "https://h.example", stdin="k" * 32)
    assert done.returncode == 2
    assert "contexts file" in done.stderr
    assert "Traceback" not in done.stderr
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)  # noqa: PTH116


def test_https_at_a_port_that_speaks_plain_http_is_named(shell, tmp_path):
    with Platform(tmp_path / "p") as platform, platform.serve(0) as server:
        port = server.base_url.rpartition(":")[2]
        done = shell(CLARIFAI_PAT=PAT).run("doctor", "--base-url", f"https://127.0.0.1:{port}")
    assert done.returncode == 1
    assert f"Write http://127.0.0.1:{port} as base_url" in done.stderr.replace(
        "--base-url", "base_url"
    )
    assert "CLARIFAI_ROOT_CERTIFICATES_PATH" not in done.stderr
    assert done.stderr.count("\n") == 1


def test_http_at_a_port_that_speaks_tls_is_named(shell):
    with tls_server(trustme.CA()) as port:
        done = shell(CLARIFAI_PAT=PAT).run("doctor", "--base-url", f"http://localhost:{port}")
    assert done.returncode == 1
    assert f"it speaks TLS there, not plain HTTP. Write https://localhost:{port}" in done.stderr


def test_the_doctor_connects_through_the_proxy(shell, tmp_path):
    with (
        Platform(tmp_path / "p") as platform,
        platform.serve(0) as server,
        ConnectProxy(int(server.base_url.rpartition(":")[2])) as proxy,
    ):
        pat = (tmp_path / "p" / "pat").read_text().strip()
        made = shell(
            CLARIFAI_API_BASE="http://platform.invalid:8080",
            CLARIFAI_PAT=pat,
            CLARIFAI_USER_ID="me",
            http_proxy=proxy.url,
            no_proxy="",
        )
        good = made.run("doctor", "--json")
        lost = made.run("doctor", "--json", "--context", "none")
    assert good.returncode == 0, good.stderr
    assert {"proxy": "ok", "protocol": "ok", "platform": "ok"}.items() <= hops(good).items()
    assert "CONNECT platform.invalid:8080 HTTP/1.1" in proxy.asked
    assert "name" not in hops(good)  # the proxy looks it up
    assert lost.returncode == 2


def test_a_proxy_that_refuses_is_named(shell):
    with ConnectProxy(9, "403 Forbidden") as proxy:
        made = shell(
            CLARIFAI_API_BASE="https://platform.invalid",
            CLARIFAI_PAT=PAT,
            CLARIFAI_USER_ID="me",
            https_proxy=proxy.url,
        )
        done = made.run("doctor", "--json")
    assert (done.returncode, hops(done)["proxy"]) == (1, "failed")
    assert "403 Forbidden" in done.stderr
    assert "https_proxy" in done.stderr


def test_an_app_that_is_not_there_is_the_last_hop(shell, tmp_path):
    made = shell(CLARIFAI_APP_ID="gone", CLARIFAI_API_BASE=f"local:{tmp_path / 'p'}")
    done = made.run("doctor", "--json")
    assert (done.returncode, hops(done)["app"]) == (1, "failed")
    assert "gone" in done.stderr


def test_what_is_installed_and_does_not_fit_is_told_and_ends_nothing(
    environment, tmp_path, add_plugin
):
    path = Path(add_plugin("acme", "raise RuntimeError('no luck')\n"))
    metadata = path / "acme_plugin-1.2.dist-info" / "METADATA"
    metadata.write_text(metadata.read_text() + "Requires-Dist: clarifai-core>=9\n")
    program = Shell(tmp_path, {**os.environ, "PYTHONPATH": str(path)})
    done = program.run("doctor", "--base-url", "local:", "--json")
    assert done.returncode == 0, done.stderr
    told = {row["hop"]: row["detail"] for row in json.loads(done.stdout)}
    need = "acme-plugin 1.2 needs clarifai-core>=9, and clarifai-core "
    assert told["packages"].startswith(need)
    assert told["plugin"].startswith("acme of acme-plugin is left out: RuntimeError: no luck; ")
    assert told["plugin"].endswith("or block it: CLARIFAI_BLOCK_PLUGINS=acme-plugin:acme.")
    assert need in told["plugin"]  # the cause, more likely than not, and so the remedy
