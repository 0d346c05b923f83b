"""A stateless model checker for handlers: who goes on at each port call, and what befalls it, is tried out in every order."""
