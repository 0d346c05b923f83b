"""The shared domain: what a post, a package, an approval and a sending are, and the tables they live in."""
