import { expect, it } from "vitest";
import { similarLabel } from "../../explore/similar-label.ts";

it.each([
  {
    label: "elects 2 in epoch 1",
    enabled: ["elects 1 in epoch 0", "elects 2 in epoch 0"],
    found: "elects 2 in epoch 0",
  },
  {
    label: "elects 2 in epoch 1",
    enabled: ["elects 3 in epoch 0", "elects 1 in epoch 0"],
    found: "elects 3 in epoch 0",
  },
  {
    label: "elects 2 in epoch 10",
    enabled: ["drops 2 in epoch 10", "elects 7 in epoch 8"],
    found: "elects 7 in epoch 8",
  },
  { label: "elects 2 in epoch 1", enabled: ["drops 2 in epoch 1", "elects 2"], found: null },
  { label: "heal", enabled: ["cut"], found: null },
  { label: "heal", enabled: [], found: null },
])("for $label it is $found", ({ label, enabled, found }) => {
  expect(similarLabel(label, enabled)).toBe(found);
});
