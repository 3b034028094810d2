"""The contract and the wire: what every package of the SDK stands on.

Settings and credentials, the one request path (`transport`), pages, errors, and the hooks through
which all other packages come in. Importing this package loads nothing; import the module you need.
"""
