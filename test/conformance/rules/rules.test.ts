import { describe, expect, it } from "vitest";
import { askRule } from "../../../conformance/rules/ask-rule.ts";
import { protocolRules } from "../../../conformance/rules/index.ts";
import type { ProtocolRule } from "../../../conformance/rules/protocol-rule.ts";
import { createRuleContext } from "../../../conformance/rules/rule-context.ts";
import { createKafkaClient } from "../../../subjects/kafka/kafka-client.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";

const client = createKafkaClient({ bootstrap: [], security: { tls: null, sasl: null }, isPinned: false });
const context = createRuleContext(client, null);
const rule: ProtocolRule = {
  id: "x/y",
  title: "a rule",
  requirement: "DUR-1",
  source: "a class",
  expected: { a: [1, null] },
  ask: async () => ({ a: [1, null] }),
};
const ask = async (changed: Partial<ProtocolRule>) => (await askRule({ ...rule, ...changed }, context)).result;

describe("protocol rules", () => {
  it("have ids of their own, and say whom they serve and whence they come", () => {
    expect(new Set(protocolRules.map(({ id }) => id)).size).toBe(protocolRules.length);
    expect(protocolRules.length).toBeGreaterThan(40);
    for (const { id, requirement, source, title } of protocolRules) {
      expect(id).toMatch(/^[a-z]+\/[a-z0-9-]+$/);
      expect(requirement).toMatch(/^[A-Z]+-[0-9]$/);
      expect(source.length * title.length).toBeGreaterThan(0);
    }
  });

  it("pass where the answer is the one, and fail where it is another", async () => {
    expect(await ask({})).toMatchObject({ status: "passed", requirements: [{ id: "DUR-1", verdict: "holds" }] });
    expect(await ask({ ask: async () => ({ a: [1] }) })).toMatchObject({
      status: "failed",
      requirements: [{ id: "DUR-1", verdict: "violated" }],
      failure: { expected: { a: [1, null] }, seen: { a: [1] } },
    });
  });

  it("are left open where there is no answer, and skipped where the request is not offered", async () => {
    const fails = (problem: "timeout" | "unsupported") => async () => {
      throw new WireError(problem, "host:1", "why");
    };
    expect(await ask({ ask: fails("timeout") })).toMatchObject({ status: "inconclusive" });
    expect(await ask({ ask: fails("unsupported") })).toMatchObject({ status: "skipped" });
  });

  it("are skipped where they need faults and nobody can make any", async () => {
    expect((await ask({ needs: "faults" })).status).toBe("skipped");
  });

  it("throw on what is an error of ours", async () => {
    const broken = async () => {
      throw new TypeError("ours");
    };
    await expect(ask({ ask: broken })).rejects.toThrow("ours");
  });
});
