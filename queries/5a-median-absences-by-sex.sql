-- What is the median of absences of students whose family relationships are average or worse (famrel 1 to 3), by sex?
-- A median is the middle value, or the mean of the two middle values when the count is even: those are the places
-- with 2 * place from students to students + 2.
-- plot: bar x=sex y=median_absences
SELECT sex, CAST(AVG(absences) AS DECIMAL(10, 1)) AS median_absences
FROM (
  SELECT
    sex,
    absences,
    ROW_NUMBER() OVER (PARTITION BY sex ORDER BY absences) AS place,
    COUNT(*) OVER (PARTITION BY sex) AS students
  FROM student_data
  WHERE famrel BETWEEN 1 AND 3
    AND sex IS NOT NULL
    AND absences IS NOT NULL
) AS placed
WHERE 2 * place BETWEEN students AND students + 2
GROUP BY sex
ORDER BY sex;
