/** The mutation score by folder, as a table in Markdown, from Stryker's reports (mutation-testing-report-schema). */

/** The part of a report that the score needs. */
export interface MutationReport {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

interface Tally {
  mutants: number;
  /** Noticed: a test failed, or the mutant ran on and on. */
  detected: number;
  survived: number;
  /** No test so much as runs it. Counts against the score. */
  uncovered: number;
}

/**
 * One row a folder in ascending order, and one for each top folder. The score is the share of mutants that the tests
 * detect, rounded down; a mutant that cannot be loaded at all is not counted.
 */
export function scoreTable(reports: readonly MutationReport[]): string {
  const rows = new Map<string, Tally>();
  for (const { files } of reports) {
    for (const [file, { mutants }] of Object.entries(files)) {
      for (const folder of [topOf(file), folderOf(file)]) {
        const tally = rows.get(folder) ?? { mutants: 0, detected: 0, survived: 0, uncovered: 0 };
        rows.set(folder, tally);
        for (const { status } of mutants) count(tally, status);
      }
    }
  }
  const folders = [...rows].sort(([one], [other]) => (one < other ? -1 : 1));
  return [
    "| folder | mutants | detected | survived | not covered | score |",
    "|---|---:|---:|---:|---:|---:|",
    ...folders
      .filter(([, { mutants }]) => mutants > 0)
      .map(([folder, tally]) => `| ${[folder, ...numbersOf(tally), percent(tally)].join(" | ")} |`),
  ].join("\n");
}

const numbersOf = ({ mutants, detected, survived, uncovered }: Tally) => [mutants, detected, survived, uncovered];

const percent = ({ mutants, detected }: Tally) => `${(Math.floor((detected * 1000) / mutants) / 10).toFixed(1)} %`;

/** `**model**`, all of it. */
const topOf = (file: string) => `**${file.split("/")[0]}**`;

/** `model/replica/`, files of the folder itself. */
const folderOf = (file: string) => `\`${file.slice(0, file.lastIndexOf("/") + 1)}\``;

function count(tally: Tally, status: string): void {
  switch (status) {
    case "Killed":
    case "Timeout":
      tally.mutants += 1;
      tally.detected += 1;
      return;
    case "Survived":
      tally.mutants += 1;
      tally.survived += 1;
      return;
    case "NoCoverage":
      tally.mutants += 1;
      tally.uncovered += 1;
      return;
    case "CompileError":
    case "RuntimeError":
    case "Ignored":
      return;
    default:
      throw new Error(`a mutant with the status ${status}: the run was not finished`);
  }
}
