-- Which are the three most frequent jobs of fathers, by whether the parents live together or apart?
-- plot: bar x=fathers_job y=students facet=parents
SELECT
  CASE pstatus WHEN 't' THEN 'together' WHEN 'a' THEN 'apart' ELSE pstatus END AS parents,
  place,
  fjob AS fathers_job,
  students
FROM (
  SELECT
    pstatus,
    fjob,
    students,
    ROW_NUMBER() OVER (PARTITION BY pstatus ORDER BY students DESC, fjob) AS place
  FROM (
    SELECT pstatus, fjob, COUNT(*) AS students
    FROM student_data
    WHERE pstatus IS NOT NULL
      AND fjob IS NOT NULL
    GROUP BY pstatus, fjob
  ) AS counted
) AS placed
WHERE place <= 3
ORDER BY pstatus, place;
