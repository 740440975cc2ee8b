/*
 * The shell scripts of createEnvironmentFiles. Each runs as the job user, in folders where jobs may write: a link in the place of
 * a folder goes, and what is read there is trusted as little as a job.
 */

/** $1 a file, $2 the most bytes. Prints "there" and the file's beginning; nothing where there is no file. */
export const READ_FILE = `[ -f "$1" ] || exit 0
echo there
head -c "$2" -- "$1"`;

/** $1 a folder, the others paths from there. */
export const DIGEST = `cd -- "$1"
shift
{
  find "$@" -name .git -prune -o -name __pycache__ -prune -o -type l -printf 'link %p %l\\n' 2>/dev/null | LC_ALL=C sort
  find "$@" -name .git -prune -o -name __pycache__ -prune -o -type f -print0 2>/dev/null | LC_ALL=C sort -z |
    xargs -0r sha256sum --
} | sha256sum | cut -c 1-64`;

/** Variables: root, the environments on this node's disk; stored, their archives on /shared; token, this call's own. */
const COMMON = `umask 022
work=$root/.work.$token
part=$stored/.part.$token
own() {
  if [ -L "$1" ] || { [ -e "$1" ] && [ ! -d "$1" ]; }; then rm -f -- "$1"; fi
  mkdir -p -- "$1"
  chmod u+rwx -- "$1"
}
unlock() { chmod -R u+rwx -- "$1" 2>/dev/null || :; }
chmod u+rwx -- "\${root%/*/*}" "\${stored%/*/*}" 2>/dev/null || :
own "\${root%/*}"
own "$root"
clean() {
  for old in "$root"/.work.*; do
    if [ -L "$old" ]; then rm -f -- "$old"; elif [ -e "$old" ]; then unlock "$old"; rm -rf -- "$old"; fi
  done
}
# Tells one archive of a key from another, on every node.
identity() { stat -c '%i %s' -- "$1"; }
number() { case $1 in '' | *[!0-9]* | ???????????*) echo 0 ;; *) echo "$1" ;; esac; }
# Makes room for one more environment on this node: the least recently used goes. $1 the most environments, $2 the most KiB.
make_room() {
  find "$root" -mindepth 1 -maxdepth 1 -type d -regextype posix-extended -regex '.*/[0-9a-f]{32}' -printf '%T@ %f\\n' |
    sort -rn | {
    count=0 sum=0
    while read -r _ name; do
      count=$((count + 1))
      sum=$((sum + $(number "$(head -c 20 -- "$root/$name/.kib" 2>/dev/null)")))
      if [ "$count" -ge "$1" ] || [ "$sum" -gt "$2" ]; then
        unlock "$root/$name"
        rm -rf -- "$root/$name"
      fi
    done
  }
}
`;

/** $1 root, $2 stored, $3 token: removes what this call, and killed ones on this node, have left. */
export const CLEAN = `root=$1 stored=$2 token=$3
${COMMON}clean
rm -f -- "$part"`;

/** $1 an archive's path. */
export const DISCARD = `rm -rf -- "$1"`;

/**
 * $1 root, $2 stored, $3 token, $4 key, $5 the folder of the requirements, $6 their file there, $7 the most KiB to install, $8 uv,
 * $9 Python, then the folder of the image's wheels, that of the node's settings (/etc), and the most environments and KiB on this node
 * and on /shared. Prints "there", "installed", or "failed STATUS" and the end of what uv has said.
 *
 * mpi4py is resolved like any other package, in the image's version and no other; then the image's own shows again where it
 * lay. The rest of the image is seen through the virtual environment. uv's own settings are the node's (/etc/uv/uv.toml, else what
 * pip.conf says of the index) and the source's, never the job user's.
 */
export const INSTALL = `root=$1 stored=$2 token=$3 key=$4
${COMMON}own "\${stored%/*}"
own "$stored"
archive=$stored/$key.tar.zst
if [ -f "$archive" ] && [ ! -L "$archive" ]; then
  touch -c -- "$archive"
  echo there
  exit 0
fi
source=$5 file=$6 most=$7 uv=$8 python=$9
shift 9
wheels=$1 etc=$2 node_count=$3 node_kib=$4 stored_count=$5 stored_kib=$6
clean
find "$stored" -mindepth 1 -maxdepth 1 -name '.part.*' -mmin +120 -exec rm -rf {} +
mkdir -- "$work" "$work/home"
trap 'unlock "$work"; rm -rf -- "$work" "$part"' EXIT
made=$work/environment log=$work/log
: >"$log"
export HOME="$work/home" UV_CACHE_DIR="$work/cache" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1 NO_COLOR=1
export SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
if [ -f "$etc/pip.conf" ] && [ ! -e "$etc/uv/uv.toml" ]; then
  setting() {
    "$python" -c 'import configparser, sys
settings = configparser.ConfigParser(interpolation=None)
settings.read(sys.argv[1])
print(*settings.get("global", sys.argv[2], fallback="").split())' "$etc/pip.conf" "$1"
  }
  value=$(setting index-url)
  [ -z "$value" ] || export UV_DEFAULT_INDEX="$value"
  value=$(setting extra-index-url)
  [ -z "$value" ] || export UV_INDEX="$value"
  value=$(setting proxy)
  [ -z "$value" ] || export HTTP_PROXY="$value" HTTPS_PROXY="$value"
  value=$(setting trusted-host)
  [ -z "$value" ] || export UV_INSECURE_HOST="$value"
  value=$(setting cert)
  [ -z "$value" ] || export SSL_CERT_FILE="$value"
fi
# Ends the process $1 when the work takes too much disk.
limit() {
  while sleep 1; do
    if [ "$(number "$(du -skx -- "$work" 2>/dev/null | cut -f 1)")" -gt "$most" ]; then
      echo "error: it takes more than $most KiB of disk" >>"$log"
      kill -KILL "$1"
      return
    fi
  done
}
try() {
  "$@" >>"$log" 2>&1 &
  child=$!
  limit "$child" &
  watcher=$!
  status=0
  wait "$child" || status=$?
  kill "$watcher" 2>/dev/null || :
  [ "$status" -ne 0 ] || return 0
  echo "failed $status"
  tail -c 8192 -- "$log"
  exit 0
}
cd -- "$source"
try "$uv" venv -q --relocatable --system-site-packages --no-project --python "$python" "$made"
wanted=./$file
if [ "$file" = pyproject.toml ] && [ -f uv.lock ]; then
  wanted=$work/locked.txt
  try "$uv" export -q --frozen --no-dev --no-emit-project --no-editable --no-header --python "$python" -o "$wanted"
fi
try "$uv" pip install --python "$made/bin/python" --constraint "$wheels/constraints.txt" --find-links "$wheels" \\
  --no-editable --compile-bytecode -r "$wanted"
try "$uv" pip uninstall -q --python "$made/bin/python" mpi4py
cd /
rm -rf -- "$work/cache"
du -skx -- "$made" | cut -f 1 >"$made/.kib"
tar -C "$work" -I 'zstd -q -T0' -cf "$part" environment
sync -- "$part"
[ ! -d "$archive" ] || rm -rf -- "$archive"
mv -T -- "$part" "$archive"
identity "$archive" >"$made/.archive"
make_room "$node_count" "$node_kib"
[ ! -e "$root/$key" ] || { unlock "$root/$key"; rm -rf -- "$root/$key"; }
mv -T -- "$made" "$root/$key"
find "$stored" -mindepth 1 -maxdepth 1 -type f -regextype posix-extended -regex '.*/[0-9a-f]{32}\\.tar\\.zst' \\
  -printf '%T@ %k %f\\n' | sort -rn | {
  count=0 sum=0
  while read -r _ kib name; do
    count=$((count + 1)) sum=$((sum + kib))
    if [ "$count" -gt 1 ] && { [ "$count" -gt "$stored_count" ] || [ "$sum" -gt "$stored_kib" ]; }; then
      rm -f -- "$stored/$name"
    fi
  done
}
echo installed`;

/** $1 root, $2 stored, $3 token, $4 key, $5 the most environments on this node, $6 the most KiB. Prints "there" or "brought". */
export const BRING = `root=$1 stored=$2 token=$3 key=$4
${COMMON}archive=$stored/$key.tar.zst
now=$(identity "$archive")
if [ -f "$root/$key/pyvenv.cfg" ] && [ "$(head -c 100 -- "$root/$key/.archive" 2>/dev/null)" = "$now" ]; then
  touch -c -- "$root/$key"
  echo there
  exit 0
fi
clean
trap 'unlock "$work"; rm -rf -- "$work"' EXIT
[ ! -e "$root/$key" ] || { unlock "$root/$key"; rm -rf -- "$root/$key"; }
make_room "$5" "$6"
mkdir -- "$work"
tar -C "$work" -I 'zstd -q' -xf "$archive"
[ -f "$work/environment/pyvenv.cfg" ] || { echo "$archive has no environment" >&2; exit 1; }
echo "$now" >"$work/environment/.archive"
touch -- "$work/environment"
mv -T -- "$work/environment" "$root/$key"
echo brought`;
