/** `--subject`, `--bootstrap` and what goes with them: what is to be driven, and how it is reached. */
import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import type { Subject } from "../spec/subject.ts";
import type { Security } from "../subjects/kafka/broker-connection.ts";
import type { Address } from "../subjects/kafka/frame-connection.ts";
import type { KafkaClientOptions } from "../subjects/kafka/kafka-client.ts";
import type { WireProblem } from "../subjects/kafka/wire-error.ts";
import { CliError } from "./cli-error.ts";
import { exitCode } from "./exit-code.ts";

export type SubjectOption =
  | { readonly kind: "model" }
  | { readonly kind: "kafka"; readonly bootstrap: readonly Address[] }
  | { readonly kind: "program"; readonly command: string };

export interface SecurityOptions {
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly sasl?: string;
  readonly saslUsername?: string;
}

/** Never an option: whoever lists processes would read it. */
const passwordVariable = "HIGHWATER_SASL_PASSWORD";

/** Throws a `CliError` for what is no subject. */
export function subjectOption(text: string): SubjectOption {
  if (text === "model") return { kind: "model" };
  if (text.startsWith("kafka://")) return { kind: "kafka", bootstrap: addresses(text.slice("kafka://".length)) };
  const command = text.startsWith("cmd:") ? text.slice("cmd:".length).trim() : "";
  if (command !== "") return { kind: "program", command };
  throw new CliError(
    "E_USAGE",
    `unknown subject ${text}`,
    "expected model, kafka://host:port[,host:port] or 'cmd:program args'",
  );
}

/** `host:port[,host:port]` */
export function addresses(text: string): readonly Address[] {
  return text.split(",").map((one) => {
    const match = /^(\[[0-9a-fA-F:.]+\]|[^:\s/@]+):([0-9]{1,5})$/.exec(one.trim());
    const port = Number(match?.[2]);
    if (match?.[1] === undefined || port < 1 || port > 65_535) {
      // Before an "@" there may be a password.
      throw new CliError("E_USAGE", `${one.trim().replace(/^.*@/, "…@")} is no address`, "expected host:port");
    }
    return { host: match[1].replace(/^\[|\]$/g, ""), port };
  });
}

export function securityOption(options: SecurityOptions): Security {
  const { tls = false, tlsCa, tlsCert, tlsKey, sasl, saslUsername } = options;
  const files = { ca: tlsCa, cert: tlsCert, key: tlsKey };
  const given = Object.entries(files).flatMap(([name, file]) => (file === undefined ? [] : [[name, readSecret(file)]]));
  const wantsTls = tls || given.length > 0;
  return { tls: wantsTls ? usableTls(Object.fromEntries(given)) : null, sasl: saslOption(sasl, saslUsername) };
}

/** Files that hold no certificates, or a key that does not fit, are found before anybody is contacted. */
function usableTls(options: SecureContextOptions): SecureContextOptions {
  try {
    createSecureContext(options);
    return options;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? ` (${cause.code})` : "";
    throw new CliError("E_TLS", `the certificates or their key cannot be used${code}`, "PEM files are expected");
  }
}

function saslOption(mechanism: string | undefined, username: string | undefined): Security["sasl"] {
  if (mechanism === undefined) return null;
  const wanted = mechanism.toUpperCase();
  if (wanted !== "PLAIN" && wanted !== "SCRAM-SHA-256" && wanted !== "SCRAM-SHA-512") {
    throw new CliError(
      "E_USAGE",
      `unknown SASL mechanism ${mechanism}`,
      "expected plain, scram-sha-256 or scram-sha-512",
    );
  }
  const password = process.env[passwordVariable];
  if (username === undefined || password === undefined) {
    throw new CliError(
      "E_USAGE",
      "SASL needs a name and a password",
      `--sasl-username, and ${passwordVariable} in the environment`,
    );
  }
  return { mechanism: wanted, username, password };
}

function readSecret(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch {
    throw new CliError("E_NO_SUCH_FILE", `${file} cannot be read`);
  }
}

/** Loaded only when it is asked for: the model does without the wire. */
export async function openKafka(options: KafkaClientOptions): Promise<Subject> {
  const { createKafkaSubject } = await import("../subjects/kafka/kafka-subject.ts");
  return createKafkaSubject({ ...options, name: "kafka", control: null });
}

export async function openProgramSubject(command: string): Promise<Subject> {
  const { createProgramSubject } = await import("../subjects/program/program-subject.ts");
  return createProgramSubject(command);
}

/** Is anybody there? Throws a `CliError` with exit code 2 where nobody is. */
export async function probe(subject: SubjectOption, reach: Omit<KafkaClientOptions, "bootstrap">): Promise<void> {
  const { SubjectError } = await import("../subjects/subject-error.ts");
  try {
    if (subject.kind === "program") await (await openProgramSubject(subject.command)).close();
    if (subject.kind !== "kafka") return;
    const { createKafkaClient } = await import("../subjects/kafka/kafka-client.ts");
    const client = createKafkaClient({ ...reach, bootstrap: subject.bootstrap });
    try {
      await client.metadata([]);
    } finally {
      client.close();
    }
  } catch (error) {
    if (!(error instanceof SubjectError)) throw error;
    const { WireError } = await import("../subjects/kafka/wire-error.ts");
    const hint = error instanceof WireError ? hints[error.problem] : undefined;
    throw new CliError("E_UNREACHABLE", error.message, hint ?? hints.unreachable, exitCode.inconclusive);
  }
}

const speaks = "does it speak Kafka's protocol? does it want --tls or --sasl?";

const hints: Partial<Record<WireProblem, string>> & { readonly unreachable: string } = {
  unreachable: "is it there, and does it speak Kafka's protocol?",
  closed: speaks,
  nonsense: speaks,
  untrusted: "--tls-ca FILE names authorities to trust",
  refused: `are --sasl, --sasl-username and ${passwordVariable} right?`,
  false: "it is not the broker that it claims to be",
};
