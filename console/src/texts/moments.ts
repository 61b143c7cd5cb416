export const texts = {
  justNow: 'just now',
  ago: (span: string) => `${span} ago`,
  in: (span: string) => `in ${span}`,
  overdue: (span: string) => `${span} over`,
};
