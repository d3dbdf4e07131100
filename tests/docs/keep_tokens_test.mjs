// The JavaScript of docs/guide/keep-tokens.md, run as it stands: usage: node keep_tokens_test.mjs PAGE
import { readFileSync } from "node:fs";
import assert from "node:assert/strict";

const blocks = [...readFileSync(process.argv[2], "utf8").matchAll(/```js\n(.*?)```/gs)].map((match) => match[1]);
assert.equal(blocks.length, 2);
const source = blocks.join("\n");
const { makeSession, makeTokens } = await import(`data:text/javascript,${encodeURIComponent(source)}`);

// One lock for all, as navigator.locks has it.
function makeLocks() {
  let last = Promise.resolve();
  return { request: (name, run) => (last = last.then(run, run)) };
}

// Answers in turn, and keeps what it was asked.
function makeFetch(...answers) {
  const asked = [];
  const fetch = async (url, request) => {
    asked.push({ url, ...request, form: new URLSearchParams(request.body) });
    const [status, body] = answers.shift();
    return { status, ok: status === 200, json: async () => body };
  };
  return { fetch, asked };
}

function makeStore(kept) {
  return { kept, async read() { return this.kept; }, async write(value) { this.kept = value; }, async clear() { this.kept = null; } };
}

const tests = {
  async "a page refreshes once for all who ask, and again before the end"() {
    let time = 0;
    const { fetch, asked } = makeFetch([200, { accessToken: "one", expiresIn: 600 }], [200, { accessToken: "two", expiresIn: 600 }]);
    const session = makeSession({ fetch, locks: makeLocks(), now: () => time });
    assert.deepEqual(await Promise.all([session.authorization(), session.authorization()]), ["Bearer one", "Bearer one"]);
    assert.equal(asked.length, 1);
    assert.equal(asked[0].headers["X-Gatehouse"], "1");
    time = 541_000;
    assert.equal(await session.authorization(), "Bearer two");
  },
  async "a page tells trouble from the end of a session"() {
    const { fetch } = makeFetch([503, {}], [401, {}]);
    const session = makeSession({ fetch, locks: makeLocks() });
    await assert.rejects(session.authorization(), /try again/);
    await assert.rejects(session.authorization(), /log in/);
  },
  async "an app keeps its token and its nonce until the answer is stored"() {
    let nonces = 0;
    const { fetch, asked } = makeFetch([503, {}], [400, { gh_reason: "stale", reauth_required: false }],
                                       [200, { access_token: "a", refresh_token: "r2", expires_in: 600 }]);
    const store = makeStore({ refresh: "r1" });
    const tokens = makeTokens({ fetch, locks: makeLocks(), store, issuer: "https://id", client: "app", nonce: () => `n${++nonces}` });
    await assert.rejects(tokens.authorization(), /try again/);
    assert.deepEqual(store.kept, { refresh: "r1", request: "n1" });
    await assert.rejects(tokens.authorization(), /try again/);
    assert.equal(await tokens.authorization(), "Bearer a");
    assert.deepEqual(store.kept, { refresh: "r2" });
    assert.deepEqual(asked.map((one) => one.form.get("refresh_request_id")), ["n1", "n1", "n1"]);
    assert.deepEqual(asked.map((one) => one.form.get("refresh_token")), ["r1", "r1", "r1"]);
  },
  async "an app forgets everything only when it is told to log in"() {
    const { fetch } = makeFetch([400, { error: "invalid_grant", reauth_required: true }]);
    const store = makeStore({ refresh: "r1" });
    const tokens = makeTokens({ fetch, locks: makeLocks(), store, issuer: "https://id", client: "app", nonce: () => "n" });
    await assert.rejects(tokens.authorization(), /log in/);
    assert.equal(store.kept, null);
    await assert.rejects(tokens.authorization(), /log in/);
  },
};

for (const [name, test] of Object.entries(tests)) {
  await test();
  console.log(`ok  ${name}`);
}
