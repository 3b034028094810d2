"""The contestants: each does the same work in its own way, in a process of its own.

A contestant is a module. For each workload it has a function of the workload's name, which opens
what is needed, makes one call, and returns the work itself: a function without parameters that
returns how many results it got, or a dict of figures that it measured.
"""
