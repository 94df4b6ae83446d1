/**
 * The version of this program, written into the bundle when it is built: a bundle that is one file
 * somewhere has no manifest beside it.
 */
declare const OPTOUT_VERSION: string;

export function version(): string {
  return OPTOUT_VERSION;
}
