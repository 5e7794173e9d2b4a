/** Actions as text that is equal for equal actions; unlike what OVS takes, it exists for every action. */

import type { Action } from "../../openflow/action.js";

export function actionKey(action: Action): string {
  switch (action.kind) {
    case "goto":
      return `goto ${action.table}`;
    case "output":
      return `output ${JSON.stringify(action.port)}`;
    case "set":
      return `set ${action.field} ${action.value.toString(36)}/${action.mask?.toString(36) ?? ""}`;
    case "move":
      return `move ${action.from} ${action.to}`;
    case "resubmit":
      return `resubmit ${JSON.stringify(action.port ?? null)} ${action.table ?? ""}`;
    case "conjunction":
      return `conjunction ${action.id} ${action.dimension}/${action.of}`;
    case "write-actions":
      return `write (${action.actions.map(actionKey).join()})`;
    // what they say makes no difference to where a packet goes
    case "clear-actions":
    case "controller":
    case "queue":
    case "note":
      return action.kind;
    case "unknown":
      return `unknown ${JSON.stringify(action.text)}`;
  }
}
