import { AGENT_CONFIG_PATH, type AgentConfig } from "../../agent/contract/agent-config.js";
import { BOOT_SCRIPT_FOLDER } from "../../agent/contract/boot-script.js";

/** Ends the JSON in the script. Quoted there, so that the shell expands nothing in between. */
const END_MARK = "MUSTER_AGENT_CONFIG";
const KILL_AFTER_SECONDS = 10;

/** A script of the company's own, which a node runs before the agent starts. */
export interface BootScript {
  /** Begins with #!. */
  readonly text: string;
  readonly timeoutMinutes: number;
}

/**
 * The script that a node runs at its first boot: it gives the image's agent its configuration. It contains no secret and may run
 * any number of times. The config's values may be Terraform references. systemd has read the agent's unit with the image's others at the
 * boot: to read them all again would take as long as the rest of this script. Pure.
 */
export function renderUserData(config: AgentConfig, bootScript?: BootScript): string {
  return `#!/bin/sh
set -eu
mkdir -p ${AGENT_CONFIG_PATH.replace(/\/[^/]*$/, "")}
cat > ${AGENT_CONFIG_PATH}.new <<'${END_MARK}'
${JSON.stringify(config, null, 2)}
${END_MARK}
mv ${AGENT_CONFIG_PATH}.new ${AGENT_CONFIG_PATH}
${bootScript === undefined ? "" : renderBootScript(bootScript)}systemctl enable --no-reload --now muster-agent
`;
}

/**
 * The agent starts also where the script fails: it is then the agent that says so, by a probe, and the node gets no job. In base64,
 * neither the shell nor Terraform finds anything to expand.
 */
function renderBootScript({ text, timeoutMinutes }: BootScript): string {
  const at = BOOT_SCRIPT_FOLDER;
  return `mkdir -p -m 700 ${at}
if [ ! -e ${at}/status ]; then
  echo '${Buffer.from(text).toString("base64")}' | base64 -d > ${at}/script
  chmod 700 ${at}/script
  status=0
  (cd / && timeout --kill-after=${KILL_AFTER_SECONDS} ${timeoutMinutes * 60} ${at}/script) > ${at}/output 2>&1 < /dev/null || status=$?
  tail -n 20 ${at}/output
  echo "$status" > ${at}/status.new
  mv ${at}/status.new ${at}/status
fi
`;
}
