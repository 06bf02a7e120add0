import { describe, expect, it } from "vitest";
import { ExploreError } from "../../explore/explore-error.ts";

describe("ExploreError", () => {
  it("is an error with a name and a code", () => {
    const error = new ExploreError("E_TEXT", "words");
    expect(error).toBeInstanceOf(Error);
    expect(`${error}`).toBe("ExploreError: words");
    expect(error.code).toBe("E_TEXT");
  });
});
