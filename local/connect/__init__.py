"""``python -m local connect x-main``: an owner signs in at a network, and the channel's secret is written.

One module for each network's flow; ``flows`` lists them. What a flow shares with the others: ``browser`` waits for the answer on this
computer, ``grants`` checks it, ``vendor`` asks the network's servers, ``stack`` reads the rules doc and writes the secret.
"""
