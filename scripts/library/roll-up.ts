import { mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";

/**
 * What a declaration file exports, with all that it uses of our files, as one file of declarations and as a report for people. `stage`
 * has a package.json and what the compiler needs; the results are written there too. Throws with every problem.
 */
export function rollUp(
  stage: string,
  entry: string,
): { readonly declarations: string; readonly report: string } {
  const name = basename(join(entry, ".."));
  const out = join(stage, "out", name);
  mkdirSync(out, { recursive: true });
  const declarations = join(out, "index.d.ts");
  const report = join(out, `${name}.api.md`);
  const silent = { logLevel: ExtractorLogLevel.None };
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(stage, "api-extractor.json"),
    packageJsonFullPath: join(stage, "package.json"),
    configObject: {
      projectFolder: stage,
      mainEntryPointFilePath: join(stage, entry),
      compiler: { overrideTsconfig: { compilerOptions: COMPILER_OPTIONS, files: [join(stage, entry)] } },
      apiReport: {
        enabled: true,
        reportFileName: basename(report),
        reportFolder: out,
        reportTempFolder: join(out, "temp"),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: true, untrimmedFilePath: declarations },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // Everything that is exported is public, without a tag; what it is made from need not be exported.
        extractorMessageReporting: { default: silent },
        tsdocMessageReporting: { default: silent },
      },
    },
  });
  const problems: string[] = [];
  const { succeeded } = Extractor.invoke(config, {
    localBuild: true,
    showVerboseMessages: false,
    messageCallback: (message) => {
      const { logLevel, text } = message;
      message.handled = true;
      if (logLevel === ExtractorLogLevel.Error || logLevel === ExtractorLogLevel.Warning) problems.push(text);
    },
  });
  if (!succeeded && problems.length > 0) throw new Error(`${entry}:\n${problems.join("\n")}`);
  return { declarations: readFileSync(declarations, "utf8"), report: readFileSync(report, "utf8") };
}

const COMPILER_OPTIONS = {
  ...{ module: "node16", moduleResolution: "node16", target: "es2022", lib: ["es2022"], types: ["node"] },
  ...{ strict: true, skipLibCheck: true },
};
