"""How many businesses this design carries: what stands in a stack, which quota ends first, and a simulation of a herd's morning.

stacks     what one business's stacks hold, counted from the templates; how many fit into an account
quotas     what AWS, Google and the networks allow, each with its source
measured   what a tick and a send take, as counted on the deployed template
town       the businesses, their zones and what they have due
queue      the simulation's clock: what happens next
allowances places and tokens, and who was turned away
morning    the protocol of sending over those
outcome    what it moves about, and what became of it
house      who shares which of them
ticks      everything that looks every five minutes, many stacks at a time
steps      which towns are simulated, and with which turn
costs      what a business costs among others
"""
