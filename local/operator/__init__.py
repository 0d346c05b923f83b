"""What somebody who runs a stack asks of its tables: the audit's chains, a post's life. The local stack's or one on AWS."""
