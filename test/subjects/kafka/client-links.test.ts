import { describe, expect, it } from "vitest";
import { metadata } from "../../../subjects/kafka/apis.ts";
import { createClientLinks } from "../../../subjects/kafka/client-links.ts";
import { createKafkaClient, type KafkaClient } from "../../../subjects/kafka/kafka-client.ts";
import { WireError } from "../../../subjects/kafka/wire-error.ts";

/** A client whose calls end when they are told to; `asked` are the nodes. */
function stub() {
  const asked: (number | "any")[] = [];
  const answers: (() => void)[] = [];
  const nowhere = createKafkaClient({ bootstrap: [], security: { tls: null, sasl: null }, isPinned: false });
  const client = {
    ...nowhere,
    call: ((node) => {
      asked.push(node);
      const { promise, resolve } = Promise.withResolvers<never>();
      answers.push(() => resolve({} as never));
      return promise;
    }) satisfies KafkaClient["call"],
    async tell(node: number) {
      asked.push(node);
    },
  };
  return { client, asked, answers };
}

/** How a call of `p1` to a broker stands; `state` changes when it ends. */
function call(client: KafkaClient, node: number | "any", timeoutMs = 10_000) {
  const run = { state: "open" };
  client.call(node, metadata, [null, false, false], { timeoutMs }).then(
    () => {
      run.state = "answered";
    },
    (error: unknown) => {
      run.state = error instanceof WireError ? error.problem : "thrown";
    },
  );
  return run;
}

const aWhile = () => new Promise((resolve) => setTimeout(resolve, 30));

describe("a client's link to a broker", () => {
  it("sends nothing while it is cut, and goes on when it is healed", async () => {
    const { client, asked, answers } = stub();
    const links = createClientLinks(client);
    links.cut("p1", 1);
    const run = call(links.of("p1"), 1);
    await aWhile();
    expect([asked, run.state]).toEqual([[], "open"]);
    links.heal("p1", 1);
    await aWhile();
    expect(asked).toEqual([1]);
    answers[0]?.();
    await aWhile();
    expect(run.state).toBe("answered");
  });

  it("keeps back the answer to what was asked before it was cut", async () => {
    const { client, answers } = stub();
    const links = createClientLinks(client);
    const run = call(links.of("p1"), 1);
    await aWhile();
    links.cut("p1", 1);
    answers[0]?.();
    await aWhile();
    expect(run.state).toBe("open");
    links.healAll();
    await aWhile();
    expect(run.state).toBe("answered");
  });

  it("ends a call whose time is over", async () => {
    const { client, asked } = stub();
    const links = createClientLinks(client);
    links.cut("p1", 1);
    const run = call(links.of("p1"), 1, 10);
    await aWhile();
    expect([asked, run.state]).toEqual([[], "timeout"]);
  });

  it("is not that of others, nor to other brokers", async () => {
    const { client, asked } = stub();
    const links = createClientLinks(client);
    links.cut("p1", 1);
    call(links.of("p2"), 1);
    call(links.of("p1"), 2);
    call(links.of("p1"), "any");
    await links.of("p1").tell(2, metadata, [null, false, false]);
    const told = links.of("p1").tell(1, metadata, [null, false, false]);
    await aWhile();
    expect([...asked].sort()).toEqual([1, 2, 2, "any"]);
    links.heal("p1", 1);
    await told;
    expect(asked).toHaveLength(5);
  });
});
