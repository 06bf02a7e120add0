/** The kinds of messages that can be held: Kafka's requests and responses, and the controller's pushes of metadata. */
import type { RequestBody, ResponseBody } from "../../model/message.ts";

type MessageKind = RequestBody["type"] | ResponseBody["type"];

/** A record rather than a list, so that the compiler sees when one is missing: a misspelt kind would hold nothing. */
const kinds: Readonly<Record<MessageKind, true>> = {
  produce: true,
  "produce-response": true,
  fetch: true,
  "fetch-response": true,
  "list-offsets": true,
  "list-offsets-response": true,
  "offset-for-leader-epoch": true,
  "offset-for-leader-epoch-response": true,
  "delete-records": true,
  "delete-records-response": true,
  metadata: true,
  "metadata-response": true,
  "offset-fetch": true,
  "offset-fetch-response": true,
  "offset-commit": true,
  "offset-commit-response": true,
  register: true,
  "register-response": true,
  heartbeat: true,
  "heartbeat-response": true,
  "alter-partition": true,
  "alter-partition-response": true,
  "partition-change": true,
  "broker-change": true,
};

export const messageKinds: readonly string[] = Object.keys(kinds);
