import stat

import pytest

from clarifai_core.contexts import Contexts
from clarifai_core.credentials import Credentials
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import UserError
from clarifai_core.settings import Settings, contexts_path
from clarifai_core.transport.session import session_for


def save(name="work", **values):
    Contexts.read(contexts_path()).with_context(name, values).write()


def origins(settings):
    return {origin.name: origin.source for origin in settings.explain()}


def test_an_argument_beats_environment_context_and_default(monkeypatch):
    save(user_id="from-context", app_id="from-context", base_url="https://context.example")
    monkeypatch.setenv("CLARIFAI_USER_ID", "from-environment")

    settings = Settings.resolve(user_id="from-argument", pat="abc")

    assert settings.user_id == "from-argument"
    assert settings.app_id == "from-context"
    assert settings.base_url == "https://context.example:443"
    assert origins(settings)["user_id"] == "argument"
    assert origins(settings)["app_id"] == "context work"


def test_the_environment_beats_the_current_context_but_not_one_named_by_argument(monkeypatch):
    save(user_id="from-context")
    monkeypatch.setenv("CLARIFAI_USER_ID", "from-environment")

    assert Settings.resolve().user_id == "from-environment"
    assert Settings.resolve(context="work").user_id == "from-context"


def test_an_explicit_token_beats_a_pat_of_the_environment(monkeypatch):
    monkeypatch.setenv("CLARIFAI_PAT", "environment-pat")

    credentials = Settings.resolve(token="session-token").credentials

    assert credentials.metadata() == (("x-clarifai-session-token", "session-token"),)


def test_the_default_base_url_does_not_hide_the_environment(monkeypatch):
    monkeypatch.setenv("CLARIFAI_API_BASE", "http://127.0.0.1:9")

    assert Settings.resolve(base_url=DEFAULT_BASE_URL).base_url == "http://127.0.0.1:9"
    given = Settings.resolve(base_url="https://api.clarifai.com")
    assert given.base_url == "https://api.clarifai.com:443"


def test_nothing_that_prints_settings_shows_the_key():
    settings = Settings.resolve(pat="very-secret-key", user_id="me")

    shown = f"{settings} {settings!r} {settings.explain()} {settings.credentials}"

    assert "very-secret-key" not in shown
    assert settings.credentials.secret.reveal() == "very-secret-key"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://elsewhere.example",
        "http://api.clarifai.com",
        "http://api.clarifai.com:443",
        "https://api.clarifai.com:8443",
        "https://api.clarifai.com.",
        "https://data.clarifai.com",
    ],
)
def test_a_stored_key_stays_with_its_origin(elsewhere):
    save(pat="stored", base_url="https://api.clarifai.com")
    settings = Settings.resolve(base_url=elsewhere)

    with pytest.raises(UserError, match=r"belong to https://api\.clarifai\.com:443, not to http"):
        settings.credentials.check_origin(settings.endpoint.origin)
    with pytest.raises(UserError, match="nothing was sent"):
        session_for(settings)


@pytest.mark.parametrize("same", ["api.clarifai.com", "https://API.clarifai.com:443/"])
def test_a_stored_key_goes_to_its_origin_however_that_is_written(same):
    save(pat="stored", base_url="https://api.clarifai.com")
    settings = Settings.resolve(base_url=same)

    settings.credentials.check_origin(settings.endpoint.origin)


def test_a_key_that_was_stored_for_a_plugins_platform_stays_there():
    save(pat="stored", base_url="local:./mine")

    assert Settings.resolve().credentials is not None
    assert Settings.resolve(base_url="local:./other").credentials is None
    settings = Settings.resolve(base_url="https://elsewhere.example")
    with pytest.raises(UserError, match=r"belong to local:\./mine, not to"):
        settings.credentials.check_origin(settings.endpoint.origin)


def test_the_contexts_file_is_for_its_owner_only():
    save(pat="stored")

    assert stat.S_IMODE(contexts_path().stat().st_mode) == 0o600
    assert contexts_path().read_text().count("stored") == 1


def test_every_fault_of_a_contexts_file_is_named():
    contexts_path().write_text("contexts:\n  a: 3\n  b: {user: x, pat: y, base: z}\n")

    with pytest.raises(UserError) as raised:
        Settings.resolve()

    assert len(raised.value.faults) == 3
    assert "contexts.b.user: unknown" in str(raised.value)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"context": "nowhere"}, "No context 'nowhere'"),
        ({"pat": 3}, "pat must be text"),
        ({"pat": "two words"}, "PAT or session token"),
        ({"timeout_seconds": "soon"}, "timeout_seconds must be a number"),
        ({"root_certificates_path": "/no/such.pem"}, "no file '/no/such.pem'"),
        ({"user_id": 5}, "user_id must be text, got 5"),
    ],
)
def test_a_wrong_setting_is_named(arguments, words):
    with pytest.raises(UserError, match=words):
        Settings.resolve(**arguments)


def test_a_pat_may_have_white_space_around_it():
    assert Credentials("pat", " abc\n").metadata() == (("authorization", "Key abc"),)
