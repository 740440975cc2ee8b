/** The path of the only program that a launch starts, from Debian's MPICH. */
const HYDRA_PROXY = "/usr/bin/hydra_pmi_proxy";

/** What to start for Hydra, and where. */
export interface LaunchCall {
  readonly host: string;
  readonly argv: readonly string[];
}

const INTEGER = /^-?\d{1,9}$/;
const CONTROL_PORT = /^([0-9]{1,3}(?:\.[0-9]{1,3}){3}):([0-9]{1,5})$/;
/** The proxy's options as MPICH 4.2's mpiexec gives them; each at most once. Null: it takes no value. */
const OPTIONS: Readonly<Record<string, RegExp | null>> = {
  "--control-port": CONTROL_PORT,
  "--rmk": /^user$/,
  "--launcher": /^ssh$/,
  "--launcher-exec": /^\/usr\/lib\/muster\/launch$/,
  "--demux": /^(poll|select)$/,
  "--pgid": INTEGER,
  "--proxy-id": INTEGER,
  "--retries": INTEGER,
  "--usize": INTEGER,
  "--pmi-port": /^[01]$/,
  "--gpus-per-proc": INTEGER,
  "--gpu-subdevs-per-proc": INTEGER,
  "--debug": null,
};
const REQUIRED = ["--control-port", "--proxy-id"];

/** The words that launch.sh sent, each ended by a NUL: `-x HOST "PROXY" ARGUMENT...`; Hydra puts the quotes there. */
export function parseLaunchCall(body: Uint8Array): LaunchCall | { readonly problem: string } {
  const words = Buffer.from(body).toString("utf8").split("\0");
  if (words.pop() !== "") return { problem: "the words must each end with a NUL" };
  const [flag, host, proxy, ...rest] = words;
  if (flag !== "-x" || host === undefined || proxy === undefined) {
    return { problem: "expected -x HOST PROXY ARGUMENT..., as Hydra's ssh launcher calls" };
  }
  return { host, argv: [proxy.replace(/^"(.*)"$/, "$1"), ...rest] };
}

/** Every problem of a proxy's argv; only Hydra's proxy with Hydra's options is ever started. */
export function proxyArgvProblems(argv: readonly string[]): string[] {
  const problems: string[] = [];
  if (argv[0] !== HYDRA_PROXY) problems.push(`the program is ${show(argv[0])}; it must be ${HYDRA_PROXY}`);
  const seen = new Set<string>();
  for (let index = 1; index < argv.length; index += 1) {
    const option = argv[index] ?? "";
    const pattern = Object.hasOwn(OPTIONS, option) ? OPTIONS[option] : undefined;
    if (pattern === undefined) {
      problems.push(`${show(option)} is no option of the proxy that is known here`);
      continue;
    }
    if (seen.has(option)) problems.push(`${option} is given twice`);
    seen.add(option);
    if (pattern === null) continue;
    index += 1;
    if (!pattern.test(argv[index] ?? "")) problems.push(`${option} can't be ${show(argv[index])}`);
  }
  for (const option of REQUIRED) if (!seen.has(option)) problems.push(`${option} is missing`);
  return problems;
}

/** mpiexec's address, to which the proxy connects back. Null if it is not in the argv. */
export function controlAddress(argv: readonly string[]): string | null {
  const index = argv.indexOf("--control-port");
  return index < 0 ? null : (CONTROL_PORT.exec(argv[index + 1] ?? "")?.[1] ?? null);
}

/** A hostile word must not fill the log or break its lines. */
function show(word: string | undefined): string {
  return word === undefined ? "missing" : JSON.stringify(word.slice(0, 100));
}
