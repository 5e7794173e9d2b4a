/** One word of `ethtool -k DEVICE`: whether its driver takes tc filters at all. */

import { z } from "zod";

export interface PortFeature {
  readonly isOn: boolean;
  /** The driver does not let it be changed. */
  readonly isFixed: boolean;
}

const feature = z.looseObject({ active: z.boolean(), fixed: z.boolean().nullish() });
const document = z.array(z.looseObject({ "hw-tc-offload": feature.optional() })).min(1);

/** From the text or the JSON form; undefined where the word is not in it. */
export function readHwTcOffload(text: string): PortFeature | undefined {
  if (text.trimStart().startsWith("[")) return fromJson(text);
  const found = /^hw-tc-offload: (on|off)( \[fixed\])?/m.exec(text);
  return found === null ? undefined : { isOn: found[1] === "on", isFixed: found[2] !== undefined };
}

function fromJson(text: string): PortFeature | undefined {
  try {
    const found = document.safeParse(JSON.parse(text)).data?.[0]?.["hw-tc-offload"];
    return found === undefined ? undefined : { isOn: found.active, isFixed: found.fixed === true };
  } catch {
    return undefined;
  }
}

export function printHwTcOffload({ isOn, isFixed }: PortFeature): string {
  return `hw-tc-offload: ${isOn ? "on" : "off"}${isFixed ? " [fixed]" : ""}`;
}
