export type { PanelHost, ServerRequests, ServerState } from "./host";
