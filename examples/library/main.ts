import { App } from "cdktf";
import { ResearchStack } from "./research-stack.ts";

const app = new App();
new ResearchStack(app, "research", { org: "research", region: "us-east-1", nodes: 2 });
app.synth();
