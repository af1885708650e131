/** The columns that the questions read. */
export const texts = ['sex', 'address', 'famsize', 'pstatus', 'mjob', 'fjob'] as const;
export const numbers = ['age', 'traveltime', 'failures', 'famrel', 'absences'] as const;
export const columns = [...texts, ...numbers];
export type Student = Record<(typeof texts)[number], string | null> &
  Record<(typeof numbers)[number], number | null>;
export type Answer = (string | number)[][];

/** The questions answered by plain JavaScript: file name and answer. */
export const oracle: Record<string, (students: Student[]) => Answer> = {
  '1-mothers-jobs.sql': (students) =>
    counts(
      students.filter(({ sex, age }) => sex === 'm' && age !== null && age < 20),
      'mjob',
    )
      .map(([job]) => [job])
      .sort(),
  '2-travel-time.sql': (students) =>
    counts(
      students.filter(({ address }) => address === 'r'),
      'traveltime',
    ).slice(0, 1),
  '3-fathers-jobs.sql': (students) =>
    groups(students, 'pstatus').flatMap(([status, members]) =>
      counts(members, 'fjob')
        .slice(0, 3)
        .map(([job, n], i) => [status === 'a' ? 'apart' : 'together', i + 1, job, n]),
    ),
  '4-class-failures.sql': (students) =>
    groups(students, 'famsize').flatMap(([size, members]) =>
      counts(members, 'failures')
        .slice(0, 1)
        .map((count) => [size, ...count]),
    ),
  '5a-median-absences-by-sex.sql': (students) =>
    groups(students.filter(isUnhappy), 'sex').map(([sex, members]) => [sex, median(members)]),
  '5b-median-absences-by-sex-and-famrel.sql': (students) =>
    groups(students.filter(isUnhappy), 'sex').flatMap(([sex, ofSex]) =>
      groups(ofSex, 'famrel').map(([famrel, members]) => [sex, famrel, median(members)]),
    ),
};

function isUnhappy({ famrel, absences }: Student): boolean {
  return famrel !== null && famrel <= 3 && absences !== null;
}

function groups(students: Student[], column: keyof Student): [string | number, Student[]][] {
  const byValue = new Map<string | number, Student[]>();
  for (const student of students) {
    const value = student[column];
    if (value !== null) byValue.set(value, [...(byValue.get(value) ?? []), student]);
  }
  return [...byValue].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Values with their counts, the most frequent first, ties by value. */
function counts(students: Student[], column: keyof Student): [string | number, number][] {
  return groups(students, column)
    .map(([value, members]): [string | number, number] => [value, members.length])
    .sort(([, a], [, b]) => b - a);
}

function median(students: Student[]): number {
  const sorted = students.map(({ absences }) => absences ?? 0).sort((a, b) => a - b);
  const middle = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.floor(sorted.length / 2)],
  ];
  return ((middle[0] ?? NaN) + (middle[1] ?? NaN)) / 2;
}

/** What each question must give for a table. */
export function expectedFor(students: Student[]): Record<string, Answer> {
  const entries = Object.entries(oracle).map(([name, answer]) => [name, answer(students)]);
  return Object.fromEntries(entries) as Record<string, Answer>;
}
