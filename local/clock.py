"""The stack's clock for the local servers: the very one the functions follow."""

from mesh.clock import now

__all__ = ["now"]
