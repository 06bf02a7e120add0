/** The command line: arguments in, exit code out. */
import { Command, CommanderError } from "commander";
import { type CheckOptions, check } from "./check.ts";
import { CliError } from "./cli-error.ts";
import { type ConformOptions, conformCommand } from "./conform.ts";
import type { Environment } from "./environment.ts";
import { exitCode } from "./exit-code.ts";
import { type ExplainOptions, explain } from "./explain.ts";
import { internalError } from "./internal-error.ts";
import { type MatrixOptions, matrix } from "./matrix.ts";
import { type ReplayOptions, replay } from "./replay.ts";
import { type RunOptions, run } from "./run.ts";
import { schema } from "./schema.ts";
import { type VerifyOptions, verify } from "./verify.ts";
import { version } from "./version.ts";

/** `argv` are the arguments without program and script. Never throws. */
export async function runProgram(argv: readonly string[], environment: Environment): Promise<number> {
  let code: number = exitCode.ok;
  const program = createProgram(environment, (result) => {
    code = result;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return code;
  } catch (cause) {
    return report(cause, environment);
  }
}

function createProgram(environment: Environment, done: (code: number) => void): Command {
  const program = new Command("highwater")
    .description("An executable reference specification of Kafka's delivery guarantees")
    .version(version())
    .exitOverride()
    // Commander's own error text is thrown as well; it is printed once, in our form.
    .configureOutput({ writeOut: environment.out, writeErr: environment.out, outputError: () => undefined });
  const playing = program
    .command("run")
    .description("play scenario files or folders (default: scenarios/)")
    .argument("[paths...]", "files or folders")
    .option("--json", "print one JSON document")
    .option("--only <glob>", "only files or titles that match")
    .option("--subject <subject>", "what to drive: model, kafka://host:port[,host:port] or 'cmd:program args'", "model")
    .option("--plant <id>", "plant a bug in the model (explain --plants lists them)")
    .option("--junit <file>", "write a JUnit report")
    .option("--out <dir>", "write the history of each scenario");
  withSecurity(playing).action(async (paths: string[], options: RunOptions) =>
    done(await run(paths, options, environment)),
  );
  withSecurity(
    program
      .command("conform")
      .description("the conformance suite against a running cluster, one that is started for it, or a program")
      .argument("[paths...]", "scenario files or folders (default: scenarios/)")
      .option("--bootstrap <addresses>", "host:port[,host:port] of a running cluster")
      .option("--cluster <kind>", "start one first: apache-kafka[@version]")
      .option("--subject <subject>", "'cmd:program args', or kafka://host:port")
      .option("--level <level>", "smoke, standard or full", "standard")
      .option(
        "--faults <list>",
        "kill, pause, cut or none, where the machines are in our hands (--cluster)",
        "kill,pause,cut",
      )
      .option("--seed <n>", "seed of what is generated", "1")
      .option("--pin", "contact no address but the given ones")
      .option("--only <glob>", "only scenarios that match, and nothing else of the suite")
      .option("--json", "print one JSON document")
      .option("--out <dir>", "write report.json, junit.xml and every history"),
  ).action(async (paths: string[], options: ConformOptions) => done(await conformCommand(paths, options, environment)));
  const all = (value: string, known: readonly string[] = []) => [...known, value];
  program
    .command("check")
    .description("design validation: explore every state of a cluster under faults and judge every requirement")
    .argument("[cluster.yaml]", "the cluster, or a scenario that has one (default: the default design)")
    .option(
      "--set <name=value>",
      "a setting by Kafka's name, also brokers, partitions, replication.factor, profile",
      all,
    )
    .option("--from <files>", "Kafka's property files, as server.properties,producer.properties")
    .option("--suggest", "look for the smallest change by which what is lost holds")
    .option("--compare <cluster.yaml>", "check this one too, and tell what differs")
    .option("--faults <list>", "kill, power-loss, pause, cut, delay, each with a budget (kill:2), or none", "kill:1")
    .option(
      "--requirement <id>",
      "judge only this one (may be given several times; what must come to pass, LIV-1, alone)",
      all,
    )
    .option("--bound <name=value>", "records, elections, attempts", all)
    .option("--channels <kind>", "rendezvous or queued", "rendezvous")
    .option("--max-states <n>", "stop after so many states")
    .option("--time <time>", "stop after this time, as 60s")
    .option("--runs <n>", "so many random runs in place of the exhaustive search")
    .option("--seed <s>", "where the random runs begin (default: 1)")
    .option("--plant <id>", "plant a bug in the model (explain --plants lists them)")
    .option("--timeline", "show each counterexample as a timeline")
    .option("--out <dir>", "write the trace and the timeline of each counterexample")
    .option("--json", "print one JSON document")
    .action(async (file: string | undefined, options: CheckOptions) => done(await check(file, options, environment)));
  program
    .command("matrix")
    .description(
      "the guarantee matrix: can an acknowledged record be lost, by acks, min ISR, unclean election and faults?",
    )
    .option("--quick", "two replicas instead of three")
    .option("--time <time>", "stop after this time, as 10m")
    .option("--json", "print one JSON document, with every witness")
    .action(async (options: MatrixOptions) => done(await matrix(options, environment)));
  program
    .command("replay")
    .description("replay a trace file strictly: the timeline, and the verdict again")
    .argument("<trace>", "a trace.json that check or run has written with --out")
    .option("--mermaid", "print the timeline as a Mermaid sequence diagram")
    .option("--at <step>", "print the whole state after this step (0: the beginning)")
    .option("--all", "show also the steps of which nothing is seen")
    .option("--json", "print one JSON document")
    .action((file: string, options: ReplayOptions) => done(replay(file, options, environment)));
  program
    .command("verify")
    .description("judge a recorded history: JSON lines (docs/histories.md) or Jepsen's EDN (.edn)")
    .argument("<history>", "a file, or - for standard input")
    .option("--contract <cluster.yaml>", "what was promised, in place of the history's own contract")
    .option("--allow <anomaly>", "list it, do not count it (may be given several times)", all)
    .option("--json", "print one JSON document")
    .action(async (file: string, options: VerifyOptions) => done(await verify(file, options, environment)));
  program
    .command("explain")
    .description("explain one requirement or anomaly, or list all requirements")
    .argument("[id]", "a requirement, as DUR-1, or an anomaly, as lost-write")
    .option("--json", "print one JSON document")
    .option("--plants", "list the bugs that can be planted")
    .option("--anomalies", "list the anomalies that a history can show")
    .action((id: string | undefined, options: ExplainOptions) => done(explain(id, options, environment)));
  program
    .command("schema")
    .description("print the JSON schema of scenario files")
    .action(() => done(schema(environment)));
  return program;
}

/** How a cluster is reached. */
function withSecurity(command: Command): Command {
  return command
    .option("--tls", "encrypt")
    .option("--tls-ca <file>", "certificates of authorities that are trusted, PEM")
    .option("--tls-cert <file>", "our own certificate, PEM")
    .option("--tls-key <file>", "its key, PEM")
    .option("--sasl <mechanism>", "plain, scram-sha-256 or scram-sha-512; the password is HIGHWATER_SASL_PASSWORD")
    .option("--sasl-username <name>", "who we are");
}

function report(cause: unknown, environment: Environment): number {
  if (cause instanceof CommanderError) {
    // Help and version that were asked for are no errors; help that stands in for a missing command is.
    if (cause.exitCode === 0) return exitCode.ok;
    if (cause.code === "commander.help") return exitCode.badInput;
    const [message = "", hint] = cause.message.replace(/^error: /, "").split("\n");
    print("E_USAGE", message, hint?.replace(/^\((.*)\)$/, "$1") ?? "highwater --help tells more", environment);
    return exitCode.badInput;
  }
  const { code, message, hint } = cause instanceof CliError ? cause : internalError(cause, environment);
  print(code, message, hint, environment);
  return cause instanceof CliError ? cause.exitCode : exitCode.badInput;
}

function print(code: string, message: string, hint: string | null, environment: Environment): void {
  environment.err(`${code} ${message}${hint === null ? "" : ` (${hint})`}\n`);
}
