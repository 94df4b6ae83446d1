/**
 * What a job asks a remote for, by whichever way it is asked.
 */

export const policyPath = ".optout/policy.yaml";

/** As the store git does, which is not open yet when both are asked for. */
export const gitReadsAtOnce = 256;

/** Seconds after which a job's command gives up, where `--timeout` does not say. */
export const quickTimeout = 10;
