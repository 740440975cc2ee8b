import type { ClusterAsk, PreflightAsk } from "../../../agent/contract/preflight/ask.js";
import { checkPreflight } from "../../../agent/contract/preflight/check.js";
import { type PreflightCheck, problemsIn } from "../../../agent/contract/preflight-checks.js";
import { errorDiagnostic } from "../../core/diagnostic.js";
import type { State } from "../../core/types.js";
import { musterDataSource } from "../source.js";
import { preflightDataSchema } from "./schema.js";

const NEEDED = ["instance_types", "image_id", "subnet_ids"] as const;

/** `data "muster_preflight"`. */
export const preflightSource = musterDataSource({
  schema: preflightDataSchema,

  validate(config) {
    if (config.cluster === null) return [];
    return NEEDED.flatMap((name) => {
      const value = config[name];
      const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
      if (!isEmpty) return [];
      const detail = `${name} is missing: with cluster it is needed, as the checks are about it.`;
      return [errorDiagnostic("preflight-incomplete", `Give ${name}`, detail, [name])];
    });
  },

  async read(asked, { client, warn }) {
    const ask: PreflightAsk = {
      ...{ org: client.org, region: client.region },
      network: asked.network ? { zones: null } : null,
      clusters: clustersIn(asked),
      builders: [],
      skip: (asked.skip ?? []) as readonly PreflightCheck[],
    };
    const facts = await client.preflight.observe(ask, asked.patience_seconds * 1000);
    const findings = checkPreflight(ask, facts);
    for (const { check, is, resource, there, next } of findings) {
      if (check !== "image" || is !== "warning") continue;
      const detail = `${resource}: ${there}. ${next}`;
      warn({ code: "preflight-image", summary: "An image will not stay", detail });
    }
    const place = `${client.org}/${client.region}`;
    return {
      id: asked.cluster === null ? place : `${place}/${asked.cluster}`,
      problems: problemsIn(findings),
      findings,
    };
  },
});

function clustersIn(asked: State<typeof preflightDataSchema>): readonly ClusterAsk[] {
  const { cluster: name, instance_types, image_id, subnet_ids } = asked;
  if (name === null || instance_types === null || image_id === null || subnet_ids === null) return [];
  const { nodes, spot, efa, root_volume_gib: rootVolumeGiB, placement_group: placementGroup } = asked;
  return [
    {
      ...{ name, nodes, instanceTypes: instance_types, spot, efa, rootVolumeGiB, placementGroup },
      ...{ image: { id: image_id }, place: { subnetIds: subnet_ids } },
    },
  ];
}
