-- Which travel time to school is the most frequent among students with a rural address?
-- (1: under 15 minutes, 2: 15 to 30 minutes, 3: 30 minutes to an hour, 4: over an hour)
-- plot: bar x=traveltime y=students
SELECT traveltime, COUNT(*) AS students
FROM student_data
WHERE address = 'r'
  AND traveltime IS NOT NULL
GROUP BY traveltime
ORDER BY students DESC, traveltime
LIMIT 1;
