"""Allreduce after Allreduce on two ranks: `reduce.py SECONDS`. The first prints the time and how many there were, each tenth of a second."""

import sys
import time

import numpy
from mpi4py import MPI

world = MPI.COMM_WORLD
mine, total = numpy.zeros(1024), numpy.zeros(1024)
end = time.time() + float(sys.argv[1])
count, next_line = 0, 0.0
while total[0] == 0:
    world.Allreduce(mine, total)
    count += 1
    if world.rank == 0:
        now = time.time()
        mine[0] = now >= end
        if now >= next_line:
            print(now, count, flush=True)
            next_line = now + 0.1
