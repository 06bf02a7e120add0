/** The subject itself is lost: it cannot be reached, has ended, or answers what is no answer. Nothing is known of the rest. */
export class SubjectError extends Error {
  override readonly name: string = "SubjectError";
}
