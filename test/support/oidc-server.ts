import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';

export interface OidcServer {
  readonly issuer: string;
  /** Whom it signs in from now on. */
  signs(account: { sub: string; email: string; verified: boolean }): void;
  /** Does what a browser does there, and resolves with the query that it is sent back with. */
  visit(location: string): Promise<string>;
  close(): Promise<void>;
}

/** A real OpenID provider on this machine, whose one user agrees to everything. */
export async function startOidcServer(redirectUri: string): Promise<OidcServer> {
  let user = { sub: 'u-1', email: 'dana@example.com', verified: true };
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: 'signalbox',
        client_secret: 'oidc-secret-for-tests',
        redirect_uris: [redirectUri],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    conformIdTokenClaims: false,
    findAccount: (_: unknown, sub: string) => ({
      accountId: sub,
      claims: async () => ({ sub, email: user.email, email_verified: user.verified }),
    }),
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    features: { devInteractions: { enabled: false } },
    cookies: { keys: ['test'] },
  });
  const callback = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url?.startsWith('/interaction/')) return void callback(request, response);
    void agree(request, response);
  });

  async function agree(...[request, response]: Parameters<typeof callback>): Promise<void> {
    const { params } = await provider.interactionDetails(request, response);
    const grant = new provider.Grant({ accountId: user.sub, clientId: String(params.client_id) });
    grant.addOIDCScope('openid email profile');
    const result = { login: { accountId: user.sub }, consent: { grantId: await grant.save() } };
    await provider.interactionFinished(request, response, result);
  }

  return {
    issuer,
    signs(account) {
      user = account;
    },
    async visit(location) {
      const cookies = new Map<string, string>();
      for (let url = location; ; ) {
        const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
        const response = await fetch(url, { redirect: 'manual', headers: { cookie } });
        for (const each of response.headers.getSetCookie()) {
          const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
          cookies.set(name, value);
        }
        const next = response.headers.get('location');
        if (next === null) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
        url = new URL(next, url).href;
        if (url.startsWith(redirectUri)) return new URL(url).search.slice(1);
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
