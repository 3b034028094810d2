"""Between messages, dicts and attrs classes.

`messages` builds protobuf messages from plain Python values and reads them back, `converter` makes
attrs classes of dicts and YAML, and `ids` makes and checks ids.
"""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
