#!/bin/sh
# One check of a finished image. Usage: check.sh packages|mpi|notebook|agent|file-system|session-manager|efa IMAGE_FOLDER
# What was left out on purpose (MUSTER_IMAGE_WITHOUT) is named in /usr/lib/muster/without, and is no failure.
set -eu
recipe=$2
library=/usr/lib/muster

fail() { echo "$1" >&2; exit 1; }
left_out() { [ -e "$library/without" ] && grep -qxF "$1" "$library/without"; }

case $1 in
  packages)
    # Whole, and what the recipe asks for: an extra step may have removed something, or put Open MPI in MPICH's place.
    audit=$(dpkg --audit)
    [ -z "$audit" ] || fail "dpkg --audit says: $audit"
    while read -r package; do
      dpkg-query --show --showformat '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || fail "$package is not installed"
    done <"$recipe/packages.txt"
    python3 -m pip --disable-pip-version-check check >&2
    while read -r requirement; do
      case $requirement in '' | '#'*) continue ;; esac
      python3 -c 'import sys; from importlib.metadata import version
name, wanted = sys.argv[1].split("==")
sys.exit(0 if version(name) == wanted else f"{name} is {version(name)}, and not {wanted}")' "$requirement"
    done <"$recipe/requirements.txt"
    ;;
  mpi) "$recipe/check-mpi.sh" ;;
  notebook) "$recipe/check-notebook.sh" ;;
  agent)
    # Without a cluster's configuration it must end, and say so: then all that it is made of is there.
    if [ ! -e /etc/muster/agent.json ]; then
      said=$(timeout 60 "$library/node" "$library/muster-agent.cjs" 2>&1) || :
      case $said in *config-invalid*) ;; *) fail "the agent does not start: $said" ;; esac
    fi
    systemd-analyze verify --man=no /etc/systemd/system/muster-agent.service /etc/systemd/system/muster-jupyter.service
    muster --version
    # Enabled by user data, for a cluster alone.
    ! systemctl --quiet is-enabled muster-agent.service 2>/dev/null ||
      fail "the agent would start on each instance of the image"
    ;;
  file-system)
    if left_out efs-utils; then
      echo "without amazon-efs-utils: this image mounts no EFS file system"
    else
      command -v mount.efs || fail "amazon-efs-utils is not installed"
      efs-proxy --version
    fi
    ;;
  session-manager)
    if left_out session-manager; then
      echo "without Session Manager's agent"
    else
      systemctl is-enabled amazon-ssm-agent.service
      amazon-ssm-agent -version
    fi
    ;;
  efa)
    if [ ! -d "$library/intel-mpi" ]; then
      echo "without EFA: Intel MPI, which drives it, has no release for $(dpkg --print-architecture)"
      exit 0
    fi
    # Without a card libfabric does not name its provider: what can be seen is whether it could load it.
    missing=$(LD_LIBRARY_PATH="$library/intel-mpi/lib" ldd "$library/intel-mpi/lib/libefa-fi.so" | grep 'not found') &&
      fail "libfabric can't load its EFA provider: $missing"
    set -- /usr/lib/*/libibverbs/libefa-rdmav*.so
    [ -e "$1" ] || fail "ibverbs has no driver for EFA"
    # A root without a kernel of its own (the local cloud's) can't be asked for the module.
    for modules in /lib/modules/*; do
      [ -e "$modules/modules.dep" ] || continue
      grep -q '/efa\.ko' "$modules/modules.dep" || fail "kernel $(basename "$modules") has no module for EFA"
    done
    ;;
  *) fail "no check of the name $1" ;;
esac
