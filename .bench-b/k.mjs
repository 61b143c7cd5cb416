import {Ajv2020} from 'ajv/dist/2020.js';
const s={"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"https://test.json-schema.org/dynamicRef-dynamicAnchor-same-schema/root","type":"array","items":{"$dynamicRef":"#items"},"$defs":{"foo":{"$dynamicAnchor":"items","type":"string"}}};
for(const o of [{},{validateSchema:false},{strict:false},{verbose:true},{ownProperties:true},{allErrors:true}]){const a=new Ajv2020({strict:false,...o});console.log(o,a.compile(s)(['a']))}
const u={"$schema":"https://json-schema.org/draft/2020-12/schema","$id":"http://example.com/schema-relative-uri-defs1.json","properties":{"foo":{"$id":"schema-relative-uri-defs2.json","$defs":{"inner":{"properties":{"bar":{"type":"string"}}}},"$ref":"#/$defs/inner"}},"$ref":"schema-relative-uri-defs2.json"};
try{new Ajv2020({strict:false}).compile(u)}catch(e){console.log(e.message)}
