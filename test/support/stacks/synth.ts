import { rmSync } from "node:fs";
import { type App, TerraformStack, Testing } from "cdktf";
import { declareStacks } from "../../../stacks/app.js";
import { parseMusterConfig } from "../../../stacks/config/load.js";

/** A synthesised stack: its JSON, and its resources without their metadata. */
export interface SynthesisedStack {
  readonly json: SynthesisedJson;
  /** All resources of a type, in the order of their ids. */
  all(type: string): Block[];
  /** The only one of a type. Throws where there is none or more. */
  only(type: string): Block;
  /** Of those of a type, the one whose id starts so. Throws where there is none. */
  named(type: string, idPrefix: string): Block;
}

// biome-ignore lint/suspicious/noExplicitAny: Terraform JSON, whose shape the assertions are about
type Block = Record<string, any>;

interface SynthesisedJson {
  readonly resource: Record<string, Record<string, Block>>;
  readonly data: Record<string, Record<string, Block>>;
  readonly provider: Record<string, Block[]>;
  readonly terraform: Block;
  readonly output: Record<string, Block>;
  readonly locals?: Record<string, string>;
}

/** An app to put stacks into. Nothing is written: the folder that cdktf makes for each goes at once. */
export function testApp(): App {
  const app = Testing.app();
  rmSync(app.outdir, { recursive: true });
  return app;
}

/** The stacks that a muster.yaml in /project declares, by id; its jobs' files are `files`, by absolute path. */
export function synthesise(
  musterYaml: string,
  files: Readonly<Record<string, string>> = {},
): Record<string, SynthesisedStack> {
  const app = testApp();
  declareStacks(
    app,
    parseMusterConfig(musterYaml, "/project/muster.yaml", (file) => Buffer.from(files[file] ?? "")),
  );
  const stacks = app.node.children.filter((child) => TerraformStack.isStack(child));
  return Object.fromEntries(stacks.map((stack) => [stack.node.id, describeStack(stack)]));
}

/** A single stack's. */
function describeStack(stack: TerraformStack): SynthesisedStack {
  const json = JSON.parse(Testing.synth(stack)) as SynthesisedJson;
  const of = (type: string): [string, Block][] => Object.entries(json.resource[type] ?? {}).sort();
  return {
    json,
    all: (type) => of(type).map(([, block]) => block),
    only(type) {
      const [first, ...more] = of(type);
      if (first === undefined || more.length > 0) throw new Error(`not exactly one ${type}`);
      return first[1];
    },
    named(type, idPrefix) {
      const found = of(type).find(([id]) => id.startsWith(idPrefix));
      if (found === undefined) throw new Error(`no ${type} ${idPrefix}*`);
      return found[1];
    },
  };
}
