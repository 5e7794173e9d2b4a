/**
 * A railfence in a process of its own: `RUN_DIRECTORY PORT COUNT [STEP]` installs flows of 10.0.0.0 and on to that port, and
 * kills itself without warning after that step.
 */

import { install } from "../../src/switch/install.js";
import { OpenVswitch } from "../../src/switch/open-vswitch.js";
import { manyFlows, railOf } from "./hand-made-rail.js";

const [runDirectory = "", port = "", count = "", lastStep] = process.argv.slice(2);
await install(new OpenVswitch({ runDirectory }), railOf(manyFlows(Number(count), port)), {
  onStep(step) {
    process.stdout.write(`${step}\n`);
    if (step === lastStep) process.kill(process.pid, "SIGKILL");
  },
});
