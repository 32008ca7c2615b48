// A provider of identities for the tests: oidc-provider, whose sign-in page is a person who agrees at once. Who that
// is, and in which groups, is decided by the test.

import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { createRequire } from 'node:module';

const load = createRequire(new URL('../package.json', import.meta.url));
const { default: Provider } = await import(load.resolve('oidc-provider'));

const keyOf = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
};

export class IdentityProvider {
  #server;
  #provider;
  #algorithm;
  /** Who signs in next: {sub, name, groups}. */
  person = { sub: '42', name: 'ada', groups: ['staff'] };
  client = { id: 'reprise', secret: 'a secret: with % and &' };

  constructor(algorithm) {
    this.#algorithm = algorithm;
  }

  /** `returnUrl` is where its client may be sent back to. */
  async start(port, returnUrl) {
    this.issuer = `http://127.0.0.1:${port}`;
    const jwk = keyOf[this.#algorithm]().privateKey.export({ format: 'jwk' });
    this.#provider = new Provider(this.issuer, {
      clients: [{
        client_id: this.client.id, client_secret: this.client.secret, redirect_uris: [returnUrl],
        id_token_signed_response_alg: this.#algorithm,
      }],
      jwks: { keys: [{ ...jwk, alg: this.#algorithm, use: 'sig', kid: 'signs' }] },
      claims: { openid: ['sub'], profile: ['preferred_username'], groups: ['groups'] },
      enabledJWA: { idTokenSigningAlgValues: ['RS256', 'ES256', 'EdDSA'] },
      conformIdTokenClaims: false,
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
      cookies: { keys: ['for the tests only'] },
      findAccount: (context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, preferred_username: this.person.name, groups: this.person.groups }),
      }),
    });
    const answer = this.#provider.callback();
    this.#server = http.createServer((request, response) => {
      if (request.url.startsWith('/interaction/')) this.#agree(request, response);
      else answer(request, response);
    });
    await new Promise((resolve) => { this.#server.listen(port, '127.0.0.1', resolve); });
    return this;
  }

  async #agree(request, response) {
    const { prompt, params, session, grantId } = await this.#provider.interactionDetails(request, response);
    if (prompt.name === 'login') {
      await this.#provider.interactionFinished(request, response, { login: { accountId: this.person.sub } });
      return;
    }
    const { Grant } = this.#provider;
    const { accountId } = session;
    const grant = grantId ? await Grant.find(grantId) : new Grant({ accountId, clientId: params.client_id });
    grant.addOIDCScope(params.scope);
    const consent = { grantId: await grant.save() };
    await this.#provider.interactionFinished(request, response, { consent }, { mergeWithLastSubmission: true });
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
