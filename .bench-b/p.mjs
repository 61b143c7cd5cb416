import {expressionEnvironment, compileExpression} from '../src/workflow/expression.ts';
const env=expressionEnvironment({payload:true,ticket:true,headers:true});
const ex=['payload.lead_id','payload.email.lowerAscii()','payload.project_type','double(payload.budget)','ticket.budget >= 500.0 && ticket.budget <= 1000000.0','ticket.project_type == "web"','has(payload.utm) && payload.utm.campaign.startsWith("web")','payload.tags.exists(t, t == "x")','"Lead " + payload.name','ticket.budget > 50000.0','payload.email.matches("^[a-z]+@")'];
const cs=ex.map(s=>compileExpression(s,env).expression);
const mk=()=>{const payload={lead_id:'l-1',email:'A@B.com',name:'Ann',project_type:'web',budget:2500,count:3,utm:{campaign:'web-1'},tags:['a','b','x']};return {payload,headers:{},ticket:{project_type:'web',budget:2500,email:'a@b.com'}}};
function time(f,n=50000){for(let i=0;i<n/5;i++)f();const t=performance.now();for(let i=0;i<n;i++)f();return (performance.now()-t)/n*1000}
const sc=mk();for(const [i,c] of cs.entries())console.log(ex[i].padEnd(60),time(()=>c.evaluate(sc)).toFixed(3));
console.log('11 expressions, fresh scope', time(()=>{const s=mk();for(const c of cs)c.evaluate(s)}).toFixed(2));
console.log('10 expressions (no matches), fresh scope', time(()=>{const s=mk();for(let i=0;i<10;i++)cs[i].evaluate(s)}).toFixed(2));
const t=performance.now();for(let i=0;i<200;i++)compileExpression(ex[6],env);console.log('compile us',(performance.now()-t)/200*1000)
