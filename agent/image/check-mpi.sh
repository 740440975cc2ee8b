#!/bin/sh
# Fails unless mpiexec, mpi4py and MPICH fit together: one world of two ranks, not two worlds of one.
set -eu
said=$(cd /tmp && setpriv --reuid muster --regid muster --clear-groups env HOME=/home/muster \
  mpiexec -n 2 python -c '
from mpi4py import MPI
import numpy
world = MPI.COMM_WORLD
total = numpy.zeros(1)
world.Allreduce(numpy.ones(1), total)
print(world.size, int(total[0]), MPI.Get_library_version().split()[0], flush=True)' | sort -u)
[ "$said" = "2 2 MPICH" ] || { echo "mpiexec -n 2 python should say '2 2 MPICH' but says: $said" >&2; exit 1; }
[ ! -e /usr/bin/ompi_info ] || { echo "Open MPI is in the image" >&2; exit 1; }
