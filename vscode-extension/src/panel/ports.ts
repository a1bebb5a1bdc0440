/** What the panel's session needs of the world, so that it runs without an editor in the tests. */

import type { ChatModel } from "../models/model";
import type {
  ContextParams,
  ContextResult,
  Position,
  PredictParams,
  PredictResult,
  Range,
  SymbolsParams,
  SymbolsResult,
} from "../protocol";

export interface Place {
  readonly uri: string;
  readonly position: Position;
  /** Undefined where nothing is selected. */
  readonly selection?: Range;
}

export interface Server {
  context(params: ContextParams, signal: AbortSignal): Promise<ContextResult>;
  predict(params: PredictParams, signal: AbortSignal): Promise<PredictResult>;
  symbols(params: SymbolsParams, signal: AbortSignal): Promise<SymbolsResult>;
}

export interface Editor {
  /** Where the user is, if it is in a file. */
  place(): Place | undefined;
  /** A document's path as a person would write it. */
  path(uri: string): string;
  /** Documents with this text in their path, by name. */
  files(text: string, signal: AbortSignal): Promise<string[]>;
  open(uri: string, range: Range | undefined): Promise<void>;
  /** Puts text in place of the selection of the editor used last. */
  insert(text: string): Promise<void>;
  copy(text: string): Promise<void>;
  /** The budget in the settings. */
  tokenBudget(): number;
}

export interface ModelSource {
  current(): Promise<ChatModel | undefined>;
}
