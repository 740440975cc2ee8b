/** What becomes of one attempt of test/fixtures/jobs/hostile/, on every node alike. */
export type Expected = readonly [attempt: string, outcome: string | RegExp];

const DENIED = /^refused (EPERM|EACCES)$/;
/** What the node does not have can't be opened either. */
const DENIED_OR_NOT_THERE = /^refused (EPERM|EACCES|ENOENT|ENXIO)$/;
/** Kernels differ in whether who is nobody may make a user namespace. */
const NO_NAMESPACE_HELPS = /^refused (EPERM|EACCES|EINVAL|ENOSPC)$/;
const NO_RIGHTS = 'did {"capabilities": {}, "groups": [], "newPrivileges": false}';

export const RIGHTS: readonly Expected[] = [
  ["find a capability, another group or a way to new privileges", NO_RIGHTS],
  ["become root, muster-launch or a member of muster-login by setuid, setgid and setgroups", DENIED],
  [
    "get root's identity from any set-user-ID program: su, mount, newgrp, passwd, unix_chkpwd and the rest",
    'did {"found": true, "privileged": []}',
  ],
  ["get a group by sg, and an id by su, with an empty password", 'did ["exit 1", "exit 1"]'],
  ["make device files, in /tmp and in /shared", DENIED],
  ["open the machine's memory, its disks or its kernel log for writing", DENIED_OR_NOT_THERE],
  ["read the machine's memory by /proc/kcore and /dev/mem", DENIED_OR_NOT_THERE],
  ["mount something, unmount /shared, or change the root", DENIED],
  [
    "set the clock, the host name, the kernel log, accounting, I/O ports, modules, programs of the kernel",
    DENIED,
  ],
  ["write kernel settings", DENIED],
  [
    "give oneself priority over the agent: nice, real time, the out-of-memory killer, hard limits",
    /^refused (EPERM|EACCES)$/,
  ],
  ["come before other processes by one's own priority or one's session's", "did [0, 0]"],
  ["be spared by the out-of-memory killer", "did 500"],
  ["open a file by its handle, past the folder that is mounted", DENIED],
  ["leave the cgroup, for the root's, the agent's or any other", DENIED],
  ["start a process in another cgroup by clone3", DENIED],
  ["make a cgroup below one's own, lift its limits, freeze or kill others", DENIED],
  ["leave the cgroup as root of a user namespace, with cgroup2 mounted anew", NO_NAMESPACE_HELPS],
  ["make a device, or read root's files, as root of a user namespace", NO_NAMESPACE_HELPS],
  ["unmount what hides the file systems, as root of a user namespace", NO_NAMESPACE_HELPS],
  ["enter the namespaces of PID 1 and of the agent", DENIED],
];

export const OTHERS: readonly Expected[] = [
  [
    "find the agent, PID 1 and, on the head, mpiexec (so that the next attempts have something to try)",
    "did [true, true]",
  ],
  ["read another process's environment, memory, descriptors, root or programs by /proc", DENIED],
  [
    "write to what the agent, mpiexec and its wrapper hold open, by /proc/PID/fd: output and exit code",
    DENIED,
  ],
  ["take a descriptor out of another process by pidfd_getfd", DENIED],
  ["trace the agent, PID 1, mpiexec and its wrapper", DENIED],
  ["read and write another process's memory by process_vm_readv and process_vm_writev", DENIED],
  ["signal any process of another user: the agent, PID 1, mpiexec, its wrapper, the launcher", DENIED],
  ["give another process other limits, another core or another priority", DENIED],
  ["inherit a descriptor that leads to a file of Muster's", "did []"],
  ["open the log of Hydra's proxy, which is root's, through the proxy's descriptors", DENIED],
  ["fill /run, which the agent needs, by the log that Hydra's proxy holds open", "did /run is not touched"],
  ["list or open the agents' folders, their records and the user data", DENIED],
  ["write Muster's programs, configuration, sockets and records", DENIED],
  ["put files in the folders that root's programs come from", DENIED],
  ["make hard links to files of root's, to change them by another name", DENIED],
  ["read the cluster's ssh key or a host key, or change who may log in", DENIED],
  ["leave a job for root or for later: cron, at, systemd, ssh, D-Bus", DENIED_OR_NOT_THERE],
  ["read the node's configuration and find a secret in it", DENIED],
];

const UNREACHABLE = /^refused (ECONNREFUSED|ENETUNREACH|EINVAL|EHOSTUNREACH|EADDRNOTAVAIL)$/;

export const NETWORK: readonly Expected[] = [
  ["read the instance's credentials: IMDSv1", UNREACHABLE],
  ["get a token of the instance metadata: IMDSv2", UNREACHABLE],
  ["reach the instance metadata over IPv6", UNREACHABLE],
  ["reach the instance metadata from other own addresses and ports, and by UDP", UNREACHABLE],
  ["reach the instance metadata by raw packets", DENIED],
  [
    "reach the instance metadata as root of a user namespace: in the node's network, and in one of its own",
    /^refused (ECONNREFUSED|ENETUNREACH|EPERM|ENOSPC)$/,
  ],
  [
    "change the packet filter, the addresses and the routes, also as root of a user namespace",
    NO_NAMESPACE_HELPS,
  ],
  ["speak to the local end of a file system's tunnel, which listens", "refused ECONNREFUSED"],
  ["connect to the launcher's sockets", DENIED],
  ["take the place of the launcher's sockets", DENIED],
  [
    "start ranks by the launcher, with either socket",
    /^did \["exit (-15|143|255): muster: muster may not start ranks[^"]*", "exit (-15|143|255): muster: muster may not start ranks[^"]*"\]$/,
  ],
  ["start ranks on other nodes by an mpiexec of the job's own", /^did exit (?!0\b)\d+/],
  ["start ranks at every agent, without a token and with made-up ones", "did [401]"],
  ["submit, read and cancel jobs, read the status and join the agents, without a token", "did [401]"],
  ["tire the agents with a body that is far too large", 'did {"taken": [], "healthy": [200, 200]}'],
  ["tire the agents with slow requests, 30 at each", "did [200, 200]"],
  ["listen at the agent's port beside the agent", "refused EADDRINUSE"],
  ["listen at a port below 1024", DENIED],
];

export const LEFT_PROCESSES: readonly Expected[] = [
  "300 processes with an empty environment in sessions of their own",
  "daemons: double forks in a chain of sessions",
  "processes that ignore every signal",
  "processes that are stopped",
  "a process with the name and the words of the agent",
  "processes in PID and user namespaces",
  "a fork bomb: 100 processes, each of which starts its successor and ends, for ever",
  "a process that traces another, and one that its tracer stopped",
  "listeners: TCP, UDP, a socket in the abstract namespace, one in /tmp",
  "processes that hold files of /shared locked and leased",
].map((what) => [`leave ${what}`, "did left"]);

export const CAUGHT: readonly Expected[] = [
  [
    "catch an errand of the agent's, and find a right, a group, a secret or a file of root's in it",
    'did {"capabilities": [], "groups": [], "newPrivileges": false, "environment": ["LANG", "PATH", "PWD"], "files": [], "inCgroup": true, "spared": "500", "priority": [0, 0]}',
  ],
];

/** In what state a job leaves /shared: a function of shared.py, and what it does. */
export const MISCHIEF: readonly (readonly [name: string, deed: string])[] = [
  ["links", "links to Muster's programs, to its configuration and to /etc/passwd, and 10,000 files"],
  ["another", "a link to another job's folder, and a hard link to its files"],
  ["parents", "a link to /etc in the place of the jobs' parent folder, and a pipe as hostfile"],
  ["strangers", "a pipe for a folder, a folder for the hostfile, and a /shared that is shut"],
  [
    "shut",
    "shut folders, files in the next job's that Python would import, and a hostfile of 2 MB that is shut",
  ],
];

/** What a person who may start ranks may not start with them: the body, the launch's id, and what is said of it. */
export const LAUNCH_REFUSALS: readonly (readonly [name: string, body: string, refusal: RegExp])[] = [
  ["garbage", "garbage", /must each end with a NUL/],
  ["another program", "-x\0HOST\0/bin/sh\0-c\0id\0", /the program is/],
  [
    "a node of nobody's",
    "-x\x00192.0.2.1\0/usr/bin/hydra_pmi_proxy\0--control-port\x00192.0.2.1:9\0--proxy-id\x000\0",
    /is no node's address/,
  ],
  [
    "an option that Hydra does not give",
    "-x\0HOST\0/usr/bin/hydra_pmi_proxy\0--control-port\0HOST:9\0--proxy-id\x000\0--launcher-exec\0/shared/evil\0",
    /can't be/,
  ],
  [
    "ranks for a stranger",
    "-x\0HOST\0/usr/bin/hydra_pmi_proxy\0--control-port\x00192.0.2.1:9\0--proxy-id\x000\0",
    /./,
  ],
  ["a body of 1 MB", "x".repeat(1_000_000), /./],
];
