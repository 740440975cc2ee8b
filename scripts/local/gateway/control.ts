import { type FaultRule, type Faults, faultProblems } from "./faults.js";
import { jsonReply, type Reply } from "./reply.js";

/** The prefix of the gateway's own routes; no bucket's name can begin with it. */
export const CONTROL_PREFIX = "/_local/";

/**
 * The gateway's own routes: `GET | POST | DELETE /_local/faults`, `DELETE /_local/faults/<id>`, `GET /_local/health`.
 * An invalid rule gets a 400 that names every problem.
 */
export function answerControl(method: string, url: string, body: string, faults: Faults): Reply {
  const { pathname } = new URL(url, "http://gateway.invalid");
  if (method === "GET" && pathname === "/_local/health") return jsonReply(200, { status: "up" });
  const route = /^\/_local\/faults(?:\/([0-9a-f]+))?$/.exec(pathname);
  if (route === null) return jsonReply(404, { problems: [`no route ${method} ${pathname}`] });
  if (method === "GET") return jsonReply(200, { faults: faults.list() });
  if (method === "DELETE") {
    const id = route[1];
    return faults.remove(id)
      ? jsonReply(200, { faults: faults.list() })
      : jsonReply(404, { problems: [`no fault ${id}; GET /_local/faults lists them`] });
  }
  if (method !== "POST")
    return jsonReply(405, { problems: [`${method} is not allowed: GET, POST or DELETE`] });
  const rule = parseJson(body);
  const problems = rule === undefined ? ["the body is not JSON"] : faultProblems(rule);
  return problems.length > 0 ? jsonReply(400, { problems }) : jsonReply(201, faults.add(rule as FaultRule));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
