import { join } from "node:path";
import { runApp } from "../run-app.js";
import { placeProvider } from "./system/place-provider.js";

// What cdktf runs in a project that has the package: dist/stacks/main.cjs, which is CommonJS. Terraform finds the package's own provider.
runApp((stackFolders) => placeProvider(join(__dirname, "../terraform-mirror"), stackFolders));
