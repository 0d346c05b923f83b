"""Publishes what was approved, once."""
