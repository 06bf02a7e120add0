/** The report of `run` as JUnit XML, for CI servers. */
import type { RunReport, TimedResult } from "./run-report.ts";

export function junit(report: RunReport): string {
  const { scenarios, failed, skipped, inconclusive, invalid } = report;
  const seconds = scenarios.reduce((sum, one) => sum + one.seconds, 0).toFixed(3);
  const counts = `tests="${scenarios.length}" failures="${failed}" errors="${invalid}" skipped="${skipped + inconclusive}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuite name="highwater" ${counts} time="${seconds}">`,
    ...scenarios.map(testcase),
    "</testsuite>",
    "",
  ].join("\n");
}

function testcase({ file, name, status, reason, failure, errors, seconds }: TimedResult): string {
  const open = `  <testcase classname="${escaped(file)}" name="${escaped(name ?? file)}" time="${seconds.toFixed(3)}"`;
  const within = (element: string, message: string, text: string) =>
    `${open}>\n    <${element} message="${escaped(message)}">${escaped(text)}</${element}>\n  </testcase>`;
  switch (status) {
    case "passed":
      return `${open}/>`;
    case "failed": {
      const text = `expected ${JSON.stringify(failure?.expected)}\nseen ${JSON.stringify(failure?.seen)}`;
      return within("failure", failure?.at ?? file, text);
    }
    case "invalid": {
      const lines = errors.map(
        ({ code, line, column, message }) => `${file}:${line ?? 1}:${column ?? 1} ${code} ${message}`,
      );
      return within("error", errors[0]?.code ?? "invalid", lines.join("\n"));
    }
    case "skipped":
    case "inconclusive":
      return within("skipped", `${status}: ${reason ?? ""}`, "");
  }
}

/** Also characters that XML cannot hold at all, which a value may. */
function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
  };
  const allowed = (char: string) => char >= " " && char !== "\ufffe" && char !== "\uffff";
  return [...text.toWellFormed()].map((char) => entities[char] ?? (allowed(char) ? char : "\ufffd")).join("");
}
