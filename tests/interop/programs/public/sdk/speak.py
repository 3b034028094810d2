"""Speech: a text read aloud, and what is heard in it."""

from clarifai.client.model import Model

speech = Model("https://clarifai.com/openai/tts/models/openai-tts-1").predict_by_bytes(
    b"Hello world", input_type="text", inference_params={"voice": "alloy", "speed": 1.0}
)
sound = speech.outputs[0].data.audio.base64
assert sound
heard = Model("https://clarifai.com/openai/transcription/models/whisper").predict_by_bytes(
    sound, input_type="audio"
)
assert heard.status.code == 10000
