SELECT name, any(checksum) AS checksum FROM migrations GROUP BY name ORDER BY name
