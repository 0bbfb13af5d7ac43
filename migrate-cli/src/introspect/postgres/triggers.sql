select t.tgrelid::bigint as relation, t.tgname as name, pg_get_triggerdef(t.oid, true) as definition
from pg_trigger t join pg_class c on c.oid = t.tgrelid
where c.relnamespace = any({}::bigint[]::oid[]) and c.relkind in ('r', 'p') and not t.tgisinternal
  and coalesce((to_json(t)->>'tgparentid')::bigint, 0) = 0
