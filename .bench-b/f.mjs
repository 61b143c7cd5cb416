import f from 'ajv-formats/dist/formats.js';import {RE2JS} from 're2js';
const n=60000;const adv=['a','a.','a-','1','a@a.','/','%41','a:','::',' ','{a}','a@','1:','ff:','P1Y','a/','-','1.','http://a','~0','é','http://'+'a'.repeat(9),'A='];
for(const [k,v] of Object.entries(f.fullFormats)){const t=typeof v==='function'?v:v instanceof RegExp?s=>v.test(s):v?.validate;if(!t||v.type==='number')continue;
 let worst=0,w='';for(const a of adv)for(const pre of ['','http://','a@','/','#','P'])for(const suf of ['','!','\u0000','@']){const s=pre+a.repeat(n/a.length)+suf;const t0=performance.now();try{t(s)}catch{};const d=performance.now()-t0;if(d>worst){worst=d;w=pre+'|'+a+'|'+suf}if(d>3000)break}
 let re2='-';if(v instanceof RegExp){try{RE2JS.compile(RE2JS.translateRegExp(v.source),v.flags.includes('i')?RE2JS.CASE_INSENSITIVE:0);re2='ok'}catch(e){re2=e.message}}
 console.log(k,worst.toFixed(1),JSON.stringify(w).slice(0,60),re2)}
