import { createHash, createHmac, pbkdf2Sync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createSaslConversation } from "../../../subjects/kafka/sasl.ts";

/** The server's side of SCRAM-SHA-256 (RFC 5802): its two messages, and whether the client's proof is good. */
function scramServer(password: string) {
  const [salt, count] = [Buffer.from("salt of the sea"), 4096];
  const hmac = (key: Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const salted = pbkdf2Sync(password, salt, count, 32, "sha256");
  const clientKey = hmac(salted, "Client Key");
  const storedKey = createHash("sha256").update(clientKey).digest();
  let [bare, first] = ["", ""];
  return {
    first(said: string): string {
      bare = said.slice("n,,".length);
      const nonce = /r=([^,]+)/.exec(bare)?.[1] ?? "";
      first = `r=${nonce}server,s=${salt.toString("base64")},i=${count}`;
      return first;
    },
    last(said: string): { isGood: boolean; answer: string } {
      const [withoutProof = "", proof = ""] = said.split(",p=");
      const signed = `${bare},${first},${withoutProof}`;
      const signature = hmac(storedKey, signed);
      const key = Buffer.from(Buffer.from(proof, "base64").map((byte, index) => byte ^ (signature[index] ?? 0)));
      const isGood = createHash("sha256").update(key).digest().equals(storedKey);
      return { isGood, answer: `v=${hmac(hmac(salted, "Server Key"), signed).toString("base64")}` };
    },
  };
}

const options = { mechanism: "SCRAM-SHA-256", username: "a=b,c", password: "secret" } as const;

describe("authentication", () => {
  it("says name and password at once by PLAIN", () => {
    const conversation = createSaslConversation({ ...options, mechanism: "PLAIN" });
    expect(conversation.next(null)?.toString()).toBe("\0a=b,c\0secret");
    expect(conversation.next(Buffer.alloc(0))).toBe(null);
  });

  it("proves by SCRAM that it knows the password, without saying it", () => {
    const [conversation, server] = [createSaslConversation(options), scramServer("secret")];
    const first = conversation.next(null)?.toString() ?? "";
    expect(first).toContain("n=a=3Db=2Cc,r=");
    const second = conversation.next(Buffer.from(server.first(first)))?.toString() ?? "";
    const { isGood, answer } = server.last(second);
    expect(isGood).toBe(true);
    expect(first + second).not.toContain("secret");
    expect(conversation.next(Buffer.from(answer))).toBe(null);
  });

  it("notices a server that does not know the password", () => {
    const [conversation, server] = [createSaslConversation(options), scramServer("another")];
    const first = conversation.next(null)?.toString() ?? "";
    const second = conversation.next(Buffer.from(server.first(first)))?.toString() ?? "";
    const { isGood, answer } = server.last(second);
    expect(isGood).toBe(false);
    expect(() => conversation.next(Buffer.from(answer))).toThrow("does not know the password");
  });

  it.each(["r=other,s=AAAA,i=4096", "r=,s=AAAA,i=4096", "nothing"])(
    "refuses a first answer that is not in order: %s",
    (said) => {
      const conversation = createSaslConversation(options);
      conversation.next(null);
      expect(() => conversation.next(Buffer.from(said))).toThrow("not in order");
    },
  );
});
