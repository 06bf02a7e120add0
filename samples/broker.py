"""A broker in memory, to be judged over JSON lines (docs/subject-protocol.md): the shortest thing that keeps the promises.

`--fault NAME` makes it break one. To adapt a real broker, keep the shell and call its client instead.
"""

import json
import sys

FAULTS = ("none", "lose-acknowledged", "duplicate", "reorder", "wrong-offset", "lose-commit", "dirty-read")


class Broker:
    def __init__(self, fault):
        self.fault = fault
        self.written = 0
        self.cluster = {}
        self.logs = {}  # by partition: values in the order of their offsets
        self.committed = {}  # by group and partition: the next offset to read
        self.positions = {}  # by consumer, then by partition; None: not known yet

    def hello(self, said):
        return {"name": "samples/broker.py", "capabilities": ["crash-client", "see-committed"]}

    def start(self, said):
        self.cluster = said["cluster"]
        topics = self.cluster["topics"]
        for topic, settings in topics.items():
            for number in range(settings["partitions"]):
                self.logs[f"{topic}-{number}"] = []
        for consumer in self.cluster["consumers"]:
            self.positions[consumer] = {partition: None for partition in self.logs}
        factor = max(settings["replication.factor"] for settings in topics.values())
        return {"refused": "INVALID_REPLICATION_FACTOR" if factor > self.cluster["brokers"] else None}

    def send(self, said):
        held = []
        results = [self.append(record, held) for record in said["records"]]
        for log, value in held:
            log.append(value)
        return {"results": results}

    def append(self, record, held):
        log, value = self.logs[record["partition"]], record["value"]
        self.written += 1
        is_chosen = self.written % 4 == 0
        if self.fault == "lose-acknowledged" and is_chosen:
            return {"offset": len(log)}
        if self.fault == "dirty-read" and is_chosen:
            log.append(value)
            return {"outcome": "fail", "error": "NOT_ENOUGH_REPLICAS"}
        if self.fault == "reorder" and self.written % 4 == 1:
            held.append((log, value))
            return {}
        log.append(value)
        if self.fault == "duplicate" and is_chosen:
            log.append(value)
        return {"offset": len(log) - 1 + (self.fault == "wrong-offset")}

    def flush(self, said):
        return {}

    def poll(self, said):
        consumer = said["consumer"]
        settings = self.cluster["consumers"][consumer]
        records, left = {}, settings.get("max.poll.records", 500)
        for partition, position in self.positions[consumer].items():
            log = self.logs[partition]
            known = self.committed.get((settings["group.id"], partition))
            reset = settings["auto.offset.reset"]
            if position is None and known is None and reset == "none":
                return {"outcome": "fail", "error": "NO_OFFSET_FOR_PARTITION"}
            start = position if position is not None else known
            if start is None:
                start = 0 if reset == "earliest" else len(log)
            if start > len(log):
                if reset == "none":
                    return {"outcome": "fail", "error": "OFFSET_OUT_OF_RANGE"}
                start = 0 if reset == "earliest" else len(log)
            end = min(len(log), start + left)
            left -= end - start
            if end > start:
                records[partition] = [[offset, log[offset]] for offset in range(start, end)]
            self.positions[consumer][partition] = end
        return {"records": records}

    def commit(self, said):
        group = self.cluster["consumers"][said["consumer"]]["group.id"]
        known = {key: at for key, at in self.positions[said["consumer"]].items() if at is not None}
        offsets = said["offsets"] if said["offsets"] is not None else known
        if self.fault != "lose-commit":
            for partition, offset in offsets.items():
                self.committed[(group, partition)] = offset
        return {"offsets": offsets}

    def assign(self, said):
        before = self.positions.get(said["consumer"], {})
        self.positions[said["consumer"]] = {key: before.get(key) for key in said["partitions"]}
        return {}

    def seek(self, said):
        self.positions[said["consumer"]][said["partition"]] = said["offset"]
        return {}

    def crash(self, said):
        return {}

    def restart(self, said):
        if said["client"] in self.positions:
            self.positions[said["client"]] = {partition: None for partition in self.logs}
        return {}

    def describe(self, said):
        return {
            "committed": [
                {"group": group, "partition": partition, "offset": offset}
                for (group, partition), offset in self.committed.items()
            ]
        }

    def stop(self, said):
        return {}


def main():
    fault = sys.argv[sys.argv.index("--fault") + 1] if "--fault" in sys.argv else "none"
    if fault not in FAULTS:
        sys.exit(f"--fault is one of {', '.join(FAULTS)}")
    broker = Broker(fault)
    for line in sys.stdin:
        said = json.loads(line)
        operation = getattr(broker, said["op"].replace("-", "_"), None)
        answer = operation(said) if operation else {"failed": f"what is {said['op']}?"}
        print(json.dumps({"id": said["id"], **answer}), flush=True)


main()
