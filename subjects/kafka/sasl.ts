/** What a client says to authenticate itself: PLAIN (RFC 4616) and SCRAM (RFC 5802), without channel binding. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";

export const saslMechanisms = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] as const;

export interface SaslOptions {
  readonly mechanism: (typeof saslMechanisms)[number];
  readonly username: string;
  /** Never printed, never written. */
  readonly password: string;
}

/** What a server says is not what one that knows the password would say. */
export class SaslError extends Error {
  override readonly name = "SaslError";
}

export interface SaslConversation {
  /** What to say after this answer (`null`: to begin with); `null`: nothing more. Throws a `SaslError` if the server proves false. */
  next(answer: Buffer | null): Buffer | null;
}

export function createSaslConversation(options: SaslOptions): SaslConversation {
  return options.mechanism === "PLAIN" ? plain(options) : scram(options);
}

function plain({ username, password }: SaslOptions): SaslConversation {
  return { next: (answer) => (answer === null ? Buffer.from(`\0${username}\0${password}`) : null) };
}

function scram({ mechanism, username, password }: SaslOptions): SaslConversation {
  const digest = mechanism === "SCRAM-SHA-256" ? "sha256" : "sha512";
  const hmac = (key: Buffer, text: string) => createHmac(digest, key).update(text).digest();
  const nonce = randomBytes(18).toString("base64");
  const bare = `n=${username.replaceAll("=", "=3D").replaceAll(",", "=2C")},r=${nonce}`;
  let expected: Buffer | null = null;
  let isOver = false;
  return {
    next(answer) {
      if (answer === null) return Buffer.from(`n,,${bare}`);
      if (isOver) return null;
      const said = answer.toString();
      if (expected !== null) {
        const proof = Buffer.from(field(said, "v"), "base64");
        if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) {
          throw new SaslError("it does not know the password");
        }
        isOver = true;
        return null;
      }
      const [both, salt, count] = [field(said, "r"), field(said, "s"), Number(field(said, "i"))];
      if (!both.startsWith(nonce) || !Number.isInteger(count) || count < 1 || count > 1_000_000) {
        throw new SaslError("its side of SCRAM is not in order");
      }
      const length = digest === "sha256" ? 32 : 64;
      const salted = pbkdf2Sync(password, Buffer.from(salt, "base64"), count, length, digest);
      const withoutProof = `c=biws,r=${both}`;
      const signed = `${bare},${said},${withoutProof}`;
      const clientKey = hmac(salted, "Client Key");
      const signature = hmac(createHash(digest).update(clientKey).digest(), signed);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
      expected = hmac(hmac(salted, "Server Key"), signed);
      return Buffer.from(`${withoutProof},p=${proof.toString("base64")}`);
    },
  };
}

function field(said: string, name: string): string {
  const found = said.split(",").find((one) => one.startsWith(`${name}=`));
  return found?.slice(2) ?? "";
}
