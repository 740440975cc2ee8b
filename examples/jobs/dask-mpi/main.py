"""Dask on the cluster's nodes: dask_mpi.initialize() makes rank 0 the scheduler, and ranks 2, 3, ... the workers.

This script goes on as rank 1 alone. When it ends, scheduler and workers end with it.
"""

import dask.array as da
from dask.distributed import Client
from dask_mpi import initialize

initialize(nthreads=1)  # one thread for each worker, because each rank has one core

with Client() as client:
    # A hundred blocks, which the workers make, square and add up.
    numbers = da.arange(4_000_000, chunks=40_000)
    print("blocks:", numbers.npartitions)
    print("sum:", int(numbers.sum().compute()))
    print("standard deviation:", round(float(numbers.std().compute()), 3))

    # Any function runs on the workers, like in a pool.
    lengths = client.map(len, ["Hamburg", "Munich", "Cologne"])
    print("lengths:", client.gather(lengths))
