/** Whose a flow is: its cookie begins with a number of ours, or it is somebody else's on the same bridge. */

/** "rf". */
export const cookieMagic = 0x7266n << 48n;
export const cookieMagicMask = 0xffffn << 48n;

export function isOurCookie(cookie: bigint): boolean {
  return (cookie & cookieMagicMask) === cookieMagic;
}
