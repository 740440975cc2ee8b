/** The account that jobs run as, the same on every node: the image's recipe makes it, the probe "job-user" checks it. */
export const JOB_USER = { name: "muster", uid: 1500, gid: 1500, home: "/home/muster" } as const;
