/** How the listener for clients is secured, by TLS, SASL or both, and how our own clients get through it. */
import type { Security } from "../../subjects/kafka/broker-connection.ts";

export interface SecureListener {
  readonly protocol: "SSL" | "SASL_PLAINTEXT" | "SASL_SSL";
  /** Settings of the brokers, with their names in server.properties. */
  readonly properties: Readonly<Record<string, string>>;
  /** Users of SCRAM, as Kafka's StorageTool takes them with `--add-scram`. */
  readonly scramUsers: readonly string[];
  /** How our own clients are let in. */
  readonly client: Security;
}
