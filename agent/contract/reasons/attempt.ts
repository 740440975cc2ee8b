import type { ReasonEntry } from "./reason.js";

/** Why one execution of a job failed. */
export const ATTEMPT_REASONS = {
  "source-failed": {
    about: "attempt",
    meaning: "The job's folder and script could not be written to /shared.",
    retry: "later",
    next: "Check that /shared has room and that the head node can write there, and submit the job again.",
  },
  "preflight-failed": {
    about: "attempt",
    meaning: "The look at the nodes before the launch failed by itself.",
    retry: "later",
    next: "Submit the job again; look at the head node's journal if it stays so.",
  },
  "mpiexec-not-started": {
    about: "attempt",
    meaning: "mpiexec could not be started on the head node.",
    retry: "later",
    next: "Look at the head node's journal (journalctl -u muster-agent), and submit the job again.",
  },
  "no-nodes": {
    about: "attempt",
    meaning: "The hostfile lists no node.",
    retry: "later",
    next: "Wait until the cluster has ready nodes (muster cluster show), and submit the job again.",
  },
  "too-many-processes": {
    about: "attempt",
    meaning: "The job asks for more processes than the hostfile's nodes have cores.",
    retry: "never",
    next: "Ask for fewer processes, or give the cluster more nodes.",
  },
  "nodes-unreachable": {
    about: "attempt",
    meaning: "A node of the hostfile did not answer before the launch.",
    retry: "later",
    next: "Wait until the cluster's nodes are ready again (muster cluster show), and submit the job again.",
  },
  "node-image-differs": {
    about: "attempt",
    meaning: "A node has another image than the others: its packages differ.",
    retry: "later",
    next: "Replace the node, so that it boots the cluster's image, or submit the job with onBadNode: continue.",
  },
  "node-runtime-differs": {
    about: "attempt",
    meaning: "A node has another version of MPI than the others, or none that runs.",
    retry: "later",
    next: "Replace the node, so that it boots the cluster's image, or submit the job with onBadNode: continue.",
  },
  "node-cores-differ": {
    about: "attempt",
    meaning: "A node has another number of cores than the hostfile says.",
    retry: "later",
    next: "Restart the node's agent (systemctl restart muster-agent), which counts them again, or replace the node.",
  },
  "node-shared-differs": {
    about: "attempt",
    meaning: "A node does not see what the head node writes to /shared.",
    retry: "later",
    next: "Look at the mount on that node (findmnt /shared), and replace the node if another file system is there.",
  },
  "node-cgroup-missing": {
    about: "attempt",
    meaning: "A node can't keep a job's processes together: the agent's cgroups are gone.",
    retry: "later",
    next: "Restart the node's agent (systemctl restart muster-agent), or replace the node.",
  },
  "timed-out": {
    about: "attempt",
    meaning: "The job ran longer than it may.",
    retry: "never",
    next: "Give it more time (timeoutMinutes, timeout or --time-limit), or find out in its log where it hangs.",
  },
  "head-lost": {
    about: "attempt",
    meaning: "The node that the job's mpiexec ran on was lost.",
    retry: "now",
    next: "Submit the job again: another node is head.",
  },
  "node-lost": {
    about: "attempt",
    meaning: "A node that the job ran on was lost, or failed its probes for too long.",
    retry: "later",
    next: "Submit the job again once the cluster's nodes are ready (muster cluster show).",
  },
  "rank-exited": {
    about: "attempt",
    meaning: "A rank exited with a code other than 0.",
    retry: "never",
    next: "Read the job's last lines: they are the rank's own. Correct the program, and submit the job again.",
  },
  "rank-killed": {
    about: "attempt",
    meaning: "A signal ended a rank.",
    retry: "never",
    next: "Read the job's last lines. SIGSEGV, SIGBUS and SIGABRT are the program's own; SIGKILL and SIGTERM come from outside.",
  },
  "rank-out-of-memory": {
    about: "attempt",
    meaning: "The kernel ended a rank, because the node's memory for the job ran out.",
    retry: "never",
    next: "Use fewer processes or less memory per rank, or nodes with more memory.",
  },
  "rank-left-early": {
    about: "attempt",
    meaning: "A rank ended without MPI_Init or MPI_Finalize while the others waited for it.",
    retry: "never",
    next: "Let every rank import mpi4py.MPI and reach the end of the program.",
  },
  "program-exited": {
    about: "attempt",
    meaning: "The program of a job without MPI exited with a code other than 0.",
    retry: "never",
    next: "Read the job's last lines. Correct the program, and submit the job again.",
  },
  "program-killed": {
    about: "attempt",
    meaning: "A signal ended the program of a job without MPI.",
    retry: "never",
    next: "Read the job's last lines. SIGSEGV, SIGBUS and SIGABRT are the program's own; SIGKILL and SIGTERM come from outside.",
  },
  "program-out-of-memory": {
    about: "attempt",
    meaning:
      "The kernel ended the program of a job without MPI, because the node's memory for the job ran out.",
    retry: "never",
    next: "Use less memory, or nodes with more.",
  },
  "proxy-killed": {
    about: "attempt",
    meaning: "A signal ended Hydra's proxy on a node, which runs that node's ranks.",
    retry: "now",
    next: "Submit the job again, and find out on the node who sent the signal.",
  },
  "mpiexec-failed": {
    about: "attempt",
    meaning: "mpiexec exited with a code other than 0, and no rank explains it.",
    retry: "never",
    next: "Read the job's last lines and its log.",
  },
  "mpiexec-hung": {
    about: "attempt",
    meaning: "mpiexec did not end although all its ranks had.",
    retry: "now",
    next: "Submit the job again.",
  },
  "exit-code-unknown": {
    about: "attempt",
    meaning: "mpiexec ended without an exit code: it was killed, or its output could not be written.",
    retry: "now",
    next: "Check that the cluster's file system has room and answers, and submit the job again.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
