"""The service called by hand: every RPC with its own messages, for what no handle offers.

Programs that speak the wire themselves get stub, credentials and base class here; the channel,
retries and rate limit are those of the handles.
"""
