"""The weekly digest: what posted, what is coming, what needs the owner, what failed, and how the channels are."""
