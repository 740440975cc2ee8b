import { parseDocument } from "yaml";

/** The image that the clusters boot: one that is baked first, one AMI, or the newest of a family that is there. */
export type ImageChoice =
  | { readonly kind: "bake" }
  | { readonly kind: "ami"; readonly id: string }
  | { readonly kind: "family"; readonly family: string };

export interface DeclarationSettings {
  readonly image: ImageChoice;
  /** The bucket that jobs' sources are in. */
  readonly bucket: string;
}

/** Of the image that is baked. */
export const BAKED = { family: "acceptance", version: "1.0.0" } as const;
/** It has a notebook and a schedule, and never parks. */
export const BUSY = { name: "alpha", nodes: 2, notebook: "explore", schedule: "tick" } as const;
/** It parks as soon as it may. */
export const IDLE = { name: "beta", nodes: 1 } as const;
export const INSTANCE_TYPE = "c5.xlarge";

/** Nodes that `muster cost` does not count: the notebook's, and the image's builder. Pure. */
export const moreNodes = ({ image }: Pick<DeclarationSettings, "image">): number =>
  image.kind === "bake" ? 2 : 1;

/** The muster.yaml that `muster init` has written, with what is played declared as a person would edit it. Pure. */
export function declare(initial: string, { image, bucket }: DeclarationSettings): string {
  const file = parseDocument(initial);
  const of = imageOf(image);
  const common = { instanceType: INSTANCE_TYPE, ...(of === null ? {} : { image: of }) };
  if (image.kind === "bake") file.set("images", [BAKED]);
  file.set("clusters", [
    {
      ...{ name: BUSY.name, nodes: BUSY.nodes, ...common, sourceBuckets: [bucket] },
      // Jobs of the schedule run while the notebook is awake.
      ...{ shareWithNotebooks: true, notebooks: [{ name: BUSY.notebook, instanceType: INSTANCE_TYPE }] },
      jobDefinitions: [
        {
          ...{ name: BUSY.schedule, command: ["-c", "print('a slot')"], mpi: false },
          ...{ schedule: { cron: "* * * * *" }, run: "manual" },
        },
      ],
    },
    { name: IDLE.name, nodes: IDLE.nodes, ...common, idleTimeoutMinutes: 1 },
  ]);
  return file.toString();
}

function imageOf(image: ImageChoice): object | null {
  if (image.kind === "bake") return { family: BAKED.family };
  return image.kind === "ami" ? { id: image.id } : { family: image.family };
}
