import type { FileView } from "./messages";

/** A document's name and the folder it lies in, from the path a person would write. */
export function fileView(uri: string, path: string): FileView {
  const slash = path.lastIndexOf("/");
  return { uri, name: path.slice(slash + 1), directory: slash < 0 ? "" : path.slice(0, slash) };
}
