import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: {
    // There is no editor in a unit test; what the code uses of it is played by a few classes of our own.
    alias: { vscode: fileURLToPath(new URL("test/editor/vscode.ts", import.meta.url)) },
  },
  test: { include: ["test/**/*.test.{ts,tsx}"], testTimeout: 30_000 },
});
