"""Programs that catch what goes wrong, by the type and the words that they know."""

import os

from clarifai.client.app import App
from clarifai.client.model import Model
from clarifai.client.user import User
from clarifai.errors import UserError

USER_ID = os.environ["CLARIFAI_USER_ID"]


def raised(call):
    try:
        call()
    except Exception as error:
        return error
    return None


app = User(USER_ID).create_app("mistakes", base_workflow="Empty")
error = raised(lambda: User(USER_ID).app("mistakes_none"))
assert error is not None
assert "does not exist" in str(error).lower(), error
error = raised(lambda: User(USER_ID).create_app("mistakes"))
assert "already exists" in str(error), error
error = raised(lambda: Model(url="https://clarifai.com/x/y/models/z", model_id="z"))
assert isinstance(error, UserError), error
general = Model("https://clarifai.com/clarifai/main/models/general-image-recognition")
no_file = (FileNotFoundError, UserError)
assert isinstance(raised(lambda: general.predict_by_filepath("no/such.png", "image")), no_file)
error = raised(lambda: app.inputs().upload_from_file("x", image_file="no/such.png"))
assert isinstance(error, no_file), error
assert raised(lambda: general.predict_by_bytes("text", "image")) is not None
error = raised(lambda: general.predict_by_url("https://samples.clarifai.com/none.png", "image"))
assert "download" in str(error).lower(), error
error = raised(
    lambda: Model("https://clarifai.com/clarifai/main/models/no-such-model").predict_by_bytes(
        b"x", "text"
    )
)
assert error is not None
error = raised(lambda: list(App(user_id=USER_ID, app_id="mistakes", pat="wrong").list_datasets()))
assert "key" in str(error).lower(), error
User(USER_ID).delete_app("mistakes")
