import { html } from 'hono/html';
import type { EventProof } from '../query/event-proof.ts';
import { eventPage } from '../query/inbox-of-service.ts';
import type { Words } from '../run/state/words.ts';
import { counted } from '../wording.ts';
import { place } from './audit.ts';
import { evidencePage } from './evidence-page.ts';
import { asWords, type Names, visible } from './format.ts';
import { type Markup, type Operate, page, pill, time } from './layout.ts';

/** More of an event than this is read as JSON. Characters. */
const longestData = 30_000;

/** One event with all its fields, and what its place in the lane proves. */
export const eventView = (
  proof: EventProof,
  { person, address, operate }: { readonly person: string; readonly address: Words | undefined; readonly operate?: Operate | undefined },
  names: Names,
): Markup => {
  const { event, hash } = proof.stored;
  const { id, type, scope, lane, seq, at, actor, mac, prev } = event;
  const name = names(actor.id);
  return page(
    { title: `${type} ${lane}#${seq}`, person: names(person), operate },
    html`<p class="soft"><a href="/audit">Audit</a> / <a href="/audit?${searchOf(scope)}">${visible(scope)}</a> / <span class="mono">${visible(lane)}#${seq}</span></p>
<div class="head"><h1>${asWords(type.replace('.', ' '))}</h1>${pill('verified', 'good')}</div>
<section class="card" aria-labelledby="event"><h2 id="event">Event</h2><dl>
<dt>When</dt><dd>${time(at)}</dd>
<dt>Type</dt><dd class="mono">${type}</dd>
<dt>Who</dt><dd><bdi>${visible(name)}</bdi> <span class="soft">${asWords(actor.kind)}${name === actor.id ? '' : html`, <span class="mono">${visible(actor.id)}</span>`}</span></dd>
${address === undefined ? '' : html`<dt>From</dt><dd class="mono">${address.text === null ? html`<span class="soft">the address was erased</span>` : visible(address.text)}</dd>`}
<dt>Where</dt><dd class="mono">${place(scope)}</dd>
<dt>Lane</dt><dd class="mono"><bdi>${visible(lane)}</bdi>, place ${seq}</dd>
<dt>Id</dt><dd class="mono">${id}</dd></dl>
${download(proof.stored)}<h3>Data</h3>${dataOf(event.data)}</section>
<section class="card" aria-labelledby="proof"><h2 id="proof">Proof</h2>
<p>${verifiedText(proof)}</p>
<dl><dt>Hash</dt><dd class="mono">${hash}</dd>
<dt>Hash before</dt><dd class="mono">${prev}${seq > 1 ? '' : html` <span class="soft">${proof.isGenesis ? '(nothing came before: the scope begins here)' : '(of the event that opened the lane)'}</span>`}</dd>
<dt>MAC</dt><dd class="mono">${mac ?? html`<span class="soft">none: any of our functions may record such an event</span>`}</dd>
${proof.vouchers.length === 0 ? '' : html`<dt>Vouched for by</dt><dd>the key of ${proof.vouchers.join(' or ')}</dd>`}</dl>
<p class="soft">The hash is the sha256 of the canonical JSON (RFC 8785) of all members of the event but the hash.</p>
<p class="jump">${seq > 1 ? html`<a class="button quiet" href="${eventPage({ scope, lane, seq: seq - 1 })}">Event before</a>` : ''}${proof.verified.to > seq ? html`<a class="button quiet" href="${eventPage({ scope, lane, seq: seq + 1 })}">Next event</a>` : ''}</p></section>`,
  );
};

/** Evidence as it was kept; nothing for another event. */
const download = ({ event }: EventProof['stored']): Markup | '' => {
  if (event.type !== 'evidence.recorded') return '';
  const { digest, bytes } = event.data;
  return html`<p><a href="${evidencePage({ scope: event.scope, digest })}">Download the evidence</a> <span class="soft">${counted(bytes, 'byte')} as they were kept, whose sha256 is <span class="mono">${digest}</span>.</span></p>
`;
};

const searchOf = (scope: string): string => {
  const [kind = '', name = ''] = scope.split('/');
  const field = kind === 'run' || kind === 'late' ? 'run' : kind === 'service' || kind === 'environment' ? 'service' : '';
  return field === '' ? '' : new URLSearchParams({ [field]: name }).toString();
};

const verifiedText = ({ stored: { event }, verified: { from, to }, isLast, vouchers }: EventProof): string => {
  const stretch = from === to ? `The event ${from} of the lane was read` : `The events ${from} to ${to} of the lane were read`;
  const links = from === to ? '' : ', and each carries the hash of the one before it';
  const end = isLast ? ' They reach the end of the lane.' : ' The lane goes on behind them.';
  const mac = vouchers.length === 0 || event.mac === null ? '' : ' The MAC was checked with the key that never leaves KMS.';
  return `${stretch}: each hash is that of the bytes${links}.${from === to ? '' : end}${mac}`;
};

const dataOf = (data: object): Markup => {
  const text = JSON.stringify(data, null, 2);
  const cut = text.length > longestData;
  return html`<pre class="data" tabindex="0">${visible(cut ? text.slice(0, longestData) : text)}</pre>${cut ? html`<p class="soft">The rest has no room here: <span class="mono">holdpoint events --json</span> prints it whole.</p>` : ''}`;
};

/** An event whose lane is damaged. The trail gives none of it. */
export const damagedEvent = (
  person: string,
  { scope, lane, seq }: { readonly scope: string; readonly lane: string; readonly seq: number },
  operate?: Operate,
): Markup =>
  page(
    { title: 'Does not verify', person, operate },
    html`<p class="soft"><a href="/audit">Audit</a> / <span class="mono">${visible(lane)}#${seq}</span></p>
<div class="head"><h1>This event does not verify</h1>${pill('damaged', 'bad')}</div>
<div class="card"><p>The lane <span class="mono">${visible(lane)}</span> of <span class="mono">${visible(scope)}</span> was read, and a hash, a link to the event before or a MAC is wrong. Nothing of it is shown, because nothing of it can be relied on.</p>
<p>The operators have been alarmed. Keep the table as it is, and compare it with a backup.</p></div>`,
  );
