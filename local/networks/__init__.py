"""Servers shaped like Bluesky's and Mastodon's, one process, two origins: they behave, and on request fail, like real
ones.
"""
