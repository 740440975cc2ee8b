import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, chromium, type Locator, type Page } from "playwright-core";
import { discoverChromium } from "../../../scripts/setup/chromium.js";

/** A page of JupyterLab on a busy machine. */
const PAGE_MS = 60_000;
/** A cell's end, with what it starts. */
const CELL_MS = 60_000;
/** Until what is typed is shown, and how often it is typed. */
const TYPED_MS = 5_000;
const TRIES = 5;
const VIEWPORT = { width: 1_200, height: 760 } as const;

/** A real browser, without a screen. It runs as root here, where Chromium's own sandbox does not start. */
export const startBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: discoverChromium(),
    args: ["--no-sandbox", "--disable-dev-shm-usage"],
  });

/** A cell that has run: its output as a person reads it, and its number. */
interface RanCell {
  readonly number: number;
  readonly text: string;
}

/** JupyterLab in a browser of its own, used as a person does: by what is on the page. */
export class Lab {
  readonly page: Page;
  private readonly context: BrowserContext;
  private readonly pictures: string;

  private constructor(context: BrowserContext, page: Page, pictures: string) {
    this.context = context;
    this.page = page;
    this.pictures = pictures;
  }

  /** `pictures`: the folder for screenshots; it is made. */
  static async start(browser: Browser, pictures: string): Promise<Lab> {
    mkdirSync(pictures, { recursive: true });
    const context = await browser.newContext({ viewport: VIEWPORT });
    context.setDefaultTimeout(PAGE_MS);
    return new Lab(context, await context.newPage(), pictures);
  }

  close = (): Promise<void> => this.context.close();

  async picture(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.pictures, `${name}.png`) });
  }

  /** From the page that the command has shown to JupyterLab: with the launcher, or with what was open before. */
  async awaitLauncher(): Promise<void> {
    await this.page.waitForURL("**/notebook/lab**");
    await this.page.locator(".lm-TabBar-addButton:visible").first().waitFor();
  }

  /** As it opens for a person who has nothing open: its server may be another one than before. */
  async anew(): Promise<void> {
    await this.page.goto(new URL("/notebook/lab/workspaces/anew?reset", this.page.url()).href);
    await this.awaitLauncher();
  }

  /** The launcher's tiles for notebooks, by their names. */
  async kernels(): Promise<string[]> {
    return this.page.locator('.jp-LauncherCard[data-category="Notebook"]').allInnerTexts();
  }

  /** A new notebook with that kernel, from a launcher. */
  async newNotebook(kernel: RegExp): Promise<void> {
    await this.fromLauncher("Notebook", kernel);
    await this.cells().first().locator(".cm-content").waitFor();
    await this.awaitKernel();
  }

  /** JupyterLab drops what is run before the kernel is connected. */
  private awaitKernel(): Promise<void> {
    return this.page.locator("#jp-main-statusbar", { hasText: /\| Idle/ }).waitFor();
  }

  /** A tab that is open already. */
  async show(title: string): Promise<void> {
    await this.page.locator(".lm-DockPanel-tabBar .lm-TabBar-tab", { hasText: title }).click();
    await this.cells().first().locator(".cm-content").waitFor();
  }

  async newTerminal(): Promise<void> {
    await this.fromLauncher("Other", /Terminal/);
    await this.page.locator(".jp-Terminal:visible .xterm-helper-textarea").waitFor({ state: "attached" });
  }

  private async fromLauncher(category: string, name: RegExp): Promise<void> {
    const card = this.page.locator(`.jp-LauncherCard[data-category="${category}"]:visible`, {
      hasText: name,
    });
    if ((await card.count()) === 0) await this.page.locator(".lm-TabBar-addButton:visible").first().click();
    await card.first().click();
  }

  private cells(): Locator {
    return this.page.locator(".jp-NotebookPanel:visible .jp-Notebook .jp-CodeCell");
  }

  private contentOf = (cell: Locator): Locator => cell.locator(".cm-content");

  /** Types code into the last cell, and begins it. Gives the cell. */
  async begin(code: string): Promise<Locator> {
    const cells = this.cells();
    // The one before has added it some moments after it was begun.
    await this.contentOf(cells.last()).filter({ hasText: /^\s*$/ }).waitFor();
    const cell = cells.nth((await cells.count()) - 1);
    await this.typeInto(cell, code);
    await this.page.keyboard.press("Shift+Enter");
    return cell;
  }

  /**
   * On a busy machine what is typed into a cell can get lost between its click and its first letter; and an empty cell is begun without a word,
   * and never gets a number. A person sees that nothing is there, and types again.
   */
  private async typeInto(cell: Locator, code: string): Promise<void> {
    const content = this.contentOf(cell);
    const typed = content.filter({ hasText: /\S/ });
    for (let tries = 1; (await typed.count()) === 0; tries += 1) {
      if (tries > TRIES)
        throw new Error(`What is typed into a cell does not get there, ${TRIES} times: ${code}`);
      await content.click();
      await this.page.keyboard.insertText(code);
      await typed.waitFor({ timeout: TYPED_MS }).catch(() => undefined);
    }
  }

  /** Waits for a cell's end. */
  async ended(cell: Locator): Promise<RanCell> {
    const prompt = cell.locator(".jp-InputPrompt");
    await prompt.filter({ hasText: /\[\d+\]/ }).waitFor({ timeout: CELL_MS });
    const number = Number(/\d+/.exec((await prompt.textContent()) ?? "")?.[0]);
    return { number, text: await this.textOf(cell) };
  }

  /** What stands below a cell at the moment. */
  async textOf(cell: Locator): Promise<string> {
    const outputs = await cell.locator(".jp-OutputArea-output").allInnerTexts();
    return outputs.map((text) => text.trim()).join("\n");
  }

  run = async (code: string): Promise<RanCell> => this.ended(await this.begin(code));

  interrupt = (): Promise<void> =>
    this.page.locator('.jp-NotebookPanel:visible [data-command="notebook:interrupt-kernel"]').first().click();

  /** By the menu, with its question answered. */
  async restart(): Promise<void> {
    await this.page
      .locator('.jp-NotebookPanel:visible [data-command="notebook:restart-kernel"]')
      .first()
      .click();
    await this.page.locator(".jp-Dialog .jp-mod-accept").click();
    await this.page.locator(".jp-Dialog").waitFor({ state: "detached" });
    await this.awaitKernel();
  }

  /** Types a line into the terminal that is shown. */
  async type(line: string): Promise<void> {
    await this.page.locator(".jp-Terminal:visible .xterm-helper-textarea").focus();
    await this.page.keyboard.type(line);
    await this.page.keyboard.press("Enter");
  }
}
