import { runApp } from "./run-app.js";

// What cdktf runs in a checkout.
runApp();
