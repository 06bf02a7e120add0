import fc from "fast-check";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import { clusterSchema, parseCluster } from "../../../spec/config/parse-cluster.ts";
import { mutatedInput } from "./cluster-inputs.ts";

describe("clusterSchema", () => {
  /** What the schema leaves to the parser: rules between properties. */
  const beyond = ["E_CONTRADICTION", "E_REPLICATION_FACTOR", "E_UNSUPPORTED", "E_DUPLICATE_NAME"];

  it("accepts what the parser accepts, but for the rules between properties", () => {
    const seen = { accepted: 0, refused: 0 };
    fc.assert(
      fc.property(mutatedInput, (raw) => {
        const accepted = codesOf(raw).every((code) => beyond.includes(code));
        seen[accepted ? "accepted" : "refused"]++;
        expect(clusterSchema.safeParse(raw).success).toBe(accepted);
      }),
      { numRuns: 2000, seed: 2 },
    );
    expect(Math.min(seen.accepted, seen.refused)).toBeGreaterThan(200);
  });

  it.each(["input", "output"] as const)("has a JSON schema (%s) with descriptions and defaults", (io) => {
    const schema: unknown = z.toJSONSchema(clusterSchema, { io });
    expect(schema).toMatchObject({
      type: "object",
      required: ["brokers", "topics"],
      additionalProperties: false,
      properties: {
        profile: { enum: ["4.1", 4.1, "3.7", 3.7, "pre-3.7"], default: "4.1" },
        brokers: { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "string" }] },
        server: {
          additionalProperties: false,
          properties: {
            "replica.lag.time.max.ms": {
              description:
                "Milliseconds that a follower may be behind the leader's log end before it leaves the ISR. Source: ReplicationConfigs.",
              default: 30000,
            },
          },
        },
        topics: { minProperties: 1, propertyNames: { type: "string" } },
        producers: {
          additionalProperties: {
            properties: {
              "linger.ms": { description: expect.stringContaining("Default: 5 in profile 4.1, else 0 (KIP-1030).") },
              "enable.idempotence": {
                enum: [false, "false"],
                description: expect.stringContaining("not in the model"),
              },
            },
          },
        },
      },
    });
  });

  it("describes every property", () => {
    const described = JSON.stringify(z.toJSONSchema(clusterSchema)).match(/"description":"[^"]+ Source: /g);
    expect(described).toHaveLength(4 + 16 + 7 + 12 + 9);
  });
});

function codesOf(raw: unknown): readonly string[] {
  const parsed = parseCluster(raw);
  return parsed.ok ? [] : parsed.problems.map(({ code }) => code);
}
