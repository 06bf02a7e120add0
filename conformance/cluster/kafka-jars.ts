/**
 * Where Kafka's jars come from: the user's own installation (`KAFKA_HOME`), or a folder in the user's cache that Maven
 * fills once per version.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { LaunchError } from "./launch-error.ts";

/** The version that is asked for where none is named; 4.4.0 was incomplete when this was written. */
const pinnedKafkaVersion = "4.3.1";

/** A first fetch on a slow line. */
const fetchMsMax = 300_000;

export interface KafkaJars {
  /** What to put on Java's class path. */
  readonly classPath: string;
  /** As asked for, or what the jars' names say. */
  readonly version: string;
}

/** `note` tells the user what takes time. */
export async function findKafkaJars(version: string | null, note: (text: string) => void): Promise<KafkaJars> {
  const home = process.env["KAFKA_HOME"];
  if (home !== undefined && home !== "" && version === null) return jarsIn(join(home, "libs"), "KAFKA_HOME");
  const wanted = version ?? pinnedKafkaVersion;
  if (!/^[0-9]+(\.[0-9]+){1,3}$/.test(wanted)) {
    throw new LaunchError("E_USAGE", `${wanted} is no version of Kafka`, `as in apache-kafka@${pinnedKafkaVersion}`);
  }
  const folder = join(cacheFolder(), "kafka", wanted);
  if (!existsSync(folder)) await fetchByMaven(wanted, folder, note);
  return jarsIn(folder, folder);
}

function jarsIn(folder: string, source: string): KafkaJars {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const version = names
    .map((name) => /^kafka_2\.1[23]-([0-9.]+)\.jar$/.exec(name)?.[1])
    .find((one) => one !== undefined);
  if (version === undefined) throw new LaunchError("E_NO_KAFKA", `there is no kafka_2.13 jar in ${folder} (${source})`);
  return { classPath: join(folder, "*"), version };
}

/** The folder of the XDG Base Directory Specification. */
function cacheFolder(): string {
  const given = process.env["XDG_CACHE_HOME"];
  return join(given === undefined || given === "" ? join(homedir(), ".cache") : given, "highwater");
}

async function fetchByMaven(version: string, folder: string, note: (text: string) => void): Promise<void> {
  note(`fetching Kafka ${version} by Maven into ${folder}`);
  const work = `${folder}.${process.pid}`;
  mkdirSync(work, { recursive: true });
  try {
    writeFileSync(join(work, "pom.xml"), pom(version));
    const goal = ["-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=lib"];
    const { code, output } = await runMaven(goal, work);
    if (code !== 0) {
      const reason = output.split("\n").find((line) => line.includes("ERROR")) ?? `Maven ended with ${code}`;
      throw new LaunchError(
        "E_NO_KAFKA",
        `Kafka ${version} could not be fetched: ${reason.slice(0, 300)}`,
        "without a network, set KAFKA_HOME to an installation",
      );
    }
    // Another run may have been faster: then its folder is as good as ours.
    if (!existsSync(folder)) renameSync(join(work, "lib"), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function runMaven(args: readonly string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const maven = spawn("mvn", args, { cwd, stdio: ["ignore", "pipe", "pipe"], timeout: fetchMsMax });
    let output = "";
    const take = (chunk: Buffer) => {
      output += chunk.toString();
    };
    maven.stdout.on("data", take);
    maven.stderr.on("data", take);
    maven.on("error", () =>
      reject(new LaunchError("E_NO_MAVEN", "Maven (mvn) is not there to fetch Kafka", "install it, or set KAFKA_HOME")),
    );
    maven.on("close", (code) => resolve({ code, output }));
  });
}

function pom(version: string): string {
  const dependency = (group: string, artifact: string, of: string) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${of}</version></dependency>`;
  return [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    "<groupId>highwater.local</groupId><artifactId>cluster</artifactId><version>1</version><packaging>pom</packaging>",
    "<dependencies>",
    dependency("org.apache.kafka", "kafka_2.13", version),
    dependency("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.1"),
    dependency("org.apache.logging.log4j", "log4j-core", "2.25.1"),
    "</dependencies></project>",
  ].join("\n");
}
