WITH RECURSIVE chain (level, table_id, constraint_id, index_id) AS (
  SELECT 0, r.oid, c.oid, i.indexrelid
  FROM pg_catalog.pg_namespace AS n
  JOIN pg_catalog.pg_class AS r ON r.relnamespace = n.oid AND r.relname = $2
  LEFT JOIN (
    pg_catalog.pg_index AS i JOIN pg_catalog.pg_class AS ic ON ic.oid = i.indexrelid AND ic.relname = $3
  ) ON i.indrelid = r.oid
  LEFT JOIN pg_catalog.pg_constraint AS c
    ON c.conrelid = r.oid AND c.conname = $3 AND c.contype IN ('f', 'c') AND i.indexrelid IS NULL
  WHERE n.nspname = $1 AND (i.indexrelid IS NOT NULL OR c.oid IS NOT NULL)
  UNION ALL
  SELECT level + 1, up.table_id, up.constraint_id, up.index_id
  FROM chain AS k
  CROSS JOIN LATERAL (
    SELECT i.indrelid, NULL::oid, i.indexrelid
    FROM pg_catalog.pg_inherits AS h JOIN pg_catalog.pg_index AS i ON i.indexrelid = h.inhparent
    WHERE h.inhrelid = k.index_id
    UNION ALL
    SELECT p.conrelid, p.oid, NULL::oid
    FROM pg_catalog.pg_constraint AS c JOIN pg_catalog.pg_constraint AS p ON p.oid = c.conparentid
    WHERE c.oid = k.constraint_id AND c.contype = 'f'
    UNION ALL
    SELECT p.conrelid, p.oid, NULL::oid
    FROM pg_catalog.pg_constraint AS c
    JOIN pg_catalog.pg_class AS r ON r.oid = c.conrelid AND r.relispartition
    JOIN pg_catalog.pg_inherits AS h ON h.inhrelid = c.conrelid
    JOIN pg_catalog.pg_constraint AS p ON p.conrelid = h.inhparent AND p.conname = c.conname AND p.contype = 'c'
    WHERE c.oid = k.constraint_id AND c.contype = 'c'
  ) AS up (table_id, constraint_id, index_id)
)
SELECT
  r.relname::text,
  coalesce(ic.relname, c.conname)::text,
  ARRAY(
    SELECT coalesce(a.attname::text, pg_catalog.pg_get_indexdef(k.index_id, part.place::int4, true))
    FROM unnest(coalesce((i.indkey::int2[])[0:i.indnkeyatts - 1], c.conkey)) WITH ORDINALITY AS part (number, place)
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = k.table_id AND a.attnum = part.number AND part.number > 0
    ORDER BY part.place
  )
FROM chain AS k
JOIN pg_catalog.pg_class AS r ON r.oid = k.table_id
LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = k.index_id
LEFT JOIN pg_catalog.pg_class AS ic ON ic.oid = k.index_id
LEFT JOIN pg_catalog.pg_constraint AS c ON c.oid = k.constraint_id
ORDER BY k.level
