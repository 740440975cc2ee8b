import { App } from "cdktf";
import { placeProvider } from "muster/stacks";
import { ResearchStack } from "./research-stack.ts";

const app = new App();
new ResearchStack(app, "research", { org: "research", region: "us-east-1", nodes: 2 });
app.synth();
// Terraform finds Muster's provider beside the stack: it is in no public registry.
placeProvider(app);
