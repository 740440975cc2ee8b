import type { OrgPlace } from "../../../agent/contract/names.js";
import type { Access } from "../core/ports.js";
import type { World } from "../core/world.js";
import type { ImageView } from "./api.js";
import type { SharedReads } from "./shared-reads.js";
import type { Tasks } from "./tasks.js";

/** What `muster console` is started with. */
export interface ConsoleDeps {
  readonly world: Pick<
    World,
    "env" | "readFile" | "writeFile" | "programs" | "forwarding" | "browser" | "now" | "sleep" | "onInterrupt"
  >;
  readonly access: Access;
  readonly place: OrgPlace;
  readonly version: string;
  readonly isReadOnly: boolean;
  /** The page's files. */
  readonly page: PageFiles;
  /** The org's images with their shares. */
  images(): Promise<readonly ImageView[]>;
  /** A line in the terminal where the console runs. */
  say(line: string): void;
}

/** The page, as its build has made it. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** What the routes work with. */
export interface RouteDeps extends ConsoleDeps {
  readonly reads: SharedReads;
  readonly tasks: Tasks;
}
