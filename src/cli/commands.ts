/** The commands by name, each loaded only when it is used: a start must not pay for what it does not need. */

import { Command } from "commander";
import type { ExitCode } from "./exit-code.js";
import type { Terminal } from "./terminal.js";

/** Gives a command its arguments, options, help and action; the action hands its exit code to `end`. */
export type Describe = (
  command: Command,
  terminal: Terminal,
  end: (code: ExitCode) => void,
) => void;

interface Entry {
  readonly name: string;
  readonly summary: string;
  readonly load: () => Promise<Describe>;
}

const entries: readonly Entry[] = [
  {
    name: "check",
    summary: "check policies, and the inventory with them",
    load: async () => (await import("./check.js")).describeCheck,
  },
  {
    name: "diff",
    summary: "compare two policies by what they mean",
    load: async () => (await import("./diff.js")).describeDiff,
  },
  {
    name: "compile",
    summary: "print the OpenFlow flows of a node",
    load: async () => (await import("./compile.js")).describeCompile,
  },
  {
    name: "cost",
    summary: "say what a node's traffic will cost the NIC",
    load: async () => (await import("./cost.js")).describeCost,
  },
  {
    name: "plan",
    summary: "show what install would change, change nothing",
    load: async () => (await import("./plan.js")).describePlan,
  },
  {
    name: "install",
    summary: "bring a node's bridges to the policy, all or nothing",
    load: async () => (await import("./install.js")).describeInstall,
  },
  {
    name: "uninstall",
    summary: "remove railfence's flows from a node's bridges",
    load: async () => (await import("./uninstall.js")).describeUninstall,
  },
  {
    name: "verify",
    summary: "say for each rule what became of it in the datapath",
    load: async () => (await import("./verify.js")).describeVerify,
  },
  {
    name: "doctor",
    summary: "say whether this node is able to offload at all",
    load: async () => (await import("./doctor.js")).describeDoctor,
  },
  {
    name: "prove",
    summary: "prove that a node's tables are the policy, packet set by packet set",
    load: async () => (await import("./prove.js")).describeProve,
  },
  {
    name: "show",
    summary: "read OVS flows from a file or stdin, print them readable",
    load: async () => (await import("./show.js")).describeShow,
  },
];

const help = `
Example:
  $ railfence check policies/acp
  $ railfence compile policies/acp --inventory policies/acp/inventory.json --node gpu-001
  $ railfence COMMAND --help

Exit codes:
  0 as intended    1 could not do it    2 input rejected    3 the switch differs, or not in hardware`;

/** The program with the one command that `words` ask for; the others are there by name only. */
export async function programFor(
  words: readonly string[],
  terminal: Terminal,
  end: (code: ExitCode) => void,
): Promise<Command> {
  const program = new Command("railfence")
    .description(
      "Compiles a network policy to Open vSwitch flows for the rails of a GPU network,\ninstalls them, and says for each rule whether its traffic is handled in the NIC.",
    )
    .option("-V, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand("help [command]", "print the help of a command")
    .addHelpText("after", help)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.err,
      outputError: (text, write) => write(withHelp(text)),
    });
  const wanted = words[0] === "help" ? words[1] : words[0];
  for (const { name, summary, load } of entries) {
    const command = program.command(name).summary(summary);
    if (name === wanted) (await load())(command, terminal, end);
  }
  return program;
}

/** Commander's complaint in the form of our own: one sentence, then what to do. */
function withHelp(text: string): string {
  const [message = "", suggestion] = text.trimEnd().split("\n");
  const meant = /^\(Did you mean (.+)\?\)$/.exec(suggestion ?? "")?.[1];
  const help =
    meant === undefined
      ? "`railfence --help` lists the commands, `railfence COMMAND --help` their options"
      : `did you mean \`${meant}\`?`;
  return `${message.replaceAll("'", "`")}\nhelp: ${help}\n`;
}
