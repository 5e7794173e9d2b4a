/** The arguments and options that several commands share. */

import { type Command, InvalidArgumentError, Option } from "commander";
import type { SslFiles } from "../switch/open-vswitch.js";
import { badArgument } from "./failure.js";

export interface PolicyOptions {
  readonly today?: string;
}

export interface NodeOptions {
  readonly inventory: string;
  readonly node: string;
  readonly rail?: string;
}

export interface CompileOptions extends PolicyOptions, NodeOptions {
  readonly tableBase?: number;
}

export interface SwitchOptions {
  readonly ovs?: string;
  readonly bridgeTarget?: string;
  readonly privateKey?: string;
  readonly certificate?: string;
  readonly caCert?: string;
}

/** Of a command that compiles a node's rails for its switch. */
export interface RailsOptions<Format extends string> extends CompileOptions, SwitchOptions {
  readonly format: Format;
}

/** All that such a command takes, and its help; the first format is the default. */
export function takesRails(
  command: Command,
  formats: readonly [string, ...string[]],
  example: string,
): Command {
  const node = takesNode(takesPolicy(command));
  return takesFormat(takesSwitch(takesTableBase(node)), formats).addHelpText("after", example);
}

export function takesPolicy(command: Command): Command {
  return takesToday(command.argument("<path...>", policyPaths));
}

/** For commands that look at a node: a policy only adds to what they know. */
export function takesOptionalPolicy(command: Command): Command {
  return takesToday(command.argument("[path...]", policyPaths));
}

const policyPaths = "policy files, or folders of them (every *.policy in and below)";

export function takesToday(command: Command): Command {
  return command.addOption(
    new Option(
      "--today <date>",
      "the date that `until` is compared with, YYYY-MM-DD (default: the clock's)",
    ).argParser(readDate),
  );
}

export function takesNode(command: Command): Command {
  return command
    .requiredOption("--inventory <file>", "rails, nodes and endpoints, as JSON (required)")
    .requiredOption("--node <name>", "the node, as the inventory calls it (required)")
    .option("--rail <name>", "only this rail of the node (default: all of them)");
}

/** For commands that compile: the tables below the base are left to others on the same bridge. */
export function takesTableBase(command: Command): Command {
  return command.addOption(
    new Option(
      "--table-base <number>",
      "the number of railfence's first table (default: 0);\na flow of yours must lead there",
    ).argParser(readTableBase),
  );
}

export function takesSwitch(command: Command): Command {
  return command
    .option(
      "--ovs <dir>",
      "Open vSwitch's run directory (default: $OVS_RUNDIR, then /var/run/openvswitch)",
    )
    .option(
      "--bridge-target <target>",
      "how ovs-ofctl reaches the bridge instead: unix:PATH, tcp:HOST:PORT, ssl:HOST:PORT;\n`{bridge}` in it stands for the bridge's name",
    )
    .option("--private-key <file>", "for an ssl: target, as ovs-ofctl takes it: our key, PEM")
    .option("--certificate <file>", "for an ssl: target: our certificate, PEM")
    .option("--ca-cert <file>", "for an ssl: target: who signed the switch's certificate, PEM");
}

/** The three files of an `ssl:` target: all of them, or none. */
export function sslFilesOf(options: SwitchOptions): SslFiles | undefined {
  const { privateKey, certificate, caCert: caCertificate, bridgeTarget } = options;
  if (privateKey !== undefined && certificate !== undefined && caCertificate !== undefined)
    return { privateKey, certificate, caCertificate };
  const isSsl = bridgeTarget?.startsWith("ssl:") ?? false;
  if (isSsl || (privateKey ?? certificate ?? caCertificate) !== undefined)
    throw badArgument(
      "an `ssl:` target needs a key and two certificates",
      "give `--private-key`, `--certificate` and `--ca-cert`",
    );
  return undefined;
}

/** The first format is the default. */
export function takesFormat(command: Command, formats: readonly [string, ...string[]]): Command {
  return command.addOption(
    new Option("--format <format>", "how results are printed").choices(formats).default(formats[0]),
  );
}

/** `--bridge-target` names one bridge, unless the bridge's name is part of it. */
export function checkTarget(options: SwitchOptions, rails: readonly string[]): void {
  const target = options.bridgeTarget;
  if (target === undefined || rails.length < 2 || target.includes("{bridge}")) return;
  throw badArgument(
    `\`--bridge-target ${target}\` is one bridge, and the node has rails ${rails.map((rail) => `\`${rail}\``).join(", ")}`,
    "name one with `--rail`, or write `{bridge}` where the bridge's name belongs",
  );
}

function readTableBase(text: string): number {
  // 254 tables are a flow's to use, 255 is "all" (ovs-ofctl(8))
  if (!/^\d{1,3}$/.test(text) || Number(text) > 253)
    throw new InvalidArgumentError("It is not the number of a table, 0 to 253.");
  return Number(text);
}

function readDate(text: string): string {
  const time = Date.parse(`${text}T00:00:00Z`);
  // Date.parse rolls 2027-02-30 over into March
  if (
    !/^\d{4}-\d{2}-\d{2}$/.test(text) ||
    Number.isNaN(time) ||
    !new Date(time).toISOString().startsWith(text)
  )
    throw new InvalidArgumentError("It is not a day of the calendar, written YYYY-MM-DD.");
  return text;
}
