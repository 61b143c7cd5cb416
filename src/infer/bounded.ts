import { limits } from '../limits.ts';
import { opaqueObject } from './merge.ts';
import type { ObjectShape, Shape } from './shape.ts';

/**
 * The shape, where it has at most `nodesMax` parts; else without its deepest levels, whose objects and lists become
 * opaque. What payloads hold is bounded by their size, what all of them together hold is not.
 */
export function bounded(shape: Shape, nodesMax: number = limits.shapeNodesMax): Shape {
  const levels: number[] = [];
  countLevels(shape, 0, levels);
  let nodes = 0;
  const tooDeep = levels.findIndex((count) => {
    nodes += count;
    return nodes > nodesMax;
  });
  return tooDeep === -1 ? shape : cut(shape, Math.max(0, tooDeep - 1));
}

function countLevels(shape: Shape, depth: number, levels: number[]): void {
  levels[depth] = (levels[depth] ?? 0) + 1;
  for (const part of partsOf(shape)) countLevels(part, depth + 1, levels);
}

function partsOf({ list, object }: Shape): Shape[] {
  return [...(list?.of ? [list.of] : []), ...(object === null ? [] : partsOfObject(object))];
}

function partsOfObject({ fields, others, variants }: ObjectShape): Shape[] {
  const kinds = [...(variants?.values() ?? [])].flatMap((each) => [...(each?.values() ?? [])]);
  return [
    ...[...(fields?.values() ?? [])].map(({ shape }) => shape),
    ...(others === null ? [] : [others]),
    ...kinds.flatMap(partsOfObject),
  ];
}

/** Without what lies deeper than `depth` levels down. */
function cut(shape: Shape, depth: number): Shape {
  const { list, object } = shape;
  if (depth === 0) {
    return {
      ...shape,
      list: list === null ? null : { ...list, of: null, opaque: true },
      object: object === null ? null : { ...opaqueObject, samples: object.samples },
    };
  }
  return {
    ...shape,
    list: list === null ? null : { ...list, of: list.of === null ? null : cut(list.of, depth - 1) },
    object: object === null ? null : cutObject(object, depth - 1),
  };
}

function cutObject(object: ObjectShape, depth: number): ObjectShape {
  const { fields, others, variants } = object;
  return {
    ...object,
    fields:
      fields &&
      new Map([...fields].map(([name, { always, shape }]) => [name, { always, shape: cut(shape, depth) }])),
    others: others && cut(others, depth),
    variants:
      variants &&
      new Map(
        [...variants].map(([field, kinds]) => [
          field,
          kinds && new Map([...kinds].map(([kind, each]) => [kind, cutObject(each, depth)])),
        ]),
      ),
  };
}
