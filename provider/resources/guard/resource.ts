import type { MusterClient } from "../../client/ports.js";
import { type Diagnostic, DiagnosticError, failure } from "../../core/diagnostic.js";
import type { State } from "../../core/types.js";
import { musterResource } from "../resource.js";
import { guardId, guardMismatch, guardRefusal, placeFrom } from "./decide.js";
import { DEFAULT_REFUSE_AT, guardSchema } from "./schema.js";

/** `muster_teardown_guard`. It creates nothing; it only checks for clusters before it is destroyed. */
export const guardResource = musterResource({
  schema: guardSchema,

  async create(_plan, { client }) {
    const { org, region } = client;
    if ((await client.registry.listClusters()) === null) {
      throw failure(
        "org-not-deployed",
        `Org ${org} has no registry in ${region}`,
        "A guard that could not look for clusters would protect nothing. Let it depend on the registry's table (depends_on), and check the provider's org and region.",
      );
    }
    return { id: guardId(client), org, region };
  },

  // An import's first read compares its place with the provider's.
  async read({ org, region }, { client }) {
    const problem = org === null || region === null ? null : guardMismatch({ org, region }, client);
    if (problem !== null) throw new DiagnosticError([problem]);
    return {};
  },

  update: async (_plan, { id, org, region }) => ({ id, org, region }),

  async delete(state, { client }) {
    const problem = await observeRefusal(state, client);
    if (problem !== null) throw new DiagnosticError([problem]);
  },

  async planDelete(state, { client }) {
    const problem = await observeRefusal(state, client);
    if (problem === null) return [];
    if (state.refuse_at === "plan") return [problem];
    return [{ ...problem, severity: "warning", detail: `Destroy will be refused. ${problem.detail}` }];
  },

  import(id) {
    const place = placeFrom(id);
    if (place !== null) return { id, ...place, refuse_at: DEFAULT_REFUSE_AT };
    throw failure(
      "import-id-invalid",
      "Invalid import id",
      `"${id}" can't be imported: it must be <org>/<region>.`,
    );
  },
});

/** If somebody deleted the registry, there are no clusters: the rest of the org may be destroyed. */
async function observeRefusal(
  state: State<typeof guardSchema>,
  client: MusterClient,
): Promise<Diagnostic | null> {
  // Null only if a create failed: then the guard never existed.
  if (state.org === null || state.region === null) return null;
  const place = { org: state.org, region: state.region };
  const mismatch = guardMismatch(place, client);
  if (mismatch !== null) return mismatch;
  const clusters = (await client.registry.listClusters()) ?? [];
  return guardRefusal(place, clusters, await client.notebooks.names());
}
