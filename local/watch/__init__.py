"""Evaluates stacks/watch.yaml on one computer: the same log lines and figures make the same alarms as on AWS (docs/watch.md).

The local AWS side takes alarms and metric filters and does nothing with them; this reads them from the template and does.
"""
