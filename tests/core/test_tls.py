import grpc
import pytest
import trustme
from clarifai_grpc.grpc.api import service_pb2
from clarifai_grpc.grpc.api.status import status_pb2

from clarifai_core import errors
from clarifai_core.settings import Settings
from clarifai_core.transport.session import Session

from .conftest import ScriptedServer

OK = service_pb2.MultiAppResponse(status=status_pb2.Status(code=10000))


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def tls_server(authority):
    leaf = authority.issue_cert("localhost", "127.0.0.1")
    chain = b"".join(pem.bytes() for pem in leaf.cert_chain_pems)
    scripted = ScriptedServer(grpc.ssl_server_credentials([(leaf.private_key_pem.bytes(), chain)]))
    scripted.queue("ListApps", OK)
    yield scripted
    scripted.stop()


def ask(**arguments):
    session = Session(Settings.resolve(pat="p", timeout_seconds=5, **arguments))
    try:
        return session.call("ListApps", service_pb2.ListAppsRequest())
    finally:
        session.close()


def test_a_root_certificate_of_ones_own_is_trusted(tls_server, authority, tmp_path):
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(str(root))

    reply = ask(base_url=f"https://127.0.0.1:{tls_server.port}", root_certificates_path=str(root))

    assert reply.status.code == 10000


def test_a_root_that_the_environment_names_is_trusted(
    tls_server, authority, tmp_path, monkeypatch
):
    root = tmp_path / "root.pem"
    authority.cert_pem.write_to_path(str(root))
    monkeypatch.setenv("SSL_CERT_FILE", str(root))

    reply = ask(base_url=f"https://127.0.0.1:{tls_server.port}")

    assert reply.status.code == 10000


def test_an_unknown_certificate_is_refused_and_never_downgraded(tls_server):
    with pytest.raises(errors.Unreachable, match="no trusted connection to 127"):
        ask(base_url=f"https://127.0.0.1:{tls_server.port}")
    assert tls_server.asked == []


def test_a_file_that_is_no_certificate_is_named(tmp_path):
    junk = tmp_path / "junk.pem"
    junk.write_text("hello")

    with pytest.raises(errors.UserError, match=r"junk\.pem' are not in PEM format"):
        ask(base_url="https://localhost:1", root_certificates_path=str(junk))
