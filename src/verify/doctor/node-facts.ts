/** What a node shows of itself: everything `diagnose` may know. Readers fill it in, live or from a recording. */

import type { PortFeature } from "../evidence/port-features.js";
import type { Fact } from "./fact.js";
import type { PciDevice, RdmaDevice } from "./hardware-facts.js";

export interface NodeFacts {
  readonly hostName: Fact<string>;
  readonly openVswitch: OpenVswitchFacts;
  readonly kernel: KernelFacts;
  /** The interfaces of the node's own network namespace. */
  readonly netdevs: Fact<readonly Netdev[]>;
  readonly eswitches: Fact<readonly Eswitch[]>;
  /** By the netdev's name. */
  readonly devlinkPorts: Fact<ReadonlyMap<string, DevlinkPort>>;
  /** What tc and ethtool say of each netdev that is a port of a bridge, and tc of an eSwitch's others that have a qdisc. */
  readonly ports: ReadonlyMap<string, PortFacts>;
  /** Netdevs that have an ingress or a clsact qdisc. */
  readonly ingress: Fact<ReadonlySet<string>>;
  readonly rdma: RdmaFacts;
  readonly pci: PciFacts;
}

export interface OpenVswitchFacts {
  /** Absent: no pid file, so it does not run here. */
  readonly daemon: Fact<{ readonly pid: number; readonly startedAt?: string }>;
  /** What the process that runs says: the programs on disk may be newer. */
  readonly version: Fact<string>;
  readonly settings: Fact<SwitchSettings>;
  /** Absent before Open vSwitch 3.7, which has no such command. */
  readonly offloadEnabled: Fact<boolean>;
  readonly upcalls: Fact<readonly Upcalls[]>;
  readonly log: Fact<DaemonLog>;
  /** By bridge. */
  readonly flows: ReadonlyMap<string, Fact<FlowUses>>;
}

/** The database: `Open_vSwitch`, `Bridge`, `Port` and `Interface` (ovs-vswitchd.conf.db(5)). */
export interface SwitchSettings {
  readonly otherConfig: ReadonlyMap<string, string>;
  readonly bridges: readonly BridgeSettings[];
}

export interface BridgeSettings {
  readonly name: string;
  /** `system`, `netdev`, `dummy`; empty in the database means `system`. */
  readonly datapathType: string;
  readonly failMode: "secure" | "standalone" | "unset";
  readonly netflow: boolean;
  readonly sflow: boolean;
  readonly ipfix: boolean;
  readonly mirrors: number;
  readonly ports: readonly PortSettings[];
}

export interface PortSettings {
  readonly name: string;
  readonly bondMode?: string;
  readonly interfaces: readonly InterfaceSettings[];
}

export interface InterfaceSettings {
  readonly name: string;
  /** Empty or `system` is a netdev of the kernel; `internal`, `patch`, `vxlan`, `dummy`, … */
  readonly type: string;
  readonly error?: string;
  readonly mac?: string;
  readonly linkState?: string;
}

/** One datapath of `upcall/show`. */
export interface Upcalls {
  readonly datapath: string;
  readonly flows: number;
  readonly limit: number;
  /** Printed only where some port has a flow API (dpif_get_n_offloaded_flows() of lib/dpif.c). */
  readonly offloaded?: number;
}

/** The log of ovs-vswitchd since its process started; absent fields were not said. */
export interface DaemonLog {
  readonly path: string;
  /** False where the log was rotated since: silence means nothing then. */
  readonly reachesStart: boolean;
  readonly flowApiEnabled: boolean;
  readonly tcPolicy?: string;
  readonly complaints: readonly LogComplaint[];
}

export interface LogComplaint {
  readonly kind:
    | "no-flow-api"
    | "qdisc-failed"
    | "recirculation"
    | "other-filter-in-kernel"
    | "flow-limit"
    | "offload-failed";
  readonly count: number;
  readonly last: string;
}

/** How often somebody else's flows on a bridge use what keeps megaflows narrow or out of the NIC. */
export interface FlowUses {
  readonly own: number;
  readonly foreign: number;
  readonly uses: readonly {
    readonly action: "normal" | "flood" | "conntrack" | "controller" | "group" | "learn";
    readonly count: number;
    readonly example: string;
  }[];
}

export interface KernelFacts {
  readonly release: Fact<string>;
  /** `CONFIG_…` to `y`, `m` or `n`. */
  readonly config: Fact<ReadonlyMap<string, string>>;
  readonly loadedModules: Fact<ReadonlySet<string>>;
  /** Of the modules asked about, those built into the kernel or on disk. */
  readonly availableModules: Fact<ReadonlySet<string>>;
}

export interface Netdev {
  readonly name: string;
  readonly mac?: string;
  readonly mtu?: number;
  /** `up`, `down`, `unknown`, … (operstate of the kernel). */
  readonly state?: string;
  /** Ports of one eSwitch share it; other interfaces have none. */
  readonly switchId?: string;
  /** `p0` for an uplink, `pf0vf3` for the representor of a VF. */
  readonly portName?: string;
  /** The device below it, as devlink calls it: `pci/0000:3b:00.0`. */
  readonly device?: string;
  readonly driver?: string;
}

export interface Eswitch {
  /** `pci/0000:3b:00.0`. */
  readonly handle: string;
  readonly mode: Fact<string>;
  readonly inlineMode?: string;
  readonly encapMode?: string;
  /** `smfs`, `dmfs`, `hmfs`; absent where the driver has no such parameter. */
  readonly steeringMode: Fact<string>;
}

export interface DevlinkPort {
  readonly flavour: string;
  /** The MAC that the host gave to the VF behind a representor. */
  readonly functionMac?: string;
}

export interface PortFacts {
  readonly tcOffload: Fact<PortFeature>;
  readonly filters: Fact<PortFilters>;
}

export interface PortFilters {
  /** Flower filters that belong to a megaflow of Open vSwitch. */
  readonly owned: number;
  /** Flower filters with a cookie of Open vSwitch's form that no megaflow has. */
  readonly orphans: readonly string[];
  /** Filters of other programs: without such a cookie. */
  readonly foreign: readonly string[];
}

export interface RdmaFacts {
  readonly devices: Fact<readonly RdmaDevice[]>;
  readonly namespaces: Fact<"shared" | "exclusive">;
}

export interface PciFacts {
  /** NICs, GPUs, and the bridges above them. */
  readonly devices: Fact<readonly PciDevice[]>;
  /** The version line of NVIDIA's kernel driver. */
  readonly nvidiaDriver: Fact<string>;
}
