"""The one request path: call -> session -> flow -> grpc callable.

`calls` says what a call is, `catalogue` which methods exist, `flow` what happens to a call (sans
IO), `policies` when to wait and to try again, `session` drives it, `channel` opens connections and
`download` fetches media.
"""

from clarifai_core.lazy import lazy_submodules

lazy_submodules(__name__)
