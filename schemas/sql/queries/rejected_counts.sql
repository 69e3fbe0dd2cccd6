-- How many dead letters there are of each reason.
SELECT reason, toFloat64(count()) AS rejected
FROM rejected FINAL
GROUP BY reason
ORDER BY reason
