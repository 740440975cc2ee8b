import type { ComponentChildren } from "preact";
import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import type { PlaceView, TaskView } from "../api.js";
import { type ConsoleContext, Shared } from "./lib/console.js";
import { useLive } from "./lib/live.js";
import { linkTo, useRoute } from "./lib/route.js";
import { ClusterPage } from "./pages/cluster.js";
import { ClustersPage } from "./pages/clusters.js";
import { HomePage } from "./pages/home.js";
import { ImagesPage } from "./pages/images.js";
import { JobPage } from "./pages/job.js";
import { JobsPage } from "./pages/jobs.js";
import { NotebooksPage } from "./pages/notebooks.js";
import { SettingsPage } from "./pages/settings.js";
import { TasksPage } from "./pages/tasks.js";
import { UsagePage } from "./pages/usage.js";
import { Icon, type IconName, Loading, Problem } from "./parts/basics.js";
import { TaskPanel } from "./parts/task-panel.js";

const PLACES: readonly (readonly [step: string, title: string, icon: IconName])[] = [
  ["home", "Start", "home"],
  ["clusters", "Clusters", "clusters"],
  ["jobs", "Jobs", "jobs"],
  ["notebooks", "Notebooks", "notebooks"],
  ["images", "Images", "images"],
  ["usage", "Usage", "usage"],
  ["tasks", "Tasks", "tasks"],
  ["settings", "Settings", "settings"],
];
const TASKS_EVERY_MS = 2_000;

/** The console: what is around every page. */
export function App() {
  const place = useLive<PlaceView>("/api/place", null);
  if (place.data === null)
    return place.problem === null ? (
      <Loading what="the console" />
    ) : (
      <main class="gate">
        <h1>Muster console</h1>
        <Problem problem={place.problem} onAgain={() => location.reload()} />
      </main>
    );
  return <Frame place={place.data} />;
}

function Frame({ place }: { readonly place: PlaceView }) {
  const steps = useRoute();
  const [section = "home"] = steps;
  const tasks = useLive<readonly TaskView[]>("/api/tasks", TASKS_EVERY_MS);
  const [shownTask, setShownTask] = useState<string | null>(null);
  const [said, setSaid] = useState("");
  const { refresh } = tasks;
  const showTask = useCallback(
    (id: string) => {
      setShownTask(id);
      refresh();
    },
    [refresh],
  );
  const say = useCallback((text: string) => {
    setSaid(text);
    window.setTimeout(() => setSaid((now) => (now === text ? "" : now)), 6_000);
  }, []);
  const all = tasks.data ?? [];
  const shared = useMemo<ConsoleContext>(
    () => ({ place, tasks: all, showTask, say }),
    [place, tasks.data, showTask, say],
  );
  const running = all.filter(({ endedAt }) => endedAt === null).length;
  const title = PLACES.find(([step]) => step === section)?.[1] ?? "Start";
  useEffect(() => {
    document.title = `${steps[1] ?? title} · ${place.org} · Muster`;
    // People who hear the page hear where they are.
    document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [steps.join("/")]);

  return (
    <Shared.Provider value={shared}>
      <button type="button" class="skip button" onClick={() => document.getElementById("main")?.focus()}>
        Skip to the page
      </button>
      <div class={`frame ${shownTask === null ? "" : "with-task"}`}>
        <Sidebar section={section} place={place} running={running} />
        <main id="main" tabIndex={-1}>
          {tasks.problem?.code === "no-session" ? <Problem problem={tasks.problem} /> : null}
          {place.isReadOnly ? (
            <p class="note info">Read-only: this console shows everything and changes nothing.</p>
          ) : null}
          <Page steps={steps} />
        </main>
        {shownTask === null ? null : <TaskPanel id={shownTask} onClose={() => setShownTask(null)} />}
      </div>
      <div class="toast" role="status">
        {said === "" ? null : <p>{said}</p>}
      </div>
    </Shared.Provider>
  );
}

function Sidebar({
  section,
  place,
  running,
}: {
  readonly section: string;
  readonly place: PlaceView;
  readonly running: number;
}) {
  return (
    <header class="side">
      <div class="brand">
        <span class="mark" aria-hidden="true">
          <i />
          <i />
          <i />
          <i />
        </span>
        <span>
          <strong>{place.org}</strong>
          <small>{place.region}</small>
        </span>
        <ThemeButton />
      </div>
      <nav aria-label="Console">
        {PLACES.map(([step, title, icon]) => (
          <a key={step} href={linkTo(step)} aria-current={step === section ? "page" : undefined}>
            <Icon name={icon} />
            {title}
            {step === "tasks" && running > 0 ? (
              <span class="count" title={`${running} running`}>
                {running}
              </span>
            ) : null}
          </a>
        ))}
      </nav>
      <p class="version">
        Muster {place.version}
        <br />
        <span title={place.caller ?? ""}>{place.caller === null ? "" : shortCaller(place.caller)}</span>
      </p>
    </header>
  );
}

const shortCaller = (arn: string): string => arn.split(":").at(-1) ?? arn;

/** Light, dark, or as the system is. */
function ThemeButton() {
  const [theme, setTheme] = useState(() => localStorage.getItem("theme") ?? "system");
  useEffect(() => {
    document.documentElement.dataset["theme"] = theme;
    localStorage.setItem("theme", theme);
  }, [theme]);
  const next = theme === "system" ? "dark" : theme === "dark" ? "light" : "system";
  return (
    <button
      type="button"
      class="icon-button"
      title={`Colours: ${theme}`}
      aria-label={`Colours: ${theme}. Change to ${next}`}
      onClick={() => setTheme(next)}
    >
      <Icon name="theme" />
    </button>
  );
}

function Page({ steps }: { readonly steps: readonly string[] }): ComponentChildren {
  const [section = "home", first, second] = steps;
  switch (section) {
    case "clusters":
      return first === undefined ? <ClustersPage /> : <ClusterPage key={first} uuid={first} />;
    case "jobs":
      return first === undefined || second === undefined ? (
        <JobsPage key={first ?? ""} cluster={first ?? null} />
      ) : (
        <JobPage key={second} uuid={first} id={second} />
      );
    case "notebooks":
      return <NotebooksPage />;
    case "images":
      return <ImagesPage />;
    case "usage":
      return <UsagePage />;
    case "tasks":
      return <TasksPage />;
    case "settings":
      return <SettingsPage />;
    default:
      return <HomePage />;
  }
}
