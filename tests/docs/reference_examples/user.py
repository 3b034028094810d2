"""What the reference document prints on users: see `tests/docs/reference.py`."""

# fmt: off
# ruff: noqa

# %% User.app()
from clarifai.client.user import User
app = User("user_id").app("app_id")

# %% User.create_app()
from clarifai.client.user import User
client = User(user_id="user_id")
app = client.create_app(app_id="app_id",base_workflow="Universal")

# %% User.create_runner()
from clarifai.client.user import User
client = User(user_id="user_id")
runner = client.create_runner(runner_id="runner_id", labels=["label to link runner"], description="laptop runner")

# %% User.delete_app()
from clarifai.client.user import User
user = User("user_id").delete_app("app_id")  # type: ignore[func-returns-value]

# %% User.delete_runner()
from clarifai.client.user import User
client = User(user_id="user_id")
client.delete_runner(runner_id="runner_id")

# %% User.list_apps()
from clarifai.client.user import User
apps = User("user_id").list_apps()

# %% User.list_runners()
from clarifai.client.user import User
client = User(user_id="user_id")
all_runners= client.list_runners()

# %% User.runner()
from clarifai.client.user import User
client = User(user_id="user_id")
runner = client.runner(runner_id="runner_id")
