import type { JobRequest } from "../../../agent/contract/registry.js";

/** A demo of mpi4py: how it runs, unchanged, and what it prints. `ranks` stands for the number of ranks. */
export interface Demo {
  readonly name: string;
  readonly request: JobRequest;
  expected(ranks: number): RegExp;
}

const NOTHING = /^$/;
const PRIMES = /^(\d{15} is prime: True\n){7}$/;
const demo = (name: string, expected: Demo["expected"], more: Partial<JobRequest> = {}): Demo => ({
  name,
  request: { command: [name], ...more },
  expected,
});
const always = (expected: RegExp) => () => expected;
const silent = (name: string): Demo => demo(name, always(NOTHING));

/** What a demo that asks for numbers reads from stdin, which is empty in a job: the file itself is run as it is. */
const answering = (name: string): Demo =>
  demo(name, always(/pi is approximately 3\.1416009869231\d+, error is 0\.0000083333333\d+\n/), {
    command: [
      "-c",
      `import io, runpy, sys; sys.stdin = io.StringIO("100\\n0\\n"); runpy.run_path("${name}", run_name="__main__")`,
    ],
  });

const greetings = (name: string, more: Partial<JobRequest> = {}): Demo =>
  demo(
    name,
    (ranks) => new RegExp(`^(Hello, World! I am process \\d+ of ${ranks} on \\S+\\.\\n){${ranks}}$`),
    more,
  );
const bench = (name: string, expected: RegExp, ...args: string[]): Demo =>
  demo(`mpi4py.bench ${name}`, always(expected), { command: ["-m", "mpi4py.bench", name, ...args] });
const futures = (name: string, expected: RegExp): Demo =>
  demo(`futures/${name}`, always(expected), { command: ["-m", "mpi4py.futures", `futures/${name}`] });
const reference = (number: string): Demo =>
  demo(`mpi-ref-v1/ex-${number}.py`, always(NOTHING), {
    command: [`ex-${number}.py`],
    workingFolder: "mpi-ref-v1",
  });

/** The gate runs these. */
export const QUICK_DEMOS: readonly Demo[] = [
  greetings("helloworld.py"),
  answering("compute-pi/cpi-cco.py"),
  // Each rank's report; their lines may stand between each other.
  demo("reductions/test_reductions.py", (ranks) => new RegExp(`^(?:[\\s\\S]*?^OK$){${ranks}}`, "m")),
  demo(
    "mandelbrot/mandelbrot.py",
    (ranks) => new RegExp(`^(wall clock time: .*\\n){${ranks}}all tasks, mean: `),
  ),
  bench("ringtest", /^time for 1 loops = \S+ seconds \(\d+ processes, 1 bytes\)\n$/),
];

/** All that need neither a compiler, a window, a GPU, the Internet nor MPI_Comm_spawn. */
export const DEMOS: readonly Demo[] = [
  ...QUICK_DEMOS,
  greetings("sequential/test_seq.py"),
  answering("compute-pi/cpi-rma.py"),
  silent("threads/sendrecv.py"),
  ...["ring", "cpi", "threads"].map((name) => silent(`profiling/${name}.py`)),
  ...["mpi3", "onesided", "scalable", "threads"].map((name) => silent(`nxtval/nxtval-${name}.py`)),
  ...["1", "2", "6"].map((number) => silent(`init-fini/test_${number}.py`)),
  ...["2.01", "2.08", "2.16", "2.29", "2.32", "2.34", "2.35"].map(reference),
  ...["3.01", "3.02", "3.03", "3.04", "3.05", "3.06", "3.07", "3.08", "3.09", "3.11", "3.12", "3.13"].map(
    reference,
  ),
  demo("osu_barrier.py", always(/^# MPI Barrier Latency Test\n/)),
  demo("osu_latency.py", always(/^# MPI Latency Test\n[\s\S]*\n\s*4194304\s+[\d.]+\n$/), {
    processesPerNode: 1,
  }),
  demo("osu_bw.py", always(/^# MPI Bandwidth Test\n[\s\S]*\n\s*4194304\s+[\d.]+\n$/), {
    processesPerNode: 1,
  }),
  greetings("mpi4py.bench helloworld", { command: ["-m", "mpi4py.bench", "helloworld"] }),
  futures("run_primes.py", PRIMES),
  futures("run_cpi.py", /^pi: 3\.14159392515\d+, error: 1\.272e-06 \(256 intervals, \d+ workers\)\n$/),
  futures("run_hello.py", /^(Hello, World! I am worker \d+ of \d+ on .*\n)+$/),
  futures("run_mandelbrot.py", /^Mandelbrot Set 750x500 in /),
  futures("run_julia.py", /^Julia Set 1600x1200 in /),
];
