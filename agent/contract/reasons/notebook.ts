import type { ReasonEntry } from "./reason.js";

/** Why a notebook is not ready, or has failed. */
export const NOTEBOOK_REASONS = {
  "notebook-shared-unusable": {
    about: "notebook",
    meaning: "The probe shared fails: the cluster's /shared is not mounted on the notebook's node.",
    retry: "later",
    next: "Check the file system's mount target and its security group, the access point, and the node role's elasticfilesystem:Client* permissions.",
  },
  "notebook-home-unusable": {
    about: "notebook",
    meaning: "The probe home fails: the notebook's home is not mounted, or its user can't write there.",
    retry: "later",
    next: "Check the home's access point, and the node role's elasticfilesystem:Client* permissions.",
  },
  "notebook-hostfile-unreadable": {
    about: "notebook",
    meaning: "The probe hostfile fails: the cluster's hostfile is not in /shared, or has no host.",
    retry: "later",
    next: "See whether the cluster has nodes: muster cluster show. One that is parked is resumed by muster cluster resume.",
  },
  "notebook-head-unreachable": {
    about: "notebook",
    meaning: "The probe head fails: the notebook's node has no connection to the cluster's head node.",
    retry: "later",
    next: "See whether the cluster has nodes (muster cluster show), and whether the security group lets the notebook's node reach them.",
  },
  "notebook-jupyter-down": {
    about: "notebook",
    meaning: "The probe jupyter fails: JupyterLab does not run, or does not answer.",
    retry: "later",
    next: "Nothing at first: it is started again by itself. If it stays so, read its journal on the node: journalctl -u muster-jupyter.",
  },
  "notebook-kernel-dead": {
    about: "notebook",
    meaning: "The probe kernel fails: JupyterLab runs, but a kernel that it starts does not answer.",
    retry: "later",
    next: "Read JupyterLab's journal on the node (journalctl -u muster-jupyter). A package in the home may break the kernel: look into ~/.local.",
  },
  "notebook-probe-failing": {
    about: "notebook",
    meaning: "A readiness probe of the notebook's node fails that has no reason of its own.",
    retry: "later",
    next: "Look at the failing probes (muster notebook show), and at the node's journal: journalctl -u muster-agent.",
  },
  "notebook-not-ready-in-time": {
    about: "notebook",
    meaning: "The notebook was not ready within the time that Terraform or the command waits.",
    retry: "now",
    next: "Read the reason, which names the failing probe and the console's last lines; mend it and apply again.",
  },
} as const satisfies Readonly<Record<string, ReasonEntry>>;
