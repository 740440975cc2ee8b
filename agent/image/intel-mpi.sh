#!/bin/sh
# Puts Intel MPI beside MPICH, below /usr/lib/muster/intel-mpi: what starts ranks, what they load, and what makes it quick on
# AWS's networks. Of its wheel's 320 MB the rest is for GPUs, Fortran and other networks.
# Usage: intel-mpi.sh REQUIREMENTS
# There is none for other processors than x86-64: their images have MPICH alone.
set -eu
[ "$(dpkg --print-architecture)" = amd64 ] || exit 0
target=/usr/lib/muster/intel-mpi
wheel=$(mktemp -d)
python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore --no-deps --only-binary :all: --require-hashes \
  --prefix "$wheel" --requirement "$1"
# Debian's pip puts a prefix's files below local/.
found=$(dirname "$(find "$wheel" -name mpiexec.hydra -print -quit)")/..
rm -rf "$target"
mkdir -p "$target/bin" "$target/lib" "$target/opt/mpi/etc"
install -m 755 "$found/bin/mpiexec.hydra" "$found/bin/hydra_bstrap_proxy" "$found/bin/hydra_pmi_proxy" "$target/bin/"
# The program itself: beside it is a script that sets paths of Intel's.
install -m 755 "$found/bin/libfabric/fi_info" "$target/bin/"
for library in libmpi.so.12 libfabric.so.1 libefa-fi.so librxm-fi.so libshm-fi.so libtcp-fi.so; do
  install -m 644 "$found/lib/$library" "$target/lib/"
done
for tuning in generic clx-ap skx icx spr; do
  cp "$found/opt/mpi/etc/tuning_${tuning}_"* "$target/opt/mpi/etc/"
done
install -m 644 "$found/share/doc/mpi/licensing/license.txt" "$target/license.txt"
rm -r "$wheel"
