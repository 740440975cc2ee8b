import { createHash } from "node:crypto";
import { IMAGE_TAG, parseImageId } from "../../../agent/contract/image/names.js";
import type { KnownReport } from "../../../agent/contract/image/report.js";
import { TAG } from "../../../agent/contract/names.js";
import type { Ami, BaseImage, BuilderLaunch, Images } from "../../../provider/client/image-ports.js";
import { failure } from "../../../provider/core/diagnostic.js";

/** An AMI in memory, which a test may change. */
export interface MemoryAmi extends Ami {
  state: string;
  stateReason: string | null;
  tags: Record<string, string>;
  readonly launchableBy: Set<string>;
  readonly readableBy: Set<string>;
}

export const BASE: BaseImage = {
  id: "ami-0debian0000000000",
  name: "debian-13-amd64-20261101-1",
  architecture: "x86_64",
  rootDeviceName: "/dev/xvda",
  isDeprecated: false,
};

/** EC2 and a bucket as far as images need them. What a test wants to happen it puts into the fields. */
export class MemoryImages {
  base: BaseImage | null = BASE;
  isEncryptedByDefault = false;
  /** By image. */
  readonly reports = new Map<string, KnownReport | string>();
  readonly builders = new Map<
    string,
    { readonly launch: BuilderLaunch; state: string; stateReason: string | null }
  >();
  amis: MemoryAmi[] = [];
  readonly texts = new Map<string, string>();
  /** By AMI. */
  readonly users = new Map<string, string[]>();
  /** Calls that fail, by name, once each: the error's detail. */
  readonly failing = new Map<string, string>();
  /** Calls that are done, but whose answer does not arrive, by name, once each. */
  readonly lost = new Set<string>();
  /** The state in which a new AMI is. */
  newState = "available";
  readonly home = "us-east-1";
  #made = 0;

  whole = (): readonly string[] =>
    this.amis
      .filter(({ tags }) => tags[TAG.IMAGE] !== undefined)
      .map(({ tags, region }) => `${tags[IMAGE_TAG.VERSION]} ${region}`)
      .sort();
  live = (): readonly string[] =>
    [...this.builders].filter(([, { state }]) => state !== "terminated").map(([id]) => id);

  readonly port: Images = {
    readBase: async () => this.#called("readBase", () => this.base),
    encryptsByDefault: async () => this.isEncryptedByDefault,
    putRecipe: async () =>
      this.#called("putRecipe", () => createHash("sha256").update("recipe").digest("hex")),
    putText: async (_bucket, key, text) => void this.texts.set(key, text),
    readReport: async (_bucket, image) => this.#called("readReport", () => this.reports.get(image) ?? null),
    startBuilder: async (launch) => {
      const id = `i-${this.builders.size}`;
      this.#called("startBuilder", () =>
        this.builders.set(id, { launch, state: "running", stateReason: null }),
      );
      return id;
    },
    readBuilder: async (id) => {
      const found = this.builders.get(id);
      return this.#called("readBuilder", () => (found === undefined ? null : { id, ...found }));
    },
    endBuilder: async (id) => {
      const found = this.#called("endBuilder", () => this.builders.get(id));
      if (found !== undefined) found.state = "terminated";
    },
    createAmi: async (_builder, name, tags) =>
      this.#called("createAmi", () => this.#add(this.home, name, tags)),
    copyAmi: async ({ region, name, tags }) =>
      this.#called(`copyAmi ${region}`, () => this.#add(region, name, tags)),
    list: async (region, { image, family }) =>
      this.amis.filter(({ region: its, tags }) => {
        const id = tags[IMAGE_TAG.BUILD] ?? "";
        return (
          its === region &&
          (image ?? id) === id &&
          (family ?? parseImageId(id)?.family) === parseImageId(id)?.family
        );
      }),
    listShared: () => Promise.reject(new Error("no other account is played")),
    tag: async ({ id }, tags) => this.#called("tag", () => void Object.assign(this.#ami(id).tags, tags)),
    untag: async ({ id }, keys) => {
      for (const key of keys) delete this.#ami(id).tags[key];
    },
    readAccounts: async ({ id }) => {
      const { launchableBy, readableBy } = this.#ami(id);
      return { launchableBy: [...launchableBy], readableBy: [...readableBy] };
    },
    changeAccount: async ({ id, region }, account, may) => {
      this.#called(`changeAccount ${region} ${account}`, () => undefined);
      for (const accounts of [this.#ami(id).launchableBy, this.#ami(id).readableBy]) {
        if (may) accounts.add(account);
        else accounts.delete(account);
      }
    },
    users: async (_region, ids) => new Map(ids.map((id) => [id, this.users.get(id) ?? []])),
    deregister: async ({ id }) => {
      this.#called("deregister", () => undefined);
      this.amis = this.amis.filter((ami) => ami.id !== id);
    },
    removeUnfinished: async ({ image, family, evenWhole }) => {
      this.#called("removeUnfinished", () => undefined);
      const isOf = (id: string): boolean =>
        (image ?? id) === id && (family ?? parseImageId(id)?.family) === parseImageId(id)?.family;
      for (const builder of this.builders.values())
        if (isOf(builder.launch.image)) builder.state = "terminated";
      this.amis = this.amis.filter(
        ({ tags }) =>
          (evenWhole !== true && tags[TAG.IMAGE] !== undefined) || !isOf(tags[IMAGE_TAG.BUILD] ?? ""),
      );
    },
  };

  /** Does it, unless it is to fail; where its answer is to be lost, it fails all the same. */
  #called<T>(name: string, act: () => T): T {
    const detail = this.failing.get(name);
    const isLost = this.lost.delete(name);
    this.failing.delete(name);
    if (detail !== undefined) throw failure("aws-refused", `Could not ${name}`, detail);
    const value = act();
    if (isLost) throw failure("aws-unreachable", `Could not ${name}`, "a reason");
    return value;
  }

  #ami(id: string): MemoryAmi {
    const found = this.amis.find((ami) => ami.id === id);
    if (found === undefined) throw new Error(`there is no AMI ${id}`);
    return found;
  }

  #add(region: string, name: string, tags: Readonly<Record<string, string>>): string {
    this.#made += 1;
    const id = `ami-${this.#made}`;
    const createdAt = new Date(Date.UTC(2026, 10, 27, 0, this.#made)).toISOString();
    const permissions = { launchableBy: new Set<string>(), readableBy: new Set<string>() };
    this.amis.push({
      id,
      region,
      state: this.newState,
      stateReason: null,
      createdAt,
      tags: { ...tags, Name: name },
      snapshotIds: [`snap-${id}`],
      ...permissions,
    });
    return id;
  }
}
