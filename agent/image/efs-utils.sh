#!/bin/sh
# Installs amazon-efs-utils, for `mount -t efs`: neither Debian nor AWS has a package of it for Debian 13. It is built from AWS's sources, at the
# commit that PINNED names, with Debian's compilers, which then go again. This takes some minutes.
# Usage: efs-utils.sh PINNED FOLDER
# MUSTER_IMAGE_WITHOUT="efs-utils": not in this image. FOLDER/without then says so.
set -eu
case " ${MUSTER_IMAGE_WITHOUT:-} " in
  *' efs-utils '*)
    echo "step: this image is without amazon-efs-utils (MUSTER_IMAGE_WITHOUT)"
    echo efs-utils >>"$2/without"
    exit 0
    ;;
esac
repository=https://github.com/aws/efs-utils
commit=$(grep -v '^#' "$1" | cut -d ' ' -f 2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
export CARGO_HOME="$folder/cargo" CARGO_NET_RETRY=5

fail() {
  echo "efs-utils.sh: $1" >&2
  exit 1
}
installed() { dpkg-query --show --showformat '${Package}\n' | sort; }

installed >"$folder/before"
apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 \
  binutils cargo gcc gettext-base libc6-dev libssl-dev make pkg-config rustc >/dev/null
installed | comm -13 "$folder/before" - >"$folder/compilers"

git init --quiet "$folder/source"
cd "$folder/source"
git -c http.followRedirects=false fetch --quiet --depth 1 --no-tags "$repository" "$commit" ||
  fail "$repository can't be reached, or has no commit $commit. An image without it: MUSTER_IMAGE_WITHOUT=efs-utils"
git checkout --quiet "$commit"
# The crates are those of the commit's lock file.
cargo fetch --quiet --locked --manifest-path src/proxy/Cargo.toml || fail "the crates of efs-proxy can't be fetched"
./build-deb.sh >"$folder/said" 2>&1 || fail "it can't be built: $(tail -n 20 "$folder/said")"
cp build/amazon-efs-utils*.deb "$folder/"
cd /
xargs apt-get -qq purge -o Dpkg::Use-Pty=0 <"$folder/compilers" >/dev/null
apt-get -qq install --no-install-recommends -o Dpkg::Use-Pty=0 "$folder"/amazon-efs-utils*.deb >/dev/null
# Mounts have their watchdog; without any it need not run.
command -v mount.efs >/dev/null || fail "mount.efs is missing after the installation"
