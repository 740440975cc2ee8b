import { join } from "node:path";
import type { App } from "cdktf";
import { placeBeside } from "./system/place-beside.js";

/**
 * Puts the package's own provider beside each stack of an app, after `app.synth()`: Terraform finds it there by itself, without any
 * configuration of its own, and the stacks' providers are locked. A `provider_installation` of yours goes before it. May run again, also after
 * another version. Throws as node:fs does, and where the package has no provider in it.
 */
export function placeProvider(app: App): void {
  const folders = Object.values(app.manifest.stacks).map(({ workingDirectory }) =>
    join(app.outdir, workingDirectory),
  );
  // From dist/stacks/, where this is built to.
  placeBeside(join(__dirname, "../terraform-mirror"), folders);
}
