"""The AWS side on one computer: MiniStack in this process, with what it lacks mended.

Each module beside ``serve`` mends or adds one thing and says why. A contract test holds each mend; it fails on stock
MiniStack.
"""
