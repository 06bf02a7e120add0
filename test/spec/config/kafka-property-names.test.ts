import { describe, expect, it } from "vitest";
import { consumerProperties, producerProperties } from "../../../spec/config/client-properties.ts";
import { isUnmodelled, type Section, unmodelledNames } from "../../../spec/config/kafka-property-names.ts";
import { serverProperties, topicProperties } from "../../../spec/config/properties.ts";

const modelled: Readonly<Record<Section, readonly string[]>> = {
  server: Object.keys(serverProperties),
  topic: Object.keys(topicProperties),
  producer: Object.keys(producerProperties),
  consumer: Object.keys(consumerProperties),
};
const sections: readonly Section[] = ["server", "topic", "producer", "consumer"];

describe("the properties that the model does not have", () => {
  it.each(sections)("%s: none of them is one that it has", (section) => {
    expect(modelled[section].filter((name) => isUnmodelled(section, name))).toEqual([]);
  });

  it.each(sections)("%s: they look like Kafka's names", (section) => {
    const names = [...unmodelledNames[section]];
    expect(names.filter((name) => !/^[a-z]+(?:\.[a-z0-9]+)*$/.test(name))).toEqual([]);
    expect(names.filter((name) => !isUnmodelled(section, name))).toEqual([]);
  });

  it("are all there: none is lost unnoticed", () => {
    expect(sections.map((section) => unmodelledNames[section].size)).toEqual([153, 32, 32, 38]);
  });

  it("each belong to their sections", () => {
    expect(isUnmodelled("producer", "bootstrap.servers")).toBe(true);
    expect(isUnmodelled("consumer", "bootstrap.servers")).toBe(true);
    expect(isUnmodelled("server", "bootstrap.servers")).toBe(false);
    expect(isUnmodelled("topic", "ssl.protocol")).toBe(false);
    expect(isUnmodelled("server", "ssl.protocol")).toBe(true);
    expect(isUnmodelled("server", "ssl")).toBe(false);
    expect(isUnmodelled("producer", "zookeeper.connect")).toBe(false);
  });
});
