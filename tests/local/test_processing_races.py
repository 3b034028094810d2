"""What happens to inputs while they are being processed, and to files of uploads cut short."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local import Platform
from clarifai_local._store.directory import LOCK_FILE, MARK_FILE
from tests.local.consistency import problems
from tests.local.pictures import picture


class HeldEmbedder:
    """Begins when inputs are processed, and goes on when it is told to."""

    image_space = text_space = "held-v1"

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def embed_images(self, images):
        self.begun.set()
        assert self.go_on.wait(60)
        return np.ones((len(images), 2), np.float32)

    def embed_texts(self, texts):
        return np.ones((len(texts), 2), np.float32)


def test_a_patch_survives_the_processing_that_it_meets(connect):
    embedder = HeldEmbedder()
    with Platform(embedder=embedder) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="me", app_id="a")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a")])
        image = resources_pb2.Data(image=resources_pb2.Image(base64=picture()))
        api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=image)])
        assert embedder.begun.wait(60)
        change = resources_pb2.Input(id="i")
        change.data.metadata.update({"n": 7})
        change.data.concepts.add(id="dog", value=1)
        api.PatchInputs(user_app_id=app, action="merge", inputs=[change])
        embedder.go_on.set()
        assert platform.wait_idle()
        found = api.GetInput(user_app_id=app, input_id="i").input
        assert found.status.code == codes.INPUT_DOWNLOAD_SUCCESS
        assert found.data.metadata["n"] == 7
        assert [concept.id for concept in found.data.concepts] == ["dog"]
        assert found.data.image.image_info.width == 16
        assert found.data.image.url


def test_an_input_that_goes_while_its_features_are_computed_leaves_no_vector(connect, tmp_path):
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        app = resources_pb2.UserAppIDSet(user_id="alice", app_id="a")
        none = resources_pb2.Workflow(id="Empty")
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a", default_workflow=none)])
        data = resources_pb2.Data(text=resources_pb2.Text(raw="hello"))
        api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)])
        assert platform.wait_idle()
        with platform.store.read() as db:
            number = platform.scopes.find(db, "alice", "a").app
            seqs = list(platform.store.inputs.numbers(db, number, ["i"]).values())

        def embed(space, seqs):
            api.DeleteInputs(user_app_id=app, ids=["i"])
            api.DeleteApp(user_app_id=app)
            return np.ones((len(seqs), 2), np.float32)

        platform.store.vectors.embed = embed
        platform.store.vectors.features(number, "some-space", seqs)
        assert platform.wait_idle()
        assert not problems(platform)


def test_files_of_uploads_that_a_killed_process_left_are_removed(tmp_path):
    big = picture(side=400, kind="BMP")
    with Platform(tmp_path) as platform:
        sha = platform.store.blobs.prepare(big)
        with platform.store.write() as db:
            platform.store.blobs.put(db, sha, big, "image/bmp")
        platform.store.blobs.settle([sha])
    kept = tmp_path / "blobs" / sha.hex()[:2] / sha.hex()
    strays = [kept.with_name(".new-abc_1234"), tmp_path / "blobs" / "ff" / ("ff" * 32)]
    for stray in strays:
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"half")
    (tmp_path / LOCK_FILE).write_text('{"pid": 1}')
    Platform(tmp_path).close()
    assert kept.read_bytes() == big
    assert not any(stray.exists() for stray in strays)


def test_what_a_killed_process_was_writing_to_small_files_is_removed(tmp_path):
    Platform(tmp_path).close()
    names = [f"{start}-{'0f' * 8}" for start in (".new-pat", ".new-clarifai-platform", MARK_FILE)]
    for name in (*names, ".new-pat-of-mine"):
        (tmp_path / name).write_text("a key, perhaps")
    Platform(tmp_path).close()
    assert [path.name for path in tmp_path.glob(".*-*-*")] == [".new-pat-of-mine"]


def test_a_sweep_that_meets_an_upload_that_is_refused_or_killed_leaves_nothing(connect, tmp_path):
    """The kill came between the file of an upload and its transaction, once a sweep was there."""
    big = picture(side=400, kind="BMP")
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="a")
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a")])
        image = resources_pb2.Data(image=resources_pb2.Image(base64=big))
        api.PostInputs(user_app_id=app, inputs=[resources_pb2.Input(id="i", data=image)])
        assert platform.wait_idle()
        api.DeleteInputs(user_app_id=app, ids=["i"])
        platform.store.blobs.prepare(big)  # never to be settled: the process dies
        with platform.store.write() as db:
            platform.store.blobs.sweep(db)
    (tmp_path / LOCK_FILE).write_text('{"pid": 1}')
    with Platform(tmp_path) as platform:
        assert platform.wait_idle()
        assert not problems(platform)
        with platform.store.read() as db:
            assert db.execute("SELECT COUNT(*) FROM blobs").fetchone() == (0,)


def test_a_refused_upload_leaves_no_file(connect, tmp_path):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="a")
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a")])
        for side in (400, 401):
            bytes_ = picture(side=side, kind="BMP")
            data = resources_pb2.Data(image=resources_pb2.Image(base64=bytes_))
            answer = api.PostInputs(
                user_app_id=app, inputs=[resources_pb2.Input(id="i", data=data)]
            )
        assert answer.inputs[0].status.code == codes.INPUT_DUPLICATE
        assert platform.wait_idle()
        assert not problems(platform)


ADDED = {
    "PostInputs": {"inputs": [{"id": "i", "data": {"text": {"raw": "hello"}}}]},
    "PostConcepts": {"concepts": [{"id": "c"}]},
    "PostDatasets": {"datasets": [{"id": "d"}]},
    "PostModels": {"models": [{"id": "m", "model_type_id": "embedding-classifier"}]},
    "DeleteApp": {},
}


@pytest.mark.parametrize("rpc", ADDED)
def test_what_is_added_to_an_app_that_goes_meanwhile_is_refused(connect, tmp_path, rpc):
    app = resources_pb2.UserAppIDSet(user_id="alice", app_id="a")
    with Platform(tmp_path) as platform:
        api = connect(platform.channel())
        api.PostApps(user_app_id=app, apps=[resources_pb2.App(id="a")])
        write = platform.store.write

        def once_it_is_gone():
            platform.store.write = write
            assert api.DeleteApp(user_app_id=app).status.code == codes.SUCCESS
            assert platform.wait_idle()
            return write()

        platform.store.write = once_it_is_gone
        answer = getattr(api, rpc)(user_app_id=app, **ADDED[rpc])
        status = getattr(answer, "status", answer)
        assert status.code == codes.CONN_DOES_NOT_EXIST, answer
        assert platform.wait_idle()
        assert not problems(platform)
