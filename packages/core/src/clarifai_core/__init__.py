"""The contract and the wire: what every package of the SDK stands on.

Settings and credentials, the one request path (`transport`), pages, errors, and the hooks through
which all other packages come in. `from clarifai_core import ops` runs nothing before `ops` is used
(`clarifai_core.lazy`).
"""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
