import { resolve } from "node:path";
import { gunzipSync } from "node:zlib";
import type { Page } from "playwright-core";
import { buildConsolePage } from "../../../scripts/build/console-page.js";
import type { ConsoleDeps, PageFiles } from "../../../scripts/cli/console/deps.js";
import { viewImages } from "../../../scripts/cli/console/images.js";
import { type Console, serveConsole } from "../../../scripts/cli/console/serve.js";
import type { Access } from "../../../scripts/cli/core/ports.js";
import type { FakeWorld } from "../cli/fake-world.js";
import { logIn } from "./run-console.js";
import { NOW } from "./seeds.js";

const PLACE = { org: "acme", region: "us-east-1" } as const;

/** The page as it is shipped. */
export async function builtPage(): Promise<PageFiles> {
  const packed = Buffer.from(await buildConsolePage(resolve(".")), "base64");
  return JSON.parse(gunzipSync(packed).toString("utf8")) as PageFiles;
}

/** The access of a world in memory, in which each cluster has its own jobs. */
export async function accessOf(world: FakeWorld): Promise<Access> {
  const access = await world.open({ ...PLACE, signal: new AbortController().signal });
  const { jobs } = access;
  return {
    ...access,
    jobs: {
      ...jobs,
      each: (uuid) => only(uuid, jobs.each(uuid)),
      definitions: (uuid) => only(uuid, jobs.definitions(uuid)),
    },
  };
}

async function* only<T>(uuid: string, items: AsyncIterable<T>): AsyncGenerator<T> {
  for await (const item of items) if ((item as { clusterUuid?: string }).clusterUuid === uuid) yield item;
}

export interface ServedConsole extends Console {
  readonly url: string;
}

/** A console on a free port, of a world in memory. */
export async function startConsole(
  world: FakeWorld,
  page: PageFiles,
  changes: Partial<ConsoleDeps> = {},
  port = 0,
): Promise<ServedConsole> {
  const deps = { world, access: await accessOf(world), place: PLACE, version: "1.2.3", isReadOnly: false };
  const served = await serveConsole(
    { ...deps, page, images: () => viewImages(deps.access, world, PLACE.org), say: world.say, ...changes },
    port,
  );
  return { ...served, url: `http://127.0.0.1:${served.port}/` };
}

/** Goes in as a person does: by the code of the terminal. The page's clock stands at the world's time. */
export async function enter(page: Page, served: ServedConsole): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await logIn(page, served.url, served.newCode());
}
