#!/bin/sh
# Fails unless the notebooks' environment is whole: JupyterLab starts, ranks can import what they need, it has the system's mpi4py and
# numpy, and pip installs into the user's home.
set -eu
environment=/usr/lib/muster/notebook
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
chown muster:muster "$home"

as_user() {
  (cd "$home" && setpriv --reuid muster --regid muster --clear-groups env HOME="$home" PATH="$environment/bin:/usr/bin:/bin" "$@")
}

as_user python -W ignore -c '
import ipyparallel.engine.app, ipyparallel.controller.app, jupyterlab, matplotlib.pyplot, pandas, pyarrow
import mpi4py, numpy, site, sys
assert mpi4py.__file__.startswith("/usr/local/lib/"), mpi4py.__file__
assert numpy.__file__.startswith("/usr/local/lib/"), numpy.__file__
assert site.ENABLE_USER_SITE and site.getusersitepackages() in sys.path or not __import__("os").path.exists(site.getusersitepackages())
'
as_user jupyter lab --version >/dev/null
# Each package that another needs is there, in a version that it takes.
as_user pip --disable-pip-version-check check >&2
