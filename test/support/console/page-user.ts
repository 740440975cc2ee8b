import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { source as AXE } from "axe-core";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { enter, type ServedConsole } from "./console.js";

const PAGE_MS = 20_000;
export const WIDE = { width: 1_280, height: 860 } as const;
export const NARROW = { width: 400, height: 860 } as const;

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

/** A person at the page, and what the page did behind their back. */
export class PageUser {
  readonly page: Page;
  /** What the page said is wrong: errors of its script, and what its policy has kept it from. */
  readonly errors: string[] = [];
  /** Every address that it asked for. */
  readonly asked: string[] = [];
  private readonly context: BrowserContext;
  private readonly served: ServedConsole;
  private readonly pictures: string;

  private constructor(context: BrowserContext, page: Page, served: ServedConsole, pictures: string) {
    this.context = context;
    this.page = page;
    this.served = served;
    this.pictures = pictures;
    page.on("pageerror", ({ message }) => this.errors.push(message));
    page.on("console", (said) => {
      // The answer's own status is no error of the page's.
      if (said.type() === "error" && !said.text().startsWith("Failed to load resource"))
        this.errors.push(said.text());
    });
    page.on("request", (request) => this.asked.push(request.url()));
  }

  /** Goes in by the terminal's code. `pictures`: the folder for screenshots; it is made. */
  static async start(
    browser: Browser,
    served: ServedConsole,
    pictures: string,
    {
      viewport = WIDE,
      colorScheme = "light",
    }: { readonly viewport?: typeof WIDE | typeof NARROW; readonly colorScheme?: "light" | "dark" } = {},
  ): Promise<PageUser> {
    mkdirSync(pictures, { recursive: true });
    const context = await browser.newContext({ viewport, colorScheme, acceptDownloads: true });
    context.setDefaultTimeout(PAGE_MS);
    const user = new PageUser(context, await context.newPage(), served, pictures);
    await enter(user.page, served);
    return user;
  }

  close = (): Promise<void> => this.context.close();

  /** Goes to a page of the console by its address, and waits until it is there. */
  async go(place: string): Promise<void> {
    await this.page.goto(`${this.served.url}#/${place}`);
    await this.settled();
  }

  /** Nothing is loading any more. */
  async settled(): Promise<void> {
    await this.page.locator(".loading").first().waitFor({ state: "detached" });
  }

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }

  /** What an accessibility checker finds that is serious or worse. */
  async findings(): Promise<readonly Finding[]> {
    // The page's policy lets no script in but its own; what the browser evaluates for the test is not the page's.
    await this.page.evaluate(AXE);
    return this.page.evaluate<
      Finding[]
    >(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
      violations
        .filter(({ impact }) => impact === "serious" || impact === "critical")
        .map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.map(({ html }) => html) })))`);
  }

  /** How much of the page is wider than the window, in pixels. */
  overflow = (): Promise<number> =>
    this.page.evaluate<number>("document.documentElement.scrollWidth - document.documentElement.clientWidth");
}
