select e.extname as name, n.nspname as schema
from pg_extension e join pg_namespace n on n.oid = e.extnamespace
where e.extname <> 'plpgsql' and ({} or e.extnamespace = any({}::bigint[]::oid[]))
