#!/bin/sh
# Puts MPICH's latest Hydra in the place of Debian's: mpiexec and the proxy that starts ranks on each node. Ranks load the MPI library that their
# program brings, such as a wheel's, and its Hydra has to pass on what they say of their addresses. That of MPICH 4.2 ends with an
# assertion where it is long (https://github.com/pmodels/mpich/issues/7036), and MPICH 5's library says it together with 4 KB of what lies behind it
# in memory. Debian's own library stays: it runs under either.
# Usage: hydra.sh REQUIREMENTS
set -eu
wheel=$(mktemp -d)
python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore --no-deps --only-binary :all: --require-hashes \
  --prefix "$wheel" --requirement "$1"
found=$(dirname "$(find "$wheel" -name mpiexec.hydra -print -quit)")
for program in mpiexec.hydra hydra_pmi_proxy; do
  # A later package of Debian's does not bring its own back.
  dpkg-divert --quiet --local --rename --divert "/usr/bin/$program.debian" --add "/usr/bin/$program"
  install -m 755 "$found/$program" /usr/bin/
done
install -m 644 "$(find "$wheel" -path '*mpich-*.dist-info/licenses/LICENSE' -print -quit)" /usr/lib/muster/hydra.LICENSE
rm -r "$wheel"
