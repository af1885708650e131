-- Which jobs do the mothers of male students younger than 20 have?
-- plot: tiles x=mothers_job
SELECT DISTINCT mjob AS mothers_job
FROM student_data
WHERE sex = 'm'
  AND age < 20
  AND mjob IS NOT NULL
ORDER BY mothers_job;
