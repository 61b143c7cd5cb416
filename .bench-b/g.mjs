import {readFileSync} from 'node:fs';import {gunzipSync} from 'node:zlib';import {compileContract} from '../src/contract/schema.ts';
const c='/work/shared/corpora/';const gz=p=>gunzipSync(readFileSync(c+p)).toString();
const doc=JSON.parse(gz('github-webhooks/schema.draft-07.json.gz'));
const rows=gz('github-webhooks/payloads.ndjson.gz').trim().split('\n').map(l=>JSON.parse(l));
console.log(Object.keys(rows[0]));
const cache=new Map();let same=0,none=0;const missing=new Set();const t0=performance.now();
for(const r of rows){const p=`/definitions/${r.event}_event`;if(!doc.definitions[r.event+'_event']){none++;missing.add(r.event);continue}
 let k=cache.get(p);if(!k){k=compileContract({document:doc,pointer:p,name:p});cache.set(p,k)}
 const v=k.validate(r.payload);if((v.length===0)===r.valid)same++;else console.log(r.id,r.event,r.action,r.valid,v.slice(0,2),r.error?.slice(0,200))}
console.log('same',same,'of',rows.length,'none',none,[...missing],performance.now()-t0,[...cache.values()].flatMap(k=>k.warnings));
const bad=rows.find(r=>!r.valid);console.log(cache.get(`/definitions/${bad.event}_event`).validate(bad.payload));
