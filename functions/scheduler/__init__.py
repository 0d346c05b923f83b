"""Decides a move per post and channel; the only one that books and the one that asks."""
