import {
  type AgentRequest,
  approachHead,
  type HeadContact,
  type NudgeContact,
  nudgeAfter,
} from "../../../agent/contract/nudge.js";

/** Nudges the heads of an org's clusters beside the commands' own calls: no command fails for it. */
export interface Nudges {
  /** Begins to look for the way to the cluster's head, unless that has begun. */
  approach(clusterUuid: string): void;
  /** Makes a submitter's write of a job, and nudges the head if that gives true. */
  after(
    job: { readonly clusterUuid: string; readonly id: string },
    write: () => Promise<boolean>,
  ): Promise<boolean>;
  /** Resolves when all nudges have arrived or been given up: after a second at most. */
  settled(): Promise<void>;
}

const PATIENCE_MS = 1_000;

export function createNudges(sources: Omit<NudgeContact, "send">): Nudges {
  const contacts = new Map<string, HeadContact>();
  const going = new Set<Promise<void>>();
  function contact(clusterUuid: string): HeadContact {
    const made = contacts.get(clusterUuid) ?? approachHead(clusterUuid, { ...sources, send });
    contacts.set(clusterUuid, made);
    return made;
  }
  return {
    approach: (clusterUuid) => void contact(clusterUuid),
    async after(job, write) {
      const { isWritten, nudged } = await nudgeAfter(job, write, contact(job.clusterUuid));
      going.add(nudged);
      return isWritten;
    },
    async settled() {
      if (going.size === 0) return;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise((resolve) => {
        timer = setTimeout(resolve, PATIENCE_MS);
      });
      await Promise.race([Promise.all(going), late]);
      clearTimeout(timer);
    },
  };
}

async function send({ url, timeoutMs, ...request }: AgentRequest): Promise<void> {
  const reply = await fetch(url, {
    ...request,
    redirect: "error",
    signal: AbortSignal.timeout(timeoutMs),
  });
  await reply.body?.cancel();
  if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
}
