-- Whether sources say when they said a reading, of those that are known.
SELECT f.source AS source, argMin(f.says_when, (f.since, f.says_when)) AS says_when
FROM source_forms AS f
WHERE f.source IN {sources:Array(String)}
GROUP BY f.source
