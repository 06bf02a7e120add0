/**
 * Kafka's requests that we send, each in every version that we speak: the newest that a broker has too is taken. The
 * codecs are those of @platformatic/kafka, which gives all versions of a request the same arguments and the same answer.
 */
import * as kafka from "@platformatic/kafka";

interface Encoded {
  readonly buffer: Buffer;
}

/** One version of a request; `parseResponse` throws a `ResponseError` that carries the answer if it tells of an error. */
interface Codec<Args extends readonly unknown[], Answer> {
  createRequest(...args: Args): Encoded;
  parseResponse(correlationId: number, apiKey: number, apiVersion: number, reader: kafka.Reader): Answer;
}

export interface Api<Args extends readonly unknown[], Answer> {
  /** Kafka's name of the request. */
  readonly name: string;
  readonly key: number;
  /** From this version on headers have tagged fields (KIP-482). */
  readonly flexibleFrom: number;
  readonly versions: ReadonlyMap<number, Codec<Args, Answer>>;
}

/** `codecs` are those of the versions `first`, `first` + 1, … The newest one's types stand for all. */
function api<Args extends readonly unknown[], Answer>(
  name: string,
  key: number,
  flexibleFrom: number,
  first: number,
  codecs: readonly Codec<Args, Answer>[],
): Api<Args, Answer> {
  return { name, key, flexibleFrom, versions: new Map(codecs.map((codec, index) => [first + index, codec])) };
}

export const produce = api<
  Parameters<typeof kafka.produceV11.createRequest>,
  ReturnType<typeof kafka.produceV11.parseResponse>
>("Produce", 0, 9, 3, [
  kafka.produceV3,
  kafka.produceV4,
  kafka.produceV5,
  kafka.produceV6,
  kafka.produceV7,
  kafka.produceV8,
  kafka.produceV9,
  kafka.produceV10,
  kafka.produceV11,
]);

export const listOffsets = api<
  Parameters<typeof kafka.listOffsetsV9.createRequest>,
  ReturnType<typeof kafka.listOffsetsV9.parseResponse>
>("ListOffsets", 2, 6, 1, [
  kafka.listOffsetsV1,
  kafka.listOffsetsV2,
  kafka.listOffsetsV3,
  kafka.listOffsetsV4,
  kafka.listOffsetsV5,
  kafka.listOffsetsV6,
  kafka.listOffsetsV7,
  kafka.listOffsetsV8,
  kafka.listOffsetsV9,
]);

export const metadata = api<
  Parameters<typeof kafka.metadataV12.createRequest>,
  ReturnType<typeof kafka.metadataV12.parseResponse>
>("Metadata", 3, 9, 1, [
  kafka.metadataV1,
  kafka.metadataV2,
  kafka.metadataV3,
  kafka.metadataV4,
  kafka.metadataV5,
  kafka.metadataV6,
  kafka.metadataV7,
  kafka.metadataV8,
  kafka.metadataV9,
  kafka.metadataV10,
  kafka.metadataV11,
  kafka.metadataV12,
]);

export const offsetCommit = api<
  Parameters<typeof kafka.offsetCommitV9.createRequest>,
  ReturnType<typeof kafka.offsetCommitV9.parseResponse>
>("OffsetCommit", 8, 8, 2, [
  kafka.offsetCommitV2,
  kafka.offsetCommitV3,
  kafka.offsetCommitV4,
  kafka.offsetCommitV5,
  kafka.offsetCommitV6,
  kafka.offsetCommitV7,
  kafka.offsetCommitV8,
  kafka.offsetCommitV9,
]);

export const offsetFetch = api<
  [
    groups: {
      groupId: string;
      memberId: null;
      memberEpoch: number;
      topics: { name: string; partitionIndexes: number[] }[];
    }[],
    requireStable: boolean,
  ],
  ReturnType<typeof kafka.offsetFetchV9.parseResponse>
>("OffsetFetch", 9, 6, 1, [
  kafka.offsetFetchV1,
  kafka.offsetFetchV2,
  kafka.offsetFetchV3,
  kafka.offsetFetchV4,
  kafka.offsetFetchV5,
  kafka.offsetFetchV6,
  kafka.offsetFetchV7,
  kafka.offsetFetchV8,
  kafka.offsetFetchV9,
]);

export const findCoordinator = api<
  Parameters<typeof kafka.findCoordinatorV6.createRequest>,
  ReturnType<typeof kafka.findCoordinatorV6.parseResponse>
>("FindCoordinator", 10, 3, 1, [
  kafka.findCoordinatorV1,
  kafka.findCoordinatorV2,
  kafka.findCoordinatorV3,
  kafka.findCoordinatorV4,
  kafka.findCoordinatorV5,
  kafka.findCoordinatorV6,
]);

export const joinGroup = api<
  Parameters<typeof kafka.joinGroupV9.createRequest>,
  ReturnType<typeof kafka.joinGroupV9.parseResponse>
>("JoinGroup", 11, 6, 1, [
  kafka.joinGroupV1,
  kafka.joinGroupV2,
  kafka.joinGroupV3,
  kafka.joinGroupV4,
  kafka.joinGroupV5,
  kafka.joinGroupV6,
  kafka.joinGroupV7,
  kafka.joinGroupV8,
  kafka.joinGroupV9,
]);

export const heartbeat = api<
  Parameters<typeof kafka.heartbeatV4.createRequest>,
  ReturnType<typeof kafka.heartbeatV4.parseResponse>
>("Heartbeat", 12, 4, 0, [
  kafka.heartbeatV0,
  kafka.heartbeatV1,
  kafka.heartbeatV2,
  kafka.heartbeatV3,
  kafka.heartbeatV4,
]);

export const leaveGroup = api<
  Parameters<typeof kafka.leaveGroupV5.createRequest>,
  ReturnType<typeof kafka.leaveGroupV5.parseResponse>
>("LeaveGroup", 13, 4, 0, [
  kafka.leaveGroupV0,
  kafka.leaveGroupV1,
  kafka.leaveGroupV2,
  kafka.leaveGroupV3,
  kafka.leaveGroupV4,
  kafka.leaveGroupV5,
]);

export const syncGroup = api<
  Parameters<typeof kafka.syncGroupV5.createRequest>,
  ReturnType<typeof kafka.syncGroupV5.parseResponse>
>("SyncGroup", 14, 4, 0, [
  kafka.syncGroupV0,
  kafka.syncGroupV1,
  kafka.syncGroupV2,
  kafka.syncGroupV3,
  kafka.syncGroupV4,
  kafka.syncGroupV5,
]);

export const saslHandshake = api<
  Parameters<typeof kafka.saslHandshakeV1.createRequest>,
  ReturnType<typeof kafka.saslHandshakeV1.parseResponse>
>("SaslHandshake", 17, 99, 1, [kafka.saslHandshakeV1]);

export const createTopics = api<
  Parameters<typeof kafka.createTopicsV7.createRequest>,
  ReturnType<typeof kafka.createTopicsV7.parseResponse>
>("CreateTopics", 19, 5, 2, [
  kafka.createTopicsV2,
  kafka.createTopicsV3,
  kafka.createTopicsV4,
  kafka.createTopicsV5,
  kafka.createTopicsV6,
  kafka.createTopicsV7,
]);

export const deleteTopics = api<
  Parameters<typeof kafka.deleteTopicsV6.createRequest>,
  ReturnType<typeof kafka.deleteTopicsV6.parseResponse>
>("DeleteTopics", 20, 4, 1, [
  kafka.deleteTopicsV1,
  kafka.deleteTopicsV2,
  kafka.deleteTopicsV3,
  kafka.deleteTopicsV4,
  kafka.deleteTopicsV5,
  kafka.deleteTopicsV6,
]);

export const deleteRecords = api<
  Parameters<typeof kafka.deleteRecordsV2.createRequest>,
  ReturnType<typeof kafka.deleteRecordsV2.parseResponse>
>("DeleteRecords", 21, 2, 0, [kafka.deleteRecordsV0, kafka.deleteRecordsV1, kafka.deleteRecordsV2]);

export const initProducerId = api<
  Parameters<typeof kafka.initProducerIdV4.createRequest>,
  ReturnType<typeof kafka.initProducerIdV4.parseResponse>
>("InitProducerId", 22, 2, 0, [
  kafka.initProducerIdV0,
  kafka.initProducerIdV1,
  kafka.initProducerIdV2,
  kafka.initProducerIdV3,
  kafka.initProducerIdV4,
]);

export const offsetForLeaderEpoch = api<
  Parameters<typeof kafka.offsetForLeaderEpochV4.createRequest>,
  ReturnType<typeof kafka.offsetForLeaderEpochV4.parseResponse>
>("OffsetForLeaderEpoch", 23, 4, 2, [
  kafka.offsetForLeaderEpochV2,
  kafka.offsetForLeaderEpochV3,
  kafka.offsetForLeaderEpochV4,
]);

export const addPartitionsToTxn = api<
  Parameters<typeof kafka.addPartitionsToTxnV3.createRequest>,
  ReturnType<typeof kafka.addPartitionsToTxnV3.parseResponse>
>("AddPartitionsToTxn", 24, 3, 0, [
  kafka.addPartitionsToTxnV0,
  kafka.addPartitionsToTxnV1,
  kafka.addPartitionsToTxnV2,
  kafka.addPartitionsToTxnV3,
]);

export const endTxn = api<
  Parameters<typeof kafka.endTxnV3.createRequest>,
  ReturnType<typeof kafka.endTxnV3.parseResponse>
>("EndTxn", 26, 3, 0, [kafka.endTxnV0, kafka.endTxnV1, kafka.endTxnV2, kafka.endTxnV3]);

export const saslAuthenticate = api<
  Parameters<typeof kafka.saslAuthenticateV2.createRequest>,
  ReturnType<typeof kafka.saslAuthenticateV2.parseResponse>
>("SaslAuthenticate", 36, 2, 0, [kafka.saslAuthenticateV0, kafka.saslAuthenticateV1, kafka.saslAuthenticateV2]);

export const deleteGroups = api<
  Parameters<typeof kafka.deleteGroupsV2.createRequest>,
  ReturnType<typeof kafka.deleteGroupsV2.parseResponse>
>("DeleteGroups", 42, 2, 0, [kafka.deleteGroupsV0, kafka.deleteGroupsV1, kafka.deleteGroupsV2]);

export const describeTopicPartitions = api<
  Parameters<typeof kafka.describeTopicPartitionsV0.createRequest>,
  ReturnType<typeof kafka.describeTopicPartitionsV0.parseResponse>
>("DescribeTopicPartitions", 75, 0, 0, [kafka.describeTopicPartitionsV0]);

type FetchArguments = Parameters<typeof kafka.fetchV12.createRequest>;
type FetchAnswer = ReturnType<typeof kafka.fetchV12.parseResponse>;

/** Later versions name topics by their ids; these by their names, which the library calls `topicId` all the same. */
const fetchCodecs: readonly Codec<FetchArguments, FetchAnswer>[] = [
  kafka.fetchV4,
  kafka.fetchV5,
  kafka.fetchV6,
  kafka.fetchV7,
  kafka.fetchV8,
  kafka.fetchV9,
  kafka.fetchV10,
  kafka.fetchV11,
  kafka.fetchV12,
];

export const fetch = api<FetchArguments, FetchAnswer>("Fetch", 1, 12, 4, fetchCodecs);

/**
 * A fetch as Kafka's debugging consumer (replica id -2) in a version that tells of racks: every replica answers it, with
 * the high watermark as that replica has it (FetchRequest.DEBUGGING_CONSUMER_ID, FetchParams.fetchOnlyLeader).
 */
export const fetchReplica = api<FetchArguments, FetchAnswer>(
  "Fetch",
  1,
  12,
  4,
  fetchCodecs.map((codec) => ({
    parseResponse: codec.parseResponse,
    createRequest(...args) {
      const { buffer } = codec.createRequest(...args);
      const copy = Buffer.from(buffer);
      copy.writeInt32BE(-2, 0);
      return { buffer: copy };
    },
  })),
);
