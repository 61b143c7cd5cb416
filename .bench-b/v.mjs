import {compileContract} from '../src/contract/schema.ts';
const doc={type:'object',required:['lead_id','name','email','project_type','budget'],properties:{lead_id:{type:'string',pattern:'^l-[0-9]+$'},name:{type:'string'},email:{type:'string',format:'email'},project_type:{enum:['web','app']},budget:{type:'number'},utm:{type:'object',properties:{campaign:{type:'string'}}}}};
const t0=performance.now();const c=compileContract({document:doc,pointer:'',name:'x'});console.log('first compile ms',performance.now()-t0);
let t=performance.now();for(let i=0;i<20;i++)compileContract({document:doc,pointer:'',name:'x'});console.log('compile ms',(performance.now()-t)/20);
const p={lead_id:'l-123',name:'Ann',email:'a@b.org',project_type:'web',budget:1000,utm:{campaign:'x'}};
for(const [n,v] of [['good',p],['bad',{...p,project_type:undefined,budget:'1'}]]){for(let i=0;i<5000;i++)c.validate(v);const u=process.cpuUsage();for(let i=0;i<50000;i++)c.validate(v);const d=process.cpuUsage(u);console.log(n,(d.user+d.system)/50000,'us')}
