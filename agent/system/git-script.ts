/**
 * What every call of Git begins with: $1 the host whose credentials are at file descriptor 3, $2 where the pinned keys of an ssh host are kept
 * meanwhile or nothing, $3 those keys, $4 the certificates that https trusts. No configuration but this one counts, no hook runs, no redirect is followed (Git would show the
 * password to the host that it names), and no other transport is used. An ssh key goes from the pipe into an agent, and to no disk.
 * @see https://git-scm.com/docs/git-config, https://git-scm.com/docs/gitcredentials
 */
const BEGIN = `umask 022
export HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=/bin/false SSH_ASKPASS=/bin/false GIT_ALLOW_PROTOCOL=https:ssh GIT_LFS_SKIP_SMUDGE=1
export GIT_SSH_VARIANT=ssh GIT_SSL_CAINFO="$4" MUSTER_GIT_HOST="$1"
if [ -n "$2" ]; then
  mkdir -m 700 -- "$2"
  printf '%s\\n' "$3" >"$2/known_hosts"
  ssh-agent -a "$2/agent" >/dev/null
  SSH_AUTH_SOCK="$2/agent" ssh-add -q - <&3
  export SSH_AUTH_SOCK="$2/agent"
fi
export GIT_SSH_COMMAND="ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=\${2:-/dev}/known_hosts \\
  -o GlobalKnownHostsFile=/dev/null -o PreferredAuthentications=publickey -o IdentityFile=none -o UpdateHostKeys=no \\
  -o ForwardAgent=no -o ConnectTimeout=30"
helper='!f() { [ "$1" = get ] || exit 0; while IFS= read -r line && [ -n "$line" ]; do [ "$line" != "host=$MUSTER_GIT_HOST" ] || cat <&3; done; }; f'
shift 4
g() {
  /usr/bin/git -c credential.helper= -c "credential.helper=$helper" -c http.followRedirects=false -c core.hooksPath=/dev/null \\
    -c core.fsmonitor=false -c core.symlinks=true -c transfer.fsckObjects=true -c fetch.unpackLimit=1 -c gc.auto=0 \\
    -c maintenance.auto=false -c submodule.recurse=false -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=60 "$@"
}
`;

/** After BEGIN: $1 the URL, then full names; prints the references among them. */
export const LS_REMOTE = `${BEGIN}url=$1
shift
g ls-remote -- "$url" "$@"`;

/**
 * After BEGIN: $1 the URL, $2 what to fetch, $3 the folder, $4 bytes, $5 files, and $6 on a program that looks at the result. One pack, so that
 * the limit of a file's size is the limit of what comes; sizes and number of the files are known before they are written. The shell takes a pipe's
 * status from its last program, so the list has an end of its own. Prints the commit. Nothing of Git's own is left.
 */
export const CHECK_OUT = `${BEGIN}url=$1 want=$2 folder=$3 bytes=$4 files=$5
shift 5
cd -- "$folder"
rm -rf .git
g init -q --template= .
(trap '' XFSZ && ulimit -f $((bytes / 512 + 1)) && g fetch -q --depth 1 --no-tags --no-recurse-submodules -- "$url" "$want")
commit=$(g rev-parse -q --verify 'FETCH_HEAD^{commit}')
{ g ls-tree -r --format='%(objectsize)' "$commit" && echo whole; } | awk -v bytes="$bytes" -v files="$files" '
  function end(sentence) { print "muster-source source-too-large " sentence >"/dev/stderr"; isWhole = 1; exit 1 }
  $1 == "whole" { isWhole = 1; next }
  { sum += $1 }
  NR > files { end("it has more than " files " files") }
  sum > bytes { end("its files have more than " bytes " bytes") }
  END { if (!isWhole) { print "git could not list the files of the commit" >"/dev/stderr"; exit 1 } }'
g -c advice.detachedHead=false checkout -q --detach "$commit" --
rm -rf .git
"$@" check . "$bytes" "$files"
echo "$commit"`;

/** $1 the folder that an ssh host's keys were kept in. */
export const FORGET_HOST = 'rm -rf -- "$1"';
