"""Threads of the loop, for files. Handles import this when they first need one: asyncio is heavy."""

from asyncio import to_thread as to_thread
