import {Environment} from '@marcbachmann/cel-js';
import {celEnv, parse, plan} from '@bufbuild/cel';
import {strings} from '@bufbuild/cel/ext';
import {expressionEnvironment, compileExpression} from '../src/workflow/expression.ts';
const ex=['payload.lead_id','payload.email.lowerAscii()','payload.project_type','double(payload.budget)','ticket.budget >= 500.0 && ticket.budget <= 1000000.0','ticket.project_type == "web"','has(payload.utm) && payload.utm.campaign.startsWith("web")','payload.tags.exists(t, t == "x")','"Lead " + payload.name','ticket.budget > 50000.0'];
const mk=()=>({payload:{lead_id:'l-1',email:'A@B.com',name:'Ann',project_type:'web',budget:2500,count:3,utm:{campaign:'web-1'},tags:['a','b','x']},headers:{},ticket:{project_type:'web',budget:2500,email:'a@b.com'}});
const big=mk();for(let i=0;i<200;i++)big.payload['field_'+i]={a:i,b:'text '+i};
function cpu(f,n=30000){for(let i=0;i<n/3;i++)f();let best=1e9;for(let r=0;r<5;r++){const c=process.cpuUsage();for(let i=0;i<n;i++)f();const u=process.cpuUsage(c);best=Math.min(best,(u.user+u.system)/n)}return best}
const env=expressionEnvironment({payload:true,ticket:true,headers:true});const ours=ex.map(s=>compileExpression(s,env).expression);
const e1=new Environment({homogeneousAggregateLiterals:false});for(const v of ['payload','headers','ticket'])e1.registerVariable(v,'dyn');const mb=ex.map(s=>{const p=e1.parse(s);p.check();return p});
const e1t=new Environment({homogeneousAggregateLiterals:false}); e1t.registerVariable('headers','map<string,string>');
e1t.registerVariable({name:'payload',schema:{lead_id:'string',email:'string',name:'string',project_type:'string',budget:'double',count:'double',utm:{campaign:'string'},tags:'list<string>'}});
e1t.registerVariable({name:'ticket',schema:{project_type:'string',budget:'double',email:'string'}});const mbt=ex.map(s=>{const p=e1t.parse(s);p.check();return p});
const e2=celEnv({funcs:strings});const bf=ex.map(s=>plan(e2,parse(s)));
for(const [name,fn] of [['bufbuild plain',s=>{for(const b of bf)b(s)}],['ours',s=>{for(const c of ours)c.evaluate(s)}],['cel-js dyn',s=>{for(const c of mb)c(s)}],['cel-js typed',s=>{for(const c of mbt)c(s)}]])
 console.log(name.padEnd(16),'small',cpu(()=>fn(mk())).toFixed(1),'200 fields',cpu(()=>fn({...big}),5000).toFixed(1),'us cpu for 10');
const me=plan(celEnv({funcs:strings}),parse('payload.email.matches("^[a-z]+@")')), mo=compileExpression('payload.email.matches("^[a-z]+@")',env).expression, mm=e1.parse('payload.email.matches("^[a-z]+@")');mm.check();
console.log('matches: plain',cpu(()=>me(mk())).toFixed(2),'ours',cpu(()=>mo.evaluate(mk())).toFixed(2),'cel-js',cpu(()=>mm(mk())).toFixed(2));
const bad={payload:{email:'a'.repeat(28)+'!',x:{constructor:1,b:2}},headers:{},ticket:{}};
const m2=e1.parse('payload.email.matches("^(a+)+$")');let t=performance.now();m2(bad);console.log('cel-js (a+)+$ on 28 chars ms',performance.now()-t);
try{console.log(e1.parse('payload.x.b')(bad))}catch(e){console.log('cel-js constructor key:',e.summary)}
try{console.log('cel-js null:',e1.parse('payload.email == null')(bad))}catch(e){console.log('cel-js null',e.summary)}
{const r=plan(e2,parse('payload.x.b'))(bad);console.log('buf constructor key:',r.message)}
{const n=100000;const r=plan(e2,parse('payload.l.map(x, x)'))({payload:{l:Array(n).fill(1)}});try{console.log([...r].length)}catch(e){console.log('buf map over 100k:',e.message)}}
{t=performance.now();plan(e2,parse('payload.t.replace("a","b")'))({payload:{t:'a'.repeat(100000)}});console.log('buf replace 100k',performance.now()-t)}
{t=performance.now();const p=e1.parse('payload.l.exists(x, payload.l.exists(y, y == -1.0))');p({payload:{l:Array.from({length:3000},(_, i)=>i)},headers:{},ticket:{}});console.log('cel-js nested exists 3000² ms',performance.now()-t)}
