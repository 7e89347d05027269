// Writes vectors.json, which the tests hold our signatures against also where there is no node: node make-vectors.js > vectors.json
const { Webhook } = require("standardwebhooks");

const secrets = [
  // The one of the specification's own example.
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_" + Buffer.from(Array.from({ length: 32 }, (_, i) => i * 8)).toString("base64"),
  "whsec_" + Buffer.from(Array.from({ length: 64 }, (_, i) => 255 - i)).toString("base64"),
];
const bodies = [
  '{"test": 2432232314}',
  "{}",
  '{"type":"Message","event":{"Message":{"conversation":"Olá, tudo bem? 👍🏽 \\u00e9"}}}',
  '{\r\n  "type" : "Presence",\t"event": { }\n}\n',
  JSON.stringify({ type: "HistorySync", event: { text: "x".repeat(2000) } }),
];
const vectors = secrets.flatMap((secret, s) =>
  bodies.map((body, b) => {
    const id = s === 0 && b === 0 ? "msg_p5jXN8AQM9LWM0D4loKWxJek" : `evt_01J0000000000000000000000${s}${b}`;
    const timestamp = 1614265330 + 86400 * (s * bodies.length + b);
    return { secret, id, timestamp, body, signature: new Webhook(secret).sign(id, new Date(timestamp * 1000), body) };
  }),
);
console.log(JSON.stringify(vectors, null, 1));
