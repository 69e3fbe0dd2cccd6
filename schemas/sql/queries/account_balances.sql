-- Balance of each account after all final settlements: its last line in the latest settlement.
SELECT
  account,
  argMax(entitled_micros, (period, line_index)) AS entitled_micros,
  argMax(debt_after_micros, (period, line_index)) AS debt_micros
FROM (
  SELECT l.account AS account, l.entitled_micros AS entitled_micros,
    l.debt_after_micros AS debt_after_micros, l.line_index AS line_index,
    assumeNotNull(s.period) AS period
  FROM settlement_lines AS l FINAL
  INNER JOIN (
    SELECT event_id, revision, period
    FROM settlements FINAL
    WHERE state IN ('final', 'paid') AND period IS NOT NULL
  ) AS s ON l.event_id = s.event_id AND l.revision = s.revision
)
GROUP BY account
ORDER BY account
