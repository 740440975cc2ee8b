import type { ReasonEntry } from "./reason.js";

/** Why a node is not ready. */
export const NODE_REASONS = {
  "node-silent": {
    about: "node",
    meaning: "The head node has not heard from the node for a while.",
    retry: "later",
    next: "Look whether the instance runs, whether its agent does (journalctl -u muster-agent), and whether the security group lets nodes reach each other.",
  },
  "node-agent-cannot-start": {
    about: "node",
    meaning: "The node's agent ends with an error each time it starts.",
    retry: "never",
    next: "Follow the hint of the agent's error, and apply again: the agent is started over and over by itself.",
  },
  "node-shared-unusable": {
    about: "node",
    meaning: "The probe shared fails: /shared is not mounted, or the job user can't write there.",
    retry: "later",
    next: "Check the file system's mount target and its security group, the access point, and the node role's elasticfilesystem:Client* permissions.",
  },
  "node-records-unusable": {
    about: "node",
    meaning: "The probe records fails: the agents' folder is not mounted, or the agent can't write there.",
    retry: "later",
    next: "Check the file system's mount target and its security group, and the agents' access point.",
  },
  "node-registry-unreachable": {
    about: "node",
    meaning: "The probe registry fails: the registry table does not answer the node.",
    retry: "later",
    next: "Check the DynamoDB endpoint's route, and the node role's permissions on the table.",
  },
  "node-mpi-broken": {
    about: "node",
    meaning: "The probe mpi fails: /usr/bin/mpiexec is not MPICH's, or does not run.",
    retry: "never",
    next: "Give the cluster an image that Muster's recipe has made, and replace its nodes.",
  },
  "node-efa-missing": {
    about: "node",
    meaning:
      "The probe efa fails: fi_info finds no Elastic Fabric Adapter on a node of a cluster that has efa: true.",
    retry: "later",
    next: "Look at what fi_info said. Choose an instance type that has one, and an image whose kernel has the efa driver.",
  },
  "node-boot-script-failed": {
    about: "node",
    meaning:
      "The probe boot-script fails: the cluster's boot script ended with an error, took too long, or did not run.",
    retry: "never",
    next: "Read the script's output on the node (/var/lib/muster/boot-script/output) or the instance's console, correct the script, deploy, and replace the node.",
  },
  "node-job-user-missing": {
    about: "node",
    meaning: "The probe job-user fails: the image lacks the job user or the launch user.",
    retry: "never",
    next: "Give the cluster an image that Muster's recipe has made, and replace its nodes.",
  },
  "node-preflight-failed": {
    about: "node",
    meaning:
      "A job's preflight found the node unfit to run jobs with the others, and no look since has found it in order.",
    retry: "later",
    next: "Look at the reason of the job that failed or left the node out, and correct or replace the node. The head looks again within a minute.",
  },
  "node-not-clean": {
    about: "node",
    meaning:
      "The probe orphans fails: ranks run on the node, and it is not known whether their mpiexec still waits for them.",
    retry: "later",
    next: "Wait: they are ended, or found to be waited for, within seconds; within a minute where the node of their mpiexec does not answer.",
  },
  "node-unready-too-long": {
    about: "node",
    meaning: "The node failed a readiness probe for longer than it may, so it is replaced.",
    retry: "now",
    next: "Nothing: the group starts another node. What the node has left is in the log bucket, under logs/CLUSTER/nodes/INSTANCE/.",
  },
  "node-silent-too-long": {
    about: "node",
    meaning: "The node was not heard for longer than it may be, so it is replaced.",
    retry: "now",
    next: "Nothing: the group starts another node. Its console is in the log bucket, under logs/CLUSTER/nodes/INSTANCE/.",
  },
  "node-never-ready": {
    about: "node",
    meaning: "The node was not ready in the time that a node has to boot, so it is replaced.",
    retry: "now",
    next: "Nothing, if it happens once. If it happens to each new node, look at what the node has left in the log bucket, under logs/CLUSTER/nodes/INSTANCE/.",
  },
  "node-flapping": {
    about: "node",
    meaning: "The node failed a readiness probe and passed it again, over and over, so it is replaced.",
    retry: "now",
    next: "Nothing: the group starts another node. Its journal is in the log bucket, under logs/CLUSTER/nodes/INSTANCE/.",
  },
  "node-spot-interrupted": {
    about: "node",
    meaning: "EC2 takes the spot instance back, so the node takes no new job and is replaced.",
    retry: "now",
    next: "Nothing: the group starts another node. Give jobs a retry policy (node-loss), or the cluster on-demand nodes.",
  },
  "node-maintenance-due": {
    about: "node",
    meaning:
      "EC2 has scheduled work on the instance or its host, so the node takes no new job and is replaced.",
    retry: "now",
    next: "Nothing: the group starts another node when this one's job has ended.",
  },
  "node-surplus": {
    about: "node",
    meaning:
      "Fewer nodes are wanted, and this is one of those that go: it takes no new job, and ends when none works on it.",
    retry: "never",
    next: "Nothing: it goes by itself. A job that works on it runs to its end; muster job cancel ends that sooner.",
  },
  "node-probe-failing": {
    about: "node",
    meaning: "A readiness probe fails that this version does not know.",
    retry: "later",
    next: "Look at the node's failing probes, and at its journal: journalctl -u muster-agent.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
