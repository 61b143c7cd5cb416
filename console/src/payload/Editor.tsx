import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, syntaxHighlighting, syntaxTree } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter, lintKeymap } from '@codemirror/lint';
import { Compartment, type EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightSpecialChars,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { texts } from '../texts/payload.ts';
import { type Complaint, unescaped } from './lines.ts';
import classes from './payload.module.css';

interface EditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly complaints: readonly Complaint[];
  readonly disabled?: boolean;
}

/** A JSON editor that marks what is no JSON, and what the contract says, where it stands. Loaded when it is needed. */
export function Editor({ value, onChange, complaints, disabled = false }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const first = useRef({ value, onChange });
  first.current.onChange = onChange;
  const said = useRef(new Compartment());
  const writable = useRef(new Compartment());

  useEffect(() => {
    if (host.current === null) return;
    const opened = new EditorView({
      parent: host.current,
      doc: first.current.value,
      extensions: [
        EditorView.cspNonce.of(nonce()),
        lineNumbers(),
        history(),
        drawSelection(),
        highlightSpecialChars(),
        highlightActiveLine(),
        bracketMatching(),
        json(),
        lintGutter(),
        linter(jsonParseLinter(), { delay: 150 }),
        said.current.of([]),
        writable.current.of([]),
        syntaxHighlighting(colours),
        look,
        keymap.of([...defaultKeymap, ...historyKeymap, ...lintKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': texts.editor }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) first.current.onChange(update.state.doc.toString());
        }),
      ],
    });
    view.current = opened;
    opened.focus();
    return () => opened.destroy();
  }, []);

  useEffect(() => {
    const opened = view.current;
    if (opened === null || opened.state.doc.toString() === value) return;
    opened.dispatch({ changes: { from: 0, to: opened.state.doc.length, insert: value } });
  }, [value]);

  useEffect(() => {
    const marks = linter(({ state }) => complaints.map((complaint) => diagnosticOf(state, complaint)), {
      delay: 0,
    });
    view.current?.dispatch({ effects: said.current.reconfigure(marks) });
  }, [complaints]);

  useEffect(() => {
    view.current?.dispatch({
      effects: writable.current.reconfigure(EditorView.editable.of(!disabled)),
    });
  }, [disabled]);

  return <div ref={host} className={classes.editor} />;
}

function nonce(): string {
  return document.querySelector<HTMLElement>('[property=csp-nonce]')?.nonce ?? '';
}

/** Where a complaint's place stands in the text: the value, its member's name, or the object that lacks it. */
function diagnosticOf(state: EditorState, { path, message }: Complaint): Diagnostic {
  let node = syntaxTree(state).topNode.firstChild;
  let found = node;
  for (const token of path.split('/').slice(1).map(unescaped)) {
    if (node?.name === 'Object') {
      const property: typeof node | undefined = node
        .getChildren('Property')
        .find((each) => nameOf(state, each.getChild('PropertyName')) === token);
      if (property === undefined) break;
      found = property.getChild('PropertyName');
      node = property.lastChild;
    } else if (node?.name === 'Array') {
      const elements: (typeof node)[] = [];
      for (let each = node.firstChild; each !== null; each = each.nextSibling) {
        if (!['[', ']', ',', '⚠'].includes(each.name)) elements.push(each);
      }
      node = elements[Number(token)] ?? null;
      if (node === null) break;
      found = node;
    } else break;
  }
  const from = found?.from ?? 0;
  const to = found?.name === 'Object' || found === null ? from + 1 : found.to;
  return { from, to: Math.min(to, state.doc.length), severity: 'error', message };
}

function nameOf(state: EditorState, node: { from: number; to: number } | null): string | null {
  if (node === null) return null;
  try {
    return JSON.parse(state.sliceDoc(node.from, node.to));
  } catch {
    return null;
  }
}

const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--dim)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--accent)' },
]);

const look = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'var(--ground)', fontSize: '12.5px', maxHeight: '60vh' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', overflow: 'auto' },
  '.cm-gutters': { backgroundColor: 'var(--raised)', color: 'var(--dim)', border: '0' },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'color-mix(in srgb, var(--accent) 25%, transparent) !important',
  },
  '.cm-specialChar': { color: 'var(--warn)' },
  '.cm-tooltip': { backgroundColor: 'var(--ground)', border: '1px solid var(--line-strong)' },
});
