import { mediaOf } from '../intake/media.ts';
import { limits } from '../limits.ts';
import { compileChallenge } from './compile-challenge.ts';
import {
  compileAuth,
  connectorAt,
  reportConnectorMisfits,
  timeoutsAt,
  urlAt,
} from './compile-destination.ts';
import { compileAway, compileDetection, compileHeartbeat, reportOwnName } from './compile-detection.ts';
import { type Directory, durationAt, listed, referenceAt } from './compile-parts.ts';
import { compilePoll } from './compile-poll.ts';
import { compileReadAgain, compileReconcile } from './compile-reconcile.ts';
import type { DestinationParts } from './compile-request.ts';
import { compileSignIn } from './compile-sign-in.ts';
import { compileVerify, isBlock, secretAt } from './compile-verify.ts';
import { type Documents, projectPath } from './documents.ts';
import { misfit } from './misfit.ts';
import { isMapping, type Place } from './place.ts';
import type { Destination, Person, Project, RateLimit, Source, Team } from './project.ts';
import { suggest } from './suggest.ts';

/** `signalbox.yaml` without its workflows, and what requests to its destinations are compiled with. */
export interface ProjectParts extends Omit<Project, 'workflows' | 'bundles'> {
  readonly destinationParts: ReadonlyMap<string, DestinationParts>;
}

export function compileProject(place: Place, documents: Documents): ProjectParts {
  const directory = directoryOf(place);
  const destinationPaths = mapEntries(place.get('destinations'), (_, destination) =>
    documentPath(destination.get('openapi'), documents),
  );
  const destinations = mapEntries(place.get('destinations'), (key, destination) =>
    compileDestination(key, destination, destinationPaths.get(key) ?? null, documents),
  );
  const destinationParts = mapEntries(place.get('destinations'), (key, destination) => ({
    document: destinationPaths.get(key) ?? null,
    idempotencyHeader: destinations.get(key)?.idempotencyHeader ?? '',
    ...credentialPlace(destinations.get(key)?.auth),
    ...builtIn(connectorAt(destination)),
  }));
  const world = { documents, destinations: destinationParts, directory };
  const serverUrl = place.get('server').get('public_url').text().replace(/\/+$/, '') || null;
  const linkSecret = place.get('server').get('link_secret');
  return {
    name: place.get('project').text(),
    server: {
      host: place.get('server').get('host').text() || '127.0.0.1',
      port: numberAt(place.get('server').get('port'), 8321),
      ...(serverUrl !== null && { publicUrl: serverUrl }),
      ...(linkSecret.value !== undefined && { linkSecret: secretAt(linkSecret) }),
      trustedProxies: place.get('server').get('trusted_proxies').elements().map(trustedProxy),
    },
    signIn: compileSignIn(place.get('sign_in'), serverUrl),
    people: mapEntries(place.get('people'), (key, person) => compilePerson(key, person, directory)),
    teams: mapEntries(place.get('teams'), (key, team) => compileTeam(key, team, directory)),
    sources: mapEntries(place.get('sources'), (key, source) => ({
      ...compileSource(key, source, directory, serverUrl),
      poll: compilePoll(source.get('poll'), world),
      reconcile: compileReconcile(source.get('reconcile'), world),
    })),
    destinations,
    destinationParts,
    detection: compileDetection(place.get('detection'), directory),
    heartbeat: compileHeartbeat(place.get('heartbeat')),
  };
}

/** What is no address would keep the server from starting. */
function trustedProxy(place: Place): string {
  const proxy = place.text();
  if (proxy !== '' && !isBlock(proxy)) {
    place.report({
      code: 'SB113',
      message: `\`${proxy}\` is no address or block`,
      help: 'write `10.0.0.5`, `10.0.0.0/8` or `fd00::/8`',
    });
  }
  return proxy;
}

export function directoryOf(place: Place): Directory {
  const keys = (section: string) =>
    new Set(
      place
        .get(section)
        .entries()
        .map(([key]) => key),
    );
  return { people: keys('people'), teams: keys('teams'), sources: keys('sources') };
}

function compilePerson(key: string, place: Place, directory: Directory): Person {
  const away = place
    .get('away')
    .elements()
    .map((each) => compileAway(each, key, directory));
  return { key, name: place.get('name').text(), email: place.get('email').text() || null, away };
}

function compileTeam(key: string, place: Place, directory: Directory): Team {
  const members = place
    .get('members')
    .elements()
    .map((member) => {
      const person = member.text();
      if (person !== '' && !directory.people.has(person)) {
        const meant = suggest(person, directory.people);
        member.report({
          code: 'SB120',
          message: `there is no person \`${person}\`${meant === null ? '' : `, did you mean \`${meant}\`?`}`,
          help: `members are keys of \`people\`: ${listed('', directory.people)}`,
        });
      }
      return person;
    });
  return { key, name: place.get('name').text(), members };
}

function compileSource(
  key: string,
  place: Place,
  directory: Directory,
  serverUrl: string | null,
): Omit<Source, 'poll' | 'reconcile'> {
  reportDoorless(place);
  reportOwnName(key, place);
  const publicUrl = place.get('public_url').text() || (serverUrl === null ? null : `${serverUrl}/in/${key}`);
  const verify =
    place.get('verify').value === undefined ? null : compileVerify(place.get('verify'), publicUrl);
  return {
    key,
    summary: place.get('summary').text(),
    owner: referenceAt(place.get('owner'), directory),
    verify,
    publicUrl,
    challenge: compileChallenge(place.get('challenge'), verify),
    contentType: contentTypeAt(place.get('content_type')),
    bodyBytesMax: numberAt(place.get('body_bytes_max'), limits.bodyBytesMax),
    rateLimit: compileRateLimit(place.get('rate_limit')),
    requiresIdempotencyKey: place.get('require_idempotency_key').value === true,
  };
}

function contentTypeAt(place: Place): string | null {
  const written = place.text() || null;
  const problem = written === null ? null : (mediaOf(written).problem ?? null);
  if (problem !== null) misfit(place, problem, 'docs/reference/bodies.md lists what bodies can be', 'value');
  return written;
}

/** Reports a source that nothing could come from. */
function reportDoorless(place: Place): void {
  if (!isMapping(place.value) || 'verify' in place.value || 'poll' in place.value) return;
  place.report({
    code: 'SB111',
    message: '`verify` is missing',
    help: 'add `verify`: how a trigger proves where it comes from; or `poll`, where the source is asked for them',
    at: 'key',
  });
}

function compileRateLimit(place: Place): RateLimit | null {
  if (place.value === undefined) return null;
  const per = place.get('per');
  const perMs = durationAt(per);
  if (perMs % 1_000 !== 0 || perMs > limits.rateLimitPerMaxMs) {
    per.report({
      code: 'SB113',
      message: 'the time of a rate limit is a whole number of seconds, at most 1d',
      help: 'senders are told in seconds when to come again: write `requests: 10, per: 1s` for one every 100 ms',
    });
  }
  const requests = numberAt(place.get('requests'), 0);
  return { requests, perMs, burst: numberAt(place.get('burst'), requests) };
}

/** An `http` destination is not named, as it was before there were others: versions of workflows stay what they are. */
function credentialPlace(auth: Destination['auth'] | undefined): Pick<DestinationParts, 'credential'> {
  if (auth?.scheme === 'header') return { credential: { in: 'header', name: auth.header } };
  return auth?.scheme === 'query' ? { credential: { in: 'query', name: auth.parameter } } : {};
}

function builtIn(connector: Destination['connector']): Pick<DestinationParts, 'connector'> {
  return connector === 'http' ? {} : { connector };
}

function compileDestination(
  key: string,
  place: Place,
  document: string | null,
  documents: Documents,
): Destination {
  const timeout = place.get('timeout');
  const timeoutMs = durationAt(timeout, limits.attemptTimeoutMs);
  if (timeoutMs > limits.attemptTimeoutMaxMs) {
    timeout.report({
      code: 'SB113',
      message: 'an attempt may not take longer than 10m',
      help: 'what takes longer is confirmed by its outcome: let the destination answer at once and read it back',
    });
  }
  reportConnectorMisfits(place);
  const auth = compileAuth(place.get('auth'), place);
  return {
    key,
    summary: place.get('summary').text(),
    connector: connectorAt(place),
    url: urlAt(place, auth, document, documents),
    auth,
    idempotencyHeader: place.get('idempotency_header').text() || 'Idempotency-Key',
    timeoutMs,
    allowPrivate: place.get('allow_private').value === true,
    ...compilePace(place),
    readAgain: compileReadAgain(place.get('read_again')),
    timeouts: timeoutsAt(place.get('timeouts')),
    ca: place.get('ca').value === undefined ? null : secretAt(place.get('ca')),
    from: place.get('from').text() || null,
  };
}

function compilePace(place: Place): Pick<Destination, 'pace'> {
  const [concurrency, rate] = [place.get('concurrency').value, place.get('rate')];
  if (concurrency === undefined && rate.value === undefined) return {};
  const per = rate.get('per');
  const perMs = rate.value === undefined ? 0 : durationAt(per);
  if (rate.value !== undefined && perMs < 1_000) {
    per.report({
      code: 'SB113',
      message: 'the time of a rate is at least 1s',
      help: 'write `requests: 10, per: 1s` for one every 100 ms',
    });
  }
  return {
    pace: {
      ...(typeof concurrency === 'number' && { concurrency }),
      rate: rate.value === undefined ? null : { requests: numberAt(rate.get('requests'), 1), perMs },
    },
  };
}

/** The path of a destination's document; one that cannot be used is reported here, once, and not where it is missed. */
function documentPath(place: Place, documents: Documents): string | null {
  const written = place.text();
  if (written === '') return null;
  const path = projectPath('signalbox.yaml', written);
  if (path === null) {
    place.report({
      code: 'SB131',
      message: 'this path leads out of the project folder',
      help: 'keep the document in the project, so that it is versioned with the workflows',
    });
    return written;
  }
  const document = documents.read(path);
  if ('problem' in document) {
    place.report({
      code: 'SB131',
      message: `the document ${path} cannot be used: ${document.problem}`,
      help: 'requests and answers are checked against it: correct the path, or the file',
    });
  }
  return path;
}

function numberAt(place: Place, absent: number): number {
  return typeof place.value === 'number' ? place.value : absent;
}

function mapEntries<T>(place: Place, compile: (key: string, place: Place) => T): ReadonlyMap<string, T> {
  return new Map(place.entries().map(([key, part]) => [key, compile(key, part)]));
}
