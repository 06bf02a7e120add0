/**
 * The properties that Kafka has and the model does not: they are refused as such and never called unknown. Read from the
 * definitions in Kafka's source (ServerConfigs, ReplicationConfigs, KRaftConfigs, ServerLogConfigs, TopicConfig,
 * ProducerConfig, ConsumerConfig and the coordinators' and security classes), with those that brokers and clients up to
 * 4.3 print at their start.
 */

/** Where a property may stand: `server.properties`, a topic's configuration, a producer's, a consumer's. */
export type Section = "server" | "topic" | "producer" | "consumer";

/** Is this one of Kafka's properties of that section which the model does not have? */
export function isUnmodelled(section: Section, name: string): boolean {
  return unmodelledNames[section].has(name) || families[section].some((first) => name.startsWith(`${first}.`));
}

/** Families, by the first words of their names: security, quorum, groups, transactions, tiered storage, ZooKeeper. */
const everywhere = ["sasl", "ssl", "security", "metrics"] as const;
const families: Readonly<Record<Section, readonly string[]>> = {
  server: [
    ...everywhere,
    "controller",
    "delegation.token",
    "group.consumer",
    "group.coordinator",
    "group.share",
    "group.streams",
    "listener.name",
    "log.cleaner",
    "password.encoder",
    "process",
    "remote.log",
    "rlmm.config",
    "rsm.config",
    "share.coordinator",
    "transaction.state.log",
    "zookeeper",
  ],
  topic: [],
  producer: everywhere,
  consumer: everywhere,
};

const clientNames = `
  bootstrap.servers client.dns.lookup client.id config.providers connections.max.idle.ms enable.metrics.push
  interceptor.classes metadata.max.age.ms metadata.recovery.rebootstrap.trigger.ms metadata.recovery.strategy
  metric.reporters receive.buffer.bytes reconnect.backoff.max.ms reconnect.backoff.ms send.buffer.bytes
  socket.connection.setup.timeout.max.ms socket.connection.setup.timeout.ms
`;

/** The single names, for suggestions too. */
export const unmodelledNames: Readonly<Record<Section, ReadonlySet<string>>> = {
  server: names(`
  advertised.listeners alter.config.policy.class.name alter.log.dirs.replication.quota.window.num
  alter.log.dirs.replication.quota.window.size.seconds authorizer.class.name auto.create.topics.enable
  background.threads broker.id broker.id.generation.enable broker.rack client.quota.callback.class
  compression.gzip.level compression.lz4.level compression.type compression.zstd.level config.providers
  connection.failed.authentication.delay.ms connections.max.idle.ms connections.max.reauth.ms
  control.plane.listener.name controlled.shutdown.enable controlled.shutdown.max.retries
  controlled.shutdown.retry.backoff.ms cordoned.log.dirs create.topic.policy.class.name
  delete.records.purgatory.purge.interval.requests delete.topic.enable early.start.listeners
  eligible.leader.replicas.enable errors.deadletterqueue.auto.create.topics.enable
  errors.deadletterqueue.topic.name.prefix fetch.max.bytes fetch.purgatory.purge.interval.requests
  follower.fetch.last.tiered.offset.enable follower.replication.throttled.rate group.initial.rebalance.delay.ms
  group.max.session.timeout.ms group.max.size group.min.session.timeout.ms initial.broker.registration.timeout.ms
  inter.broker.listener.name inter.broker.protocol.version internal.metadata.delete.delay.millis
  internal.metadata.log.segment.bytes internal.metadata.max.batch.size.in.bytes kafka.metrics.polling.interval.secs
  kafka.metrics.reporters leader.imbalance.check.interval.seconds leader.imbalance.per.broker.percentage
  leader.replication.throttled.rate listener.security.protocol.map listeners log.cleanup.policy log.dir
  log.dir.failure.timeout.ms log.dirs log.flush.interval.ms
  log.flush.offset.checkpoint.interval.ms log.flush.scheduler.interval.ms
  log.flush.start.offset.checkpoint.interval.ms log.index.interval.bytes log.index.size.max.bytes
  log.initial.task.delay.ms log.local.retention.bytes log.local.retention.ms log.message.downconversion.enable
  log.message.format.version log.message.timestamp.after.max.ms log.message.timestamp.before.max.ms
  log.message.timestamp.difference.max.ms log.message.timestamp.type log.preallocate log.retention.bytes
  log.retention.hours log.retention.minutes log.retention.ms log.roll.hours
  log.roll.jitter.hours log.roll.jitter.ms log.roll.ms log.segment.bytes log.segment.delete.delay.ms
  max.connection.creation.rate max.connections max.connections.per.ip max.connections.per.ip.overrides
  max.incremental.fetch.session.cache.slots max.request.partition.size.limit message.max.bytes metadata.log.dir
  metadata.log.max.record.bytes.between.snapshots metadata.log.max.snapshot.interval.ms metadata.log.segment.bytes
  metadata.log.segment.min.bytes metadata.log.segment.ms metadata.max.idle.interval.ms metadata.max.retention.bytes
  metadata.max.retention.ms metric.reporters node.id num.io.threads num.network.threads
  num.recovery.threads.per.data.dir num.replica.alter.log.dirs.threads num.replica.fetchers
  offset.metadata.max.bytes offsets.commit.timeout.ms offsets.load.buffer.size offsets.retention.check.interval.ms
  offsets.retention.minutes offsets.topic.compression.codec offsets.topic.num.partitions
  offsets.topic.replication.factor offsets.topic.segment.bytes principal.builder.class
  producer.id.expiration.check.interval.ms producer.id.expiration.ms producer.purgatory.purge.interval.requests
  queued.max.request.bytes queued.max.requests quota.window.num quota.window.size.seconds remote.fetch.max.wait.ms
  remote.list.offsets.request.timeout.ms replica.alter.log.dirs.io.max.bytes.per.second replica.fetch.max.bytes
  replica.fetch.min.bytes replica.fetch.response.max.bytes replica.selector.class
  replica.socket.receive.buffer.bytes replication.quota.window.num replication.quota.window.size.seconds
  request.timeout.ms reserved.broker.max.id server.max.startup.time.ms share.fetch.max.fetch.records
  share.fetch.purgatory.purge.interval.requests socket.connection.setup.timeout.max.ms
  socket.connection.setup.timeout.ms socket.listen.backlog.size socket.receive.buffer.bytes socket.request.max.bytes
  socket.send.buffer.bytes telemetry.max.bytes transaction.abort.timed.out.transaction.cleanup.interval.ms
  transaction.max.timeout.ms transaction.partition.verification.enable
  transaction.remove.expired.transaction.cleanup.interval.ms transaction.two.phase.commit.enable
  transactional.id.expiration.ms unclean.leader.election.interval.ms unstable.api.versions.enable
  unstable.feature.versions.enable
  `),
  topic: names(`
  cleanup.policy compression.gzip.level compression.lz4.level compression.type compression.zstd.level
  delete.retention.ms errors.deadletterqueue.group.enable file.delete.delay.ms flush.messages flush.ms
  follower.replication.throttled.replicas index.interval.bytes leader.replication.throttled.replicas
  local.retention.bytes local.retention.ms max.compaction.lag.ms max.message.bytes message.downconversion.enable
  message.format.version message.timestamp.after.max.ms message.timestamp.before.max.ms
  message.timestamp.difference.max.ms message.timestamp.type min.cleanable.dirty.ratio min.compaction.lag.ms
  preallocate remote.log.copy.disable remote.log.delete.on.disable remote.storage.enable
  segment.index.bytes segment.jitter.ms segment.ms
  `),
  producer: names(`${clientNames}
  buffer.memory compression.gzip.level compression.lz4.level compression.type compression.zstd.level key.serializer
  max.block.ms max.request.size metadata.max.idle.ms partitioner.adaptive.partitioning.enable
  partitioner.availability.timeout.ms transaction.timeout.ms
  transaction.two.phase.commit.enable transactional.id value.serializer
  `),
  consumer: names(`${clientNames}
  allow.auto.create.topics check.crcs client.rack default.api.timeout.ms exclude.internal.topics fetch.max.bytes
  fetch.min.bytes group.instance.id group.protocol group.remote.assignor heartbeat.interval.ms
  internal.leave.group.on.close internal.throw.on.fetch.stable.offset.unsupported key.deserializer
  max.partition.fetch.bytes max.poll.interval.ms partition.assignment.strategy retry.backoff.max.ms
  session.timeout.ms share.acknowledgement.mode value.deserializer
  `),
};

function names(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}
