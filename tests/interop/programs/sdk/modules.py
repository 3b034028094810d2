"""Makes, lists and deletes modules."""

from __future__ import annotations

import json
import os
from typing import Any

from clarifai.client.user import User

user = User(os.environ["CLARIFAI_USER_ID"], base_url=os.environ["CLARIFAI_API_BASE"])
app = user.create_app("modules", base_workflow="Empty")
facts: dict[str, Any] = {}
for module_id in ("panel", "board"):
    app.create_module(module_id, description="shows things")
facts["modules"] = sorted(module.id for module in app.list_modules())
facts["page"] = len(list(app.list_modules(page_no=1, per_page=1)))
facts["installed"] = len(list(app.list_installed_module_versions()))
try:
    facts["opened"] = app.module("panel").id
except Exception as error:  # noqa: BLE001 - the old one cannot; whatever it raises
    facts["opened"] = type(error).__name__
app.delete_module("panel")
facts["left"] = [module.id for module in app.list_modules()]
user.delete_app("modules")
print(json.dumps(facts))
