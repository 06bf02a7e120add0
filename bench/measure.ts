/** Times for benches: seconds of processor time, so that other programs on the machine matter less; medians of several. */

/** The processor time that `run` takes, with what it returns. */
export function measured<Value>(run: () => Value): { readonly seconds: number; readonly value: Value } {
  const before = process.cpuUsage();
  const value = run();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (user + system) / 1e6, value };
}

export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** 1234567 as "1,234,567", the same in every locale. */
export function grouped(number: number): string {
  return `${Math.round(number)}`.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** Rows of cells as a Markdown table, the first row its head. */
export function printTable(title: string, rows: readonly (readonly string[])[]): void {
  const [head = [], ...body] = rows;
  const lines = [head, head.map(() => "---:"), ...body].map((cells) => `| ${cells.join(" | ")} |`);
  process.stdout.write(`${title}\n\n${lines.join("\n")}\n\n`);
}
