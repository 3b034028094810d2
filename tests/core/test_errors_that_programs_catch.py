"""Errors are also what programs catch: of the system, of gRPC, and of Python.

Which class belongs to which fault is the standard library's and grpc's own: what `open` raises, and
what a gRPC callable raises, for the same fault.
"""

from __future__ import annotations

import copy
import errno
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import grpc
import pytest
from clarifai_grpc.grpc.api import service_pb2

from clarifai_core import errors
from clarifai_core.errors import ClarifaiError, FileError, UserError
from clarifai_core.settings import Settings
from clarifai_core.status import MAX_DETAILS
from clarifai_core.transport.session import Session


def opened(path: Path) -> OSError:
    with pytest.raises(OSError) as caught, path.open("rb"):
        pass
    return caught.value


@pytest.mark.parametrize(
    ("path", "ours"),
    [("gone", errors.MissingFile), ("folder", errors.IsFolder), ("file/x", errors.IsNoFolder)],
)
def test_a_file_error_is_what_the_system_raises(tmp_path, path: str, ours: type):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("x")
    told = opened(tmp_path / path)
    error = FileError.of(f"csv_path {path!r} cannot be read: why.", told)
    assert type(error) is ours
    assert isinstance(error, (UserError, ValueError))
    assert isinstance(error, type(told))
    assert str(error) == f"csv_path {path!r} cannot be read: why."
    assert (error.errno, error.filename) == (told.errno, str(tmp_path / path))


def test_permission_and_other_faults_of_files():
    denied = FileError.of("no", PermissionError(errno.EACCES, "denied"))
    assert isinstance(denied, PermissionError)
    full = FileError.of("no", OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    assert type(full) is FileError
    assert full.errno == errno.ENOSPC


def as_tblib_copies(error: BaseException) -> Any:
    """Return a copy made as dask's workers do, which has `copyreg` ask tblib."""
    tblib: Any = pytest.importorskip("tblib.pickling_support")
    make, arguments, *state = tblib.pickle_exception(error)
    made = make(*arguments)
    for one in state:
        made.__setstate__(one)
    return made


@pytest.mark.parametrize(
    "same", [copy.copy, lambda one: pickle.loads(pickle.dumps(one)), as_tblib_copies]
)
def test_a_file_error_can_be_copied(same):
    error = same(errors.MissingFile("a.csv: no such file.", faults=["row 1"]))
    assert type(error) is errors.MissingFile
    assert (str(error), error.faults) == ("a.csv: no such file.", ("row 1",))
    told = FileNotFoundError(errno.ENOENT, "none", "a.csv")
    error = same(FileError.of("a.csv: no such file.", told))
    assert (error.errno, error.strerror, error.filename) == (errno.ENOENT, "none", "a.csv")


@pytest.mark.parametrize(
    ("code", "ours"),
    [
        (grpc.StatusCode.INTERNAL, errors.BadReply),
        (grpc.StatusCode.UNKNOWN, errors.Unreachable),
        (grpc.StatusCode.UNAUTHENTICATED, errors.PermissionDenied),
        (grpc.StatusCode.INVALID_ARGUMENT, errors.InvalidArgument),
        (grpc.StatusCode.NOT_FOUND, errors.NotFound),
        (grpc.StatusCode.UNIMPLEMENTED, errors.NotSupported),
    ],
)
def test_a_failure_of_grpc_is_an_rpc_error(server, code: grpc.StatusCode, ours: type):
    server.queue("GetApp", (code, "the proxy says no"))
    session = Session(Settings.resolve(base_url=server.url, pat="p", timeout_seconds=5))
    with pytest.raises(grpc.RpcError) as caught:
        session.call("GetApp", service_pb2.GetAppRequest())
    first: Any = caught.value
    error: Any
    for error in (first, copy.copy(first), pickle.loads(pickle.dumps(first))):
        assert ours in type(error).__mro__
        assert (type(error).__name__, type(error).__module__) == (ours.__name__, ours.__module__)
        assert error.code() is code
        assert error.details() == "the proxy says no"
        assert error.trailing_metadata() == ()
        assert "the proxy says no" in error.debug_error_string()
        assert str(error) == str(caught.value)
    session.close()


def test_the_values_of_an_api_error_stay_values(server):
    server.queue("GetApp", (grpc.StatusCode.NOT_FOUND, "no such page"))
    session = Session(Settings.resolve(base_url=server.url, pat="p"))
    with pytest.raises(errors.NotFound) as caught:
        session.call("GetApp", service_pb2.GetAppRequest())
    assert (caught.value.code, caught.value.details) == (0, "")
    assert caught.value.description == "no such page"
    session.close()


def test_what_the_platform_refuses_is_no_rpc_error(server):
    refused = service_pb2.SingleAppResponse()
    refused.status.code = 11101
    server.queue("GetApp", refused)
    session = Session(Settings.resolve(base_url=server.url, pat="p"))
    with pytest.raises(errors.NotFound) as caught:
        session.call("GetApp", service_pb2.GetAppRequest())
    assert not isinstance(caught.value, grpc.RpcError)
    assert caught.value.code == 11101
    session.close()


def test_details_hold_no_secrets_and_end(server):
    server.queue("GetApp", (grpc.StatusCode.UNKNOWN, "at https://u:secret@host/p " + "x" * 9999))
    session = Session(Settings.resolve(base_url=server.url, pat="p", timeout_seconds=5))
    with pytest.raises(grpc.RpcError) as caught:
        session.call("GetApp", service_pb2.GetAppRequest())
    assert "secret" not in caught.value.details()
    assert len(caught.value.details()) <= MAX_DETAILS + len("...")
    session.close()


def test_no_answer_in_time_is_an_rpc_error(server):
    server.queue("GetApp", (grpc.StatusCode.DEADLINE_EXCEEDED, "too late"))
    session = Session(Settings.resolve(base_url=server.url, pat="p", timeout_seconds=2))
    with pytest.raises(grpc.RpcError) as caught:
        session.call("GetApp", service_pb2.GetAppRequest())
    assert isinstance(caught.value, errors.DeadlineExceeded)
    assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    session.close()


def test_errors_load_no_grpc():
    code = "import sys, clarifai_core.errors; print('grpc' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_every_error_is_a_clarifai_error():
    for name, one in vars(errors).items():
        if (
            isinstance(one, type)
            and issubclass(one, Exception)
            and one.__module__ == errors.__name__
        ):
            assert issubclass(one, ClarifaiError), name
