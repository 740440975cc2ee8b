import { textProblem } from "./job-request.js";
import { shownValue } from "./problems.js";

const PROJECT_FILE = "pyproject.toml";

/** Whether a path names a file that can be installed from: a pyproject.toml, or a list of requirements. Pure. */
const isRequirementsPath = (path: string): boolean =>
  path.slice(path.lastIndexOf("/") + 1) === PROJECT_FILE || path.endsWith(".txt");

/** What is wrong with what a request says of its requirements and its set-up, a line each, beside what its schema says. Pure. */
export function* preparationProblems(request: Readonly<Record<string, unknown>>): Generator<string> {
  const { requirements, setup } = request;
  if (typeof requirements === "string") {
    if (request["source"] === undefined)
      yield "requirements: needs a source, which has the file; give the job a source instead of a script";
    if (!isRequirementsPath(requirements))
      yield `requirements: ${shownValue(requirements)} must be a ${PROJECT_FILE} or end with .txt`;
  }
  const command = (setup as { command?: unknown } | null | undefined)?.command;
  if (!Array.isArray(command)) return;
  for (const [index, word] of command.entries()) {
    const problem = typeof word === "string" ? textProblem(word) : null;
    if (problem !== null) yield `setup.command.${index}: ${shownValue(word)} ${problem}`;
  }
}
