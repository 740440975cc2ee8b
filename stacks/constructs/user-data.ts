import { AGENT_CONFIG_PATH, type AgentConfig } from "../../agent/contract/agent-config.js";

/** Ends the JSON in the script. Quoted there, so that the shell expands nothing in between. */
const END_MARK = "MUSTER_AGENT_CONFIG";

/**
 * The script that a node runs at its first boot: it gives the image's agent its configuration. It contains no secret and may run
 * any number of times. The config's values may be Terraform references. Pure.
 */
export function renderUserData(config: AgentConfig): string {
  return `#!/bin/sh
set -eu
mkdir -p ${AGENT_CONFIG_PATH.replace(/\/[^/]*$/, "")}
cat > ${AGENT_CONFIG_PATH}.new <<'${END_MARK}'
${JSON.stringify(config, null, 2)}
${END_MARK}
mv ${AGENT_CONFIG_PATH}.new ${AGENT_CONFIG_PATH}
systemctl enable --now muster-agent
`;
}
