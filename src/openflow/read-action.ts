/** Action lists read from text. */

import { type Action, drop, type WrittenAction } from "./action.js";
import { readPort } from "./read-port.js";
import { readLoad, readModify, readMove, readSetField } from "./read-rewrite.js";
import { readNumber, readSmallNumber } from "./read-value.js";

/** `text` is what follows `actions=`. What is not understood stays as text, in its place. */
export function readActions(text: string): readonly Action[] {
  if (text === "drop") return drop;
  const texts = splitActions(text);
  return texts.map(
    (part, index) =>
      readAction(part, index === texts.length - 1) ?? { kind: "unknown", text: part },
  );
}

/** The pieces between commas that stand in no parentheses and no quotes. */
export function splitActions(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code === 34) isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (code === 40) depth++;
    else if (code === 41) depth--;
    else if (code === 44 && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

function readAction(text: string, isLast: boolean): Action | undefined {
  const colon = text.indexOf(":");
  const paren = text.indexOf("(");
  if (paren >= 0 && (colon < 0 || paren < colon)) return readCall(text, paren);
  if (colon < 0 || text.startsWith('"')) return readWord(text);
  const rest = text.slice(colon + 1);
  switch (text.slice(0, colon)) {
    case "output":
      return readOutput(rest);
    case "goto_table":
      return isLast ? readGoto(rest) : undefined;
    case "set_field":
      return readSetField(rest);
    case "load":
      return readLoad(rest);
    case "move":
      return readMove(rest);
    case "resubmit": {
      const port = readPort(rest);
      return port === undefined ? undefined : { kind: "resubmit", port };
    }
    case "CONTROLLER":
      return readSmallNumber(rest) === undefined ? undefined : { kind: "controller", text };
    case "set_queue":
      return readNumber(rest) === undefined ? undefined : { kind: "queue", text };
    case "note":
      return /^([0-9a-f]{2}(\.[0-9a-f]{2})*)?$/i.test(rest) ? { kind: "note", text } : undefined;
    case "mod_dl_src":
      return readModify("dl_src", rest);
    case "mod_dl_dst":
      return readModify("dl_dst", rest);
    case "mod_nw_src":
      return readModify("nw_src", rest);
    case "mod_nw_dst":
      return readModify("nw_dst", rest);
    case "mod_nw_ttl":
      return readModify("nw_ttl", rest);
    default:
      return undefined;
  }
}

function readCall(text: string, paren: number): Action | undefined {
  if (!text.endsWith(")")) return undefined;
  const inside = text.slice(paren + 1, -1);
  switch (text.slice(0, paren)) {
    case "resubmit":
      return readResubmit(inside);
    case "conjunction":
      return readConjunction(text);
    case "controller":
      // `pause` hands the packet over until a controller lets it go on, and a meter may keep the copy back
      return splitActions(inside).every((part) => /^(reason|max_len|id|userdata)=[^=]*$/.test(part))
        ? { kind: "controller", text }
        : undefined;
    case "write_actions":
      return readWritten(inside);
    default:
      return undefined;
  }
}

function readWord(text: string): Action | undefined {
  switch (text) {
    case "controller":
    case "CONTROLLER":
      return { kind: "controller", text };
    case "pop_queue":
      return { kind: "queue", text };
    case "clear_actions":
      return { kind: "clear-actions" };
    default:
      return readBarePort(text);
  }
}

function readWritten(inside: string): Action | undefined {
  const actions: WrittenAction[] = [];
  for (const part of splitActions(inside)) {
    const action = readAction(part, false);
    switch (action?.kind) {
      case "output":
      case "controller":
      case "set":
      case "move":
      case "queue":
        actions.push(action);
        break;
      default:
        return undefined;
    }
  }
  return { kind: "write-actions", actions };
}

// a bare name is an action that railfence does not know (`dec_ttl`, `NORMAL`) before it is a port
function readBarePort(text: string): Action | undefined {
  if (text !== "LOCAL" && text !== "IN_PORT" && !/^("|[0-9])/.test(text)) return undefined;
  return readOutput(text);
}

function readOutput(text: string): Action | undefined {
  // `output:reg0` takes the port from a register
  if (/^reg[0-9]+$|^(NXM|OXM)_/.test(text)) return undefined;
  const port = readPort(text);
  return port === undefined ? undefined : { kind: "output", port };
}

function readGoto(text: string): Action | undefined {
  const table = readSmallNumber(text);
  return table === undefined || table > 254 ? undefined : { kind: "goto", table };
}

function readResubmit(inside: string): Action | undefined {
  const [portText = "", tableText = "", more] = inside.split(",");
  if (more !== undefined) return undefined;
  const port = portText === "" ? undefined : readPort(portText);
  const table = tableText === "" ? undefined : readSmallNumber(tableText);
  if (portText !== "" && port === undefined) return undefined;
  if (tableText !== "" && (table === undefined || table > 254)) return undefined;
  return {
    kind: "resubmit",
    ...(port === undefined ? {} : { port }),
    ...(table === undefined ? {} : { table }),
  };
}

function readConjunction(text: string): Action | undefined {
  const [, idText, dimensionText, ofText] =
    /^conjunction\(([0-9]{1,10}),([0-9]{1,2})\/([0-9]{1,2})\)$/.exec(text) ?? [];
  if (idText === undefined) return undefined;
  const id = BigInt(idText);
  const [dimension, of] = [Number(dimensionText), Number(ofText)];
  // parse_CONJUNCTION() in lib/ofp-actions.c
  const isValid = id <= 0xffffffffn && of >= 2 && of <= 64 && dimension >= 1 && dimension <= of;
  return isValid ? { kind: "conjunction", id, dimension, of } : undefined;
}
