"""Videos and animated pictures: what models say of the frame in the middle of each step.

The gRPC client's tests ask for frames, each with concepts, and want the times of a video at
`sample_ms=2000` to be 1000, 3000, ...: the middle between the start and the end of a frame. That
`sample_ms` goes from 100 to 60000, and that a video may be 10 minutes long, is in the public
documentation of Predict.
"""

from __future__ import annotations

import io
import sys

import httpx
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image

from clarifai_local import Platform, UrlFetcher
from clarifai_local._moving_pictures import moving, sampling, videos
from clarifai_local.media import Rejected
from tests.local.moving_pictures import COLOURS, animation, colour_of, video
from tests.local.pictures import picture

GENERAL = "aaa03c23b3724a16a56b629203edc62c"
CONTAINERS = [
    ("mp4", "mpeg4"),
    ("mov", "mpeg4"),
    ("avi", "mpeg4"),
    ("webm", "libvpx"),
    ("asf", "wmv2"),
    ("mpeg", "mpeg2video"),
]
ANIMATED = ["GIF", "WEBP", "PNG"]


def looked_at(data, step):
    return [(m.index, m.time_ms, colour_of(m.frame)) for m in moving.pictures(data, step)]


@pytest.fixture
def predict(api, app):
    def ask(data=b"", model_id=GENERAL, *, sample_ms=0, url="", **config):
        return api.PostModelOutputs(
            user_app_id=app,
            model_id=model_id,
            inputs=[{"id": "v", "data": {"video": {"base64": data, "url": url}}}],
            model={"output_info": {"output_config": {"sample_ms": sample_ms, **config}}},
        )

    return ask


def names(frame, count=5):
    return {concept.name for concept in frame.data.concepts[:count]}


@pytest.mark.parametrize("kind", ANIMATED)
def test_frames_of_an_animated_picture_are_at_mid_step(kind):
    data = animation(kind)
    assert looked_at(data, 1000) == [(0, 500, "red"), (1, 1500, "lime"), (2, 2500, "blue")]
    assert [time for _, time, _ in looked_at(data, 500)] == [250, 750, 1250, 1750, 2250, 2750]
    assert looked_at(data, 2000) == [(0, 1000, "lime")]  # the step to 4000 has no middle
    assert looked_at(data, 60_000) == [(0, 1500, "red")]  # shorter than half a step


def test_frames_last_as_long_as_they_say():
    data = animation(milliseconds=[2000, 100, 900])
    assert [colour for _, _, colour in looked_at(data, 1000)] == ["red", "red", "blue"]
    # Browsers show a frame that says 0 for a tenth of a second.
    quick = animation(colours=COLOURS * 5, milliseconds=0)
    assert [time for _, time, _ in looked_at(quick, 500)] == [250, 750, 1250]
    still = io.BytesIO()
    Image.new("RGB", (8, 8), "blue").save(still, "GIF")
    assert looked_at(still.getvalue(), 1000) == [(0, 50, "blue")]


def test_see_through_and_partial_frames_are_put_together():
    first = Image.new("RGBA", (8, 8), "red")
    second = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    second.paste((0, 0, 255, 255), (0, 0, 8, 8))
    out = io.BytesIO()
    first.save(out, "GIF", save_all=True, append_images=[second], duration=1000, disposal=2)
    assert [colour for _, _, colour in looked_at(out.getvalue(), 1000)] == ["red", "blue"]


@pytest.mark.parametrize(("container", "codec"), CONTAINERS)
def test_frames_of_a_video_are_at_mid_step(container, codec):
    data = video(5.7, container, codec)
    expected = [(n, 500 + 1000 * n, COLOURS[n % 3]) for n in range(6)]
    assert looked_at(data, 1000) == expected
    assert [time for _, time, _ in looked_at(data, 2000)] == [1000, 3000, 5000]


@pytest.mark.parametrize(("container", "codec"), CONTAINERS)
def test_long_stretches_are_left_out_without_losing_the_place(container, codec):
    data = video(50, container, codec)
    found = [(0, 8_500, "blue"), (1, 25_500, "lime"), (2, 42_500, "red")]
    assert looked_at(data, 17_000) == found


def test_models_answer_for_each_frame(predict):
    answer = predict(animation("GIF"), max_concepts=5)
    assert answer.status.code == codes.SUCCESS
    (output,) = answer.outputs
    assert not output.data.concepts
    infos = [
        (f.frame_info.index, f.frame_info.time, f.frame_info.number) for f in output.data.frames
    ]
    assert infos == [(0, 500, 0), (1, 1500, 1), (2, 2500, 2)]
    for frame, colour in zip(output.data.frames, ("red", "green", "blue"), strict=True):
        assert len(frame.data.concepts) == 5
        assert colour in names(frame)
    assert not output.input.data.video.base64


def test_output_configs_count_for_each_frame(predict):
    few = predict(animation(), max_concepts=3).outputs[0].data.frames
    assert [len(frame.data.concepts) for frame in few] == [3, 3, 3]
    sure = predict(animation(), min_value=0.95).outputs[0].data.frames
    assert len(sure) == 3
    assert all(c.value >= 0.95 for frame in sure for c in frame.data.concepts)


def test_videos_by_bytes_and_by_address(connect, predict):
    data = video(4)
    frames = predict(data, sample_ms=2000).outputs[0].data.frames
    assert [frame.frame_info.time for frame in frames] == [1000, 3000]
    fetcher = UrlFetcher(
        cache={"samples.example/beer.mp4": data, "samples.example/a.gif": animation()}
    )
    with Platform(url_fetcher=fetcher) as platform:
        api = connect(platform.channel())
        for name, count in (("beer.mp4", 4), ("a.gif", 3)):
            url = f"https://samples.example/{name}"
            answer = api.PostModelOutputs(
                model_id=GENERAL, inputs=[{"data": {"video": {"url": url}}}]
            )
            assert len(answer.outputs[0].data.frames) == count
        lost = api.PostModelOutputs(
            model_id=GENERAL, inputs=[{"data": {"video": {"url": "https://samples.example/x.mp4"}}}]
        )
        assert lost.status.code == codes.INPUT_DOWNLOAD_FAILED


def test_the_apps_step_counts_where_the_request_names_none(api, predict):
    user = resources_pb2.UserAppIDSet(user_id="alice", app_id="zoo")
    api.PatchApp(user_app_id=user, app={"sample_ms": 500}, action="overwrite")
    assert len(predict(animation()).outputs[0].data.frames) == 6
    assert len(predict(animation(), sample_ms=1000).outputs[0].data.frames) == 3


@pytest.mark.parametrize("sample_ms", [1, 99, 60_001])
def test_a_step_out_of_range_is_refused(api, app, predict, sample_ms):
    refused = predict(animation(), sample_ms=sample_ms).status
    assert refused.code == codes.CONN_INVALID_REQUEST
    assert "sample_ms" in refused.details
    made = api.PostApps(
        user_app_id={"user_id": "alice"}, apps=[{"id": "a", "sample_ms": sample_ms}]
    )
    assert "sample_ms" in made.status.details


def test_regions_and_vectors_come_frame_by_frame(predict):
    vectors = predict(animation(), "general-image-embedding").outputs[0].data.frames
    assert [len(frame.data.embeddings) for frame in vectors] == [1, 1, 1]
    found = predict(animation(), "face-detection")
    assert found.status.code == codes.SUCCESS
    assert len(found.outputs[0].data.frames) == 3


def test_a_model_of_texts_says_that_it_takes_no_videos(api, app, predict):
    refused = predict(animation(), "multilingual-text-embedding").outputs[0].status
    assert refused.code == codes.INPUT_INVALID_ARGUMENT
    assert refused.details == "the model answers for text inputs, not for video"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"nothing at all", codes.INPUT_UNSUPPORTED_FORMAT),
        (animation()[:60], codes.INPUT_UNSUPPORTED_FORMAT),
        (b"\0\0\0\x20ftypisom" + bytes(100), codes.INPUT_UNSUPPORTED_FORMAT),
        (b"#EXTM3U\n/etc/passwd", codes.INPUT_UNSUPPORTED_FORMAT),
    ],
)
def test_what_cannot_be_decoded_fails_for_that_input_alone(api, app, data, code):
    inputs = [{"data": {"video": {"base64": one}}} for one in (data, animation())]
    answer = api.PostModelOutputs(user_app_id=app, model_id=GENERAL, inputs=inputs)
    assert [output.status.code for output in answer.outputs] == [code, codes.SUCCESS]
    assert answer.status.code == codes.MIXED_STATUS


def test_a_video_longer_than_ten_minutes_is_over_the_limit(predict):
    refused = predict(animation(milliseconds=[60_000] * 3, colours=COLOURS))
    assert refused.status.code == codes.SUCCESS
    frames = (sampling.DecodedFrame(1000 * n, 1000 * (n + 1), n, n) for n in range(601))
    with pytest.raises(Rejected, match="10 minutes"):
        list(sampling.moments(frames, 1000))
    many = (sampling.DecodedFrame(n / 1000, (n + 1) / 1000, n, n) for n in range(100_001))
    with pytest.raises(Rejected, match="100,000 frames"):
        list(sampling.moments(many, 1000))


def test_without_pyav_a_video_says_what_to_install_and_animations_go_on(predict, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    refused = predict(video_header())
    assert refused.status.code == codes.INPUT_UNSUPPORTED_FORMAT
    assert "clarifai-local[video]" in refused.status.details
    assert len(predict(animation()).outputs[0].data.frames) == 3


def video_header() -> bytes:
    return b"\0\0\0\x20ftypisom" + bytes(64)


def test_a_video_opens_no_other_files(tmp_path):
    """ffmpeg knows formats that are lists of files: what it is told is the sniffed one."""
    secret = tmp_path / "secret.mp4"
    secret.write_bytes(video(1))
    for text in (f"#EXTM3U\n{secret}\n", f"ffconcat version 1.0\nfile {secret}\n"):
        for head in (b"", b"\0\0\0\x20ftypisom", b"\x1a\x45\xdf\xa3", b"OggS"):
            with pytest.raises(Rejected):
                list(moving.pictures(head + text.encode(), 1000))
    assert videos.is_installed()


def test_a_workflow_runs_frame_by_frame(api, app):
    inputs = [
        {"id": "still", "data": {"image": {"base64": picture("red")}}},
        {"id": "moves", "data": {"video": {"base64": animation()}}},
        {"id": "broken", "data": {"video": {"base64": b"nothing"}}},
    ]
    answer = api.PostWorkflowResults(
        user_app_id=app,
        workflow_id="General",
        inputs=inputs,
        output_config={"max_concepts": 3, "sample_ms": 1000},
    )
    assert answer.status.code == codes.MIXED_STATUS
    still, moves, broken = answer.results
    assert [result.input.id for result in answer.results] == ["still", "moves", "broken"]
    assert len(still.outputs[0].data.concepts) == 3
    concepts, vectors, clusters = moves.outputs
    assert [f.frame_info.time for f in concepts.data.frames] == [500, 1500, 2500]
    assert [len(f.data.concepts) for f in concepts.data.frames] == [3, 3, 3]
    assert [len(f.data.embeddings) for f in vectors.data.frames] == [1, 1, 1]
    assert [len(f.data.clusters) for f in clusters.data.frames] == [1, 1, 1]
    assert broken.status.code == codes.INPUT_UNSUPPORTED_FORMAT


@pytest.mark.parametrize(
    "data", [pytest.param(animation(), id="gif"), pytest.param(video(3), id="mp4")]
)
def test_an_uploaded_video_is_described_and_has_a_thumbnail(api, app, platform, data):
    """`hosted.sizes` of a video: orig and thumbnail, as the gRPC client's test of hosting wants."""
    api.PostInputs(user_app_id=app, inputs=[{"id": "v", "data": {"video": {"base64": data}}}])
    assert platform.wait_idle()
    shown = api.GetInput(user_app_id=app, input_id="v").input.data.video
    assert list(shown.hosted.sizes) == ["orig", "thumbnail"]
    assert (round(shown.video_info.duration_seconds, 1), shown.video_info.fps > 0) == (3, True)
    with httpx.Client(transport=platform.http_transport()) as client:
        got = {
            size: client.get(f"{shown.hosted.prefix}/{size}/{shown.hosted.suffix}")
            for size in shown.hosted.sizes
        }
    assert got["orig"].content == data
    assert got["thumbnail"].headers["content-type"] == "image/jpeg"
    assert colour_of(got["thumbnail"].content) == "red"


def test_a_video_that_cannot_be_decoded_here_is_kept_as_it_is(api, app, platform):
    data = video_header()
    api.PostInputs(user_app_id=app, inputs=[{"id": "v", "data": {"video": {"base64": data}}}])
    assert platform.wait_idle()
    shown = api.GetInput(user_app_id=app, input_id="v").input
    assert shown.status.code == codes.INPUT_DOWNLOAD_SUCCESS
    assert list(shown.data.video.hosted.sizes) == ["orig"]
    with httpx.Client(transport=platform.http_transport()) as client:
        hosted = shown.data.video.hosted
        assert client.get(f"{hosted.prefix}/thumbnail/{hosted.suffix}").status_code == 404
