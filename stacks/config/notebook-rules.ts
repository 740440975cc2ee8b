import type { DeepPartial, Draft } from "./draft.js";
import { isArm } from "./efa-types.js";
import type { NotebookSettings } from "./notebook.js";
import { type Path, type Problem, renderValue, renderYamlPath } from "./problem.js";

type DraftNotebook = DeepPartial<NotebookSettings>;
type DraftCluster = NonNullable<NonNullable<Draft["clusters"]>[number]>;

/** A notebook of the file, with its place. */
interface Placed {
  readonly notebook: DraftNotebook;
  readonly cluster: DraftCluster;
  readonly path: Path;
}

/** The rest of AWS's 50 is for Name, the org, the cluster's UUID and name, and the notebook's name. */
const MAX_USER_TAGS = 45;
const MAC = /^mac/;

/** How the values of notebooks must fit each other, their clusters and the org. Pure. */
export function notebookProblems(draft: Draft): Problem[] {
  const placed = placedNotebooks(draft);
  return [
    ...dedicatedProblems(draft),
    ...placed.flatMap((one, index) => [
      ...nameProblems(one, placed.slice(0, index)),
      ...typeProblems(one),
      ...tagProblems(one, draft.org?.tags ?? {}),
    ]),
  ];
}

/** What is wrong with a single notebook, as code declares it; paths start at it. Pure. */
export const oneNotebookProblems = (notebook: DraftNotebook, cluster: DraftCluster): Problem[] =>
  typeProblems({ notebook, cluster, path: [] });

const placedNotebooks = ({ clusters = [] }: Draft): readonly Placed[] =>
  clusters.flatMap((cluster, at) => {
    if (cluster === undefined) return [];
    const place = (index: number) => ({ cluster, path: ["clusters", at, "notebooks", index] });
    return (cluster.notebooks ?? []).flatMap((notebook, index) =>
      notebook === undefined ? [] : [{ notebook, ...place(index) }],
    );
  });

const refuse = (path: Path, value: unknown, allowed: string): Problem => ({
  path,
  message: `got ${renderValue(value)}; allowed: ${allowed}`,
});

function nameProblems({ notebook: { name }, path }: Placed, before: readonly Placed[]): Problem[] {
  const first = before.find(({ notebook }) => notebook.name === name);
  if (name === undefined || first === undefined) return [];
  const has = `${renderYamlPath(first.path)} has this one`;
  return [refuse([...path, "name"], name, `a name that no other notebook of the org has (${has})`)];
}

/** Its home, with the packages in it, is the same on the cluster's nodes, and so are the programs that an MPI kernel starts. */
function typeProblems({ notebook: { instanceType }, cluster, path }: Placed): Problem[] {
  if (instanceType === undefined) return [];
  const at = [...path, "instanceType"];
  if (MAC.test(instanceType)) return [refuse(at, instanceType, "a type that runs Linux, such as m6i.large")];
  const ofNodes = cluster.instanceTypes?.[0] ?? cluster.instanceType;
  if (ofNodes === undefined || isArm(ofNodes) === isArm(instanceType)) return [];
  const needed = isArm(ofNodes) ? "an arm64 type, such as m7g.large" : "an x86-64 type, such as m6i.large";
  return [refuse(at, instanceType, `${needed}, since the cluster's ${ofNodes} is one`)];
}

function tagProblems(
  { notebook: { tags = {} }, path }: Placed,
  ofOrg: Readonly<Record<string, unknown>>,
): Problem[] {
  const count = new Set([...Object.keys(ofOrg), ...Object.keys(tags)]).size;
  if (count <= MAX_USER_TAGS) return [];
  const message = `got ${count} tags together with org.tags; allowed: ${MAX_USER_TAGS} (AWS allows 50 for each resource, and Muster needs the rest)`;
  return [{ path: [...path, "tags"], message }];
}

/** A cluster that is made for a job goes when that has ended. */
const dedicatedProblems = ({ clusters = [] }: Draft): Problem[] =>
  clusters.flatMap((cluster, index): Problem[] =>
    cluster?.dedicated === true && (cluster.notebooks ?? []).length > 0
      ? [
          {
            path: ["clusters", index, "notebooks"],
            message:
              "allowed: only on a cluster without dedicated: true; that is removed when its one job has ended",
          },
        ]
      : [],
  );
