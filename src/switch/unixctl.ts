/** A client of the control socket of ovs-vswitchd: what ovs-appctl(8) does, without a process for each question. */

import { JsonRpc } from "./json-rpc.js";

export class Unixctl {
  private readonly connection: JsonRpc;

  private constructor(connection: JsonRpc) {
    this.connection = connection;
  }

  /** @throws {SwitchError} `not-running`, `permission-denied` */
  static async open(path: string, timeoutMs?: number): Promise<Unixctl> {
    return new Unixctl(await JsonRpc.open(path, "ovs-vswitchd", timeoutMs));
  }

  /**
   * One command and its text answer; Open vSwitch answers in order.
   *
   * @throws {SwitchError} `command-failed` with Open vSwitch's words, `timeout`, `not-running`
   */
  async call(method: string, ...params: readonly string[]): Promise<string> {
    return String((await this.connection.call(method, params)) ?? "");
  }

  close(): void {
    this.connection.close();
  }
}
