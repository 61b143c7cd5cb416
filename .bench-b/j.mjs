import {compileContract} from '../src/contract/schema.ts';
const s={"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://test.json-schema.org/dynamicRef-dynamicAnchor-same-schema/root","type":"array","items":{"$dynamicRef":"#items"},"$defs":{"foo":{"$dynamicAnchor":"items","type":"string"}}};
for(const v of [['a'],[1]]){try{console.log(compileContract({document:s,pointer:'',name:'x'}).validate(v))}catch(e){console.log(e.message,e.cause?.stack)}}
const t={"$schema":"https://json-schema.org/draft/2020-12/schema","enum":[]};
try{console.log(compileContract({document:t,pointer:'',name:'x'}).validate(1))}catch(e){console.log(e.message)}
const u={"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://example.com/schema-relative-uri-defs1.json","properties":{"foo":{"$id":"schema-relative-uri-defs2.json","$defs":{"inner":{"properties":{"bar":{"type":"string"}}}},"$ref":"#/$defs/inner"}},"$ref":"schema-relative-uri-defs2.json"};
try{console.log(compileContract({document:u,pointer:'',name:'x'}).validate({foo:{bar:1}}))}catch(e){console.log(e.message)}
