export const texts = {
  missing: 'missing',
  hidden: 'hidden',
  moreLines: (count: number) => `Show more (${count.toLocaleString('en')} lines left)`,
  field: 'Field',
  type: 'What it must be',
  required: 'required',
  editor: 'Payload, as JSON',
  notJson: 'This is not JSON yet',
  absent: 'absent',
};
