"""A server shaped like each network, in one process, each with an origin of its own: they behave, and on request fail, like real ones."""
