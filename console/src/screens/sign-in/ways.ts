import { answerOf, api } from '../../api/client.ts';

/** The ways to prove who one is; each resolves when somebody is signed in. A `step`: a code is asked for. */

export async function byLink(link: string): Promise<void> {
  await answerOf(api.POST('/api/sign-in/link', { body: { link } }));
}

export async function byPassword(name: string, password: string): Promise<{ readonly step: string } | null> {
  const answer = await answerOf(api.POST('/api/sign-in', { body: { name, password } }));
  return answer.state === 'second_step' ? { step: answer.step } : null;
}

export async function byCode(step: string, code: string): Promise<void> {
  await answerOf(api.POST('/api/sign-in/code', { body: { step, code } }));
}

export async function byPasskey(): Promise<void> {
  const { step, options } = await answerOf(api.POST('/api/sign-in/passkey/start', { body: {} }));
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    options as unknown as PublicKeyCredentialRequestOptionsJSON,
  );
  const credential = (await navigator.credentials.get({ publicKey })) as PublicKeyCredential | null;
  if (credential === null) return;
  const response = { ...credential.toJSON() };
  await answerOf(api.POST('/api/sign-in/passkey', { body: { step, response } }));
}

/** Leaves the page: the provider sends back to /sign-in with a query. */
export async function toProvider(): Promise<void> {
  const { location } = await answerOf(api.POST('/api/sign-in/oidc/start', { body: {} }));
  window.location.assign(location);
}

export async function fromProvider(query: string): Promise<void> {
  await answerOf(api.POST('/api/sign-in/oidc', { body: { query } }));
}

/** The link's own part: of `…/sign-in#link=abc`, or as it stands. */
export function linkOf(text: string): string {
  const part = /#link=([^&\s]+)/.exec(text)?.[1];
  return part === undefined ? (text.startsWith('#') ? '' : text.trim()) : decodeURIComponent(part);
}
