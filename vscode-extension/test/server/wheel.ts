/** A wheel named magnetar that needs nothing, so that pip installs it without a network. */

import { execFileSync } from "node:child_process";

const PACK = `
import sys, zipfile
path, version = sys.argv[1:]
info = f"magnetar-{version}.dist-info"
files = {
  "magnetar/__init__.py": "",
  "magnetar/__main__.py": f"print('magnetar {version}')\\n",
  f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: magnetar\\nVersion: {version}\\n",
  f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
  f"{info}/RECORD": "",
}
with zipfile.ZipFile(path, "w") as wheel:
    for name, text in files.items():
        wheel.writestr(name, text)
`;

export function makeWheel(python: string, folder: string, version: string): string {
  const path = `${folder}/magnetar-${version}-py3-none-any.whl`;
  execFileSync(python, ["-c", PACK, path, version]);
  return path;
}
