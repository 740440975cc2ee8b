import { Value, ValueErrorType } from "@sinclair/typebox/value";
import { AgentConfig } from "../contract/agent-config.js";
import { DEFAULT_RUNTIME } from "../contract/job-request.js";
import { choiceProblems } from "../contract/problems.js";
import { AgentError } from "../errors.js";

const DEFAULT_LEASE_TTL_SECONDS = 15;

/** The configuration with its defaults, frozen. */
export type ResolvedConfig = Readonly<
  AgentConfig & Required<Pick<AgentConfig, "leaseTtlSeconds" | "kind" | "runtime">>
>;

/** Parses the text of /etc/muster/agent.json. Throws AgentError config-invalid that names every problem at once. */
export function parseConfig(text: string, path: string): ResolvedConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new AgentError("config-invalid", `${path} is not JSON (${(error as Error).message})`, error);
  }
  const problems = [...shapeProblems(value), ...choiceProblems(AgentConfig, value)];
  if (problems.length > 0) throw new AgentError("config-invalid", `${path}: ${problems.join("; ")}`);
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

const isAs = (value: unknown, what: string): string => `is ${JSON.stringify(value)}: ${what}`;

/** No validator is compiled for a file that is read once: that would take a tenth of the agent's start. */
function* shapeProblems(value: unknown): Generator<string> {
  for (const { type, path, message, value: got } of Value.Errors(AgentConfig, value)) {
    const place = path === "" ? "the document" : path.slice(1).replaceAll("/", ".");
    if (type === ValueErrorType.ObjectRequiredProperty) yield `${place} is missing`;
    else if (type === ValueErrorType.ObjectAdditionalProperties)
      yield `${place} is unknown (allowed: ${Object.keys(AgentConfig.properties).join(", ")})`;
    else if (got !== undefined) yield `${place} ${isAs(got, message.toLowerCase())}`;
  }
}
