/**
 * A connection to one broker on which requests can be called by their types: it has asked which versions the broker
 * offers (ApiVersions, in version 3 or, where that is refused, 0), has authenticated itself, and speaks the newest
 * version that both know.
 */
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { apiVersionsV0, apiVersionsV3, Reader, ResponseError } from "@platformatic/kafka";
import type { Api } from "./apis.ts";
import { saslAuthenticate, saslHandshake } from "./apis.ts";
import { type Address, addressText, type FrameConnection, openFrames } from "./frame-connection.ts";
import { protocolErrorName } from "./protocol-error.ts";
import { createSaslConversation, SaslError, type SaslOptions } from "./sasl.ts";
import { WireError } from "./wire-error.ts";

export interface Security {
  /** `null`: plain text. */
  readonly tls: TlsOptions | null;
  readonly sasl: SaslOptions | null;
}

/** What decides of a request's version. */
interface Versioned {
  readonly key: number;
  readonly versions: ReadonlyMap<number, unknown>;
}

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

export interface BrokerConnection {
  readonly isOpen: boolean;
  /** Versions that the broker offers, by the key of the request. */
  readonly offered: ReadonlyMap<number, VersionRange>;
  /** Finalized features of the cluster by name; empty where the broker does not tell. */
  readonly features: ReadonlyMap<string, number>;
  /** The version that a call would be made in; `null` if there is none. */
  versionOf(api: Versioned): number | null;
  /** The answer, also where it tells of errors. Throws a `WireError` if there is none. */
  call<Args extends readonly unknown[], Answer>(api: Api<Args, Answer>, args: Args, timeoutMs: number): Promise<Answer>;
  /** Sends a request that has no answer. */
  tell<Args extends readonly unknown[]>(api: Api<Args, unknown>, args: Args): Promise<void>;
  close(): void;
}

const clientId = "highwater";
const apiVersionsKey = 18;

export async function openBroker(address: Address, security: Security, timeoutMs: number): Promise<BrokerConnection> {
  const name = addressText(address);
  const open = () => openFrames(address, security.tls, timeoutMs);
  let frames = await open();
  let versions: Versions;
  try {
    versions = await askVersions(frames, 3, name, timeoutMs);
  } catch (error) {
    if (!(error instanceof WireError) || error.problem !== "closed") throw error;
    // Some old brokers hang up on a version that they do not know.
    frames.close();
    frames = await open();
    versions = await askVersions(frames, 0, name, timeoutMs);
  }
  const { offered, features } = versions;

  function frameOf<Args extends readonly unknown[], Answer>(api: Api<Args, Answer>, args: Args) {
    const version = newestCommon(api, offered);
    const codec = version === null ? undefined : api.versions.get(version);
    if (version === null || codec === undefined) throw new WireError("unsupported", name, api.name);
    const frame = frameWith(api.key, version, version >= api.flexibleFrom, codec.createRequest(...args).buffer);
    return { frame, version, codec };
  }

  const connection: BrokerConnection = {
    get isOpen() {
      return frames.isOpen;
    },
    offered,
    features,
    versionOf: (api) => newestCommon(api, offered),
    async call<Args extends readonly unknown[], Answer>(api: Api<Args, Answer>, args: Args, answerMs: number) {
      const { frame, version, codec } = frameOf<Args, Answer>(api, args);
      const answer = await frames.ask(frame, answerMs);
      const isFlexible = version >= api.flexibleFrom;
      return readable<Answer>(frames, name, api.name, () =>
        codec.parseResponse(0, api.key, version, Reader.from(isFlexible ? withoutTags(answer) : answer)),
      );
    },
    async tell(api, args) {
      await frames.tell(frameOf(api, args).frame);
    },
    close: () => frames.close(),
  };
  try {
    if (security.sasl !== null) await authenticate(connection, security.sasl, name, timeoutMs);
  } catch (error) {
    // Nobody else has the connection yet: it would stay open, and keep the program from ending.
    frames.close();
    throw error;
  }
  return connection;
}

interface Versions {
  readonly offered: ReadonlyMap<number, VersionRange>;
  readonly features: ReadonlyMap<string, number>;
}

async function askVersions(frames: FrameConnection, asked: 0 | 3, name: string, timeoutMs: number): Promise<Versions> {
  const codec = asked === 3 ? apiVersionsV3 : apiVersionsV0;
  const body = codec.createRequest(clientId, "1").buffer;
  const answer = await frames.ask(frameWith(apiVersionsKey, asked, asked === 3, body), timeoutMs);
  // A broker that does not know version 3 answers in version 0: the error comes first in both.
  const isRefused =
    asked === 3 && answer.length >= 2 && protocolErrorName(answer.readInt16BE(0)) === "UNSUPPORTED_VERSION";
  if (isRefused) return askVersions(frames, 0, name, timeoutMs);
  const answered = readable<ReturnType<typeof apiVersionsV3.parseResponse>>(frames, name, "ApiVersions", () =>
    codec.parseResponse(0, apiVersionsKey, asked, Reader.from(answer)),
  );
  const features = answered.finalizedFeatures ?? [];
  return {
    offered: new Map(answered.apiKeys.map((one) => [one.apiKey, { min: one.minVersion, max: one.maxVersion }])),
    features: new Map(features.map((one) => [one.name, one.maxVersionLevel])),
  };
}

function newestCommon(api: Versioned, offered: ReadonlyMap<number, VersionRange>): number | null {
  const range = offered.get(api.key);
  if (range === undefined) return null;
  const common = [...api.versions.keys()].filter((version) => version >= range.min && version <= range.max);
  return common.length === 0 ? null : Math.max(...common);
}

/** Request header: key, version, correlation id (filled in later), client id, and tags where the version has them. */
function frameWith(key: number, version: number, isFlexible: boolean, body: Buffer): Buffer {
  const id = Buffer.from(clientId);
  const header = Buffer.alloc(10);
  header.writeInt16BE(key, 0);
  header.writeInt16BE(version, 2);
  header.writeInt16BE(id.length, 8);
  return Buffer.concat([header, id, ...(isFlexible ? [Buffer.alloc(1)] : []), body]);
}

/** The header of a flexible answer ends with tags; we know none, and an empty list is one zero. */
function withoutTags(answer: Buffer): Buffer {
  return answer.subarray(1);
}

/** Whatever the codec throws over bytes that it cannot read is the broker's fault. */
function readable<Answer>(frames: FrameConnection, name: string, what: string, read: () => Answer): Answer {
  try {
    return read();
  } catch (error) {
    if (error instanceof ResponseError) return error["response"] as Answer;
    frames.close();
    throw new WireError("nonsense", name, `the answer to ${what} cannot be read`);
  }
}

async function authenticate(
  connection: BrokerConnection,
  sasl: SaslOptions,
  name: string,
  timeoutMs: number,
): Promise<void> {
  const { errorCode, mechanisms } = await connection.call(saslHandshake, [sasl.mechanism], timeoutMs);
  if (errorCode !== 0) {
    // A stranger's words go to a terminal.
    const offered = mechanisms.filter((one) => /^[A-Z0-9-]{1,40}$/.test(one)).slice(0, 10);
    throw new WireError("refused", name, `it offers SASL by ${offered.join(", ") || "nothing"}`);
  }
  const conversation = createSaslConversation(sasl);
  for (let said = conversation.next(null); said !== null; ) {
    const answer = await connection.call(saslAuthenticate, [said], timeoutMs);
    if (answer.errorCode !== 0) throw new WireError("refused", name, protocolErrorName(answer.errorCode));
    try {
      said = conversation.next(answer.authBytes);
    } catch (error) {
      if (!(error instanceof SaslError)) throw error;
      throw new WireError("false", name, error.message);
    }
  }
}
