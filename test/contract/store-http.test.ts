/**
 * The contract of stores over a network. A file of its own, so that it runs beside the others.
 */
import { byHttp, gitWorld } from "../support/store-worlds.ts";
import { storeContract } from "./store.ts";

storeContract("git, over http with a header", () => gitWorld(byHttp));
