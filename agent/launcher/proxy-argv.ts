import { CONTROL_OPTIONS, PROXY_PROGRAMS, type ProxyProgram } from "./proxy-programs.js";

/** What to start for Hydra, and where. */
export interface LaunchCall {
  readonly host: string;
  readonly argv: readonly string[];
}

/**
 * The words that launch.sh sent, each ended by a NUL: `-x HOST "PROXY" ARGUMENT...`, where MPICH's Hydra puts the quotes; Intel's
 * writes `-q -x`, without quotes.
 */
export function parseLaunchCall(body: Uint8Array): LaunchCall | { readonly problem: string } {
  const words = Buffer.from(body).toString("utf8").split("\0");
  if (words.pop() !== "") return { problem: "the words must each end with a NUL" };
  const [flag, host, proxy, ...rest] = words[0] === "-q" ? words.slice(1) : words;
  if (flag !== "-x" || host === undefined || proxy === undefined) {
    return { problem: "expected -x HOST PROXY ARGUMENT..., as Hydra's ssh launcher calls" };
  }
  return { host, argv: [proxy.replace(/^"(.*)"$/, "$1"), ...rest] };
}

/** Every problem of a proxy's argv; only Hydra's proxies with Hydra's options are ever started. */
export function proxyArgvProblems(argv: readonly string[]): string[] {
  const program = PROXY_PROGRAMS.find(({ path }) => path === argv[0]);
  if (program !== undefined) return optionProblems(program, argv.slice(1));
  const paths = PROXY_PROGRAMS.map(({ path }) => path).join(" or ");
  return [`the program is ${show(argv[0])}; it must be ${paths}`];
}

function optionProblems(program: ProxyProgram, words: readonly string[]): string[] {
  const { options, required, child } = program;
  const problems: string[] = [];
  const seen = new Set<string>();
  let hasChild = false;
  for (let index = 0; index < words.length && !hasChild; index += 1) {
    const option = words[index] ?? "";
    hasChild = option === child?.path;
    if (child !== undefined && hasChild) {
      problems.push(...optionProblems(child, words.slice(index + 1)));
      continue;
    }
    const pattern = Object.hasOwn(options, option) ? options[option] : undefined;
    if (pattern === undefined) {
      problems.push(`${show(option)} is no option of the proxy that is known here`);
      continue;
    }
    if (seen.has(option)) problems.push(`${option} is given twice`);
    seen.add(option);
    if (pattern === null) continue;
    index += 1;
    if (!pattern.test(words[index] ?? "")) problems.push(`${option} can't be ${show(words[index])}`);
  }
  if (child !== undefined && !hasChild) problems.push(`${child.path} is missing`);
  return [...problems, ...required.filter((name) => !seen.has(name)).map((name) => `${name} is missing`)];
}

/**
 * The argv with this node's address in the place of its name: Intel's mpiexec names itself by what the address resolves to, which
 * need not resolve on the other nodes. It always runs on the node whose socket the call comes by.
 */
export const calledFrom = (argv: readonly string[], address: string): readonly string[] =>
  argv.map((word, index) => (argv[index - 1] === "--upstream-host" ? address : word));

const ADDRESS = /^([0-9]{1,3}(?:\.[0-9]{1,3}){3})(?::|$)/;

/** mpiexec's address, to which the proxy connects back. Null if it is not in the argv. */
export function controlAddress(argv: readonly string[]): string | null {
  const indexes = CONTROL_OPTIONS.map((option) => argv.indexOf(option));
  const index = Math.max(...indexes);
  return index === -1 ? null : (ADDRESS.exec(argv[index + 1] ?? "")?.[1] ?? null);
}

/** A hostile word must not fill the log or break its lines. */
function show(word: string | undefined): string {
  return word === undefined ? "missing" : JSON.stringify(word.slice(0, 100));
}
