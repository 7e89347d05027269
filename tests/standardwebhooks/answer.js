// Signs and verifies by npm's standardwebhooks: a JSON object a line in, one a line out.
//   {"op":"sign","secret","id","timestamp","body"}        -> {"signature"}
//   {"op":"verify","secret","id","timestamp","signature","body"} -> {"error"}, null where it is right
// Bodies are base64.
const { Webhook } = require("standardwebhooks");

function answer({ op, secret, id, timestamp, signature, body }) {
  const webhook = new Webhook(secret);
  const text = Buffer.from(body, "base64").toString("utf8");
  if (op === "sign") {
    return { signature: webhook.sign(id, new Date(timestamp * 1000), text) };
  }
  try {
    webhook.verify(text, { "webhook-id": id, "webhook-timestamp": String(timestamp), "webhook-signature": signature });
    return { error: null };
  } catch (wrong) {
    return { error: wrong.message };
  }
}

require("node:readline")
  .createInterface({ input: process.stdin })
  .on("line", (line) => console.log(JSON.stringify(answer(JSON.parse(line)))));
