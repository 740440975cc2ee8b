import { useLayoutEffect, useState } from "preact/hooks";

/** The steps of the address after #: no page of the server's, and nothing of it is sent. */
const stepsNow = (): readonly string[] =>
  location.hash
    .replace(/^#\/?/, "")
    .split("/")
    .filter((step) => step !== "")
    .map((step) => decodeURIComponent(step));

export function useRoute(): readonly string[] {
  const [steps, setSteps] = useState(stepsNow);
  // At once, not after the next frame as useEffect does: a person may go elsewhere before that.
  useLayoutEffect(() => {
    const hear = (): void => setSteps(stepsNow());
    window.addEventListener("hashchange", hear);
    return () => window.removeEventListener("hashchange", hear);
  }, []);
  return steps;
}

export const linkTo = (...steps: readonly string[]): string => `#/${steps.map(encodeURIComponent).join("/")}`;
export const goTo = (...steps: readonly string[]): void => {
  location.hash = linkTo(...steps);
};
