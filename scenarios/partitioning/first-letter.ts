/** A partitioner of one's own: the first letter of the key decides. A to M, N to Z, everything else. */
interface Sent {
  readonly value: string;
  readonly key: string | null;
}

export default function firstLetter({ key }: Sent, partitions: number): number {
  const letter = (key ?? "").charAt(0).toUpperCase();
  const group = letter >= "A" && letter <= "M" ? 0 : letter >= "N" && letter <= "Z" ? 1 : 2;
  return group % partitions;
}
