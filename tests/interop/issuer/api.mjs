// An API on the npm package jose as its documentation has it: api.mjs MODULES AUTHORITY AUDIENCE, where MODULES is
// the node_modules that has it. It says where it listens.
import { webcrypto } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

globalThis.crypto ??= webcrypto; // Node 18, which is Debian's, keeps it to itself
const [modules, issuer, audience] = process.argv.slice(2);
const jose = await import(pathToFileURL(createRequire(modules + '/').resolve('jose')));
const metadata = await (await fetch(issuer + '/.well-known/openid-configuration')).json();
const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri));

const server = createServer(async (request, response) => {
  const token = (request.headers.authorization ?? '').replace(/^Bearer /, '');
  try {
    await jose.jwtVerify(token, keys, { issuer, audience, typ: 'at+jwt' });
    response.end('orders');
  } catch (error) {
    console.error(String(error));
    response.writeHead(401).end();
  }
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
