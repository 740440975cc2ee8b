"""What a person does by hand: ipyparallel with engines that mpiexec starts over ssh. `ipcluster.py HOSTFILE RANKS ADDRESS`; prints seconds."""

import sys
import time

began = time.monotonic()

import ipyparallel

hostfile, ranks, address = sys.argv[1], int(sys.argv[2]), sys.argv[3]
cluster = ipyparallel.Cluster(engines="mpi", n=ranks, controller_ip=address, controller_location=address, log_level=40)
cluster.config.MPILauncher.mpi_args = ["-launcher", "ssh", "-f", hostfile]
with cluster as client:
    client.wait_for_engines(ranks, timeout=50)
    view = client[:]
    view.block = True
    view.execute("from mpi4py import MPI; total = MPI.COMM_WORLD.allreduce(1)", block=True)
    assert view["total"] == [ranks] * ranks, view["total"]
    print(time.monotonic() - began)
