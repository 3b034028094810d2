"""What the reference document prints on modules: see `tests/docs/reference.py`."""

# fmt: off
# ruff: noqa

# %% Module.list_versions()
from clarifai.client.module import Module
module = Module(module_id='module_id', user_id='user_id', app_id='app_id')
all_Module_versions = module.list_versions()
