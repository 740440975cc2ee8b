"""Each rank integrates its share of 4 / (1 + x^2) over [0, 1]; an Allreduce gives every rank pi."""

import math
import socket

import numpy as np
from mpi4py import MPI

STEPS = 1_000_000

world = MPI.COMM_WORLD
midpoints = (np.arange(world.rank, STEPS, world.size) + 0.5) / STEPS
share = float(np.sum(4.0 / (1.0 + midpoints**2)) / STEPS)
pi = world.allreduce(share, op=MPI.SUM)

assert math.isclose(pi, math.pi, rel_tol=1e-9), f"the ranks' sum is {pi}, not pi"
print(f"rank {world.rank} of {world.size} on {socket.gethostname()}: pi = {pi:.12f}", flush=True)
