import type { KnownReport } from "../../agent/contract/image/report.js";

/** An AMI that a bake may start from. */
export interface BaseImage {
  readonly id: string;
  readonly name: string;
  readonly architecture: string;
  readonly rootDeviceName: string;
  /** EC2 hides a deprecated one from those who look by name. */
  readonly isDeprecated: boolean;
}

/** An AMI of the org's in one region, whole or not. */
export interface Ami {
  readonly id: string;
  readonly region: string;
  readonly state: string;
  readonly stateReason: string | null;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly snapshotIds: readonly string[];
}

/** A builder, as EC2 sees it. */
export interface Builder {
  readonly id: string;
  readonly state: string;
  /** Why it is in that state, in EC2's words; null: it does not say. */
  readonly stateReason: string | null;
}

/** What a builder is started with. */
export interface BuilderLaunch {
  /** The image's id: EC2 starts one builder for it, however often it is asked. */
  readonly image: string;
  readonly base: BaseImage;
  readonly instanceType: string;
  readonly subnetId: string;
  readonly securityGroupIds: readonly string[];
  readonly instanceProfile: string;
  readonly userData: string;
  /** The key of its disk; "default": the account's own for EBS; null: it is not encrypted by us. */
  readonly encryption: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Accounts of an AMI. */
export interface AmiAccounts {
  /** Those that may launch it. */
  readonly launchableBy: readonly string[];
  /** Those that may read all its snapshots. */
  readonly readableBy: readonly string[];
}

/** The copy of an AMI into another region. */
export interface AmiCopy {
  readonly from: Ami;
  readonly region: string;
  readonly name: string;
  /** As of BuilderLaunch. */
  readonly encryption: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

/** Of which bakes something is removed. */
export interface Unfinished {
  readonly image?: string;
  readonly family?: string;
  readonly evenWhole?: true;
}

/** Images of another account. */
export interface SharedFamily {
  /** The account's id. */
  readonly owner: string;
  readonly ownerOrg: string;
  readonly family: string;
}
/** An AMI of another account. */
export interface SharedAmi extends Pick<Ami, "createdAt" | "id" | "region" | "state"> {
  /** The image's id, from the AMI's name. */
  readonly image: string;
}

/**
 * Images, and what makes them. An AMI is the org's if it has the org's tag, and of an image by the tag with its id. Each call throws
 * DiagnosticError, worded for the person; what is to be removed and is gone is no error.
 */
export interface Images {
  /** That AMI, or with null the newest official Debian 13; null: the region has none that the account may use. */
  readBase(id: string | null): Promise<BaseImage | null>;
  /** Whether EC2 encrypts each new disk of the account in the region. */
  encryptsByDefault(): Promise<boolean>;
  /** Puts the recipe's archive, a file (null: the one that comes with the provider), into the bucket once. Returns its SHA-256 in hex. */
  putRecipe(bucket: string, file: string | null): Promise<string>;
  putText(bucket: string, key: string, text: string): Promise<void>;
  /** The builder's report; null: there is none yet; a text: what is wrong with it. */
  readReport(bucket: string, image: string): Promise<KnownReport | string | null>;

  /** Starts the builder, or finds the one that was started for the image. Returns its id. */
  startBuilder(launch: BuilderLaunch): Promise<string>;
  /** Null: EC2 does not know it, or not yet. */
  readBuilder(instanceId: string): Promise<Builder | null>;
  endBuilder(instanceId: string): Promise<void>;

  /** Makes an AMI of a stopped builder. Returns its id; it is pending. */
  createAmi(builderId: string, name: string, tags: Readonly<Record<string, string>>): Promise<string>;
  /** Begins a copy; again for the same image and region gives the same one. Returns its id. */
  copyAmi(copy: AmiCopy): Promise<string>;
  /** The org's AMIs in a region: of one image, of a family, or all. */
  list(region: string, of: { readonly image?: string; readonly family?: string }): Promise<readonly Ami[]>;
  /**
   * The AMIs of a family that another account has shared with this one, whose tags only that account sees: known by their names. `ownerOrg`: the
   * org that has baked them there.
   */
  listShared(region: string, of: SharedFamily): Promise<readonly SharedAmi[]>;
  /** Tags an AMI and its snapshots. */
  tag(ami: Ami, tags: Readonly<Record<string, string>>): Promise<void>;
  untag(ami: Ami, keys: readonly string[]): Promise<void>;
  readAccounts(ami: Ami): Promise<AmiAccounts>;
  /** Lets an account use the AMI, and its snapshots, or takes that away. */
  changeAccount(ami: Ami, account: string, may: boolean): Promise<void>;
  /** By AMI: its instances, and the org's launch templates that name it: "i-1", "launch template muster-acme-sim". */
  users(region: string, amiIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Deregisters the AMI and deletes its snapshots. */
  deregister(ami: Ami): Promise<void>;

  /**
   * Removes what bakes have left that did not come to their end: of an image, or of all of a family. Builders, AMIs in these regions without
   * the tag of a whole image (`evenWhole`: with it too), and their snapshots. It works after an interruption too, and takes two minutes at
   * most.
   */
  removeUnfinished(of: Unfinished, regions: readonly string[]): Promise<void>;
}
