const GIBIBYTE_IN_KIB = 2 ** 20;

/** How large a job's Python environment may be, how long it may take, and how many are kept. */
export const ENVIRONMENT_LIMITS = {
  /** Of a requirements file. */
  fileBytes: 524_288,
  /** Of the files that a requirements file includes, and it. */
  files: 32,
  installTimeoutMs: 1_800_000,
  /** While it is installed, with what uv downloads. */
  installKib: 10 * GIBIBYTE_IN_KIB,
  /** From /shared to a node's own disk. */
  bringTimeoutMs: 600_000,
  /** On /shared, as archives. The least recently used goes. */
  stored: 20,
  storedKib: 50 * GIBIBYTE_IN_KIB,
  /** On a node's own disk, unpacked. */
  onNode: 5,
  onNodeKib: 20 * GIBIBYTE_IN_KIB,
} as const;

/** Of the output of a set-up on one node. */
export const SETUP_LOG_BYTES = 67_108_864;
