/** The statistics page: what the extension sends is drawn, nothing is asked for here. */

import * as l10n from "@vscode/l10n";
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";

import "../../media/webview/statistics.css";
import { connect } from "./common/bridge";
import { StatisticsPage, type StatisticsState } from "./statistics/page";

function Page() {
  const [ready, setReady] = useState(false);
  const [state, setState] = useState<StatisticsState>({ statistics: undefined, samples: [], problem: undefined });
  useEffect(() => {
    connect((message) => {
      if (message.type === "setup") {
        l10n.config({ contents: message.l10n });
        setReady(true);
      } else if (message.type === "statistics") {
        setState({ statistics: message.statistics, samples: message.samples, problem: undefined });
      } else if (message.type === "statisticsFailed") {
        setState((before) => ({ ...before, problem: message.message }));
      }
    });
  }, []);
  return ready ? <StatisticsPage {...state} /> : null;
}

const root = document.getElementById("root");
if (root !== null) render(<Page />, root);
