import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import type { FocusParams } from "../../src/protocol";
import { FocusSignals } from "../../src/signals/focus";
import { editor } from "../editor/played";
import { TabInputText, TabInputTextDiff, Uri } from "../editor/vscode";

const A = Uri.file("/project/a.py");
const B = Uri.file("/project/b.py");

function at(uri: Uri, line = 0) {
  return { document: { uri }, selection: { active: { line, character: 0 } } };
}

function looked(uri: Uri, line = 0): FocusParams {
  return { textDocument: { uri: uri.toString() }, position: { line, character: 0 } };
}

describe("focus signals", () => {
  let sent: FocusParams[];
  let signals: FocusSignals;

  beforeEach(() => {
    vi.useFakeTimers();
    editor.reset();
    sent = [];
    signals = new FocusSignals((params) => sent.push(params));
  });

  afterEach(() => {
    signals.dispose();
    vi.useRealTimers();
  });

  test("tell of the document that is looked at, once", () => {
    editor.show(new TabInputText(A), at(A));
    vi.runAllTimers();
    editor.tabsChanged.fire(undefined);
    vi.runAllTimers();
    expect(sent).toEqual([looked(A)]);
  });

  test("pass over what is shown only on the way", () => {
    editor.show(new TabInputText(A), at(A));
    editor.closeAll();
    editor.show(new TabInputText(B), at(B));
    vi.runAllTimers();
    expect(sent).toEqual([looked(B)]);
  });

  test("tell that nothing is looked at once the last tab is closed", () => {
    editor.show(new TabInputText(A), at(A));
    vi.runAllTimers();
    editor.closeAll();
    vi.runAllTimers();
    expect(sent).toEqual([looked(A), {}]);
  });

  test("take the settings and other pages for looking at nothing", () => {
    editor.show({});
    vi.runAllTimers();
    expect(sent).toEqual([{}]);
  });

  test.each([
    ["a diff view", new TabInputTextDiff(A, B), at(B)],
    [
      "a document that is no file",
      new TabInputText(Uri.parse("git:/project/a.py")),
      at(Uri.parse("git:/project/a.py")),
    ],
  ])("say nothing of %s", (_, input, textEditor) => {
    editor.show(input, textEditor);
    vi.runAllTimers();
    expect(sent).toEqual([]);
  });

  test("leave the cursor out while another editor, such as an output panel, has it", () => {
    editor.show(new TabInputText(A), at(Uri.parse("output:log")));
    vi.runAllTimers();
    expect(sent).toEqual([{ textDocument: { uri: A.toString() } }]);
  });

  test("tell where the cursor rests, not where it passes", () => {
    editor.show(new TabInputText(A), at(A));
    vi.runAllTimers();
    for (const line of [1, 2, 3]) {
      editor.moveCursor(line, 0);
      vi.advanceTimersByTime(100);
    }
    expect(sent).toEqual([looked(A)]);
    vi.runAllTimers();
    expect(sent).toEqual([looked(A), looked(A, 3)]);
  });

  test("tell a new server again what is looked at", () => {
    editor.show(new TabInputText(A), at(A));
    vi.runAllTimers();
    signals.begin();
    expect(sent).toEqual([looked(A), looked(A)]);
  });

  test("are silent once disposed", () => {
    editor.show(new TabInputText(A), at(A));
    signals.dispose();
    vi.runAllTimers();
    expect(sent).toEqual([]);
  });
});
