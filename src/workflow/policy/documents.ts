import { documentFaults } from '../../contract/document-faults.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { placeInDocument } from '../document-place.ts';
import type { Documents } from '../documents.ts';

/** Faults of one document that are told each; the rest are counted. */
const toldMax = 5;

/** Reports where the API documents at these paths are not as their standard demands: they are used as far as they are. */
export function checkDocuments(
  paths: Iterable<string>,
  documents: Documents,
  files: ReadonlyMap<string, string>,
): Diagnostic[] {
  return [...paths].sort().flatMap((path) => {
    const document = documents.read(path);
    if ('problem' in document) return [];
    const faults = documentFaults(document.value);
    const told = faults.slice(0, toldMax);
    const rest = faults.length - told.length;
    return told.map(({ pointer, message }, index): Diagnostic => {
      const more = rest > 0 && index === told.length - 1 ? `; ${rest} more follow in this document` : '';
      return {
        file: path,
        ...placeInDocument(path, files.get(path) ?? '', pointer),
        code: 'SB133',
        severity: 'warning',
        message: message + more,
        help: 'what is sound of the document is used, and this place is not checked: correct it, or tell its vendor',
      };
    });
  });
}
