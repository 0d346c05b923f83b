"""An owner at work in the sheet between any two calls of drive-sync's, the mesh around it, and what must be true of both.

``hands``  what the owner can do, and what their own cells are from then on
``mesh``   drive-sync itself; the scheduler, the renderer and the approver as drive-sync sees them
``trial``  one run: acts, syncs and faults drawn from a seed, the checks after every step, and the shortest run that still fails
"""
