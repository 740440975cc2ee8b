import { Ajv, type ErrorObject } from "ajv";
import { AgentConfig } from "../contract/agent-config.js";
import { DEFAULT_RUNTIME } from "../contract/job-request.js";
import { AgentError } from "../errors.js";

const DEFAULT_LEASE_TTL_SECONDS = 15;

/** The configuration with its defaults, frozen. */
export type ResolvedConfig = Readonly<
  AgentConfig & Required<Pick<AgentConfig, "leaseTtlSeconds" | "kind" | "runtime">>
>;

const validate = new Ajv({ allErrors: true, strict: false, verbose: true }).compile(AgentConfig);

/** Parses the text of /etc/muster/agent.json. Throws AgentError config-invalid that names every problem at once. */
export function parseConfig(text: string, path: string): ResolvedConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AgentError("config-invalid", `${path} is not JSON (${(error as Error).message})`, error);
  }
  if (!validate(value)) {
    const problems = (validate.errors ?? []).map(describeProblem);
    throw new AgentError("config-invalid", `${path}: ${problems.join("; ")}`);
  }
  const { kind = "worker", notebook } = value as AgentConfig;
  if ((kind === "notebook") !== (notebook !== undefined)) {
    const problem =
      notebook === undefined ? "notebook is missing: kind is notebook" : `notebook is there: kind is ${kind}`;
    throw new AgentError("config-invalid", `${path}: ${problem}`);
  }
  return Object.freeze({
    kind: "worker",
    runtime: DEFAULT_RUNTIME,
    leaseTtlSeconds: DEFAULT_LEASE_TTL_SECONDS,
    ...(value as AgentConfig),
  });
}

function describeProblem(problem: ErrorObject): string {
  const path = problem.instancePath === "" ? "" : problem.instancePath.slice(1).replaceAll("/", ".");
  if (problem.keyword === "required") return `${problem.params["missingProperty"]} is missing`;
  if (problem.keyword === "additionalProperties") {
    const allowed = Object.keys(AgentConfig.properties).join(", ");
    return `${problem.params["additionalProperty"]} is unknown (allowed: ${allowed})`;
  }
  return `${path || "the document"} is ${JSON.stringify(problem.data)}: it ${problem.message}`;
}
