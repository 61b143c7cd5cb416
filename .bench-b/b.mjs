import {Environment} from '@marcbachmann/cel-js';
import {celEnv, parse, plan} from '@bufbuild/cel';
import {strings} from '@bufbuild/cel/ext';
const payload={lead_id:'l-1',email:'A@B.com',name:'Ann',project_type:'web',budget:2500,count:3,utm:{campaign:'web-1'},tags:['a','b','x']};
const scope={payload,headers:{},ticket:{project_type:'web',budget:2500,email:'a@b.com'}};
const ex=['payload.lead_id','payload.email.lowerAscii()','payload.project_type','double(payload.budget)','ticket.budget >= 500.0 && ticket.budget <= 1000000.0','ticket.project_type == "web"','has(payload.utm) && payload.utm.campaign.startsWith("web")','payload.tags.exists(t, t == "x")','"Lead " + payload.name','ticket.budget > 50000.0', 'payload.email.matches("^[a-z]+@")'];
const e1=new Environment({homogeneousAggregateLiterals:false}); for(const v of ['payload','headers','ticket'])e1.registerVariable(v,'dyn');
const e1t=new Environment({homogeneousAggregateLiterals:false}); e1t.registerVariable('headers','map<string,string>');
e1t.registerVariable({name:'payload',schema:{lead_id:'string',email:'string',name:'string',project_type:'string',budget:'double',count:'double',utm:{campaign:'string'},tags:'list<string>'}});
e1t.registerVariable({name:'ticket',schema:{project_type:'string',budget:'double',email:'string'}});
const e2=celEnv({funcs:strings});
function time(f){for(let i=0;i<20000;i++)f();const n=100000;const t=process.hrtime.bigint();for(let i=0;i<n;i++)f();return Number(process.hrtime.bigint()-t)/n/1000}
for(const s of ex){const a=e1.parse(s),t=e1t.parse(s);t.check();a.check();const b=plan(e2,parse(s));
 console.log(s.padEnd(60),'dyn',time(()=>a(scope)).toFixed(3),'typed',time(()=>t(scope)).toFixed(3),'buf',time(()=>b(scope)).toFixed(3), String(b(scope)).slice(0,50), a(scope))}
