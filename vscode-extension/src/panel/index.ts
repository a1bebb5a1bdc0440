/** The chat panel and the statistics page, as the rest of the extension knows them. */

import type { PanelHost } from "./host";
import { Panel } from "./panel";
import { StatisticsPage } from "./statistics";

export type { PanelHost, ServerRequests, ServerState } from "./host";
export type { Panel } from "./panel";

export function registerPanel(host: PanelHost): Panel {
  return new Panel(host);
}

export function registerStatistics(host: PanelHost): { dispose(): void } {
  return new StatisticsPage(host);
}
