import {celEnv, parse, plan, isCelError} from '@bufbuild/cel';
import {strings} from '@bufbuild/cel/ext';
const env=celEnv({funcs:strings});
const run=(s,v)=>{try{const r=plan(env,parse(s))(v);return isCelError(r)?`ERR ${r.message} id=${r.exprId}`:r}catch(e){return 'THROW '+e.constructor.name+': '+e.message.slice(0,300)+JSON.stringify(e.location)}};
console.log(run('payload.x.y',{payload:{x:{}}}));
console.log(run('payload.constructor',{payload:{}}), run('payload.x',{payload:{constructor:1,x:2}}));
console.log(run('payload.a +',{}), run('payload.a ++ b',{}), run('"abc',{}), run('a.b(\n  $)',{}));
console.log(run('payload.c + 1',{payload:{c:1}}), run('payload.c == 1',{payload:{c:1}}),run('payload.c in [1,2]',{payload:{c:1}}), run('payload.c > 0',{payload:{c:1}}));
console.log(run('payload.n == null',{payload:{n:'x'}}));
for (const n of [1000,2000,4000,8000]){const t=performance.now();const r=run('payload.map(x, x+1.0).size()',{payload:Array(n).fill(1)});console.log(n,r,performance.now()-t)}
console.log(JSON.stringify(parse('payload.tags.exists(t, t == "x") && has(payload.a.b)'),(k,v)=>typeof v==='bigint'?String(v):k.startsWith('$')?undefined:v,1).slice(0,6000));
let t=performance.now(); for(let i=0;i<200;i++)parse('has(payload.utm) && payload.utm.campaign.startsWith("web") || payload.x > '+i); console.log('parse ms',(performance.now()-t)/200);
t=performance.now(); try{parse('('.repeat(40)+'1'+')'.repeat(40));}catch(e){console.log(e.message)} console.log('nest40',performance.now()-t);
t=performance.now(); try{parse('['.repeat(20)+'1'+']'.repeat(20));}catch(e){console.log(e.message)} console.log('nest20[',performance.now()-t);
t=performance.now(); try{parse('!'.repeat(4000)+'true');}catch(e){console.log(e.message)} console.log('!4000',performance.now()-t);
t=performance.now(); try{parse('('.repeat(2000)+'1'+')'.repeat(2000));}catch(e){console.log(e.message)} console.log('nest2000',performance.now()-t);
t=performance.now(); try{parse('a?b:'.repeat(500)+'1');}catch(e){console.log(e.message)} console.log('tern500',performance.now()-t);
