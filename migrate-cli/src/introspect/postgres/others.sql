with names as (
  select 'domain' as kind, t.typnamespace as schema, t.typname::text as name, '' as place, 'pg_type'::regclass as class, t.oid
  from pg_type t where t.typtype = 'd'
  union all
  select 'composite type', t.typnamespace, t.typname, '', 'pg_type'::regclass, t.oid
  from pg_type t join pg_class c on c.oid = t.typrelid where t.typtype = 'c' and c.relkind = 'c'
  union all
  select 'range type', t.typnamespace, t.typname, '', 'pg_type'::regclass, t.oid from pg_type t where t.typtype = 'r'
  union all
  select 'base type', t.typnamespace, t.typname, '', 'pg_type'::regclass, t.oid
  from pg_type t where t.typtype = 'b' and t.typelem = 0
  union all
  select 'foreign table', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c where c.relkind = 'f'
  union all
  select 'sequence', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c
  where c.relkind = 'S' and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i'
  )
  union all
  select case p.prokind when 'a' then 'aggregate' else 'window function' end, p.pronamespace,
    p.proname, '(' || pg_get_function_identity_arguments(p.oid) || ')', 'pg_proc'::regclass, p.oid
  from pg_proc p where p.prokind in ('a', 'w')
  union all
  select 'operator', o.oprnamespace, o.oprname,
    ' (' || format_type(o.oprleft, null) || ', ' || format_type(o.oprright, null) || ')', 'pg_operator'::regclass, o.oid
  from pg_operator o
  union all
  select 'operator class', o.opcnamespace, o.opcname, '', 'pg_opclass'::regclass, o.oid from pg_opclass o
  union all
  select 'collation', l.collnamespace, l.collname, '', 'pg_collation'::regclass, l.oid from pg_collation l
  union all
  select 'conversion', v.connamespace, v.conname, '', 'pg_conversion'::regclass, v.oid from pg_conversion v
  union all
  select 'text search configuration', s.cfgnamespace, s.cfgname, '', 'pg_ts_config'::regclass, s.oid from pg_ts_config s
  union all
  select 'text search dictionary', s.dictnamespace, s.dictname, '', 'pg_ts_dict'::regclass, s.oid from pg_ts_dict s
  union all
  select 'statistics', s.stxnamespace, s.stxname, '', 'pg_statistic_ext'::regclass, s.oid from pg_statistic_ext s
  union all
  select 'rule', c.relnamespace, r.rulename, ' on ' || c.oid::regclass::text, 'pg_rewrite'::regclass, r.oid
  from pg_rewrite r join pg_class c on c.oid = r.ev_class where r.rulename <> '_RETURN'
  union all
  select 'policy', c.relnamespace, p.polname, ' on ' || c.oid::regclass::text, 'pg_policy'::regclass, p.oid
  from pg_policy p join pg_class c on c.oid = p.polrelid
  union all
  select 'row level security of', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c where c.relrowsecurity
  union all
  select 'replica identity of', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c where c.relreplident not in ('d', 'n') and c.relkind in ('r', 'p')
  union all
  select 'trigger', c.relnamespace, t.tgname, ' on the view ' || c.oid::regclass::text, 'pg_trigger'::regclass, t.oid
  from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and c.relkind not in ('r', 'p')
  union all
  select 'state of the trigger', c.relnamespace, t.tgname, ' on ' || c.oid::regclass::text, 'pg_trigger'::regclass, t.oid
  from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and t.tgenabled <> 'O'
  union all
  select 'options of the view', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c where c.relkind in ('v', 'm') and (c.reloptions is not null or c.reltablespace <> 0)
  union all
  select 'typed table', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c where c.relkind in ('r', 'p') and c.reloftype <> 0
  union all
  select 'invalid index', c.relnamespace, x.relname, ' on ' || c.oid::regclass::text, 'pg_class'::regclass, c.oid
  from pg_index i join pg_class x on x.oid = i.indexrelid join pg_class c on c.oid = i.indrelid
  where not i.indisvalid and x.relkind = 'i'
  union all
  select 'constraint', c.relnamespace, k.conname,
    ' on ' || c.oid::regclass::text || ': ' || pg_get_constraintdef(k.oid, true), 'pg_class'::regclass, c.oid
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  left join pg_index i on i.indexrelid = k.conindid and k.contype in ('p', 'u')
  where k.conparentid = 0 and k.conislocal and c.relkind in ('r', 'p') and (
    k.contype = 'c' and k.connoinherit and c.relkind = 'r'
    or i.indnatts > i.indnkeyatts
    or k.contype = 'p' and k.condeferrable
    or coalesce((to_json(k)->>'conperiod')::boolean, false)
    or not coalesce((to_json(k)->>'conenforced')::boolean, true)
  )
  union all
  select 'storage of the column', c.relnamespace, c.relname, '.' || quote_ident(a.attname), 'pg_class'::regclass, c.oid
  from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_type t on t.oid = a.atttypid
  where c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped and (
    a.attstorage <> t.typstorage
    or coalesce(to_json(a)->>'attcompression', '') <> ''
    or coalesce((to_json(a)->>'attstattarget')::int, -1) <> -1
    or a.attoptions is not null
  )
  union all
  select 'options of the identity of the table', c.relnamespace, c.relname, '.' || quote_ident(a.attname), 'pg_class'::regclass, c.oid
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  join pg_depend d on d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.refobjsubid = a.attnum
    and d.classid = 'pg_class'::regclass and d.deptype = 'i'
  join pg_sequence s on s.seqrelid = d.objid
  where a.attidentity <> '' and (
    s.seqcycle or s.seqcache <> 1
    or s.seqincrement > 0 and (s.seqmin not in (1, s.seqstart) or s.seqmax <> case s.seqtypid
      when 'smallint'::regtype then 32767 when 'integer'::regtype then 2147483647 else 9223372036854775807 end)
    or s.seqincrement < 0 and (s.seqmax not in (-1, s.seqstart) or s.seqmin <> case s.seqtypid
      when 'smallint'::regtype then -32768 when 'integer'::regtype then -2147483648 else -9223372036854775808 end)
  )
  union all
  select 'comment on the primary key of', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_constraint k join pg_class c on c.oid = k.conrelid
  where k.contype = 'p' and obj_description(k.oid, 'pg_constraint') is not null
  union all
  select 'comment on the view', c.relnamespace, c.relname, '', 'pg_class'::regclass, c.oid
  from pg_class c
  where c.relkind in ('v', 'm')
    and exists (select from pg_description d where d.classoid = 'pg_class'::regclass and d.objoid = c.oid)
  union all
  select 'comment on the type', t.typnamespace, t.typname, '', 'pg_type'::regclass, t.oid
  from pg_type t where obj_description(t.oid, 'pg_type') is not null
  union all
  select 'comment on the function', p.pronamespace, p.proname, '(' || pg_get_function_identity_arguments(p.oid) || ')',
    'pg_proc'::regclass, p.oid
  from pg_proc p where obj_description(p.oid, 'pg_proc') is not null
  union all
  select 'comment on the trigger', c.relnamespace, t.tgname, ' on ' || c.oid::regclass::text, 'pg_trigger'::regclass, t.oid
  from pg_trigger t join pg_class c on c.oid = t.tgrelid where obj_description(t.oid, 'pg_trigger') is not null
)
select o.kind, n.nspname as schema, o.name, o.place, o.oid::bigint as oid
from names o join pg_namespace n on n.oid = o.schema
where o.schema = any({}::bigint[]::oid[])
  and not exists (
    select from pg_depend d where d.classid = o.class and d.objid = o.oid and d.deptype in ('e', 'i')
      and not (o.kind = 'composite type' and d.deptype = 'i')
  )
