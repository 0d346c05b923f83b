"""What every public door of ours has: the request and the answer to it, devices that are known, how often a thing may be done."""
