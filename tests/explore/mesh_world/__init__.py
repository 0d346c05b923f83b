"""The world the explorer runs: the real handlers of five functions over in-memory ports, one business, one or two posts."""
