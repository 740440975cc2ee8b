/**
 * cdktf takes the stack of each token that it makes, for what it says of tokens that it can't resolve. That is a third of a synth of 100
 * clusters, and more where Node.js looks up each frame in source maps. While `work` runs it takes none; errors have theirs as ever.
 */
export function withoutTokenStacks<T>(work: () => T): T {
  const { captureStackTrace } = Error;
  Error.captureStackTrace = (target, below) => {
    if (target instanceof Error) captureStackTrace(target, below);
  };
  try {
    return work();
  } finally {
    Error.captureStackTrace = captureStackTrace;
  }
}
