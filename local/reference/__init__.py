"""``docs/reference/``: every command, function, event, store, schedule, alarm, parameter, audit action and environment variable.

The lists are made of the things themselves. What they mean in words stands beside the thing, in its docstring, its ``Description`` or its
function's README, and is pulled in.
"""
