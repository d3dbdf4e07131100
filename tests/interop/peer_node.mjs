// The npm package jose: peer_node.mjs CASES MODULES, where MODULES is the node_modules that has it.
import { webcrypto } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

globalThis.crypto ??= webcrypto; // Node 18, which is Debian's, keeps it to itself
const [cases, modules] = process.argv.slice(2);
const resolved = createRequire(modules + '/').resolve('jose');
const jose = await import(pathToFileURL(resolved));
const version = JSON.parse(readFileSync(modules + '/jose/package.json')).version;
const file = JSON.parse(readFileSync(cases));
const octets = (jwk) => Buffer.from(jwk.k, 'base64url');
const key = (one, jwk) => (jwk.kty === 'oct' ? octets(jwk) : jose.importJWK(jwk, one.alg));
const publicPart = ({ d, p, q, dp, dq, qi, ...rest }) => rest;
const wanted = { issuer: file.issuer, audience: file.audience };

async function accepts(one) {
  if (!one.enc) {
    await jose.jwtVerify(one.token, await key(one, publicPart(one.key)), { ...wanted, algorithms: [one.alg] });
    return;
  }
  const { plaintext } = await jose.compactDecrypt(one.token, await key(one, one.key), {
    keyManagementAlgorithms: [one.alg], contentEncryptionAlgorithms: [one.enc] });
  await jose.jwtVerify(plaintext, octets(file.inner), { ...wanted, algorithms: ['HS256'] });
}

const signed = (alg, kid, by) => new jose.SignJWT({ sub: 'peer' }).setProtectedHeader({ alg, kid, typ: 'JWT' })
  .setIssuer(file.issuer).setAudience(file.audience).setIssuedAt().setExpirationTime('10m').sign(by);

async function mint(one) {
  if (!one.enc) return signed(one.alg, one.key.kid, await key(one, one.key));
  const inner = await signed('HS256', 'inner', octets(file.inner));
  return new jose.CompactEncrypt(Buffer.from(inner))
    .setProtectedHeader({ alg: one.alg, enc: one.enc, kid: one.key.kid, cty: 'JWT' })
    .encrypt(await key(one, publicPart(one.key)));
}

async function refuses(one) {
  try {
    await accepts({ ...one, token: one.forged });
    return false;
  } catch {
    return true;
  }
}

const answers = {};
for (const one of file.cases) {
  if (one.key.crv === 'Ed448' || one.key.crv === 'X448') continue; // Web Cryptography has neither
  const answer = {};
  try {
    await accepts(one);
    answer.accepts = true;
    answer.refuses = await refuses(one);
    answer.token = await mint(one);
  } catch (error) {
    if (error instanceof jose.errors.JOSENotSupported) continue;
    answer.error = String(error);
  }
  answers[one.id] = answer;
}
console.log(JSON.stringify({ peer: `Node jose ${version}`, answers }));
