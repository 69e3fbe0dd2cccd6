-- Open dead letters by reason.
SELECT reason, toFloat64(count()) AS rejected
FROM rejected AS r FINAL
WHERE r.log_offset NOT IN (SELECT t.log_offset FROM resolved_dead_letters AS t)
GROUP BY reason
ORDER BY reason
