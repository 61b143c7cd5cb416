import {readFileSync} from 'node:fs';import {gunzipSync} from 'node:zlib';import {compileContract} from '../src/contract/schema.ts';
const c='/work/shared/corpora/';const gz=p=>gunzipSync(readFileSync(c+p)).toString();
const doc=JSON.parse(gz('github-webhooks/openapi-webhooks.json.gz'));
const rows=gz('github-webhooks/payloads.ndjson.gz').trim().split('\n').map(l=>JSON.parse(l));
console.log(doc.openapi,Object.keys(doc),rows[0].openapi_webhook,rows[0].openapi_valid,Object.keys(doc.webhooks)[0],JSON.stringify(Object.values(doc.webhooks)[0]).slice(0,300));
const cache=new Map();let same=0,diff=[];const t0=performance.now();
for(const r of rows){const w=r.openapi_webhook;if(!w)continue;const p=`/webhooks/${w}/post/requestBody/content/application~1json/schema`;
 let k=cache.get(p);if(!k){k=compileContract({document:doc,pointer:p,name:w});cache.set(p,k)}
 const v=k.validate(r.payload);if((v.length===0)===r.openapi_valid)same++;else diff.push([r.id,w,r.openapi_valid,v.slice(0,2).map(x=>x.message)])}
console.log(same,diff.length,rows.filter(r=>r.openapi_webhook).length,performance.now()-t0);for(const d of diff.slice(0,10))console.log(JSON.stringify(d));
for(const f of ['asana.openapi.json','jira-cloud.openapi.json','stripe.openapi.json']){}
