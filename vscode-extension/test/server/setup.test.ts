import { expect, test } from "vitest";

import { packageIn } from "../../src/server/setup";

test.each([
  ["Collecting tree-sitter-c-sharp>=0.23", "tree-sitter-c-sharp"],
  ["  Downloading numpy-2.1.0-cp311-cp311-manylinux_2_17_x86_64.whl (16.3 MB)", "numpy"],
  ["  Using cached charset_normalizer-3.4.0-py3-none-any.whl (49 kB)", "charset_normalizer"],
  ["Downloading https://example.org/simple/attrs-25.1.0-py3-none-any.whl.metadata (10 kB)", "attrs"],
  ["Installing build dependencies: started", undefined],
  ["Collecting", undefined],
])("%s", (line, name) => {
  expect(packageIn(line)).toBe(name);
});
