/** What waits for it waits until the program ends: whoever is interrupted goes no further, and reports nothing. */
export const never = new Promise<never>(() => undefined);
