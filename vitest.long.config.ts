/** Larger searches (`npm run test:long`): CI runs them beside `npm test`, which is to end within five minutes. */
import { defineConfig } from "vitest/config";
import usual from "./vitest.config.ts";

export default defineConfig({ test: { ...usual.test, include: ["test/**/*.long.test.ts"], exclude: [] } });
