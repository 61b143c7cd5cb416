import '@xyflow/react/dist/base.css';
import {
  ControlButton,
  Controls,
  type Edge,
  Handle,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from '@xyflow/react';
import { useMemo } from 'react';
import { texts } from '../../texts/map.ts';
import { texts as ticketTexts } from '../../texts/tickets.ts';
import { BesideRung } from './BesideRung.tsx';
import { drawingWidth, type Layout, type Line, layoutOf, type Placed } from './drawing.ts';
import { Exits } from './Exits.tsx';
import classes from './Map.module.css';
import { RungLink } from './RungLink.tsx';
import type { Beside, MapRung } from './rungs.ts';

type RungNode = Node<{ rung: MapRung; workflow: string }, 'rung'>;
type ExitsNode = Node<{ rung: MapRung; workflow: string }, 'exits'>;
type BesideNode = Node<{ beside: Beside; first: boolean }, 'beside'>;

/** A workflow drawn as the ladder: the path from top to bottom, its exits on the left, whom it meets on the right. */
export function Drawing(props: { readonly rungs: readonly MapRung[]; readonly workflow: string }) {
  const { rungs, workflow } = props;
  const layout = useMemo(() => layoutOf(rungs), [rungs]);
  const nodes = useMemo(() => nodesOf(layout, workflow), [layout, workflow]);
  const edges = useMemo(() => layout.lines.map(edgeOf), [layout]);
  return (
    <section aria-label={texts.drawing(workflow)} className={classes.drawing}>
      {/* As high as it is drawn: the page scrolls, and nothing in it does. */}
      <div style={{ height: layout.height + 32, maxWidth: drawingWidth + 120 }}>
        <ReactFlowProvider>
          <ReactFlow
            nodes={nodes}
            edges={edges}
            nodeTypes={nodeTypes}
            fitView
            fitViewOptions={fitted}
            minZoom={0.5}
            maxZoom={1.6}
            nodesDraggable={false}
            nodesConnectable={false}
            nodesFocusable={false}
            edgesFocusable={false}
            elementsSelectable={false}
            disableKeyboardA11y
            zoomOnScroll={false}
            zoomOnDoubleClick={false}
            preventScrolling={false}
            proOptions={{ hideAttribution: true }}
          >
            <Zoom />
          </ReactFlow>
        </ReactFlowProvider>
      </div>
    </section>
  );
}

const fitted = { padding: 0.02, maxZoom: 1 };

function Zoom() {
  const { zoomIn, zoomOut, fitView } = useReactFlow();
  const button = (name: string, sign: string, run: () => void) => (
    <ControlButton className={classes.zoom ?? ''} aria-label={name} title={name} onClick={run}>
      {sign}
    </ControlButton>
  );
  return (
    <Controls
      showZoom={false}
      showFitView={false}
      showInteractive={false}
      position="top-right"
      aria-label={texts.controls}
      className={classes.controls ?? ''}
    >
      {button(texts.zoomIn, '+', () => void zoomIn())}
      {button(texts.zoomOut, '−', () => void zoomOut())}
      {button(texts.fit, '⤢', () => void fitView(fitted))}
    </Controls>
  );
}

const nodeTypes = { rung: RungPart, exits: ExitsPart, beside: BesidePart };

function RungPart({ data: { rung, workflow } }: NodeProps<RungNode>) {
  return (
    <>
      <End type="target" position={Position.Top} id="above" />
      <RungLink rung={rung} workflow={workflow} />
      <End type="source" position={Position.Bottom} id="below" />
      <End type="source" position={Position.Left} id="exits" />
      <End type={rung.name === 'intake' ? 'target' : 'source'} position={Position.Right} id="beside" />
    </>
  );
}

function ExitsPart({ data: { rung, workflow } }: NodeProps<ExitsNode>) {
  return (
    <section aria-label={texts.exitsOf(ticketTexts.rungs[rung.name])}>
      <Exits rung={rung} workflow={workflow} all />
      <End type="target" position={Position.Right} id="end" />
    </section>
  );
}

function BesidePart({ data: { beside, first } }: NodeProps<BesideNode>) {
  return (
    <>
      <End type={first ? 'source' : 'target'} position={Position.Left} id="end" />
      <BesideRung beside={beside} />
    </>
  );
}

function End(props: {
  readonly type: 'source' | 'target';
  readonly position: Position;
  readonly id: string;
}) {
  return <Handle {...props} isConnectable={false} className={classes.end ?? ''} />;
}

function nodesOf(layout: Layout, workflow: string): (RungNode | ExitsNode | BesideNode)[] {
  return layout.rungs.flatMap(({ rung, at, exits, beside }) => [
    { ...placed(at), type: 'rung' as const, data: { rung, workflow } },
    ...(exits === null ? [] : [{ ...placed(exits), type: 'exits' as const, data: { rung, workflow } }]),
    ...beside.map(({ of, at: there }) => ({
      ...placed(there),
      type: 'beside' as const,
      data: { beside: of, first: rung.name === 'intake' },
    })),
  ]);
}

function placed({ id, x, y, width, height }: Placed) {
  // What the library would say of it to screen readers says nothing: the links within do.
  const domAttributes = { 'aria-roledescription': undefined } as unknown as object;
  return { id, position: { x, y }, width, height, domAttributes };
}

function edgeOf({ id, from, to, kind, taken }: Line): Edge {
  const [sourceHandle, targetHandle] =
    kind === 'path' ? ['below', 'above'] : kind === 'exit' ? ['exits', 'end'] : besideEnds(from);
  return {
    id,
    source: from,
    target: to,
    sourceHandle,
    targetHandle,
    type: kind === 'path' ? 'straight' : 'smoothstep',
    className: `${classes.line} ${lineClasses[kind]} ${taken ? classes.taken : ''}`,
    ariaRole: 'presentation',
    ariaLabel: null as unknown as string,
    domAttributes: { 'aria-hidden': true, 'aria-roledescription': undefined } as unknown as object,
  } as Edge;
}

const lineClasses = { path: classes.linePath, exit: classes.lineExit, beside: classes.lineBeside };

function besideEnds(from: string): [string, string] {
  return from.includes('/') ? ['end', 'beside'] : ['beside', 'end'];
}
