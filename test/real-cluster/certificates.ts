/** Throw-away keys, made by OpenSSL: an authority, a broker's and a client's certificate that it has signed, and a stranger. */
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Certificates {
  /** The authority's certificate, PEM. */
  readonly authority: string;
  /** The certificate of an authority that has signed nothing here. */
  readonly stranger: string;
  /** The broker's key and its certificate, in one file: Kafka's `ssl.keystore.type=PEM`. */
  readonly brokerStore: string;
  readonly clientCertificate: string;
  readonly clientKey: string;
}

const days = ["-days", "2"];

/** Everything goes into `folder`. Names are files. */
export function makeCertificates(folder: string): Certificates {
  const at = (name: string) => join(folder, name);
  const authorityOf = (name: string) => {
    const keys = ["-newkey", "rsa:2048", "-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.pem`)];
    openssl("req", "-x509", ...keys, ...days, "-subj", `/CN=${name}`);
    return at(`${name}.pem`);
  };
  const [authority, stranger] = [authorityOf("authority"), authorityOf("stranger")];
  const sign = (name: string, extension: string) => {
    const key = ["-newkey", "rsa:2048", "-nodes", "-keyout", at(`${name}.key`), "-out", at(`${name}.csr`)];
    openssl("req", ...key, "-subj", `/CN=${name}`);
    writeFileSync(at(`${name}.ext`), `${extension}\n`);
    const by = ["-CA", authority, "-CAkey", at("authority.key"), "-CAcreateserial", "-extfile", at(`${name}.ext`)];
    openssl("x509", "-req", "-in", at(`${name}.csr`), ...by, "-out", at(`${name}.pem`), ...days);
  };
  sign("broker", "subjectAltName=IP:127.0.0.1");
  sign("client", "extendedKeyUsage=clientAuth");
  const read = (name: string) => readFileSync(at(name), "utf8");
  writeFileSync(at("broker.store"), `${read("broker.key")}${read("broker.pem")}`);
  return {
    authority,
    stranger,
    brokerStore: at("broker.store"),
    clientCertificate: at("client.pem"),
    clientKey: at("client.key"),
  };
}

function openssl(...args: readonly string[]): void {
  const { status, stderr, error } = spawnSync("openssl", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`openssl ${args[0]}: ${error?.message ?? stderr}`);
}
