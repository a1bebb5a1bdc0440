/** The language-model tools that VS Code's own chat, and any agent in it, can call. Their schemas stand in package.json. */

import * as vscode from "vscode";

import { ContextRequest, PredictRequest, SearchRequest } from "../protocol";
import { describe } from "../server/failure";
import type { Supervisor } from "../server/supervisor";
import { contextText, predictText, searchText } from "./answers";
import { Input, InputError, pathOf, uriOf } from "./input";

const MOST_TOKENS = 10_000_000;
const MOST_HITS = 200;
const MOST_PREDICTIONS = 50;

interface Tool {
  /** Shown while the tool runs. */
  message: (input: Input) => string;
  answer: (input: Input, options: Options, token: vscode.CancellationToken) => Promise<string>;
}

type Options = vscode.LanguageModelToolInvocationOptions<unknown>;

export function registerTools(supervisor: Supervisor): vscode.Disposable {
  return vscode.Disposable.from(
    vscode.lm.registerTool("magnetar_context", adapted(contextTool(supervisor))),
    vscode.lm.registerTool("magnetar_search", adapted(searchTool(supervisor))),
    vscode.lm.registerTool("magnetar_predict", adapted(predictTool(supervisor))),
  );
}

function contextTool(supervisor: Supervisor): Tool {
  return {
    message: (input) => vscode.l10n.t("Gathering context for “{0}”", input.text("query")),
    async answer(input, { tokenizationOptions }, token) {
      const asked = input.optionalCount("tokenBudget", MOST_TOKENS);
      const budgets = [asked, tokenizationOptions?.tokenBudget].filter((budget) => budget !== undefined);
      const result = await supervisor.request(
        ContextRequest,
        {
          query: input.text("query"),
          mustInclude: input.files("mustInclude"),
          exclude: input.files("exclude"),
          ...(budgets.length ? { tokenBudget: Math.max(1, Math.floor(Math.min(...budgets))) } : {}),
        },
        token,
      );
      return contextText(result, pathOf);
    },
  };
}

function searchTool(supervisor: Supervisor): Tool {
  return {
    message: (input) => vscode.l10n.t("Searching for “{0}”", input.text("query")),
    async answer(input, _, token) {
      const limit = input.optionalCount("limit", MOST_HITS);
      const params = { query: input.text("query"), ...(limit === undefined ? {} : { limit }) };
      return searchText(await supervisor.request(SearchRequest, params, token), pathOf);
    },
  };
}

function predictTool(supervisor: Supervisor): Tool {
  return {
    message: () => vscode.l10n.t("Predicting the next files"),
    async answer(input, _, token) {
      const path = input.optionalText("path");
      const topK = input.optionalCount("topK", MOST_PREDICTIONS);
      const params = {
        ...(path ? { textDocument: { uri: uriOf(path) } } : {}),
        ...(topK === undefined ? {} : { topK }),
      };
      return predictText(await supervisor.request(PredictRequest, params, token), pathOf);
    },
  };
}

function adapted({ message, answer }: Tool): vscode.LanguageModelTool<unknown> {
  return {
    prepareInvocation({ input }) {
      try {
        return { invocationMessage: message(new Input(input)) };
      } catch (error) {
        // What is wrong with the input is said by the invocation itself, where the model reads it.
        if (error instanceof InputError) return {};
        throw error;
      }
    },
    async invoke(options, token) {
      try {
        const text = await answer(new Input(options.input), options, token);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
      } catch (error) {
        if (token.isCancellationRequested) throw new vscode.CancellationError();
        throw new Error(`magnetar could not answer: ${describe(error)}`, { cause: error });
      }
    },
  };
}
