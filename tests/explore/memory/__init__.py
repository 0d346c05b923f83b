"""The mesh's ports in memory: quick, deterministic, and held to the same claims as the real ones (tests/contract/ports)."""
