import { type Command, InvalidArgumentError } from 'commander';
import { roles } from '../account/account.ts';
import { type Right, rights } from '../api/rights.ts';
import { AppError } from '../errors.ts';
import { plusMs } from '../platform/instant.ts';
import { parseDuration } from '../workflow/duration.ts';
import { serverClient } from './client.ts';
import { addCommand, type CommonOptions } from './command.ts';
import { paintFor, say, sayJson, table } from './output.ts';

interface Account {
  readonly person: string;
  readonly roles: readonly string[];
  readonly password: boolean;
  readonly totp: boolean;
  readonly closed_at: string | null;
}

/** `signalbox people …`: who may sign in. */
export function peopleCommands(root: Command): void {
  const group = root
    .command('people')
    .description('Who may sign in, and with what: list them, make a link or a key');
  addCommand(group, 'list', {
    isDefault: true,
    summary: 'Lists accounts with their roles, and who has none',
    examples: [['signalbox people list', 'who may sign in']],
  }).action(async (options: CommonOptions) => {
    const client = await serverClient(options);
    const page = await client.get<{ accounts: Account[]; without: string[] }>('/api/accounts');
    if (options.json) sayJson(page);
    else say(listText(page.accounts, page.without));
  });

  addCommand(group, 'link [person]', {
    summary: 'Makes a link that signs a person in, once, within 24 hours; it takes back the one before',
    examples: [
      ['signalbox people link', 'the first administrator, or the only one'],
      ['signalbox people link dana --role operator --role approver', 'an invitation'],
    ],
  })
    .option(
      '--role <role>',
      `of a new account: ${roles.join(', ')} (default: administrator)`,
      collect(roles),
      [],
    )
    .action(async (person: string | undefined, options: CommonOptions & { readonly role: string[] }) => {
      const client = await serverClient(options);
      const whom = keyOf(person) ?? (await onlyAdministrator(client));
      const body = { roles: options.role.length === 0 ? ['administrator'] : options.role };
      const path = `/api/accounts/${encodeURIComponent(whom)}/link`;
      const link = await client.post<{ url: string; expires_at: string; account: boolean }>(path, body);
      if (options.json) return sayJson({ person: whom, ...link });
      const roleText = link.account ? 'the roles that the account has' : body.roles.join(', ');
      say(`${link.url}\n  signs in person:${whom} (${roleText}), once, until ${link.expires_at}`);
    });

  addCommand(group, 'key <person>', {
    summary: 'Makes an API key of a person; it is shown this once',
    examples: [['signalbox people key dana --name ci --scope deploy --for 90d', 'for a pipeline']],
  })
    .requiredOption('--name <name>', 'what it is for')
    .option('--scope <scope>', `what it may: ${rights.join(', ')} (default: read)`, collect(rights), [])
    .option('--for <duration>', 'how long it lives, at most 366d', '90d')
    .action(
      async (
        person: string,
        options: CommonOptions & { readonly name: string; readonly scope: Right[]; readonly for: string },
      ) => {
        const duration = parseDuration(options.for);
        if (!('ms' in duration))
          throw new AppError('bad_request', `"${options.for}" is no duration, like 90d.`);
        const client = await serverClient(options);
        const made = await client.post<{ key: string; about: { id: number; expires_at: string } }>(
          `/api/accounts/${encodeURIComponent(keyOf(person) ?? person)}/keys`,
          {
            name: options.name,
            scopes: options.scope.length === 0 ? ['read'] : options.scope,
            expires_at: plusMs(new Date(), duration.ms).toISOString(),
          },
        );
        if (options.json) sayJson(made);
        else
          say(`${made.key}\n  key ${made.about.id}, until ${made.about.expires_at}; it is not shown again`);
      },
    );
}

/** The link is for the only administrator, or, where nobody has an account, for the first person of the project. */
async function onlyAdministrator(client: Awaited<ReturnType<typeof serverClient>>): Promise<string> {
  const { accounts, without } = await client.get<{ accounts: Account[]; without: string[] }>('/api/accounts');
  const administrators = accounts.filter(
    (each) => each.closed_at === null && each.roles.includes('administrator'),
  );
  const [only, ...others] = administrators.map(({ person }) => person);
  const whom = accounts.length === 0 ? without[0] : only;
  if (whom !== undefined && others.length === 0) return whom;
  throw new AppError('bad_request', 'Say who the link is for.', {
    help: `signalbox people link PERSON: ${[...accounts.map(({ person }) => person), ...without].join(', ')}`,
  });
}

function keyOf(person: string | undefined): string | undefined {
  return person?.replace(/^person:/, '');
}

function collect<T extends string>(known: readonly T[]) {
  return (value: string, before: T[]): T[] => {
    const found = known.find((each) => each === value);
    if (found === undefined) throw new InvalidArgumentError(`It is one of ${known.join(', ')}.`);
    return [...before, found];
  };
}

function listText(accounts: readonly Account[], without: readonly string[]): string {
  const rows = accounts.map(({ person, roles: held, password, totp, closed_at }) => [
    `person:${person}`,
    held.join(', '),
    [password ? 'password' : '', totp ? 'one-time codes' : '', closed_at === null ? '' : 'closed']
      .filter(Boolean)
      .join(', '),
  ]);
  const none = without.length === 0 ? '' : `\nWithout an account: ${without.join(', ')}`;
  if (rows.length === 0) return `Nobody has an account: \`signalbox people link\` makes the first.${none}`;
  return `${table(['who', 'roles', 'signs in with'], rows, paintFor(process.stdout))}${none}`;
}
