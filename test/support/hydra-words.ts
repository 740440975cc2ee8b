/**
 * What mpiexec (Hydra) says where rank 0's proxy has ended before mpiexec tells it that the standard input has: it means nothing, and a busy
 * machine makes it likely with ranks that end at once. The connection may be gone at either side, or be closed by mpiexec itself.
 */
const PROXY_IS_OVER =
  /^\[mpiexec@\S+\] (HYDU_sock_write .*write error \((?:Broken pipe|Bad file descriptor|Connection reset by peer)\)|send_hdr_downstream .*sock write error)\n/gm;

/** An mpiexec's stderr without those words. */
export const withoutHydraWords = (stderr: string): string => stderr.replace(PROXY_IS_OVER, "");
