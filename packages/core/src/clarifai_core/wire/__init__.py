"""Between messages, dicts and attrs classes.

`messages` builds protobuf messages from plain Python values and reads them back, `converter` makes
attrs classes of messages, dicts and YAML, and `ids` makes and checks ids.
"""
