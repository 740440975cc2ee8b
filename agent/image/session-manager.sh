#!/bin/sh
# Installs Session Manager's agent from AWS, which Debian does not package. What it installs is signed with AWS's key.
# Usage: session-manager.sh KEY_FILE FOLDER
# MUSTER_IMAGE_WITHOUT="session-manager": not in this image. FOLDER/without then says so.
set -eu
case " ${MUSTER_IMAGE_WITHOUT:-} " in
  *' session-manager '*)
    echo "step: this image is without Session Manager's agent (MUSTER_IMAGE_WITHOUT)"
    echo session-manager >>"$2/without"
    exit 0
    ;;
esac
architecture=$(dpkg --print-architecture)
url=https://s3.amazonaws.com/ec2-downloads-windows/SSMAgent/latest/debian_$architecture/amazon-ssm-agent.deb
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail() {
  echo "session-manager.sh: $1" >&2
  exit 1
}
fetch() {
  curl --silent --show-error --fail --location --proto '=https' --tlsv1.2 --retry 3 --max-time 300 --output "$2" "$1" ||
    fail "$1 can't be fetched. An image without Session Manager: MUSTER_IMAGE_WITHOUT=session-manager"
}
fetch "$url" "$folder/agent.deb"
fetch "$url.sig" "$folder/agent.deb.sig"
# gpgv wants the key as bytes.
sed -n '/^$/,/^=/p' "$1" | grep -v '^=' | base64 -d >"$folder/key.gpg"
gpgv --quiet --keyring "$folder/key.gpg" "$folder/agent.deb.sig" "$folder/agent.deb" 2>"$folder/said" ||
  fail "$url is not signed with the key in $1: $(cat "$folder/said"). Where AWS has a new key, replace that file: https://docs.aws.amazon.com/systems-manager/latest/userguide/verify-agent-signature.html"
dpkg --install "$folder/agent.deb" >/dev/null
systemctl --quiet enable amazon-ssm-agent.service
