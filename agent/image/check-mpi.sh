#!/bin/sh
# Fails unless mpiexec, mpi4py and the MPI libraries fit together: one world of two ranks, not two worlds of one; and Intel MPI can
# drive EFA.
set -eu
intel=/usr/lib/muster/intel-mpi

# check NAME VARIABLE=VALUE ... MPIEXEC
check() {
  name=$1
  shift
  said=$(cd /tmp && setpriv --reuid muster --regid muster --clear-groups env HOME=/home/muster "$@" -n 2 python -c '
from mpi4py import MPI
import numpy
world = MPI.COMM_WORLD
total = numpy.zeros(1)
world.Allreduce(numpy.ones(1), total)
print(world.size, int(total[0]), MPI.Get_library_version().split()[0], flush=True)' | sort -u)
  [ "$said" = "2 2 $name" ] || { echo "mpiexec -n 2 python should say '2 2 $name' but says: $said" >&2; exit 1; }
}

check MPICH mpiexec
[ ! -d "$intel" ] || check "Intel(R)" I_MPI_ROOT="$intel" LD_LIBRARY_PATH="$intel/lib" "$intel/bin/mpiexec.hydra"
# Where a library is missing, libfabric does without EFA and does not say so.
if [ -d "$intel" ] && LD_LIBRARY_PATH="$intel/lib" ldd "$intel/lib/libefa-fi.so" | grep 'not found' >&2; then
  echo "libfabric can't load its EFA provider" >&2
  exit 1
fi
[ ! -e /usr/bin/ompi_info ] || { echo "Open MPI is in the image" >&2; exit 1; }
