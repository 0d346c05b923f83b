"""The public door: shows, verifies and commits a click."""
