const CDKTF = "cdktf is imported in stacks/ and provider/bindings/ only.";
const INDEX = "Import @cdktf/provider-aws/lib/<resource>: the index costs seconds and 500 MB.";
const AGENT = "agent/ imports only itself.";
const AGENT_ROOT = "Of agent/'s loose files its folders see errors.ts only.";
const PROVIDER = "provider/ imports itself, agent/contract and agent/image.";
const NOTHING = "Nothing imports scripts/ or test/.";
const CLI =
  "scripts/cli imports itself, agent/'s contract and aws, and what muster.yaml may say: it runs where nothing is set up.";
const AGENT_EFFECTS =
  "Declare a port: agent/aws/ and agent/system/ hold AWS, processes, files and the network. A pure library is added to this list.";
const CORE = "provider/core imports itself and agent/contract: it is protocol-free and does no I/O.";
const CLI_EFFECTS =
  "scripts/cli/access/ and scripts/cli/system/ hold the effects. A pure library is added to this list.";
const CLI_PORTS = "Commands reach AWS and the process through core/ports.ts and core/world.ts.";
const CONSOLE_PORTS = "The console reaches AWS and the process through core/ports.ts and core/world.ts.";
const CONSOLE_PAGE =
  "The page runs in browsers: it imports itself, and the shapes that it and the server share.";
const STACKS_EFFECTS = "Stacks declare: they call no API, and stacks/config/system/ alone reads files.";

/** A folder, or a file of its own, an import that breaks a rule there, and what the linter then says. */
export const BROKEN: readonly (readonly [place: string, specifier: string, message: string])[] = [
  ["agent/start.ts", "../provider/client/ports.js", AGENT],
  ["agent/start.ts", "constructs", CDKTF],
  ["agent/head/", "../../stacks/app.js", AGENT],
  ["agent/head/", "../../scripts/system/wait.js", AGENT],
  ["agent/head/", "../../test/support/emulator.js", AGENT],
  ["agent/head/", "../agent.js", AGENT_ROOT],
  [
    "agent/head/",
    "../system/imds.js",
    "Declare a port: only main.ts and start.ts know agent/aws/ and agent/system/.",
  ],
  [
    "agent/http/",
    "../aws/table.js",
    "Declare a port: only main.ts and start.ts know agent/aws/ and agent/system/.",
  ],
  [
    "agent/role.ts",
    "./aws/table.js",
    "Declare a port: only main.ts and start.ts know agent/aws/ and agent/system/.",
  ],
  ["agent/jobs/", "node:fs/promises", AGENT_EFFECTS],
  ["agent/peers/", "ws", AGENT_EFFECTS],
  ["agent/schedules/", "node-cron", AGENT_EFFECTS],
  ["agent/a-new-folder/", "node:child_process", AGENT_EFFECTS],
  ["agent/jobs/", "@aws-sdk/client-s3", AGENT_EFFECTS],
  ["agent/aws/", "../../provider/aws/log.js", AGENT],
  ["agent/system/", "../start.js", AGENT_ROOT],
  ["agent/aws/", "cdktf", CDKTF],
  ["agent/aws/", "../system/imds.js", "agent/aws/ and agent/system/ do not know each other."],
  ["agent/system/", "../aws/table.js", "agent/aws/ and agent/system/ do not know each other."],
  ["agent/contract/", "../errors.js", "agent/contract imports nothing of ours."],
  ["agent/contract/", "node:fs", "agent/contract does no I/O."],
  ["agent/contract/writes/", "../../errors.js", "agent/contract imports nothing of ours."],
  ["agent/contract/writes/", "node:fs", "agent/contract does no I/O."],
  ["agent/contract/writes/", "@aws-sdk/lib-dynamodb", "agent/contract does no I/O."],
  ["agent/image/", "../contract/names.js", "agent/image imports nothing of ours."],
  ["agent/image/", "pino", "agent/image needs Node.js alone."],
  ["provider/provider.ts", "./bindings/index.js", PROVIDER],
  ["provider/provider.ts", "cdktf", CDKTF],
  ["provider/resources/fleet/", "../../../agent/head/members.js", PROVIDER],
  [
    "provider/client/",
    "../aws/client.js",
    "Declare a port in provider/client/ports.ts: AWS and the protocol are behind it.",
  ],
  [
    "provider/data/cluster/",
    "../../wire/value.js",
    "Declare a port in provider/client/ports.ts: AWS and the protocol are behind it.",
  ],
  [
    "provider/ephemeral/token/",
    "node:http",
    "Declare a port: provider/aws/ and provider/wire/ hold AWS and the network.",
  ],
  ["provider/aws/", "../../stacks/app.js", PROVIDER],
  ["provider/aws/sdk/", "constructs", CDKTF],
  [
    "provider/aws/",
    "../resources/fleet/state.js",
    "provider/aws implements provider/client's ports, and knows no resource.",
  ],
  ["provider/wire/", "../../scripts/system/wait.js", PROVIDER],
  ["provider/wire/", "@cdktf/provider-aws/lib/vpc/index.js", CDKTF],
  ["provider/wire/rpc/", "../../client/ports.js", "provider/wire knows the protocol and provider/core."],
  ["provider/wire/", "@aws-sdk/client-ec2", "provider/wire knows the protocol and provider/core."],
  ["provider/core/", "../client/ports.js", CORE],
  ["provider/core/", "@grpc/grpc-js", CORE],
  ["provider/core/codes/", "../../client/ports.js", CORE],
  ["provider/bindings/", "../wire/value.js", "provider/bindings sees cdktf and the provider's schemas."],
  ["provider/bindings/", "@cdktf/provider-aws", INDEX],
  ["stacks/constructs/", "../../scripts/system/wait.js", NOTHING],
  ["stacks/main.ts", "../test/support/emulator.js", NOTHING],
  ["stacks/constructs/", "../../provider/core/schema.js", "Of provider/, the stacks see only the bindings."],
  ["stacks/config/", "../../agent/image/ingredients.js", "Of agent/, the stacks see only the contract."],
  ["stacks/constructs/", "@cdktf/provider-aws/lib", INDEX],
  ["stacks/config/", "node:fs", STACKS_EFFECTS],
  ["stacks/constructs/", "@aws-sdk/client-ec2", STACKS_EFFECTS],
  ["stacks/config/system/", "../schema.js", "stacks/config/system reads files, and no more."],
  [
    "stacks/packaged/system/",
    "../../app.js",
    "stacks/packaged/system puts files beside the synthesised stacks, and no more.",
  ],
  ["scripts/local/", "../../test/support/emulator.js", "Nothing imports test/."],
  ["scripts/journey/", "cdktf", CDKTF],
  ["test/support/", "@cdktf/provider-aws", INDEX],
  ["scripts/cli/main.ts", "../system/wait.js", CLI],
  ["scripts/cli/main.ts", "cdktf", CDKTF],
  ["scripts/cli/access/", "../../system/wait.js", CLI],
  ["scripts/cli/leftovers/aws/", "../../../local/paths.js", CLI],
  ["scripts/cli/access/", "../../../agent/head/members.js", CLI],
  ["scripts/cli/access/", "../commands/token.js", "Commands call the adapters, and not the other way round."],
  ["scripts/cli/system/", "constructs", CDKTF],
  ["scripts/cli/commands/", "../../../agent/aws/table.js", CLI],
  ["scripts/cli/core/", "../../setup/files.js", CLI],
  ["scripts/cli/jobs/", "../access/open.js", CLI_PORTS],
  ["scripts/cli/render/", "node:fs", CLI_EFFECTS],
  ["scripts/cli/commands/", "@aws-sdk/client-s3", CLI_EFFECTS],
  ["scripts/cli/console/", "../../setup/files.js", CLI],
  ["scripts/cli/console/", "../access/open.js", CONSOLE_PORTS],
  ["scripts/cli/console/", "node:fs", CLI_EFFECTS],
  ["scripts/cli/console/routes/", "../../../setup/files.js", CLI],
  ["scripts/cli/console/routes/", "../../access/open.js", CONSOLE_PORTS],
  ["scripts/cli/console/logs/", "node:fs", CLI_EFFECTS],
  ["scripts/cli/console/page/parts/", "../../serve.js", CONSOLE_PAGE],
  ["scripts/cli/console/page/lib/", "node:crypto", CONSOLE_PAGE],
];

/** Imports that the rules leave alone, so that a rule which forbids everything is found out. */
export const SOUND: readonly (readonly [place: string, specifier: string])[] = [
  ["agent/start.ts", "./aws/table.js"],
  ["agent/start.ts", "./system/imds.js"],
  ["agent/head/", "../contract/names.js"],
  ["agent/head/", "../errors.js"],
  ["agent/head/", "pino"],
  ["agent/aws/", "@aws-sdk/client-s3"],
  ["agent/aws/", "../jobs/ports.js"],
  ["agent/system/", "node:fs"],
  ["agent/contract/", "@sinclair/typebox/value"],
  ["agent/contract/", "croner"],
  ["agent/contract/writes/", "../names.js"],
  ["agent/image/", "node:fs/promises"],
  ["provider/core/", "../../agent/contract/names.js"],
  ["provider/core/codes/", "../schema.js"],
  ["provider/core/codes/", "../../../agent/contract/names.js"],
  ["provider/provider.ts", "./aws/client.js"],
  ["provider/resources/fleet/", "../../client/ports.js"],
  ["provider/resources/fleet/", "../../../agent/contract/names.js"],
  ["provider/resources/fleet/", "../../../agent/image/ingredients.js"],
  ["provider/aws/", "../client/ports.js"],
  ["provider/wire/rpc/", "../../core/schema.js"],
  ["provider/bindings/", "cdktf"],
  ["provider/bindings/", "../resources/fleet/schema.js"],
  ["stacks/constructs/", "../../provider/bindings/index.js"],
  ["stacks/constructs/", "@cdktf/provider-aws/lib/vpc/index.js"],
  ["stacks/config/system/", "node:fs"],
  ["stacks/packaged/system/", "../lock-file.js"],
  ["scripts/local/", "../../agent/image/agent-layer.js"],
  ["scripts/cli/access/", "../../../agent/aws/table.js"],
  ["scripts/cli/leftovers/aws/", "../../core/exit.js"],
  ["scripts/cli/commands/", "../core/ports.js"],
  ["scripts/cli/console/", "../core/ports.js"],
  ["scripts/cli/console/routes/", "fastify"],
  ["scripts/cli/console/page/parts/", "../../api.js"],
  ["scripts/cli/jobs/", "../../../agent/contract/names.js"],
];

/** Globals that are effects, in a folder that may not use them. */
export const GLOBALS: readonly (readonly [place: string, name: string])[] = [
  ["agent/head/", "fetch"],
  ["provider/resources/fleet/", "process"],
  ["scripts/cli/commands/", "process"],
  ["scripts/cli/console/routes/", "process"],
];
