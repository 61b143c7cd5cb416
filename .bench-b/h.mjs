import {readFileSync} from 'node:fs';import {gunzipSync} from 'node:zlib';
const doc=JSON.parse(gunzipSync(readFileSync('/work/shared/corpora/github-webhooks/schema.draft-07.json.gz')).toString());
console.log(Object.keys(doc.definitions).filter(k=>/push|check_run|branch_prot/.test(k)), JSON.stringify(doc.oneOf).slice(0,300), JSON.stringify(doc.definitions.check_run_event).slice(0,300), Object.keys(doc));
