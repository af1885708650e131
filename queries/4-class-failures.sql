-- Which number of class failures is the most frequent, by family size?
-- (gt3: more than three members, le3: three or fewer)
-- plot: bar x=failures y=students facet=famsize
SELECT famsize, failures, students
FROM (
  SELECT
    famsize,
    failures,
    students,
    ROW_NUMBER() OVER (PARTITION BY famsize ORDER BY students DESC, failures) AS place
  FROM (
    SELECT famsize, failures, COUNT(*) AS students
    FROM student_data
    WHERE famsize IS NOT NULL
      AND failures IS NOT NULL
    GROUP BY famsize, failures
  ) AS counted
) AS placed
WHERE place = 1
ORDER BY famsize;
