import { readFileSync } from "node:fs";
import { join } from "node:path";
import { waitFor } from "../../../scripts/system/wait.js";
import { runInNode } from "../journey.js";

type Place = Parameters<typeof runInNode>[0];

/** A Git server in a node, over https and ssh. */
export interface NodeGitServer {
  /** With its port. */
  readonly https: string;
  readonly ssh: string;
  /** Of the repository's one branch. */
  readonly commit: string;
  /** Who may sign in by ssh, and the host's own keys. */
  readonly privateKey: string;
  readonly knownHosts: string;
}

const PORTS = { https: 8443, ssh: 2222 } as const;

/** $1 the node's address, $2 user:password; standard input is the server's program. Prints the commit. */
const SET_UP = `umask 022
mkdir -p /opt/git/private /run/sshd && cd /opt/git
cat >server.cjs
printf '%s\\n' "$2" >password
openssl req -x509 -days 1 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "/CN=$1" \\
  -addext "subjectAltName=IP:$1" -keyout key.pem -out cert.pem 2>/dev/null
git init -q -b main work && cd work
mkdir -p examples/ring
echo 'print("at the top")' >top.py
echo 'WORD = "helped"' >examples/ring/helper.py
echo 'import helper; from mpi4py import MPI; print(helper.WORD, MPI.COMM_WORLD.Get_size())' >examples/ring/ring.py
git add -A && git -c user.name=Ada -c user.email=ada@example.com commit -qm first
git branch feature/a/b && git tag v1
cd .. && git clone -q --bare work tools.git && git clone -q --bare work private/tools.git
echo 'print("newer")' >work/top.py
git -C work -c user.name=Ada -c user.email=ada@example.com commit -qam second
git -C work push -q ../tools.git main
systemd-run -q --unit git-https /usr/lib/muster/node /opt/git/server.cjs "$1" ${PORTS.https} /opt/git
ssh-keygen -q -t ed25519 -N '' -f host && ssh-keygen -q -t ed25519 -N '' -f user
mkdir -p -m 700 /root/.ssh && cp user.pub /root/.ssh/authorized_keys
systemd-run -q --unit git-ssh /usr/sbin/sshd -f /dev/null -D -p ${PORTS.ssh} -h /opt/git/host -o ListenAddress="$1" -o StrictModes=no
git -C tools.git rev-parse v1`;

/** Starts it, with a repository as tools.git and private/tools.git, and makes all nodes trust its certificate. */
export async function startNodeGitServer(
  place: Place,
  nodes: readonly { readonly id: string; readonly address: string }[],
  { username, password }: { readonly username: string; readonly password: string },
): Promise<NodeGitServer> {
  const host = nodes.at(-1);
  if (host === undefined) throw new Error("no node");
  const { id, address } = host;
  const sh = async (node: string, script: string, parameters: readonly string[] = [], input = "") => {
    const { exitCode, stdout, stderr } = await runInNode(
      place,
      node,
      ["sh", "-euc", script, "sh", ...parameters],
      input,
    );
    if (exitCode !== 0) throw new Error(`on ${node}: exit code ${exitCode}: ${stderr}`);
    return stdout;
  };
  const program = readFileSync(join(__dirname, "../../fixtures/git/server.cjs"), "utf8");
  const commit = await sh(id, SET_UP, [address, `${username}:${password}`], program);
  const certificate = await sh(id, "cat /opt/git/cert.pem");
  for (const node of nodes) await sh(node.id, "cat >>/etc/ssl/certs/ca-certificates.crt", [], certificate);
  await waitFor({
    what: "the Git server to listen",
    timeoutSeconds: 30,
    look: () => sh(id, "ss -Hltn"),
    isDone: (text) => Object.values(PORTS).every((port) => text.includes(`${address}:${port} `)),
    describe: String,
  });
  const [type, key] = (await sh(id, "cat /opt/git/host.pub")).split(" ");
  return {
    https: `${address}:${PORTS.https}`,
    ssh: `${address}:${PORTS.ssh}`,
    commit: commit.trim(),
    privateKey: await sh(id, "cat /opt/git/user"),
    knownHosts: `[${address}]:${PORTS.ssh} ${type} ${key}`,
  };
}
