import { randomBytes } from "node:crypto";
import { ACCOUNT_ID } from "../../emulator/images.js";
import type { Operation } from "../operation.js";
import { ec2Reply, errorReply, type Reply, type XmlContent } from "../reply.js";
import type { GatewayCall, Supplements } from "./supplement.js";

interface PlacementGroup {
  readonly groupId: string;
  readonly name: string;
  readonly region: string;
  readonly strategy: string;
  readonly partitionCount: string | undefined;
  readonly spreadLevel: string | undefined;
  readonly tags: Map<string, string>;
}

const STRATEGIES = ["cluster", "partition", "spread"];

/** EC2's placement groups, which the emulator lacks: create, describe (by name, id, filter), delete, tags. */
export function placementGroups(): Supplements {
  const groups = new Map<string, PlacementGroup>();
  const keyOf = (operation: Operation, name: string): string => `${operation.region}/${name}`;

  /** CreateTags and DeleteTags: done here for our groups, and by the emulator, which knows no `pg-` ids, for all others. */
  async function changeTags(
    call: GatewayCall,
    change: (group: PlacementGroup, key: string, value: string | undefined) => void,
  ): Promise<Reply | undefined> {
    const { form } = call.request;
    const ids = listParameter(form, "ResourceId");
    const own = [...groups.values()].filter((group) => ids.includes(group.groupId));
    if (own.length === 0) return undefined;
    const others = ids.filter((id) => !own.some((group) => group.groupId === id));
    const reply =
      others.length === 0
        ? ec2Reply(call.operation.action, { return: true })
        : await call.ask({ body: Buffer.from(withResources(form, others).toString()) });
    if (reply.status >= 300) return reply;
    for (const group of own) {
      for (const [key, value] of tagParameters(form, "Tag")) change(group, key, value);
    }
    return reply;
  }

  return {
    "ec2.CreatePlacementGroup": async (call) => {
      const group = parseGroup(call);
      if ("status" in group) return group;
      const key = keyOf(call.operation, group.name);
      if (groups.has(key)) {
        const message = `The placement group '${group.name}' already exists.`;
        return errorReply(call.operation, 400, "InvalidPlacementGroup.Duplicate", message);
      }
      groups.set(key, group);
      return ec2Reply("CreatePlacementGroup", { return: true, placementGroup: describe(group) });
    },
    "ec2.DescribePlacementGroups": async (call) => {
      const own = [...groups.values()].filter((group) => group.region === call.operation.region);
      for (const [list, field] of [
        ["GroupName", "name"],
        ["GroupId", "groupId"],
      ] as const) {
        const unknown = listParameter(call.request.form, list).find(
          (wanted) => !own.some((group) => group[field] === wanted),
        );
        if (unknown !== undefined) return unknownGroup(call.operation, unknown);
      }
      const found = own.filter((group) => isAskedFor(group, call.request.form));
      return ec2Reply("DescribePlacementGroups", { placementGroupSet: { item: found.map(describe) } });
    },
    "ec2.DeletePlacementGroup": async (call) => {
      const name = call.request.form.get("GroupName") ?? "";
      if (!groups.delete(keyOf(call.operation, name))) return unknownGroup(call.operation, name);
      return ec2Reply("DeletePlacementGroup", { return: true });
    },
    "ec2.CreateTags": (call) => changeTags(call, (group, key, value) => group.tags.set(key, value ?? "")),
    "ec2.DeleteTags": (call) => changeTags(call, (group, key) => group.tags.delete(key)),
  };
}

const unknownGroup = (operation: Operation, name: string): Reply =>
  errorReply(operation, 400, "InvalidPlacementGroup.Unknown", `The Placement Group '${name}' is unknown.`);

function parseGroup({ request: { form }, operation }: GatewayCall): PlacementGroup | Reply {
  const name = form.get("GroupName");
  const strategy = form.get("Strategy") ?? "cluster";
  if (!name) {
    return errorReply(operation, 400, "MissingParameter", "The request must contain the parameter groupName");
  }
  if (!STRATEGIES.includes(strategy)) {
    const message = `Value (${strategy}) for parameter strategy is invalid.`;
    return errorReply(operation, 400, "InvalidParameterValue", message);
  }
  return {
    groupId: `pg-${randomBytes(8).toString("hex").padStart(17, "0")}`,
    name,
    region: operation.region,
    strategy,
    partitionCount: form.get("PartitionCount") ?? (strategy === "partition" ? "2" : undefined),
    spreadLevel: form.get("SpreadLevel") ?? (strategy === "spread" ? "rack" : undefined),
    tags: new Map(
      [...tagParameters(form, "TagSpecification.1.Tag")].map(([key, value]) => [key, value ?? ""]),
    ),
  };
}

const arnOf = (group: PlacementGroup): string =>
  `arn:aws:ec2:${group.region}:${ACCOUNT_ID}:placement-group/${group.name}`;

const describe = (group: PlacementGroup): XmlContent => ({
  groupName: group.name,
  groupId: group.groupId,
  groupArn: arnOf(group),
  strategy: group.strategy,
  state: "available",
  partitionCount: group.partitionCount,
  spreadLevel: group.spreadLevel,
  tagSet: { item: [...group.tags].map(([key, value]) => ({ key, value })) },
});

function isAskedFor(group: PlacementGroup, form: URLSearchParams): boolean {
  const isListed = (list: string, value: string): boolean => {
    const values = listParameter(form, list);
    return values.length === 0 || values.includes(value);
  };
  return (
    isListed("GroupName", group.name) &&
    isListed("GroupId", group.groupId) &&
    filters(form).every(({ name, values }) =>
      filterValues(group, name).some((value) => values.includes(value)),
    )
  );
}

function filterValues(group: PlacementGroup, filter: string): readonly string[] {
  if (filter.startsWith("tag:"))
    return [group.tags.get(filter.slice(4))].filter((value) => value !== undefined);
  const values: Readonly<Record<string, readonly string[]>> = {
    "tag-key": [...group.tags.keys()],
    "group-name": [group.name],
    "group-arn": [arnOf(group)],
    strategy: [group.strategy],
    state: ["available"],
  };
  return values[filter] ?? [];
}

/** `Name.1`, `Name.2`, ... */
function listParameter(form: URLSearchParams, name: string): string[] {
  const values: string[] = [];
  for (let n = 1; form.has(`${name}.${n}`); n++) values.push(form.get(`${name}.${n}`) ?? "");
  return values;
}

/** The same form about other resources. */
function withResources(form: URLSearchParams, ids: readonly string[]): URLSearchParams {
  const kept = new URLSearchParams([...form].filter(([name]) => !name.startsWith("ResourceId.")));
  ids.forEach((id, index) => {
    kept.set(`ResourceId.${index + 1}`, id);
  });
  return kept;
}

/** `<prefix>.n.Key` and `<prefix>.n.Value`; DeleteTags may leave the value out. */
function tagParameters(form: URLSearchParams, prefix: string): Map<string, string | undefined> {
  const tags = new Map<string, string | undefined>();
  for (let n = 1; form.has(`${prefix}.${n}.Key`); n++) {
    tags.set(form.get(`${prefix}.${n}.Key`) ?? "", form.get(`${prefix}.${n}.Value`) ?? undefined);
  }
  return tags;
}

function filters(form: URLSearchParams): { name: string; values: string[] }[] {
  const found: { name: string; values: string[] }[] = [];
  for (let n = 1; form.has(`Filter.${n}.Name`); n++) {
    found.push({
      name: form.get(`Filter.${n}.Name`) ?? "",
      values: listParameter(form, `Filter.${n}.Value`),
    });
  }
  return found;
}
