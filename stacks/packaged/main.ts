import { runApp } from "../run-app.js";
import { placeProvider } from "./place-provider.js";

// What cdktf runs in a project that has the package: dist/stacks/main.cjs, which is CommonJS.
runApp(placeProvider);
